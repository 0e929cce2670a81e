//! How far a deployment is, told from where its set and the live weights are.

use super::state::{colour_of, sets};
use crate::model::{Colour, Forward, Pair, Service, TaskSet};

/// `live`: has all live traffic. `shifting`: has a part of it. `previous`: stood before what is live. `idle`: newer than
/// what is live, and without traffic. `draining`: being deleted. `None` where that cannot be told: it is in neither group.
pub(crate) fn phase(set: &TaskSet, service: &Service, groups: &Pair<String>, live: &[Forward]) -> Option<&'static str> {
    if !set.stands() {
        return Some("draining");
    }
    let colour = colour_of(set, groups)?;
    let some = |colour: Colour| live.iter().any(|forward| forward.weight(groups, colour) > 0);
    if some(colour) {
        return Some(if some(colour.other()) { "shifting" } else { "live" });
    }
    let newest_live = sets(service)
        .filter(|other| colour_of(other, groups).is_some_and(some))
        .max_by(|a, b| a.age_order().cmp(&b.age_order()));
    let before = newest_live.is_some_and(|other| set.age_order() < other.age_order());
    Some(if before { "previous" } else { "idle" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TaskSetStatus::{Active, Draining, Primary};
    use crate::plan::world::{self, groups, set};
    use Colour::{Blue, Green};

    #[test]
    fn each_set_is_somewhere_on_its_way() {
        let (old, new) = (|| set("old", Blue, 10, Primary), || set("new", Green, 20, Active));
        let forward = world::live;
        for (why, sets, live, expected) in [
            ("beside", vec![old(), new()], vec![forward(1, 0)], [Some("live"), Some("idle")]),
            ("canary", vec![old(), new()], vec![forward(9, 1)], [Some("shifting"), Some("shifting")]),
            ("uneven", vec![old(), new()], vec![forward(1, 0), forward(0, 1)], [Some("shifting"), Some("shifting")]),
            ("swapped", vec![old(), new()], vec![forward(0, 1)], [Some("previous"), Some("live")]),
            ("kept", vec![old(), set("x", Green, 5, Active)], vec![forward(1, 0)], [Some("live"), Some("previous")]),
            ("going", vec![old(), set("x", Green, 5, Draining)], vec![forward(1, 0)], [Some("live"), Some("draining")]),
            ("nothing known", vec![old(), new()], vec![], [Some("idle"), Some("idle")]),
        ] {
            let service = world::service(sets);
            let phases: Vec<_> = service.task_sets.iter().map(|set| phase(set, &service, &groups(), &live)).collect();
            assert_eq!(phases, expected, "{why}");
        }
        let mut stray = set("stray", Green, 20, Active);
        stray.target_group = None;
        let service = world::service(vec![stray.clone()]);
        assert_eq!(phase(&stray, &service, &groups(), &[forward(1, 0)]), None);
    }
}
