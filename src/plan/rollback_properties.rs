//! Undoing any deployment of any world, step by step.

use proptest::prelude::*;

use super::*;
use crate::plan::state::sets;
use crate::plan::traffic::Goal;
use crate::plan::world::{World, any_world, groups};

fn undoing(world: &World, set: Option<&TaskSet>) -> Result<Option<Undo>> {
    plan(&world.service, &groups(), &world.live, &world.standing(), set)
}

fn standing(world: &World) -> impl Iterator<Item = &TaskSet> {
    world.service.task_sets.iter().filter(|set| set.stands())
}

/// The world after each step of an undoing: traffic, PRIMARY, deletion. `None` where the traffic cannot be moved.
fn steps(world: &World, undo: &Undo) -> Option<[World; 3]> {
    let (moved, promoted) = match &undo.traffic {
        None => (world.clone(), world.clone()),
        Some((colour, previous)) => {
            let moved = world.with_traffic(Goal::All(*colour))?;
            let promoted = if undo.promote { moved.with_primary(&previous.arn) } else { moved.clone() };
            (moved, promoted)
        }
    };
    let deleted = promoted.without(&undo.set.arn);
    Some([moved, promoted, deleted])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_deleted_is_neither_live_nor_primary_by_then(world in any_world()) {
        for set in &world.service.task_sets {
            let Ok(Some(undo)) = undoing(&world, Some(set)) else { continue };
            prop_assert_eq!(&undo.set, set);
            let Some([_, promoted, _]) = steps(&world, &undo) else { continue };
            prop_assert!(!promoted.is_live(set), "{} has live weight", set.arn);
            prop_assert!(promoted.service.primary().is_none_or(|primary| primary.arn != set.arn));
        }
    }

    #[test]
    fn traffic_goes_back_only_to_another_set_that_stands_and_is_older(world in any_world()) {
        for set in standing(&world) {
            let Ok(Some(Undo { traffic: Some((colour, previous)), .. })) = undoing(&world, Some(set)) else { continue };
            prop_assert!(sets(&world.service).any(|other| *other == previous));
            prop_assert_eq!(colour_of(&previous, &groups()), Some(colour));
            prop_assert_eq!(colour_of(set, &groups()), Some(colour.other()));
            prop_assert!(previous.age_order() < set.age_order());
        }
    }

    /// A rollback that was cut off anywhere is finished by the next one, and then nothing is left of it.
    #[test]
    fn a_rollback_that_is_cut_off_goes_on_to_the_same_end(world in any_world()) {
        for set in standing(&world) {
            let Ok(Some(undo)) = undoing(&world, Some(set)) else { continue };
            let Some([moved, promoted, deleted]) = steps(&world, &undo) else { continue };
            for cut_off in [&moved, &promoted] {
                let set = cut_off.service.task_set(&set.arn);
                let again = undoing(cut_off, set);
                let end = again.as_ref().ok().and_then(Option::as_ref).and_then(|again| steps(cut_off, again));
                prop_assert_eq!(end.map(|[.., end]| end), Some(deleted.clone()), "{:?}", again);
            }
            prop_assert_eq!(undoing(&deleted, deleted.service.task_set(&set.arn)).ok(), Some(None));
        }
    }

    /// One deployment is undone, the newest: what is younger than it and stands is never taken down with it.
    #[test]
    fn nothing_but_the_named_set_goes(world in any_world()) {
        for set in standing(&world) {
            let Ok(Some(undo)) = undoing(&world, Some(set)) else { continue };
            let Some([.., deleted]) = steps(&world, &undo) else { continue };
            let mut expected: Vec<&str> = world.service.task_sets.iter().map(|set| set.arn.as_str()).collect();
            expected.retain(|arn| *arn != set.arn);
            let left: Vec<&str> = deleted.service.task_sets.iter().map(|set| set.arn.as_str()).collect();
            prop_assert_eq!(left, expected);
            if let Some(primary) = world.service.primary() {
                prop_assert!(set.age_order() >= primary.age_order());
            }
        }
    }
    /// Somebody deletes it already. What is left to do is to take the traffic away that came to it meanwhile.
    #[test]
    fn a_set_that_is_being_deleted_gives_its_traffic_to_primary_and_nothing_else_is_done(world in any_world()) {
        for set in world.service.task_sets.iter().filter(|set| !set.stands()) {
            let Ok(Some(undo)) = undoing(&world, Some(set)) else { continue };
            prop_assert!(world.is_live(set));
            prop_assert!(!undo.promote);
            let to = undo.traffic.as_ref().map(|(_, to)| to);
            prop_assert_eq!(to, world.service.primary());
            let Some([moved, ..]) = steps(&world, &undo) else { continue };
            prop_assert_eq!(undoing(&moved, Some(set)).ok(), Some(None));
        }
    }
}
