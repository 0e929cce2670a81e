//! What counts as well, and how long to wait for it.

use super::{Given, Group, Kind, Parameter, Section, parameter};

/// Each by itself: hardly two actions wait for the same.
const fn waiting(parameters: &'static [Parameter]) -> Group {
    Group { section: Section::Waiting, given: Given::Flag, parameters }
}

pub(crate) const MIN_HEALTHY: Group = waiting(&[parameter(
    "minHealthy",
    Kind::Integer(1, 100),
    "Percent of the desired tasks that must be healthy for traffic",
)
.unit("PERCENT")
.default("100")]);

pub(crate) const TIMEOUT: Group = waiting(&[parameter(
    "timeout",
    Kind::Duration(0),
    "Longest time to wait for healthy tasks, or for the end of a deletion",
)
.otherwise("the larger of 10m and grace period + 5m; to delete 10m + deregistration delay")]);

pub(crate) const SETTLE: Group = waiting(&[parameter(
    "settle",
    Kind::Duration(0),
    "Longest time that traffic waits for a version that scales at that moment; 0: not at all",
)
.default("5m")]);

pub(crate) const POLL_INTERVAL: Group =
    waiting(&[parameter("pollInterval", Kind::Duration(100), "Time between two looks").default("2s")]);

pub(crate) const CONFIRMATIONS: Group = waiting(&[parameter(
    "confirmations",
    Kind::Integer(1, 100),
    "Good looks in a row, a second apart, that make a version stable",
)
.default("3")]);

pub(crate) const DRAIN: Group =
    waiting(&[parameter("drain", Kind::Duration(0), "Time from the last live weight to the deletion")
        .otherwise("the largest of 30s, the group's deregistration delay, and its stickiness up to 15m")]);

pub(crate) const IDLE_SINCE: Group = waiting(&[parameter(
    "idleSince",
    Kind::Time,
    "Since when it has had no live weight, as `swap-live` answered; counts toward `drain`",
)]);
