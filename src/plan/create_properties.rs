//! Where a new set goes, and who of several gives way, in any world.

use proptest::prelude::*;

use super::*;
use crate::model::TaskSetStatus;
use crate::plan::state::{State, sets};
use crate::plan::world::{World, any_world, groups, set};

fn placed(world: &World) -> Result<Place> {
    place(&world.service, &groups(), &world.live, &world.standing(), "new")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_new_set_gets_no_traffic_and_stands_alone(world in any_world()) {
        match placed(&world) {
            Ok(Place::Free(colour)) => {
                prop_assert!(!world.has_live_weight(colour));
                prop_assert_eq!(in_group(&world.service, &groups(), colour).count(), 0);
                prop_assert!(matches!(world.standing().state, State::First | State::Settled));
                prop_assert!(sets(&world.service).all(|set| set.external_id.as_deref() != Some("new")));
                prop_assert!(world.service.task_sets.len() < MAX_TASK_SETS);
            }
            Ok(Place::Taken(ours)) => {
                prop_assert!(ours.stands() && ours.external_id.as_deref() == Some("new"));
                prop_assert!(world.service.task_sets.contains(&ours));
            }
            Err(refused) => prop_assert!(refused.hint.is_some(), "{:?}", refused),
        }
    }

    #[test]
    fn what_was_created_is_found_again_and_has_met_nobody(world in any_world()) {
        if let Ok(Place::Free(colour)) = placed(&world) {
            let (mut after, ours) = (world, set("new", colour, 99, TaskSetStatus::Active));
            after.service.task_sets.push(ours.clone());
            prop_assert_eq!(placed(&after).ok(), Some(Place::Taken(Box::new(ours.clone()))));
            prop_assert_eq!(meeting(&after.service, &groups(), &ours), Meeting::Alone);
        }
    }

    /// The others withdraw: never do all go, never do two stay.
    #[test]
    fn of_any_number_that_meet_exactly_the_eldest_stays(world in any_world()) {
        let groups = groups();
        for colour in [Colour::Blue, Colour::Green] {
            let met: Vec<&TaskSet> = in_group(&world.service, &groups, colour).collect();
            let stays = |set: &&&TaskSet| !matches!(meeting(&world.service, &groups, set), Meeting::Younger(_));
            let staying: Vec<_> = met.iter().filter(stays).collect();
            prop_assert_eq!(staying.len(), met.len().min(1), "{:?}", staying);
            for ours in &met {
                match meeting(&world.service, &groups, ours) {
                    Meeting::Alone => prop_assert_eq!(met.len(), 1),
                    Meeting::Elder(other) => prop_assert!(ours.age_order() < other.age_order()),
                    Meeting::Younger(other) => prop_assert!(other.age_order() < ours.age_order()),
                }
            }
        }
    }

    /// Each of two sees the other, and they agree on who goes.
    #[test]
    fn two_that_meet_agree(world in any_world()) {
        for colour in [Colour::Blue, Colour::Green] {
            if let [one, two] = in_group(&world.service, &groups(), colour).collect::<Vec<_>>()[..] {
                let [of_one, of_two] = [one, two].map(|ours| meeting(&world.service, &groups(), ours));
                let elder = (Meeting::Elder(two.clone()), Meeting::Younger(one.clone()));
                let younger = (Meeting::Younger(two.clone()), Meeting::Elder(one.clone()));
                prop_assert!([elder, younger].contains(&(of_one, of_two)));
            }
        }
    }
}
