//! Whether a task set may get traffic: steady, and with enough healthy targets, looked at in that moment.

use crate::error::Error;
use crate::model::{Health, TaskSet};

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
}

/// The fewest healthy targets that will do: `min_healthy` percent of the desired count, rounded up, at least one.
pub(crate) fn needed(desired: i32, min_healthy: u8) -> i32 {
    let percent = i64::from(desired) * i64::from(min_healthy);
    i32::try_from((percent + 99) / 100).unwrap_or(i32::MAX).max(1)
}

/// Refuses traffic to a set that is not ready for it.
pub(crate) fn check(reading: &Reading<'_>) -> Result<(), Error> {
    let Reading { set, service_desired, health, min_healthy } = *reading;
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
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::world::any_set;

    proptest! {
        #[test]
        fn traffic_goes_to_nobody_without_enough_healthy_targets(
            set in any_set(), steady in any::<bool>(), service_desired in 0..=1_000, healthy in 0..=1_000,
            min_healthy in 1..=100u8,
        ) {
            let set = TaskSet { steady, ..set };
            let health = Health { healthy, ..Health::default() };
            let desired = set.computed_desired(service_desired);
            match check(&Reading { set: &set, service_desired, health, min_healthy }) {
                Ok(()) => {
                    prop_assert!(steady && healthy > 0 && desired > 0);
                    prop_assert!(i64::from(healthy) * 100 >= i64::from(desired) * i64::from(min_healthy));
                }
                Err(refused) => {
                    prop_assert!(refused.hint.is_some());
                    prop_assert!(!steady || desired == 0 || healthy < desired, "all of it is healthy: {:?}", refused);
                }
            }
        }
    }
}
