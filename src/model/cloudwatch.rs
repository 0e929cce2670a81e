//! What CloudWatch tells of a service's traffic, and of alarms.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// What one reading, a minute mostly, showed of one target group.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Side {
    pub(crate) requests: f64,
    /// Answers with 5xx, and connections that a target did not take or reset.
    pub(crate) errors: f64,
    /// The percentile that was asked for.
    pub(crate) latency: Option<Duration>,
}

/// The readings of a target group, by the time at which each begins. Where there were no requests there is none.
pub(crate) type Readings = BTreeMap<SystemTime, Side>;

/// What was read of two groups and of their load balancer.
#[derive(Debug, Clone, Default)]
pub(crate) struct Metrics {
    /// In the order of the groups that were asked for.
    pub(crate) groups: Vec<Readings>,
    /// The load balancer's own 5xx, which belong to no group.
    pub(crate) balancer_errors: f64,
    /// Why not all of it could be read.
    pub(crate) gaps: Option<String>,
}

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AlarmState {
    Ok,
    Alarm,
    InsufficientData,
}

impl AlarmState {
    /// As CloudWatch calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }
}

/// An alarm: metric, composite or log.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Alarm {
    pub(crate) name: String,
    pub(crate) state: AlarmState,
    /// When it came into this state.
    pub(crate) transitioned: Option<SystemTime>,
    /// When it was last said; never before the other.
    pub(crate) updated: Option<SystemTime>,
    /// The states that it left since traffic began, the oldest first, where its history was read: of itself an alarm tells
    /// when it changed last, and not from which state.
    pub(crate) left: Option<Vec<AlarmState>>,
    /// `PARTIAL_DATA`, `EVALUATION_ERROR` and the like, where it could not be evaluated as it should.
    pub(crate) evaluation: Option<String>,
    /// CloudWatch's own words for its state.
    pub(crate) reason: String,
    /// The target groups that it watches, as its dimensions name them.
    pub(crate) groups: Vec<String>,
    /// How far back it looks.
    pub(crate) window: Option<Duration>,
}

impl Alarm {
    /// Whether it has had the state that it has since before that time. Where AWS does not tell, it has not.
    pub(crate) fn is_unchanged_since(&self, since: SystemTime) -> bool {
        self.transitioned.or(self.updated).is_some_and(|at| at < since)
    }

    /// Whether it was in ALARM already at a time, and has been ever since.
    pub(crate) fn was_before(&self, at: SystemTime) -> bool {
        self.state == AlarmState::Alarm && self.is_unchanged_since(at)
    }
}
