//! The table of states in docs/how-it-works.md, as predicates, held against any world.

use proptest::prelude::*;

use super::*;
use crate::plan::world::{World, any_world, groups};

/// The rows that a world is in, but for `crossed`, which is anything else.
fn rows(world: &World) -> Vec<State> {
    let standing: Vec<&TaskSet> = world.service.task_sets.iter().filter(|set| set.stands()).collect();
    let in_group = |set: &TaskSet, colour: Colour| set.target_group.as_ref() == Some(groups().get(colour));
    let known = !world.live.is_empty()
        && standing.iter().all(|set| in_group(set, Colour::Blue) || in_group(set, Colour::Green));
    let weights: Vec<(i64, i64)> = world
        .live
        .iter()
        .map(|forward| {
            let of = |colour| i64::from(forward.weight(&groups(), colour));
            (of(Colour::Blue), of(Colour::Green))
        })
        .collect();
    let alike =
        |(b, g): (i64, i64), (blue, green): (i64, i64)| b * green == blue * g && (b + g == 0) == (blue + green == 0);
    let differ = weights.iter().any(|one| weights.iter().any(|two| !alike(*one, *two)));
    let all_on = |colour| {
        weights.iter().all(|(blue, green)| match colour {
            Colour::Blue => *blue > 0 && *green == 0,
            Colour::Green => *green > 0 && *blue == 0,
        })
    };
    let on_both = weights.iter().all(|(blue, green)| *blue > 0 && *green > 0);
    let is_occupied = |colour| standing.iter().any(|set| in_group(set, colour));

    let Some(primary) = standing.iter().find(|set| set.status == crate::model::TaskSetStatus::Primary) else {
        return if known { vec![State::First] } else { Vec::new() };
    };
    let of_primary = if in_group(primary, Colour::Blue) { Colour::Blue } else { Colour::Green };
    let beside: Vec<&&TaskSet> = standing.iter().filter(|set| in_group(set, of_primary.other())).collect();
    let swapped = known && all_on(of_primary.other()) && !beside.is_empty();
    let younger = |set: &TaskSet| (set.created_at, &set.arn) > (primary.created_at, &primary.arn);
    [
        (State::Settled, known && all_on(of_primary)),
        (State::Shifting, known && !differ && on_both && is_occupied(Colour::Blue) && is_occupied(Colour::Green)),
        (State::Unpromoted, swapped && beside.iter().all(|set| younger(set))),
        (State::Reverted, swapped && beside.iter().all(|set| !younger(set))),
        (State::Uneven, known && differ),
    ]
    .into_iter()
    .filter_map(|(state, is_so)| is_so.then_some(state))
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn every_world_is_in_exactly_one_row_of_the_table(world in any_world()) {
        let standing = world.standing();
        match rows(&world).as_slice() {
            [] => prop_assert_eq!(standing.state, State::Crossed, "{}", standing.reason),
            [row] => prop_assert_eq!(standing.state, *row, "{}", standing.reason),
            several => prop_assert!(false, "several rows: {:?}", several),
        }
        prop_assert!(!standing.reason.is_empty());
    }

    #[test]
    fn the_live_colour_has_all_of_our_live_weight(world in any_world()) {
        let [blue, green] = [Colour::Blue, Colour::Green].map(|colour| world.has_live_weight(colour));
        if let Some(live) = world.standing().live {
            prop_assert_eq!((blue, green), (live == Colour::Blue, live == Colour::Green));
        }
        if let Some(idle) = idle(&world.service, &groups(), &world.live) {
            let is_primarys = world.service.primary().and_then(|set| colour_of(set, &groups())) == Some(idle);
            prop_assert!(!is_primarys);
        }
    }

    /// Of a service that is crossed nothing is changed; and no state lets both a deployment and a promotion begin.
    #[test]
    fn what_is_crossed_starts_nothing(world in any_world()) {
        use Start::{Create, Delete, EnableTest, Scale, SetPrimary, Shift, Swap};
        let standing = world.standing();
        let may = |start| check_start(&standing, start).is_ok();
        let all = [Create, EnableTest, Shift, Swap, SetPrimary, Scale, Delete];
        prop_assert_eq!(all.into_iter().any(may), standing.state != State::Crossed);
        prop_assert!(!(may(Create) && may(SetPrimary)) || standing.state == State::First);
    }
}
