//! Where a new task set goes, and what is done where two deployments meet there.

use super::state::{Standing, Start, State, check_start, colour_of, idle, in_group};
use crate::error::{Error, Result};
use crate::model::{Colour, Forward, Pair, Service, TaskSet};
use crate::system::shell;

/// AWS's limit of task sets a service has; DRAINING ones may count.
pub(crate) const MAX_TASK_SETS: usize = 5;

/// What a deployment finds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Place {
    /// Its set exists already.
    Taken(Box<TaskSet>),
    /// It is to be created in this group.
    Free(Colour),
}

/// The place of a deployment's set: always the idle group, and only where nothing of another deployment stands there.
pub(crate) fn place(
    service: &Service,
    groups: &Pair<String>,
    live: &[Forward],
    standing: &Standing,
    deployment: &str,
) -> Result<Place> {
    let ours = |set: &&TaskSet| set.external_id.as_deref() == Some(deployment);
    if let Some(set) = super::state::sets(service).find(ours) {
        return Ok(Place::Taken(Box::new(set.clone())));
    }
    // Whoever is under way is named, in whatever state that has left the service.
    let under_way = super::state::sets(service).filter(|set| is_under_way(service, set));
    if let (Some(other), false) = (youngest(under_way), standing.state == State::Crossed) {
        return Err(in_the_way(service, groups, live, other));
    }
    check_start(standing, Start::Create)?;
    let colour = idle(service, groups, live)
        .filter(|colour| live.iter().all(|forward| forward.weight(groups, *colour) == 0))
        .ok_or_else(idle_group_live)?;
    if let Some(other) = youngest(in_group(service, groups, colour)) {
        return Err(occupied(service, other));
    }
    if service.task_sets.len() >= MAX_TASK_SETS {
        return Err(set_limit(service));
    }
    Ok(Place::Free(colour))
}

/// The refusal because a new set would take live traffic at once.
pub(crate) fn idle_group_live() -> Error {
    Error::refused("idle-group-live", "no target group is idle: a new task set would get live traffic at once")
        .hint("`ecs-bg status` shows the weights; finish or roll back what is under way, or move the weights by hand")
}

/// Whether a set is of a deployment that is not at its end, or was left behind: it is younger than PRIMARY, or nothing is
/// PRIMARY yet.
pub(crate) fn is_under_way(service: &Service, set: &TaskSet) -> bool {
    service.primary().is_none_or(|primary| primary.age_order() < set.age_order())
}

fn youngest<'a>(sets: impl Iterator<Item = &'a TaskSet>) -> Option<&'a TaskSet> {
    sets.max_by(|a, b| a.age_order().cmp(&b.age_order()))
}

/// The refusal because of a deployment that is under way.
pub(crate) fn in_the_way(service: &Service, groups: &Pair<String>, live: &[Forward], other: &TaskSet) -> Error {
    let colour = colour_of(other, groups);
    let weight = |forward: &Forward, colour: Option<Colour>| colour.map_or(0, |colour| forward.weight(groups, colour));
    let is_live = live.iter().any(|forward| weight(forward, colour) > 0);
    let has_all = is_live && live.iter().all(|forward| weight(forward, colour.map(Colour::other)) == 0);
    let shares = service.primary().is_some_and(|primary| colour_of(primary, groups) == colour);
    if has_all && !shares {
        return unpromoted(service, other);
    }
    if colour == idle(service, groups, live) && !is_live {
        return occupied(service, other);
    }
    let name = colour.map_or("other", Colour::name);
    under_way(service, other, &format!("in the {name} target group, which has live weight"))
}

/// The refusal because of a set in the idle group: the previous version, or another deployment.
pub(crate) fn occupied(service: &Service, other: &TaskSet) -> Error {
    if is_under_way(service, other) {
        return under_way(service, other, "in the idle target group");
    }
    Error::refused(
        "previous-stands",
        format!("the previous version {} still stands in the idle target group", other.describe()),
    )
    .hint(format!(
        "it would get live traffic at the swap; remove it first: ecs-bg delete-task-set --task-set-arn {}",
        shell::word(&other.arn)
    ))
}

/// The refusal because of a deployment that is not at its end, or was left behind; `place` says where its set is.
fn under_way(service: &Service, other: &TaskSet, place: &str) -> Error {
    other_deployment(service, other, place).hint(if let Some(go_on) = go_on(other) {
        format!("{go_on}, or undo it: {}", shell::command("rollback", service, other))
    } else {
        let arn = shell::word(&other.arn);
        format!("this tool did not create it; if nobody needs it: ecs-bg delete-task-set --task-set-arn {arn}")
    })
}

/// The refusal because of a deployment that has all live traffic, and can still go back: nobody takes away what it would
/// go back to. Its build may be dead, so both ways to end it are named.
fn unpromoted(service: &Service, other: &TaskSet) -> Error {
    let back = match service.primary() {
        Some(_) => format!("; or go back: {}", shell::command("rollback", service, other)),
        None => String::new(),
    };
    other_deployment(service, other, "live and not PRIMARY yet, until its bake and the question after it are over")
        .hint(format!(
            "{}. Where its build is dead for good, keep its version: {}{back}",
            go_on(other).unwrap_or_else(|| "wait for it".into()),
            shell::command("set-primary", service, other)
        ))
}

fn other_deployment(service: &Service, other: &TaskSet, place: &str) -> Error {
    let age = service.age(other).unwrap_or_default().as_secs();
    let build = other.build().map_or_else(String::new, |url| format!(", build {url}"));
    Error::refused(
        "other-deployment",
        format!("another deployment is {place}: {}, {age} s old{build}", other.describe()),
    )
}

/// How a deployment that has an id is gone on with.
fn go_on(other: &TaskSet) -> Option<String> {
    let id = other.external_id.as_ref()?;
    Some(format!("wait for it, or go on with it (`deploymentId: {}`)", shell::groovy(id)))
}

/// The refusal because AWS takes no more sets.
pub(crate) fn set_limit(service: &Service) -> Error {
    let all: Vec<String> = service
        .task_sets
        .iter()
        .map(|set| format!("{} {}", set.describe(), crate::model::json::to_value(set.status)))
        .collect();
    Error::refused("set-limit", format!("the service has {} task sets, AWS's limit: {}", all.len(), all.join(", ")))
        .hint("delete those that are not used with delete-task-set; DRAINING ones go by themselves")
}

/// How a deployment's set stands to others in its group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Meeting {
    /// Nobody else is there.
    Alone,
    /// This other one is there, and is younger: its owner withdraws it.
    Elder(TaskSet),
    /// This other one is there, and is older: ours is withdrawn.
    Younger(TaskSet),
}

/// AWS has no compare-and-swap, so two that looked at the same time may both have created. The order of creation decides,
/// and both see the same order.
pub(crate) fn meeting(service: &Service, groups: &Pair<String>, ours: &TaskSet) -> Meeting {
    let Some(colour) = colour_of(ours, groups) else { return Meeting::Alone };
    let eldest_other = in_group(service, groups, colour)
        .filter(|set| set.arn != ours.arn)
        .min_by(|a, b| a.age_order().cmp(&b.age_order()));
    match eldest_other {
        None => Meeting::Alone,
        Some(other) if other.age_order() < ours.age_order() => Meeting::Younger(other.clone()),
        Some(other) => Meeting::Elder(other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TaskSetStatus::{Active, Draining, Primary};
    use crate::plan::state::classify;
    use crate::plan::world::{groups, live, service, set};
    use Colour::{Blue, Green};

    fn placed(sets: Vec<TaskSet>, forwards: &[Forward]) -> Result<Place, String> {
        let service = service(sets);
        let standing = classify(&service, &groups(), forwards);
        place(&service, &groups(), forwards, &standing, "new").map_err(|error| error.code.into_owned())
    }

    #[test]
    fn a_new_set_goes_to_the_idle_group_whatever_it_is_called() {
        assert_eq!(placed(vec![set("old", Blue, 1, Primary)], &[live(100, 0)]), Ok(Place::Free(Green)));
        assert_eq!(placed(vec![set("old", Green, 1, Primary)], &[live(0, 100)]), Ok(Place::Free(Blue)));
        assert_eq!(placed(vec![], &[live(100, 0)]), Ok(Place::Free(Green)));
    }

    #[test]
    fn the_same_deployment_finds_its_own_set() {
        let sets = vec![set("old", Blue, 1, Primary), set("new", Green, 2, Active)];
        assert!(matches!(placed(sets, &[live(0, 100)]), Ok(Place::Taken(_))));
    }

    #[test]
    fn a_group_that_is_not_idle_or_not_empty_is_refused() {
        let primary = || set("old", Blue, 10, Primary);
        for (why, sets, forwards, code) in [
            ("live weight on both, first", vec![], live(1, 1), "idle-group-live"),
            ("another deployment", vec![primary(), set("other", Green, 20, Active)], live(1, 0), "other-deployment"),
            ("the previous version", vec![primary(), set("before", Green, 5, Active)], live(1, 0), "previous-stands"),
            ("a first deployment that is live", vec![set("other", Green, 20, Active)], live(0, 1), "other-deployment"),
            ("a canary", vec![primary(), set("other", Green, 20, Active)], live(9, 1), "other-deployment"),
            ("a bake", vec![primary(), set("other", Green, 20, Active)], live(0, 1), "other-deployment"),
            ("gone back by hand", vec![primary(), set("before", Green, 5, Active)], live(0, 1), "state-reverted"),
            ("live where nothing is", vec![primary(), set("other", Blue, 20, Active)], live(0, 1), "state-crossed"),
        ] {
            assert_eq!(placed(sets, &[forwards]), Err(code.to_owned()), "{why}");
        }
    }

    /// What a refusal because of a deployment says: where it is, and the actions that end it.
    #[test]
    fn whoever_is_under_way_is_named_with_the_ways_to_end_it() {
        let primary = || set("old", Blue, 10, Primary);
        let other = || set("it's", Green, 20, Active);
        let mut stray = other();
        stray.external_id = None;
        for (why, sets, forwards, actions) in [
            ("before the swap", vec![primary(), other()], live(1, 0), &["rollback"][..]),
            ("in a canary", vec![primary(), other()], live(9, 1), &["rollback"]),
            ("in the bake", vec![primary(), other()], live(0, 1), &["set-primary", "rollback"]),
            ("a first one in traffic has no way back", vec![other()], live(0, 1), &["set-primary"]),
            ("of nobody", vec![primary(), stray.clone()], live(1, 0), &["delete-task-set"]),
            ("of nobody, and live", vec![primary(), stray], live(0, 1), &["set-primary", "rollback"]),
        ] {
            let service = service(sets);
            let standing = classify(&service, &groups(), std::slice::from_ref(&forwards));
            let refused = place(&service, &groups(), &[forwards], &standing, "new").unwrap_err();
            let hint = refused.hint.clone().unwrap_or_default();
            let named: Vec<&str> = hint.split("ecs-bg ").skip(1).filter_map(|rest| rest.split(' ').next()).collect();
            assert_eq!((&*refused.code, &*named), ("other-deployment", actions), "{why}: {hint}");
            if service.task_sets.iter().any(|set| set.external_id.as_deref() == Some("it's")) {
                assert!(hint.contains(r"deploymentId: 'it\'s'"), "{why}: {hint}");
                assert!(
                    hint.contains(r"--deployment-id 'it'\''s' --cluster arn:cluster --service web"),
                    "{why}: {hint}"
                );
            }
        }
    }

    #[test]
    fn the_sixth_set_is_refused_draining_ones_counted() {
        let mut sets = vec![set("old", Blue, 10, Primary)];
        sets.extend((0..4).map(|n| set(&format!("gone{n}"), Green, n, Draining)));
        assert_eq!(placed(sets, &[live(100, 0)]), Err("set-limit".to_owned()));
    }

    #[test]
    fn of_two_that_met_exactly_the_younger_gives_way() {
        let (a, b) = (set("a", Green, 20, Active), set("b", Green, 20, Active));
        let service = service(vec![set("old", Blue, 10, Primary), a.clone(), b.clone()]);
        assert_eq!(meeting(&service, &groups(), &a), Meeting::Elder(b.clone()));
        assert_eq!(meeting(&service, &groups(), &b), Meeting::Younger(a));
    }
}

#[cfg(test)]
#[path = "create_properties.rs"]
mod properties;
