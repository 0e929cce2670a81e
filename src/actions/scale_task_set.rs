//! `scale-task-set`: the version's share of the service's desired count, in percent.

use serde_json::json;

use crate::actions::{Report, report};
use crate::config::required;
use crate::config::table::{Action, BUILD_TAG, CONNECTION, DEPLOYMENT, SCALE, SERVICE, TASK_SET_ARN, TRAFFIC};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::observe::observe;
use crate::plan::removal::check_scale;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "scale-task-set",
    step: Some("ecsScaleTaskSet"),
    line: "Scale this version's task set, in percent of the service's desired count",
    about: "Scales a task set, in percent of the service's desired count, rounded up.",
    takes: &[&DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &SCALE, &CONNECTION],
    command: None,
    result: &["taskSetArn", "deploymentId", "before", "after", "desired"],
    errors: &[("is-live", "a set with live traffic, or PRIMARY, would shrink")],
    example: &[("config", "deploy/prod.yml"), ("deploymentId", BUILD_TAG), ("scale", "50")],
};

/// Sets the scale. A set with live weight is never shrunk.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let scale = *required(cx.settings.scale.as_ref(), "scale")?;
    let before = observe(cx).await?;
    let set = before.required_version(&cx.settings)?;
    let reported = |after: f64| {
        report(json!({
            "taskSetArn": set.arn,
            "deploymentId": set.external_id,
            "before": { "scale": set.scale },
            "after": { "scale": after },
            "desired": crate::model::computed_desired(before.service.desired_count, after),
        }))
    };
    if is_same(set.scale, scale) {
        return Ok(reported(scale));
    }
    let is_live = before.colour(set).is_some_and(|colour| before.is_live(colour));
    check_scale(set, scale, is_live, &before.standing)?;
    if cx.dry_run() {
        return Ok(reported(scale));
    }
    cx.aws.scale_task_set(&before.service, &set.arn, scale).await?;
    let after = crate::observe::service(cx).await?.service;
    let now = after.task_set(&set.arn).map_or(scale, |set| set.scale);
    if !is_same(now, scale) {
        return Err(Error::refused(
            "scale-changed-meanwhile",
            format!("after setting {scale} %, the scale is {now} %"),
        )
        .hint("find out who else scales task sets of this service, then run the action again"));
    }
    Ok(reported(now))
}

/// AWS keeps two decimals at most.
fn is_same(one: f64, other: f64) -> bool {
    (one - other).abs() < 0.005
}
