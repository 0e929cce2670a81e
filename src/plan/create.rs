//! Where a new task set goes, and what is done where two deployments meet there.

use super::state::{Standing, Start, check_start, colour_of, idle, in_group};
use crate::error::{Error, Result};
use crate::model::{Colour, Forward, Pair, Service, TaskSet};
use crate::shell;

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
    check_start(standing, Start::Create)?;
    let colour = idle(service, groups, live)
        .filter(|colour| live.iter().all(|forward| forward.weight(groups, *colour) == 0))
        .ok_or_else(idle_group_live)?;
    if let Some(other) = in_group(service, groups, colour).max_by(|a, b| a.age_order().cmp(&b.age_order())) {
        return Err(occupied(service, other));
    }
    // Where nothing was ever promoted, what has the live traffic is a first deployment that is not at its end.
    if let (None, Some(other)) = (service.primary(), super::state::sets(service).next()) {
        return Err(in_the_way(service, groups, live, other));
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

/// The refusal because of a set that is younger than PRIMARY, or that stands where nothing is PRIMARY yet.
pub(crate) fn in_the_way(service: &Service, groups: &Pair<String>, live: &[Forward], other: &TaskSet) -> Error {
    let colour = colour_of(other, groups);
    let is_live = colour.is_some_and(|colour| live.iter().any(|forward| forward.weight(groups, colour) > 0));
    if colour == idle(service, groups, live) && !is_live {
        return occupied(service, other);
    }
    let name = colour.map_or("other", Colour::name);
    under_way(other, &format!("in the {name} target group, which has live weight"))
}

/// The refusal because of a set in the idle group: the previous version, or another deployment.
pub(crate) fn occupied(service: &Service, other: &TaskSet) -> Error {
    let is_previous = service.primary().is_some_and(|primary| other.age_order() < primary.age_order());
    if is_previous {
        return Error::refused(
            "previous-stands",
            format!("the previous version {} still stands in the idle target group", other.describe()),
        )
        .hint(format!(
            "it would get live traffic at the swap; remove it first: ecs-bg delete-task-set --task-set-arn {}",
            shell::word(&other.arn)
        ));
    }
    under_way(other, "in the idle target group")
}

/// The refusal because of a deployment that is not at its end, or was left behind; `place` says where its set is.
fn under_way(other: &TaskSet, place: &str) -> Error {
    let age = other.created_at.map_or(0, |at| crate::view::age(at).as_secs());
    let build = crate::observe::build_of(other).map_or_else(String::new, |url| format!(", build {url}"));
    let error = Error::refused(
        "other-deployment",
        format!("another deployment is {place}: {}, {age} s old{build}", other.describe()),
    );
    error.hint(if let Some(id) = &other.external_id {
        format!(
            "wait for it, go on with it (`deploymentId: {}`), or undo it: ecs-bg rollback --deployment-id {}",
            shell::groovy(id),
            shell::word(id)
        )
    } else {
        let arn = shell::word(&other.arn);
        format!("this tool did not create it; if nobody needs it: ecs-bg delete-task-set --task-set-arn {arn}")
    })
}

/// The refusal because a deployment's set is another one than what is asked for now.
pub(crate) fn content_differs(set: &TaskSet, differences: &[String]) -> Error {
    Error::refused(
        "content-differs",
        format!("the task set {} exists already, with other content: {}", set.describe(), differences.join("; ")),
    )
    .hint("another version needs another deploymentId; to undo this one: rollback")
}

/// The refusal because AWS takes no more sets.
pub(crate) fn set_limit(service: &Service) -> Error {
    let all: Vec<String> = service
        .task_sets
        .iter()
        .map(|set| format!("{} {}", set.describe(), crate::output::to_value(set.status)))
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
            ("a canary", vec![primary(), set("other", Green, 20, Active)], live(9, 1), "state-shifting"),
        ] {
            assert_eq!(placed(sets, &[forwards]), Err(code.to_owned()), "{why}");
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
