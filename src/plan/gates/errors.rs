//! Whether the new version fails more often than the other one, and more often than it may.

use serde_json::{Value, json};

use crate::config::ErrorsGate as Errors;

use super::odds::{ENOUGH, Odds};
use super::words::{self, number, short};
use super::{Count, Judgement, NOTHING_YET, Reading, Verdict, Window, count, worst};

/// What is sure may still not matter: it does from so many errors on,
const LEAST_ERRORS: f64 = 5.0;

/// and where so much more of the requests fails,
const LEAST_MORE: f64 = 0.004;

/// and this part of that also without the reading that had most errors, as one bad minute makes no bad version,
const BESIDE_WORST: f64 = 0.8;

/// over all readings, or over so many of the last.
const LAST: usize = 10;

/// The bound holds over so many readings, and is broken where it was broken one reading earlier as well.
pub(super) const LAST_FOR_MAX: u32 = 5;

/// Fewer requests say nothing.
#[allow(clippy::cast_precision_loss, reason = "nobody has that many requests")]
fn needed(gate: &Errors) -> f64 {
    gate.min_requests as f64
}

/// Judges the readings since traffic changed, in the order of time. `elb_5xx` are the load balancer's own answers, which
/// are no version's.
pub(crate) fn errors(gate: &Errors, readings: &[Reading], elb_5xx: f64) -> Judgement {
    let counts: Vec<(Option<Count>, Option<Count>)> =
        readings.iter().map(|reading| (count(&reading.new), count(&reading.old))).collect();
    let own: Vec<Count> = counts.iter().filter_map(|(new, _)| *new).filter(|new| new.requests > 0.0).collect();
    let compared: Vec<(Count, Count)> = counts
        .iter()
        .filter_map(|(new, old)| Some(((*new)?, (*old)?)))
        .filter(|(new, old)| new.requests > 0.0 && old.requests > 0.0)
        .collect();
    let unreadable = counts.iter().filter(|(new, old)| new.is_none() || old.is_none()).count();

    let comparison = compare(gate, &compared);
    let bound = gate.max.map(|max| hold(gate, max, &own));
    let parts: Vec<&Part> = comparison.iter().chain(&bound).collect();
    let mut verdict = worst(parts.iter().map(|part| part.verdict));
    let mut words: Vec<String> = parts.iter().map(|part| part.words.clone()).collect();
    if own.is_empty() {
        let nothing = if readings.is_empty() { NOTHING_YET } else { "the new version had no requests" };
        (verdict, words) = (Verdict::Inconclusive, vec![nothing.to_owned()]);
    } else if comparison.is_none() {
        words.insert(0, "the other version had no requests to compare with".to_owned());
        verdict = if bound.is_some() { verdict } else { Verdict::Inconclusive };
    }
    if unreadable > 0 {
        verdict = verdict.max(Verdict::Inconclusive);
        words.push(format!("{} could not be understood", words::readings(unreadable)));
    }
    let mut notes: Vec<String> = parts.iter().filter_map(|part| part.note.clone()).collect();
    let lonely = own.len().saturating_sub(compared.len());
    if lonely > 0 && comparison.is_some() {
        notes.push(format!("{} had nothing to compare with", words::readings(lonely)));
    }
    if elb_5xx > 0.0 {
        notes.push(format!(
            "the load balancer itself answered {} requests with 5xx, for both versions",
            words::count(elb_5xx)
        ));
    }
    let total = |side: fn(&(Count, Count)) -> Count| view(compared.iter().map(side).sum());
    Judgement {
        gate: "errors".to_owned(),
        verdict,
        dry_run: gate.dry_run,
        words: words.join("; "),
        window: Window::of(readings),
        readings: json!({
            "new": view(own.iter().copied().sum()),
            "compared": comparison.is_some().then(|| json!({
                "readings": compared.len(), "new": total(|pair| pair.0), "old": total(|pair| pair.1), "odds": number(odds(&compared)),
            })),
            "last": gate.max.map(|_| view(last(&own, LAST_FOR_MAX as usize).iter().copied().sum())),
            "loadBalancer5xx": number(elb_5xx),
        }),
        threshold: json!({
            "odds": ENOUGH, "times": gate.times, "points": LEAST_MORE * 100.0, "errors": LEAST_ERRORS,
            "max": gate.max, "minRequests": gate.min_requests,
        }),
        notes,
    }
}

/// What the comparison says, or the bound.
struct Part {
    verdict: Verdict,
    words: String,
    note: Option<String>,
}

/// Against the other version; nothing where it had no requests.
fn compare(gate: &Errors, compared: &[(Count, Count)]) -> Option<Part> {
    if compared.is_empty() {
        return None;
    }
    let odds = odds(compared);
    let (new, old) = sums(compared);
    let needed = needed(gate);
    let words = format!(
        "odds {} that the new version fails more often (needed: {} : 1); {} requests failed, {} of the other version's",
        words::odds(odds),
        words::count(ENOUGH),
        words::failed(new),
        words::failed(old)
    );
    let sure = odds >= ENOUGH;
    let matters = [compared, last(compared, LAST)].into_iter().any(|part| matters(gate, part));
    let (verdict, words) = if sure && matters {
        (Verdict::Fail, words)
    } else if new.requests < needed || old.requests < needed {
        (Verdict::Inconclusive, format!("{words}: too few ({} requests of each needed)", words::count(needed)))
    } else {
        (Verdict::Pass, words)
    };
    let note = (sure && !matters).then(|| {
        format!(
            "it does fail more often, but not so that it matters: {} errors, {} times the other version's part and {} % of the requests more are needed, also without the worst reading ({} %)",
            short(LEAST_ERRORS),
            short(gate.times),
            short(LEAST_MORE * 100.0),
            short(LEAST_MORE * BESIDE_WORST * 100.0)
        )
    });
    Some(Part { verdict, words, note })
}

fn odds(compared: &[(Count, Count)]) -> f64 {
    compared.iter().fold(Odds::default(), |odds, (new, old)| odds.and(*new, *old)).value()
}

fn matters(gate: &Errors, compared: &[(Count, Count)]) -> bool {
    let is_worse = |(new, old): (Count, Count), more: f64| {
        new.rate() >= gate.times * old.rate() && new.rate() - old.rate() >= more
    };
    let mut beside_worst = compared.to_vec();
    beside_worst.sort_by(|(one, _), (other, _)| one.errors.total_cmp(&other.errors));
    beside_worst.pop();
    let all = sums(compared);
    all.0.errors >= LEAST_ERRORS
        && is_worse(all, LEAST_MORE)
        && is_worse(sums(&beside_worst), LEAST_MORE * BESIDE_WORST)
}

fn sums(compared: &[(Count, Count)]) -> (Count, Count) {
    (compared.iter().map(|pair| pair.0).sum(), compared.iter().map(|pair| pair.1).sum())
}

/// The bound: over its last readings, and over those of one reading earlier.
fn hold(gate: &Errors, max: f64, own: &[Count]) -> Part {
    let broken = |counts: &[Count]| -> Option<bool> {
        let sum: Count = last(counts, LAST_FOR_MAX as usize).iter().copied().sum();
        (counts.len() >= LAST_FOR_MAX as usize && sum.requests >= needed(gate)).then(|| sum.rate() * 100.0 > max)
    };
    let earlier = own.split_last().and_then(|(_, earlier)| broken(earlier));
    let sum: Count = last(own, LAST_FOR_MAX as usize).iter().copied().sum();
    let shown = format!(
        "{} % failed in the last {} (at most {} %)",
        short(sum.rate() * 100.0),
        words::readings(own.len().min(LAST_FOR_MAX as usize)),
        short(max)
    );
    let (verdict, words) = match broken(own) {
        Some(false) => (Verdict::Pass, shown),
        Some(true) if earlier == Some(true) => (Verdict::Fail, format!("{shown}, as one reading earlier")),
        Some(true) => (Verdict::Inconclusive, format!("{shown}, one reading earlier not yet")),
        None => {
            let needed = words::count(needed(gate));
            (Verdict::Inconclusive, format!("{shown}: too few ({LAST_FOR_MAX} readings with {needed} requests needed)"))
        }
    };
    Part { verdict, words, note: None }
}

fn last<T>(all: &[T], most: usize) -> &[T] {
    &all[all.len().saturating_sub(most)..]
}

fn view(counted: Count) -> Value {
    json!({
        "requests": number(counted.requests),
        "errors": number(counted.errors),
        "percent": number(counted.rate() * 100.0),
    })
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
