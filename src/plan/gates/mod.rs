//! STUB to be replaced by the branch `gates`.
pub(crate) mod state;
/// The newest readings are still being put together: so many are left out.
pub(crate) const LAG: u32 = 2;
/// Weights need up to a minute to reach all nodes of the load balancer.
pub(crate) const WARM_UP: u32 = 1;
use crate::config::{ErrorsGate, LatencyGate};
use crate::model::cloudwatch::{Alarm, Readings, Side};
use serde::Serialize;
use serde_json::Value;
use std::time::{Duration, SystemTime};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Verdict {
    Pass,
    Inconclusive,
    Fail,
}
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Judgement {
    pub(crate) gate: String,
    pub(crate) verdict: Verdict,
    pub(crate) dry_run: bool,
    pub(crate) words: String,
    pub(crate) readings: Value,
    pub(crate) threshold: Value,
    pub(crate) notes: Vec<String>,
}
impl Judgement {
    pub(crate) fn new(gate: &str, verdict: Verdict, words: String) -> Self {
        Self {
            gate: gate.to_owned(),
            verdict,
            dry_run: false,
            words,
            readings: Value::Null,
            threshold: Value::Null,
            notes: Vec::new(),
        }
    }
    pub(crate) fn unreadable(gate: &str, why: &str) -> Self {
        Self::new(gate, Verdict::Inconclusive, why.to_owned())
    }
}
pub(crate) struct Reading {
    pub(crate) at: SystemTime,
    pub(crate) new: Side,
    pub(crate) old: Side,
}
pub(crate) fn worst<'a>(all: impl IntoIterator<Item = &'a Judgement>) -> Verdict {
    all.into_iter().filter(|one| !one.dry_run).map(|one| one.verdict).max().unwrap_or(Verdict::Pass)
}
pub(crate) fn same_time(new: &Readings, old: &Readings) -> Vec<Reading> {
    new.iter().map(|(at, new)| Reading { at: *at, new: *new, old: old.get(at).copied().unwrap_or_default() }).collect()
}
pub(crate) fn against_baseline(new: &Readings, old: &Readings, _: Duration) -> Vec<Reading> {
    same_time(new, old)
}
pub(crate) fn errors(_: &ErrorsGate, _: &[Reading], _: f64) -> Judgement {
    Judgement::unreadable("errors", "")
}
pub(crate) fn latency(_: &LatencyGate, _: &[Reading]) -> Judgement {
    Judgement::unreadable("latency", "")
}
pub(crate) fn alarm(name: &str, _: Option<&Alarm>, _: SystemTime, _: bool) -> Judgement {
    Judgement::unreadable(name, "")
}
