//! What holds of every plan of weights, whatever stands in the forward.

use proptest::prelude::*;

use super::*;
use crate::plan::world::{any_forward, any_world, groups};

const COLOURS: [Colour; 2] = [Colour::Blue, Colour::Green];

fn any_colour() -> impl Strategy<Value = Colour> {
    prop::sample::select(COLOURS.to_vec())
}

fn any_goal() -> impl Strategy<Value = Goal> {
    prop_oneof![
        any_colour().prop_map(Goal::All),
        (0..=999u16, 0..=999u16).prop_map(|(blue, green)| Goal::Split(Pair { blue, green })),
    ]
}

/// The groups that are nobody's business, in their order.
fn foreign(all: &[Weight]) -> Vec<Weight> {
    all.iter().filter(|entry| groups().colour_of(&entry.target_group).is_none()).cloned().collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn weights_are_in_range_and_somebody_has_some(forward in any_forward(), goal in any_goal()) {
        if let Ok(Some(weights)) = plan(&forward, &groups(), goal) {
            prop_assert!(weights.iter().all(|entry| (0..=MAX_WEIGHT).contains(&entry.weight)));
            let is_ours = |entry: &&Weight| groups().colour_of(&entry.target_group).is_some();
            prop_assert!(weights.iter().filter(is_ours).map(|entry| entry.weight).sum::<i32>() > 0);
            prop_assert!(weights.len() <= MAX_GROUPS);
        }
    }

    #[test]
    fn other_groups_stay_as_they_are_in_weight_share_and_order(forward in any_forward(), goal in any_goal()) {
        if let Ok(Some(weights)) = plan(&forward, &groups(), goal) {
            prop_assert_eq!(foreign(&weights), foreign(&forward.weights));
            let sum = |all: &[Weight]| all.iter().map(|entry| entry.weight).sum::<i32>();
            if forward.others(&groups()) > 0 {
                prop_assert_eq!(sum(&weights), sum(&forward.weights), "their share of the traffic has changed");
            }
        }
        if let Ok(Some(weights)) = attach(&forward, &groups()) {
            prop_assert!(weights.starts_with(&forward.weights));
            prop_assert!(weights[forward.weights.len()..].iter().all(|entry| entry.weight == 0));
        }
    }

    #[test]
    fn a_plan_applied_is_the_goal_and_leaves_nothing_to_do(forward in any_forward(), goal in any_goal()) {
        let applied = match plan(&forward, &groups(), goal) {
            Err(refused) => {
                prop_assert!(refused.hint.is_some());
                return Ok(());
            }
            Ok(None) => forward,
            Ok(Some(weights)) => Forward { weights, ..forward },
        };
        let again = plan(&applied, &groups(), goal);
        prop_assert!(matches!(again, Ok(None)), "{:?}", again);
        let again = attach(&applied, &groups());
        prop_assert!(matches!(again, Ok(None)), "both groups must stay attached: {:?}", again);
        let weight = |colour| applied.weight(&groups(), colour);
        match goal {
            Goal::All(colour) => prop_assert!(weight(colour) > 0 && weight(colour.other()) == 0),
            Goal::Split(to) => for colour in COLOURS {
                prop_assert_eq!(weight(colour) > 0, *to.get(colour) > 0);
            },
        }
    }

    /// A swap gives traffic to the version that was asked for, and takes it from everybody else of ours.
    #[test]
    fn a_swap_of_all_listeners_feeds_only_the_group_that_was_asked_for(world in any_world(), colour in any_colour()) {
        if let Some(after) = world.with_traffic(Goal::All(colour)) {
            prop_assert!(!after.has_live_weight(colour.other()));
            prop_assert_eq!(after.has_live_weight(colour), !after.live.is_empty());
            prop_assert_eq!(after.with_traffic(Goal::All(colour)), Some(after.clone()));
            for (before, after) in world.live.iter().zip(&after.live) {
                let gaining = gaining(before, &groups(), &after.weights);
                prop_assert!(gaining.iter().all(|gains| *gains == colour), "{:?} gains", gaining);
                let weights = after.weights.clone();
                prop_assert_eq!(&Forward { weights, ..before.clone() }, after);
            }
        }
    }

    /// What is checked before traffic moves is whoever gets more of it: none is forgotten.
    #[test]
    fn whoever_gets_a_larger_part_is_looked_at(forward in any_forward(), goal in any_goal()) {
        if let Ok(Some(weights)) = plan(&forward, &groups(), goal) {
            let part = |all: &[Weight], colour: Colour| {
                let sum: i32 = all.iter().map(|entry| entry.weight).sum();
                let of = all.iter().find(|entry| entry.target_group == *groups().get(colour));
                let of = of.map_or(0, |entry| entry.weight);
                if sum == 0 { 0.0 } else { f64::from(of) / f64::from(sum) }
            };
            for colour in COLOURS {
                let gains = part(&weights, colour) > part(&forward.weights, colour) + 1e-9;
                prop_assert_eq!(gaining(&forward, &groups(), &weights).contains(&colour), gains);
            }
        }
    }
}
