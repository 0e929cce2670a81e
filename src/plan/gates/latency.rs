//! Whether the new version is slower than the other one, and slower than it may be.

use std::time::Duration;

use serde_json::{Value, json};

use super::words::{self, short};
use super::{Judgement, NOTHING_YET, Reading, Side, Verdict, Window, worst};

/// Of so many readings at last
pub(super) const LAST: usize = 5;

/// so many have to breach. Where there are fewer readings, nothing could have failed, and nothing passes.
pub(super) const BREACHES: usize = 3;

/// The gate. Its numbers are finite and positive: the configuration sees to that.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Latency {
    /// The percentile: `p90`.
    pub(crate) stat: String,
    /// A reading breaches above so many times the other version's,
    pub(crate) times: f64,
    /// if it is also so much above it.
    pub(crate) at_least: Duration,
    /// Or above this, whatever the other version does.
    pub(crate) max: Option<Duration>,
    /// In one reading; a percentile of fewer is chance.
    pub(crate) min_requests: u64,
    pub(crate) dry_run: bool,
}

impl Latency {
    /// The percentile of one version, where enough requests are behind it.
    #[allow(clippy::cast_precision_loss, reason = "nobody has that many requests")]
    fn of(&self, side: &Side) -> Option<Duration> {
        side.latency.filter(|_| side.count().is_some_and(|count| count.requests >= self.min_requests as f64))
    }

    pub(super) fn is_slower(&self, new: Duration, old: Duration) -> bool {
        new.as_secs_f64() > self.times * old.as_secs_f64() && new.saturating_sub(old) > self.at_least
    }
}

/// Judges the readings since traffic changed, in the order of time, without the first
/// [`SKIPPED_FOR_LATENCY`](super::SKIPPED_FOR_LATENCY).
pub(crate) fn latency(gate: &Latency, readings: &[Reading]) -> Judgement {
    let own: Vec<Duration> = readings.iter().filter_map(|reading| gate.of(&reading.new)).collect();
    let compared: Vec<(Duration, Duration)> =
        readings.iter().filter_map(|reading| gate.of(&reading.new).zip(gate.of(&reading.old))).collect();
    let is_alone = readings.iter().all(|reading| reading.old.count().is_some_and(|old| old.requests <= 0.0));

    let mut parts = Vec::new();
    if !is_alone {
        let above = format!("{} times the other version's and {} more", short(gate.times), words::time(gate.at_least));
        let breaches: Vec<bool> = compared.iter().map(|(new, old)| gate.is_slower(*new, *old)).collect();
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
            "minRequests": gate.min_requests, "breaches": BREACHES, "of": LAST,
        }),
        notes: Vec::new(),
    }
}

/// Three of the last five readings fail.
fn judge(gate: &Latency, above: &str, breaches: &[bool]) -> (Verdict, String) {
    let looked_at = last(breaches);
    let count = looked_at.iter().filter(|breach| **breach).count();
    let Latency { stat, min_requests, .. } = gate;
    let shown = format!(
        "{stat} was above {above} in {count} of the last {} (needed: {BREACHES} of {LAST})",
        words::readings(looked_at.len())
    );
    if count >= BREACHES {
        (Verdict::Fail, shown)
    } else if looked_at.len() < BREACHES {
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
