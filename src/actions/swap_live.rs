//! `swap-live`: live traffic to this version, the test listener to the previous one.

use std::time::SystemTime;

use crate::actions::traffic::Change;
use crate::actions::{Report, settle, traffic};
use crate::config::table::{
    Action, BUILD_TAG, CONNECTION, DEPLOYMENT, MIN_HEALTHY, POLL_INTERVAL, SERVICE, SETTLE, TASK_SET_ARN, TRAFFIC,
};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::TaskSet;
use crate::observe::Observed;
use crate::plan::state::{Start, State, check_start};
use crate::plan::traffic::Goal;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "swap-live",
    step: Some("ecsSwapLive"),
    line: "Move all live traffic to this version",
    about: "Moves all live traffic to this deployment, all listeners or none, then the test listener to the previous one. Until \
        it is PRIMARY, `rollback` goes back, and no other deployment starts.",
    takes: &[&DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &MIN_HEALTHY, &SETTLE, &POLL_INTERVAL, &CONNECTION],
    command: None,
    result: &["taskSetArn", "deploymentId", "colour", "before", "after", "previous", "idleSince"],
    errors: &[
        ("not-stable", "tasks are ill or have failed in this moment"),
        ("not-healthy", "fewer than `minHealthy` percent of them are healthy"),
        ("not-stable-in-time", "it still scales after `settle`"),
        ("older-than-primary", "going back is what `rollback` does"),
    ],
    example: &[("config", "deploy/prod.yml"), ("deploymentId", BUILD_TAG)],
};

/// Moves all live weight to the version. Live listeners first, all or none; the test listener last.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let before = settle::observe(cx, |before| Ok(plan(cx, before)?.gaining())).await?;
    let Plan { set, live_goal, live, test } = plan(cx, &before)?;
    if live.is_empty() && test.is_empty() {
        return Ok(traffic::at(traffic::moved(set, &before, None), "idleSince", None));
    }
    traffic::check_whole(cx, &live)?;
    if cx.dry_run() {
        let all: Vec<_> = live.iter().chain(&test).collect();
        return Ok(traffic::at(traffic::planned(set, &before, &all), "idleSince", None));
    }
    traffic::apply(cx, &live).await?;
    let moved_at = (!live.is_empty()).then(SystemTime::now);
    traffic::apply_test(cx, &test).await?;
    let after = traffic::landed(cx, &live, live_goal, &[set]).await?;
    // From when on the previous set has had no live weight: what `delete-task-set` counts toward `drain`.
    Ok(traffic::at(traffic::moved(set, &before, Some(&after)), "idleSince", moved_at))
}

/// What is missing.
struct Plan<'a> {
    set: &'a TaskSet,
    live_goal: Goal,
    live: Vec<Change<'a>>,
    test: Vec<Change<'a>>,
}

impl<'a> Plan<'a> {
    /// Who must be ready for live traffic.
    fn gaining(&self) -> Vec<&'a TaskSet> {
        if self.live.is_empty() { Vec::new() } else { vec![self.set] }
    }
}

fn plan<'a>(cx: &Context, before: &'a Observed) -> Result<Plan<'a>> {
    let set = before.required_version(&cx.settings)?;
    let colour = before.required_colour(set)?;
    let live_goal = Goal::All(colour);
    let live = traffic::changes(&before.live, before, live_goal)?;
    let test = traffic::changes(&before.test, before, Goal::All(colour.other()))?;
    if !live.is_empty() {
        check_start(&before.standing, Start::Swap)?;
        check_newest(before, set)?;
    }
    Ok(Plan { set, live_goal, live, test })
}

/// A set older than PRIMARY is what one goes back to with `rollback`, which puts PRIMARY right too.
fn check_newest(observed: &Observed, set: &TaskSet) -> Result<()> {
    let Some(primary) = observed.service.primary() else { return Ok(()) };
    if observed.standing.state != State::Reverted && set.age_order() < primary.age_order() {
        return Err(Error::refused(
            "older-than-primary",
            format!("{} is older than PRIMARY {}", set.describe(), primary.describe()),
        )
        .hint("to go back, run rollback of PRIMARY's deployment; to deploy an old revision again, give its taskDefinitionArn to a new deployment"));
    }
    Ok(())
}
