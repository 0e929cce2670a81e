//! What users saw: the requests of a load generator, second by second, by the version that answered.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::super::archive::Archive;
use super::super::clock::{Clock, SECOND, duration};
use super::super::load::{Load, Second, total};
use super::super::markup::{Px, percent};
use super::versions;
use crate::report::words::thousands;

/// All that was counted, as the result of the action has it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) failed: u64,
    /// Requests before or after the deployment, which are not drawn.
    pub(crate) outside: u64,
}

#[derive(Debug, Default)]
pub(in super::super) struct Seen {
    /// All of it; what of that was before or after the deployment, and is in no picture of it; and the rest.
    pub(in super::super) whole: Count,
    pub(in super::super) outside: Count,
    pub(in super::super) inside: Count,
    /// The seconds of the deployment that had requests, in their order.
    pub(in super::super) parts: Vec<Part>,
    /// What the answers called the versions.
    pub(in super::super) new: BTreeSet<String>,
    pub(in super::super) old: BTreeSet<String>,
    pub(in super::super) others: BTreeSet<String>,
    /// When the first second began, where the report has times to compare it with.
    first: Option<i64>,
    /// From the first second with a failure to the end of the last one.
    failures: Option<(i64, i64)>,
}

/// Some time, and what was counted in it.
#[derive(Debug, Clone)]
pub(in super::super) struct Part {
    pub(in super::super) from: i64,
    pub(in super::super) to: i64,
    pub(in super::super) count: Count,
}

#[derive(Debug, Clone, Default)]
pub(in super::super) struct Count {
    pub(in super::super) requests: u64,
    pub(in super::super) failed: u64,
    pub(in super::super) new: u64,
    pub(in super::super) old: u64,
    failed_new: u64,
    failed_old: u64,
    /// Of several seconds the worst one's: it cannot be had of all of them.
    pub(in super::super) p95: Option<f64>,
    pub(in super::super) statuses: BTreeMap<String, u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    New,
    Old,
    Other,
}

impl Seen {
    /// Without a span nothing has a place in the deployment's time.
    pub(super) fn of(archive: &Archive, load: &Load, clock: Clock, span: Option<(i64, i64)>) -> Self {
        let (ours, theirs) = versions::called(archive);
        let which = |name: &str| match (ours.contains(name), theirs.contains(name)) {
            (true, false) => Which::New,
            (false, true) => Which::Old,
            // Of a name that both have nobody can tell whose it is.
            (true, true) | (false, false) => Which::Other,
        };
        let mut seen = Self::default();
        let span = span.filter(|_| clock == Clock::Utc);
        for (from, second) in load.seconds().into_iter().filter(|(_, second)| second.requests > 0) {
            let to = from + SECOND;
            for name in second.versions.keys() {
                let names = match which(name) {
                    Which::New => &mut seen.new,
                    Which::Old => &mut seen.old,
                    Which::Other => &mut seen.others,
                };
                if !names.contains(name) {
                    names.insert(name.clone());
                }
            }
            seen.first = seen.first.or(span.map(|_| from));
            let count = Count::of(second, which);
            if count.failed > 0 {
                seen.failures = Some((seen.failures.map_or(from, |(first, _)| first), to));
            }
            seen.whole.add(&count);
            match span {
                Some((begin, end)) if begin < to && from < end => {
                    seen.inside.add(&count);
                    seen.parts.push(Part { from, to, count });
                }
                Some(_) | None => seen.outside.add(&count),
            }
        }
        seen
    }

    pub(in super::super) fn totals(&self) -> Totals {
        Totals { requests: self.whole.requests, failed: self.whole.failed, outside: self.outside.requests }
    }

    /// The parts, each with the next ones as long as `joins` says so of the time of all of them.
    pub(in super::super) fn merged(&self, joins: impl Fn(i64, i64) -> bool) -> Vec<Part> {
        let mut out: Vec<Part> = Vec::new();
        for part in &self.parts {
            match out.last_mut() {
                Some(last) if last.to >= part.to || joins(last.from, part.to) => {
                    last.join(part);
                }
                Some(_) | None => out.push(part.clone()),
            }
        }
        out
    }

    /// In a sentence: how many, how many failed and whose these were, from when to when, and what is not in the picture.
    pub(in super::super) fn sentence(&self, clock: Clock) -> String {
        let (all, outside) = (&self.whole, &self.outside);
        if all.requests == 0 {
            return "no requests".to_owned();
        }
        let counted = format!("{}, {}", requests(all.requests), self.failed(clock));
        if outside.requests == 0 {
            return counted;
        }
        let which = match self.first {
            None => "the report has no times".to_owned(),
            // With its day: a file of another deployment is the likely mistake.
            Some(first) if outside.requests == all.requests => {
                format!("all before or after the deployment, the first at {}", clock.moment(first))
            }
            Some(_) => {
                let failed = if outside.failed == 0 {
                    String::new()
                } else {
                    format!(" ({} failed)", thousands(outside.failed))
                };
                format!("{}{failed} before or after the deployment", thousands(outside.requests))
            }
        };
        format!("{counted}; not drawn: {which}")
    }

    fn failed(&self, clock: Clock) -> String {
        let all = &self.whole;
        let Some((from, to)) = self.failures else { return "none failed".to_owned() };
        let unknown = all.failed.saturating_sub(all.failed_new).saturating_sub(all.failed_old);
        let whose = [
            (all.failed_new, "of the new version"),
            (all.failed_old, "of the old version"),
            (unknown, "of no known version"),
        ];
        let whose: Vec<String> = whose
            .into_iter()
            // Where no answer said its version there is nothing to tell.
            .filter(|(count, _)| *count > 0 && unknown < all.failed)
            .map(|(count, whose)| {
                let count = if count == all.failed { "all".to_owned() } else { thousands(count) };
                format!("{count} {whose}")
            })
            .collect();
        let whose = if whose.is_empty() { String::new() } else { format!(": {}", whose.join(", ")) };
        let when = match clock {
            Clock::Since => String::new(),
            Clock::Utc if to - from <= SECOND => format!(", at {}", clock.time(from)),
            Clock::Utc => format!(", from {} to {} ({})", clock.time(from), clock.time(to), duration(to - from)),
        };
        format!("{} failed ({}){whose}{when}", thousands(all.failed), rate(all.failed, all.requests))
    }
}

impl Part {
    /// With a later one as one.
    pub(in super::super) fn join(&mut self, later: &Self) {
        self.to = self.to.max(later.to);
        self.count.add(&later.count);
    }

    /// A number of these by the second.
    #[allow(clippy::cast_precision_loss, reason = "a height in a picture")]
    pub(in super::super) fn a_second(&self, count: u64) -> f64 {
        count as f64 * SECOND as f64 / (self.to - self.from).max(1) as f64
    }
}

impl Count {
    fn of(second: &Second, which: impl Fn(&str) -> Which) -> Self {
        let sum = |counts: &BTreeMap<String, u64>, wanted: Which| {
            total(counts.iter().filter(|(name, _)| which(name) == wanted).map(|(_, count)| count))
        };
        Self {
            requests: second.requests,
            failed: second.failed,
            new: sum(&second.versions, Which::New),
            old: sum(&second.versions, Which::Old),
            failed_new: sum(&second.failed_versions, Which::New),
            failed_old: sum(&second.failed_versions, Which::Old),
            p95: second.p95(),
            statuses: second.statuses.clone(),
        }
    }

    fn add(&mut self, other: &Self) {
        for (own, more) in [
            (&mut self.requests, other.requests),
            (&mut self.failed, other.failed),
            (&mut self.new, other.new),
            (&mut self.old, other.old),
            (&mut self.failed_new, other.failed_new),
            (&mut self.failed_old, other.failed_old),
        ] {
            *own = own.saturating_add(more);
        }
        self.p95 = match (self.p95, other.p95) {
            (Some(one), Some(other)) => Some(one.max(other)),
            (one, other) => one.or(other),
        };
        for (status, count) in &other.statuses {
            let own = self.statuses.entry(status.clone()).or_default();
            *own = own.saturating_add(*count);
        }
    }

    /// Answered by neither of the two versions, by one that is not known, or not at all.
    pub(in super::super) fn others(&self) -> u64 {
        self.requests.saturating_sub(self.new).saturating_sub(self.old)
    }
}

pub(in super::super) fn requests(count: u64) -> String {
    format!("{} request{}", thousands(count), if count == 1 { "" } else { "s" })
}

/// Milliseconds as a person has them: of a few also the tenths.
#[allow(clippy::cast_possible_truncation, reason = "what is too large is the largest")]
pub(in super::super) fn took(milliseconds: f64) -> String {
    match milliseconds {
        ..10.0 => format!("{} ms", Px(milliseconds)),
        ..999.5 => format!("{milliseconds:.0} ms"),
        _ => duration(milliseconds.round() as i64),
    }
}

#[allow(clippy::cast_precision_loss, reason = "two digits are shown")]
fn rate(failed: u64, requests: u64) -> String {
    let part = failed as f64 / requests.max(1) as f64 * 100.0;
    match part {
        ..0.01 => "under 0.01 %".to_owned(),
        ..1.0 => format!("{part:.2} %"),
        _ => percent(part),
    }
}
