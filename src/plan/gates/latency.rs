//! Whether the new version is slower than the other one, and slower than it may be.

use std::time::Duration;

use serde_json::{Value, json};

use crate::config::LatencyGate as Latency;
use crate::model::cloudwatch::Side;

use super::words::{self, short};
use super::{Judgement, NOTHING_YET, Reading, Verdict, Window, count, worst};

/// Of so many readings at last
pub(super) const LAST: usize = 5;

/// so many have to breach. Where there are fewer readings, nothing could have failed, and nothing passes.
pub(super) const BREACHES: u32 = 3;

/// Fewer requests in one reading make its percentile chance: ten beyond it, as 100 for p90.
pub(super) fn min_requests(gate: &Latency) -> f64 {
    let percentile: f64 = gate.stat.trim_start_matches('p').parse().unwrap_or_default();
    (10.0 / (1.0 - percentile.min(99.9) / 100.0)).round()
}

/// The percentile of one version, where enough requests are behind it.
fn measured(gate: &Latency, side: &Side) -> Option<Duration> {
    side.latency.filter(|_| count(side).is_some_and(|count| count.requests >= min_requests(gate)))
}

pub(super) fn is_slower(gate: &Latency, new: Duration, old: Duration) -> bool {
    new.as_secs_f64() > gate.times * old.as_secs_f64() && new.saturating_sub(old) > gate.at_least
}

/// Judges the readings since traffic changed, in the order of time, without the first
/// [`SKIPPED_FOR_LATENCY`](super::SKIPPED_FOR_LATENCY).
pub(crate) fn latency(gate: &Latency, readings: &[Reading]) -> Judgement {
    let own: Vec<Duration> = readings.iter().filter_map(|reading| measured(gate, &reading.new)).collect();
    let compared: Vec<(Duration, Duration)> =
        readings.iter().filter_map(|reading| measured(gate, &reading.new).zip(measured(gate, &reading.old))).collect();
    let is_alone = readings.iter().all(|reading| count(&reading.old).is_some_and(|old| old.requests <= 0.0));

    let mut parts = Vec::new();
    if !is_alone {
        let above = format!("{} times the other version's and {} more", short(gate.times), words::time(gate.at_least));
        let breaches: Vec<bool> = compared.iter().map(|(new, old)| is_slower(gate, *new, *old)).collect();
        let (verdict, words) = judge(gate, &above, &breaches);
        let at_last = |(new, old): &(Duration, Duration)| {
            format!("{words}; at last {} against {}", words::time(*new), words::time(*old))
        };
        parts.push((verdict, compared.last().map_or(words.clone(), at_last)));
    }
    if let Some(max) = gate.max {
        let breaches: Vec<bool> = own.iter().map(|new| *new > max).collect();
        parts.push(judge(gate, &words::time(max), &breaches));
    }
    let mut verdict = worst(parts.iter().map(|part| part.0));
    let mut words: Vec<String> = parts.into_iter().map(|part| part.1).collect();
    if is_alone {
        let nothing =
            if readings.is_empty() { NOTHING_YET } else { "the other version had no requests to compare with" };
        words.insert(0, nothing.to_owned());
        verdict = if gate.max.is_some() { verdict } else { Verdict::Inconclusive };
    }
    Judgement {
        gate: "latency".to_owned(),
        verdict,
        dry_run: gate.dry_run,
        words: words.join("; "),
        window: Window::of(readings),
        readings: json!({ "stat": gate.stat, "last": last(readings).iter().map(view).collect::<Vec<_>>() }),
        threshold: json!({
            "times": gate.times, "atLeast": milliseconds(gate.at_least), "max": gate.max.map(milliseconds),
            "minRequests": min_requests(gate), "breaches": BREACHES, "of": LAST,
        }),
        notes: Vec::new(),
    }
}

/// Three of the last five readings fail.
fn judge(gate: &Latency, above: &str, breaches: &[bool]) -> (Verdict, String) {
    let looked_at = last(breaches);
    let count = looked_at.iter().filter(|breach| **breach).count();
    let (stat, min_requests) = (&gate.stat, min_requests(gate));
    let shown = format!(
        "{stat} was above {above} in {count} of the last {} (needed: {BREACHES} of {LAST})",
        words::readings(looked_at.len())
    );
    if count >= BREACHES as usize {
        (Verdict::Fail, shown)
    } else if looked_at.len() < BREACHES as usize {
        (Verdict::Inconclusive, format!("{shown}: too few with {min_requests} requests"))
    } else {
        (Verdict::Pass, shown)
    }
}

fn last<T>(all: &[T]) -> &[T] {
    &all[all.len().saturating_sub(LAST)..]
}

fn view(reading: &Reading) -> Value {
    let side = |side: &Side| json!({ "requests": words::number(side.requests), "milliseconds": side.latency.map(milliseconds) });
    json!({ "at": crate::report::view::timestamp(reading.at), "new": side(&reading.new), "old": side(&reading.old) })
}

fn milliseconds(time: Duration) -> Value {
    words::number(time.as_secs_f64() * 1e3)
}

#[cfg(test)]
#[path = "latency_tests.rs"]
mod tests;
