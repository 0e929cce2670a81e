//! What may not be taken away from a version: its task set, where it is live or PRIMARY; tasks, where it is live.

use super::state::{Standing, Start, check_start};
use crate::error::{Error, Result};
use crate::model::{TaskSet, TaskSetStatus};

/// Refuses the deletion of the version that is live, or PRIMARY. `is_live`: its group has weight on a live listener.
pub(crate) fn check_deletion(set: &TaskSet, is_live: bool, standing: &Standing) -> Result<()> {
    if set.status == TaskSetStatus::Primary {
        return Err(Error::refused("is-primary", format!("{} is PRIMARY", set.describe())).hint(
            "promote another version first; to stop a first deployment, scale it to 0 after taking its traffic away",
        ));
    }
    if is_live {
        return Err(Error::refused("is-live", format!("the target group of {} has live weight", set.describe()))
            .hint("move the live traffic away first, with swap-live of the other version, or with rollback"));
    }
    check_start(standing, Start::Delete)
}

/// Refuses to shrink the version that is live.
pub(crate) fn check_scale(set: &TaskSet, scale: f64, is_live: bool, standing: &Standing) -> Result<()> {
    check_start(standing, Start::Scale)?;
    if scale < set.scale && is_live {
        return Err(Error::refused(
            "is-live",
            format!("{} has live traffic; it is not shrunk from {} to {scale} %", set.describe(), set.scale),
        )
        .hint("move the live traffic away first; to run fewer tasks, lower the service's desired count"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::plan::phase::phase;
    use crate::plan::state::State;
    use crate::plan::world::{any_world, groups};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]

        #[test]
        fn nothing_that_is_live_or_primary_is_deleted_in_any_world(world in any_world()) {
            let standing = world.standing();
            for set in &world.service.task_sets {
                if check_deletion(set, world.is_live(set), &standing).is_ok() {
                    prop_assert!(set.status != TaskSetStatus::Primary && !world.is_live(set));
                    prop_assert!(matches!(standing.state, State::First | State::Settled), "{:?}", standing);
                    let phase = phase(set, &world.service, &groups(), &world.live);
                    prop_assert!(!matches!(phase, Some("live" | "shifting")), "{:?}", phase);
                    prop_assert_eq!(world.without(&set.arn).standing(), standing.clone(), "a deletion moves no state");
                }
            }
        }

        #[test]
        fn nothing_that_is_live_is_shrunk_in_any_world(world in any_world(), scale in 0.0..=100.0) {
            let standing = world.standing();
            for set in &world.service.task_sets {
                match check_scale(set, scale, world.is_live(set), &standing) {
                    Ok(()) => prop_assert!(!world.is_live(set) || scale >= set.scale),
                    Err(_) => prop_assert!(standing.state == State::Crossed || world.is_live(set)),
                }
            }
        }
    }
}
