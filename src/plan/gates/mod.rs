//! What gates say of a version that has live traffic: passed, failed, or not to be known. Only judged here; whatever was
//! read is handed in, so that the same readings always give the same answer and nothing has to be remembered between looks.

mod alarm;
mod errors;
mod latency;
mod odds;
mod pairs;
#[cfg(test)]
mod simulation;
pub(crate) mod state;
mod words;

use std::time::SystemTime;

use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::config::{ErrorsGate, LatencyGate};
use crate::model::cloudwatch::Side;
use crate::report::view::timestamp;

pub(crate) use alarm::alarm;
pub(crate) use errors::errors;
pub(crate) use latency::latency;
pub(crate) use pairs::{against_baseline, side_by_side};

/// So many periods before now AWS has not counted completely yet.
pub(crate) const INCOMPLETE: u32 = 2;

/// So many periods after a shift are not read for errors: the load balancer's nodes learn the weights one by one.
pub(crate) const SKIPPED: u32 = 1;

/// So many periods after a shift are not read for latency: caches of a version without traffic are cold.
pub(crate) const SKIPPED_FOR_LATENCY: u32 = 3;

/// What a gate says before there is anything to judge.
const NOTHING_YET: &str = "there are no readings yet";

/// So many periods a bake has to have for the gates to be able to pass at its end: errors need one reading, a bound of them and
/// latency some more.
pub(crate) fn least_periods(errors: Option<&ErrorsGate>, latency: Option<&LatencyGate>) -> u32 {
    let of_errors = errors.map_or(0, |gate| SKIPPED + gate.max.map_or(1, |_| errors::LAST_FOR_MAX));
    let of_latency = latency.map_or(0, |_| SKIPPED_FOR_LATENCY + latency::BREACHES);
    of_errors.max(of_latency) + INCOMPLETE
}

/// More than this in one period is no count of requests.
const MOST: f64 = 1e12;

/// What a gate says; the later, the worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verdict {
    /// It did not fail so far, and could have.
    Pass,
    /// Too little is known.
    Inconclusive,
    /// The version should not have the traffic.
    Fail,
}

impl Verdict {
    /// As the JSON has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }
}

/// The worst of all; a pass where there is none.
pub(crate) fn worst(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    verdicts.into_iter().max().unwrap_or(Verdict::Pass)
}

/// What all gates say together. Those in a dry run report and never decide.
pub(crate) fn decided(judgements: &[Judgement]) -> Verdict {
    worst(judgements.iter().filter(|judgement| !judgement.dry_run).map(|judgement| judgement.verdict))
}

/// One gate's answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Judgement {
    /// `errors`, `latency`, `alarm NAME`, `state`.
    pub(crate) gate: String,
    pub(crate) verdict: Verdict,
    /// It reports, and never decides.
    pub(crate) dry_run: bool,
    /// For people.
    pub(crate) words: String,
    pub(crate) window: Option<Window>,
    pub(crate) readings: Value,
    pub(crate) threshold: Value,
    /// What should be known beside, and decides nothing.
    pub(crate) notes: Vec<String>,
}

impl Judgement {
    /// A gate's answer in words alone.
    pub(crate) fn plain(gate: impl Into<String>, verdict: Verdict, words: impl Into<String>) -> Self {
        Self {
            gate: gate.into(),
            verdict,
            dry_run: false,
            words: words.into(),
            window: None,
            readings: Value::Null,
            threshold: Value::Null,
            notes: Vec::new(),
        }
    }

    /// Of a gate whose data could not be read: never a pass.
    pub(crate) fn unreadable(gate: impl Into<String>, why: impl Into<String>) -> Self {
        Self::plain(gate, Verdict::Inconclusive, why)
    }
}

/// The readings that an answer is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Window {
    /// When the first begins.
    #[serde(serialize_with = "as_timestamp")]
    pub(crate) from: SystemTime,
    /// When the last begins.
    #[serde(serialize_with = "as_timestamp")]
    pub(crate) to: SystemTime,
    pub(crate) readings: usize,
}

impl Window {
    fn of(readings: &[Reading]) -> Option<Self> {
        let (first, last) = (readings.first()?, readings.last()?);
        Some(Self { from: first.at, to: last.at, readings: readings.len() })
    }
}

fn as_timestamp<S: Serializer>(at: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
    timestamp(*at).serialize(serializer)
}

/// What one period (a minute) showed of both versions. After the swap the old one's is of another time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Reading {
    /// When the period began.
    pub(crate) at: SystemTime,
    pub(crate) new: Side,
    pub(crate) old: Side,
}

/// A version's requests and those that failed, where they can be true. A connection that failed may be no request for AWS:
/// there are at least as many requests as errors.
fn count(side: &Side) -> Option<Count> {
    let sound = |number: f64| (0.0..=MOST).contains(&number);
    let Side { requests, errors, latency: _ } = *side;
    (sound(requests) && sound(errors)).then(|| Count { requests: requests.max(errors), errors })
}

/// Requests, and those of them that failed.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Count {
    requests: f64,
    errors: f64,
}

impl Count {
    /// The part that failed; nothing where there were no requests.
    fn rate(self) -> f64 {
        if self.requests > 0.0 { self.errors / self.requests } else { 0.0 }
    }
}

impl std::iter::Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), |sum, one| Self {
            requests: sum.requests + one.requests,
            errors: sum.errors + one.errors,
        })
    }
}

#[cfg(test)]
#[path = "mod_tests.rs"]
mod tests;
