//! `shift-weights`: the live listeners to given weights; the step of a canary.

use crate::actions::traffic::Change;
use crate::actions::{Report, settle, traffic};
use crate::config::required;
use crate::config::table::{
    Action, BUILD_TAG, CONNECTION, DEPLOYMENT, MIN_HEALTHY, POLL_INTERVAL, SERVICE, SETTLE, TASK_SET_ARN, TRAFFIC,
    WEIGHTS,
};
use crate::context::Context;
use crate::error::Result;
use crate::model::{Colour, TaskSet};
use crate::observe::Observed;
use crate::plan::state::{Start, check_start, in_group};
use crate::plan::traffic::Goal;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "shift-weights",
    step: Some("ecsShiftWeights"),
    line: "Give the live listeners these weights (canary)",
    about: "Gives the live listeners weights: a part of the traffic for this deployment. Other actions, groups, conditions and \
        stickiness come back as they were.",
    takes: &[
        &DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &WEIGHTS, &MIN_HEALTHY, &SETTLE, &POLL_INTERVAL, &CONNECTION,
    ],
    command: None,
    result: &["taskSetArn", "deploymentId", "colour", "before", "after", "previous"],
    errors: &[
        ("not-stable", "tasks of a group that is to get traffic are ill or have failed"),
        ("not-healthy", "fewer than `minHealthy` percent of it are healthy"),
        ("not-stable-in-time", "it still scales after `settle`"),
        ("both-zero", "nobody would get an answer"),
    ],
    example: &[
        ("config", "deploy/prod.yml"),
        ("deploymentId", BUILD_TAG),
        ("weights.blue", "90"),
        ("weights.green", "10"),
    ],
};

/// Splits live traffic between the version and the other group.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let weights = *required(cx.settings.weights.as_ref(), "weights")?;
    let goal = Goal::Split(weights);
    let before = settle::observe(cx, |before| traffic::gaining_sets(before, &plan(cx, before, goal)?.1)).await?;
    let (set, changes) = plan(cx, &before, goal)?;
    if changes.is_empty() {
        return Ok(traffic::moved(set, &before, None));
    }
    if cx.dry_run() {
        return Ok(traffic::planned(set, &before, &changes.iter().collect::<Vec<_>>()));
    }
    traffic::apply(cx, &changes).await?;
    let weighted = [(Colour::Blue, weights.blue), (Colour::Green, weights.green)].into_iter();
    let gets = weighted.filter(|(_, weight)| *weight > 0).map(|(colour, _)| colour);
    let sets: Vec<_> = gets.filter_map(|colour| in_group(&before.service, &before.groups, colour).next()).collect();
    let after = traffic::landed(cx, &changes, goal, &sets).await?;
    Ok(traffic::moved(set, &before, Some(&after)))
}

fn plan<'a>(cx: &Context, before: &'a Observed, goal: Goal) -> Result<(&'a TaskSet, Vec<Change<'a>>)> {
    let set = before.required_version(&cx.settings)?;
    before.required_colour(set)?;
    let changes = traffic::changes(&before.live, before, goal)?;
    if !changes.is_empty() {
        check_start(&before.standing, Start::Shift)?;
    }
    Ok((set, changes))
}
