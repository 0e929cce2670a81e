//! `set-primary`: promotes the version that has the live traffic. That is the end of its deployment: until then `rollback`
//! goes back, and nobody else creates anything.

use serde_json::json;

use crate::actions::{Report, report};
use crate::config::table::{Action, BUILD_TAG, CONNECTION, DEPLOYMENT, MIN_HEALTHY, SERVICE, TASK_SET_ARN, TRAFFIC};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{Service, TaskSet};
use crate::observe::{Observed, health_of, observe};
use crate::plan::readiness::needed;
use crate::plan::state::{Start, check_start};

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "set-primary",
    step: Some("ecsSetPrimary"),
    line: "Make this version's task set PRIMARY",
    about: "Makes this deployment, which has the live traffic, the service's PRIMARY. That ends it: another one may start, and \
        removes the previous version. So call it last, after the bake.",
    takes: &[&DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &MIN_HEALTHY, &CONNECTION],
    command: None,
    result: &["taskSetArn", "deploymentId", "before", "after"],
    errors: &[
        ("not-live", "it has not all of the live traffic; what has it is said"),
        ("not-healthy", "it has no healthy target"),
    ],
    example: &[("config", "deploy/prod.yml"), ("deploymentId", BUILD_TAG)],
};

/// Makes the version PRIMARY, by ARN, and reads again.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let before = observe(cx).await?;
    let set = before.required_version(&cx.settings)?;
    if before.service.primary().is_some_and(|primary| primary.arn == set.arn) {
        return Ok(reported(set, &before.service, &before.service));
    }
    check_start(&before.standing, Start::SetPrimary)?;
    let colour = before.required_colour(set)?;
    if before.standing.live != Some(colour) {
        return Err(Error::refused(
            "not-live",
            format!("{} does not have all of the live traffic: {}", set.describe(), lies(&before)),
        )
        .hint("PRIMARY follows the traffic: run swap-live first; or, if somebody went back on purpose, undo this deployment with rollback"));
    }
    check_serves(cx, &before, set).await?;
    if cx.dry_run() {
        let mut result = reported(set, &before.service, &before.service);
        result["after"] = json!({ "primary": set.arn });
        return Ok(result);
    }
    cx.aws.set_primary(&before.service, &set.arn).await?;
    let after = verified(cx, &set.arn).await?;
    Ok(reported(set, &before.service, &after))
}

/// Where the live traffic is.
fn lies(observed: &Observed) -> String {
    let Some(colour) = observed.standing.live else { return observed.standing.reason.clone() };
    let there = crate::plan::state::in_group(&observed.service, &observed.groups, colour);
    let sets: Vec<String> = there.map(TaskSet::describe).collect();
    let who = if sets.is_empty() { "no task set is".to_owned() } else { format!("{} is", sets.join(", ")) };
    format!("all of it is on {}, where {who}", colour.name())
}

/// It has the traffic already, so promoting makes nothing worse: only a set that serves nobody is refused. AWS itself
/// would promote that too.
async fn check_serves(cx: &Context, observed: &Observed, set: &TaskSet) -> Result<()> {
    let health = health_of(cx, &observed.service, set).await?;
    let desired = set.computed_desired(observed.service.desired_count);
    if health.healthy == 0 {
        return Err(Error::refused(
            "not-healthy",
            format!("{} has the live traffic and no healthy target of {desired}", set.describe()),
        )
        .hint("go back with rollback, or make its targets healthy and run the action again"));
    }
    let wanted = needed(desired, cx.settings.min_healthy);
    if health.healthy < wanted {
        cx.warn("not-full", format!("{} has {} healthy targets; {wanted} are wanted", set.describe(), health.healthy));
    }
    Ok(())
}

/// Reads again: exactly one PRIMARY, and it is this set.
pub(crate) async fn verified(cx: &Context, task_set: &str) -> Result<Service> {
    let after = crate::observe::service(cx).await?.service;
    let primaries: Vec<&str> = after
        .task_sets
        .iter()
        .filter(|set| set.status == crate::model::TaskSetStatus::Primary)
        .map(|set| set.arn.as_str())
        .collect();
    if primaries == [task_set] {
        return Ok(after);
    }
    let mut error = Error::refused(
        "primary-changed-meanwhile",
        format!(
            "after promoting {task_set}, PRIMARY is {}",
            if primaries.is_empty() { "nobody".into() } else { primaries.join(", ") }
        ),
    )
    .hint("find out who else promotes task sets of this service, then run the action again");
    error.retryable = true;
    Err(error)
}

fn reported(set: &TaskSet, before: &Service, after: &Service) -> Report {
    let primary = |service: &Service| service.primary().map(|primary| primary.arn.clone());
    report(json!({
        "taskSetArn": set.arn,
        "deploymentId": set.external_id,
        "before": { "primary": primary(before) },
        "after": { "primary": primary(after) },
    }))
}
