//! Whether a task set may get traffic: steady, and with enough healthy targets, looked at in that moment. Where it is not,
//! whether that is because it scales at this moment, so that it soon may.

use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::model::{Health, Service, TaskSet};
use crate::plan::stability::{is_of, started};

/// What is known of a set and of its group, in one moment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    pub(crate) set: &'a TaskSet,
    /// The service's desired count.
    pub(crate) service_desired: i32,
    /// Of the targets that are this set's.
    pub(crate) health: Health,
    /// Percent of the computed desired count.
    pub(crate) min_healthy: u8,
    /// Tasks that began within the grace period, in which ECS ignores bad health.
    pub(crate) starting: i32,
}

/// What traffic does about a set. What it would be refused with is kept with it: it holds where there is no time, or where
/// tasks of the set turn out to have failed.
#[derive(Debug, Clone)]
pub(crate) enum Verdict {
    /// It may have the traffic.
    Ready,
    /// It scales in, and whichever tasks go, enough healthy ones stay. Traffic does not wait for those that go: they may
    /// drain for as long as the group's deregistration delay.
    Enough(Error),
    /// It scales, and what runs of it is well: traffic waits.
    Settling(Error),
    /// It may not have the traffic, and waiting is no remedy.
    Refused(Error),
}

/// The fewest healthy targets that will do: `min_healthy` percent of the desired count, rounded up, at least one.
pub(crate) fn needed(desired: i32, min_healthy: u8) -> i32 {
    let percent = i64::from(desired) * i64::from(min_healthy);
    i32::try_from((percent + 99) / 100).unwrap_or(i32::MAX).max(1)
}

/// How many tasks of a set have begun within the service's grace period.
pub(crate) fn starting(service: &Service, set: &TaskSet, now: SystemTime) -> i32 {
    let grace = service.grace_period.unwrap_or_default();
    let is_recent = |at: SystemTime| now.duration_since(at).unwrap_or(Duration::ZERO) < grace;
    started(service.events.iter().filter(|event| is_of(event, set) && event.at.is_some_and(is_recent)))
}

/// Judges a set: [`check`], and where that refuses, whether it only scales. `settle`: how long that would be waited for.
pub(crate) fn judge(reading: &Reading<'_>, settle: Duration) -> Verdict {
    let Err(refusal) = check(reading) else { return Verdict::Ready };
    let Reading { set, service_desired, health, min_healthy, starting } = *reading;
    let desired = set.computed_desired(service_desired);
    let sick = health.unhealthy + health.unused + health.unavailable;
    // A slow start, beside older tasks. Where all are that young, nothing has proved itself.
    let starts_slowly = sick <= starting && starting < set.running;
    let is_well = health.healthy > 0 && (sick == 0 || starts_slowly);
    if settle.is_zero() || desired == 0 || !is_well {
        return Verdict::Refused(refusal);
    }
    let complete = set.pending == 0 && set.running >= desired;
    let leaving = set.running > desired || health.draining > 0;
    let surplus = (health.healthy + health.initial + sick - desired).max(0);
    if complete && leaving && health.healthy - surplus >= needed(desired, min_healthy) {
        return Verdict::Enough(refusal);
    }
    // AWS may still call a set steady after its desired count has changed.
    let scales = !set.steady || set.running != desired || set.pending > 0 || health.initial > 0 || sick > 0;
    if scales { Verdict::Settling(refusal) } else { Verdict::Refused(refusal) }
}

/// Refuses traffic to a set that is not ready for it in this moment.
pub(crate) fn check(reading: &Reading<'_>) -> Result<(), Error> {
    let Reading { set, service_desired, health, min_healthy, starting: _ } = *reading;
    let desired = set.computed_desired(service_desired);
    if desired == 0 {
        return Err(Error::refused(
            "no-capacity",
            format!(
                "the task set {} runs no tasks: {} % of desired count {service_desired}",
                set.describe(),
                set.scale
            ),
        )
        .hint("raise the service's desired count, or the scale of the task set with scale-task-set"));
    }
    if !set.steady {
        return Err(Error::refused(
            "not-stable",
            format!(
                "the task set {} is not steady: {} running, {} pending of {desired}",
                set.describe(),
                set.running,
                set.pending
            ),
        )
        .hint("run wait-stable first"));
    }
    let needed = needed(desired, min_healthy);
    if health.healthy < needed {
        return Err(Error::refused(
            "not-healthy",
            format!(
                "the task set {} has {} healthy targets of {desired}; {needed} are needed (minHealthy {min_healthy} %)",
                set.describe(),
                health.healthy
            ),
        )
        .hint("run wait-stable, and look at the target group's health checks"));
    }
    Ok(())
}

#[cfg(test)]
#[path = "readiness_tests.rs"]
mod tests;
