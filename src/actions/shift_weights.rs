//! `shift-weights`: the live listeners to given weights; the step of a canary.

use std::time::SystemTime;

use crate::actions::traffic::Change;
use crate::actions::{Report, settle, traffic};
use crate::config::required;
use crate::config::table::{
    Action, BUILD_TAG, CONNECTION, DEPLOYMENT, MIN_HEALTHY, POLL_INTERVAL, SERVICE, SETTLE, TASK_SET_ARN, TRAFFIC,
    WEIGHT, WEIGHTS,
};
use crate::context::Context;
use crate::error::Result;
use crate::model::{Colour, Pair, TaskSet};
use crate::observe::Observed;
use crate::plan::state::{Start, check_start, in_group};
use crate::plan::traffic::{Goal, check_size, split};

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "shift-weights",
    step: Some("ecsShiftWeights"),
    line: "Give this version a part of the live traffic (canary)",
    about: "Gives this deployment a part of the live traffic: `weight` percent of it, or both groups' `weights`. Other actions, \
        groups, conditions and stickiness come back as they were.",
    takes: &[
        &DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &WEIGHT, &WEIGHTS, &MIN_HEALTHY, &SETTLE, &POLL_INTERVAL,
        &CONNECTION,
    ],
    command: None,
    result: &["taskSetArn", "deploymentId", "colour", "before", "after", "previous", "movedAt"],
    errors: &[
        ("not-stable", "tasks of a group that is to get traffic are ill or have failed"),
        ("not-healthy", "fewer than `minHealthy` percent of it are healthy"),
        ("not-stable-in-time", "it still scales after `settle`"),
        ("canary-undersized", "it has a smaller part of the tasks than it would get of the traffic"),
        ("both-zero", "nobody would get an answer"),
    ],
    example: &[("config", "deploy/prod.yml"), ("deploymentId", BUILD_TAG), ("weight", "10")],
};

/// Splits live traffic between the version and the other group.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let before = settle::observe(cx, |before| traffic::gaining_sets(before, &plan(cx, before)?.changes)).await?;
    let Plan { set, goal, weights, changes } = plan(cx, &before)?;
    if changes.is_empty() {
        return Ok(traffic::at(traffic::moved(set, &before, None), "movedAt", None));
    }
    if let Some(percent) = cx.settings.weight
        && let Err(refusal) = check_size(&before.service, set, percent)
    {
        cx.refuse(refusal)?;
    }
    traffic::check_whole(cx, &changes)?;
    if cx.dry_run() {
        let planned = traffic::planned(set, &before, &changes.iter().collect::<Vec<_>>());
        return Ok(traffic::at(planned, "movedAt", None));
    }
    traffic::apply(cx, &changes).await?;
    let moved_at = SystemTime::now();
    let weighted = [(Colour::Blue, weights.blue), (Colour::Green, weights.green)].into_iter();
    let gets = weighted.filter(|(_, weight)| *weight > 0).map(|(colour, _)| colour);
    let sets: Vec<_> = gets.filter_map(|colour| in_group(&before.service, &before.groups, colour).next()).collect();
    let after = traffic::landed(cx, &changes, goal, &sets).await?;
    Ok(traffic::at(traffic::moved(set, &before, Some(&after)), "movedAt", Some(moved_at)))
}

/// What has to be written.
struct Plan<'a> {
    set: &'a TaskSet,
    goal: Goal,
    weights: Pair<u16>,
    changes: Vec<Change<'a>>,
}

fn plan<'a>(cx: &Context, before: &'a Observed) -> Result<Plan<'a>> {
    let set = before.required_version(&cx.settings)?;
    let colour = before.required_colour(set)?;
    let weights = match cx.settings.weight {
        Some(percent) => split(colour, percent),
        None => *required(cx.settings.weights.as_ref(), "weight")?,
    };
    let goal = Goal::Split(weights);
    let changes = traffic::changes(&before.live, before, goal)?;
    if !changes.is_empty() {
        check_start(&before.standing, Start::Shift)?;
    }
    Ok(Plan { set, goal, weights, changes })
}
