//! What undoing one deployment takes, in every state that a fault can leave behind.

use super::state::{Standing, State, colour_of, in_group};
use crate::error::{Error, Result};
use crate::model::{Colour, Forward, Pair, Service, TaskSet};

/// What is to be done, in this order: traffic, PRIMARY, test listener, deletion. Each may be done already.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Undo {
    /// The set of the deployment that is undone.
    pub(crate) set: TaskSet,
    /// Where live traffic goes back to, and the set that stands there; `None` where the deployment never had any.
    pub(crate) traffic: Option<(Colour, TaskSet)>,
    /// Whether that set must be made PRIMARY again.
    pub(crate) promote: bool,
}

/// Works out how to undo the deployment whose set this is. `None`: there is nothing of it left to undo.
pub(crate) fn plan(
    service: &Service,
    groups: &Pair<String>,
    live: &[Forward],
    standing: &Standing,
    set: Option<&TaskSet>,
) -> Result<Option<Undo>> {
    let Some(set) = set else { return Ok(None) };
    if !set.stands() {
        return Ok(stranded(service, groups, live, set));
    }
    if standing.state == State::Crossed {
        super::state::check_start(standing, super::state::Start::Delete)?;
    }
    let Some(colour) = colour_of(set, groups) else { return Ok(None) };
    let has_traffic = live.iter().any(|forward| forward.weight(groups, colour) > 0);
    let Some(primary) = service.primary() else {
        if has_traffic {
            return Err(nothing_to_go_back_to(set));
        }
        return Ok(Some(Undo { set: set.clone(), traffic: None, promote: false }));
    };
    if primary.arn == set.arn {
        return undo_promoted(service, groups, set, colour).map(Some);
    }
    if set.age_order() < primary.age_order() {
        return Err(newer(set, primary));
    }
    let traffic = match colour_of(primary, groups) {
        Some(back) if back != colour && has_traffic => Some((back, primary.clone())),
        Some(_) if has_traffic => return Err(shares_traffic(set, primary)),
        Some(_) | None => None,
    };
    Ok(Some(Undo { set: set.clone(), traffic, promote: false }))
}

/// Its set is being deleted already. Where live weight came to it at the same time, and nobody else stands there, that goes
/// back to PRIMARY.
fn stranded(service: &Service, groups: &Pair<String>, live: &[Forward], set: &TaskSet) -> Option<Undo> {
    let colour = colour_of(set, groups)?;
    let primary = service.primary()?;
    let back = colour_of(primary, groups).filter(|back| *back != colour)?;
    let has_traffic = live.iter().any(|forward| forward.weight(groups, colour) > 0);
    let is_alone = in_group(service, groups, colour).next().is_none();
    let traffic = Some((back, primary.clone()));
    (has_traffic && is_alone).then(|| Undo { set: set.clone(), traffic, promote: false })
}

/// The deployment is PRIMARY already: what it replaced must still stand in the other group.
fn undo_promoted(service: &Service, groups: &Pair<String>, set: &TaskSet, colour: Colour) -> Result<Undo> {
    let mut there: Vec<&TaskSet> = in_group(service, groups, colour.other()).collect();
    there.sort_by(|a, b| a.age_order().cmp(&b.age_order()));
    match there.last() {
        None => Err(nothing_to_go_back_to(set)),
        Some(youngest) if youngest.age_order() > set.age_order() => Err(newer(set, youngest)),
        Some(previous) => {
            Ok(Undo { set: set.clone(), traffic: Some((colour.other(), (*previous).clone())), promote: true })
        }
    }
}

fn nothing_to_go_back_to(set: &TaskSet) -> Error {
    Error::refused(
        "nothing-to-go-back-to",
        format!("{} has the live traffic and no earlier version stands beside it", set.describe()),
    )
    .hint("deploy an earlier revision as a new version: `taskDefinitionArn: 'family:revision'`")
}

/// Somebody put it there by hand: no weight tells its traffic from PRIMARY's.
fn shares_traffic(set: &TaskSet, primary: &TaskSet) -> Error {
    Error::refused(
        "is-live",
        format!("{} is in the live target group, beside PRIMARY {}", set.describe(), primary.describe()),
    )
    .hint("if nobody needs it, delete it with the AWS CLI: it has live weight, so this tool does not")
}

fn newer(set: &TaskSet, newer: &TaskSet) -> Error {
    Error::refused(
        "newer-deployment",
        format!("{} is no longer the newest: {} was deployed after it", set.describe(), newer.describe()),
    )
    .hint(match &newer.external_id {
        Some(id) => format!("a rollback undoes one deployment, the newest: name deploymentId {id}, if that is meant"),
        None => "a rollback undoes one deployment, the newest: name it by its taskSetArn, if that is meant".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TaskSetStatus::{Active, Draining, Primary};
    use crate::plan::state::classify;
    use crate::plan::world::{groups, live, service, set};
    use Colour::{Blue, Green};

    /// What undoing `name` comes to: the colour that traffic goes to, and whether PRIMARY moves; or the refusal's code.
    fn undo(sets: Vec<TaskSet>, forwards: &[Forward], name: &str) -> Result<Option<(Option<Colour>, bool)>, String> {
        let service = service(sets);
        let standing = classify(&service, &groups(), forwards);
        let set = service.task_sets.iter().find(|set| set.external_id.as_deref() == Some(name)).cloned();
        plan(&service, &groups(), forwards, &standing, set.as_ref())
            .map(|undo| undo.map(|undo| (undo.traffic.map(|(colour, _)| colour), undo.promote)))
            .map_err(|error| error.code.into_owned())
    }

    #[test]
    fn each_phase_is_undone_as_far_as_it_had_come() {
        let old = || set("old", Blue, 10, Primary);
        let new = || set("new", Green, 20, Active);
        let (was, now) = (|| set("old", Blue, 10, Active), || set("new", Green, 20, Primary));
        for (phase, sets, forwards, expected) in [
            ("before the swap", vec![old(), new()], vec![live(100, 0)], Some((None, false))),
            ("in a canary", vec![old(), new()], vec![live(90, 10)], Some((Some(Blue), false))),
            ("between two listeners", vec![old(), new()], vec![live(0, 100), live(100, 0)], Some((Some(Blue), false))),
            ("after the swap", vec![old(), new()], vec![live(0, 100)], Some((Some(Blue), false))),
            ("after the promotion", vec![was(), now()], vec![live(0, 100)], Some((Some(Blue), true))),
            ("cut off after the traffic", vec![was(), now()], vec![live(100, 0)], Some((Some(Blue), true))),
            ("while it is deleted", vec![old(), set("new", Green, 20, Draining)], vec![live(100, 0)], None),
            (
                "while it is deleted and got traffic",
                vec![old(), set("new", Green, 20, Draining)],
                vec![live(0, 100)],
                Some((Some(Blue), false)),
            ),
            ("when it is gone", vec![old()], vec![live(100, 0)], None),
        ] {
            assert_eq!(undo(sets, &forwards, "new"), Ok(expected), "{phase}");
        }
    }

    #[test]
    fn a_first_deployment_is_undone_only_before_it_has_traffic() {
        let first = || vec![set("new", Green, 20, Active)];
        assert_eq!(undo(first(), &[live(100, 0)], "new"), Ok(Some((None, false))));
        assert_eq!(undo(first(), &[live(0, 100)], "new"), Err("nothing-to-go-back-to".into()));
    }

    #[test]
    fn a_rollback_never_undoes_more_than_the_newest() {
        let refused = Err("newer-deployment".to_owned());
        let settled = vec![set("older", Green, 5, Active), set("new", Blue, 10, Primary)];
        assert_eq!(undo(settled, &[live(100, 0)], "older"), refused);
        let next = vec![set("new", Blue, 10, Primary), set("next", Green, 20, Active)];
        assert_eq!(undo(next.clone(), &[live(100, 0)], "new"), refused);
        assert_eq!(undo(next, &[live(0, 100)], "new"), refused);
    }

    #[test]
    fn what_shares_the_live_group_with_primary_is_not_deleted() {
        let sets = || vec![set("old", Blue, 10, Primary), set("new", Blue, 20, Active)];
        assert_eq!(undo(sets(), &[live(100, 0)], "new"), Err("is-live".into()));
        let idle = vec![set("old", Blue, 10, Primary), set("live", Green, 15, Active), set("new", Blue, 20, Active)];
        assert_eq!(undo(idle, &[live(0, 100)], "new"), Ok(Some((None, false))));
    }

    #[test]
    fn nothing_to_go_back_to_and_crossed_are_refused() {
        assert_eq!(
            undo(vec![set("new", Green, 20, Primary)], &[live(0, 100)], "new"),
            Err("nothing-to-go-back-to".into())
        );
        let crossed = vec![set("old", Blue, 10, Primary), set("new", Green, 20, Active)];
        assert_eq!(undo(crossed, &[live(0, 0)], "new"), Err("state-crossed".into()));
    }
}

#[cfg(test)]
#[path = "rollback_properties.rs"]
mod properties;
