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
    let Some(set) = set.filter(|set| set.stands()) else { return Ok(None) };
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
        Some(_) | None => None,
    };
    Ok(Some(Undo { set: set.clone(), traffic, promote: false }))
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
