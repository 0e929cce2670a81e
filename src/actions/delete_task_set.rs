//! `delete-task-set`: removes a version that nobody uses, after its last requests, and waits until it is gone.

use std::time::{Duration, SystemTime};

use serde_json::json;

use crate::actions::{Report, report};
use crate::aws::ecs::Deletion;
use crate::config::table::{
    Action, CONNECTION, DEPLOYMENT, DRAIN, IDLE_SINCE, POLL_INTERVAL, SERVICE, TASK_SET_ARN, TIMEOUT, TRAFFIC,
};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Service, TaskSet, TaskSetStatus};
use crate::observe::waiting::Deadline;
use crate::observe::{Observed, observe};
use crate::plan::removal::check_deletion;
use crate::report::output::say;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "delete-task-set",
    step: Some("ecsDeleteTaskSet"),
    line: "Delete a task set without traffic, and wait until it is gone",
    about: "Deletes a task set that has no traffic, after the drain time, and waits until it is gone. One that is gone already is a \
        success.",
    takes: &[
        &DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &DRAIN, &IDLE_SINCE, &TIMEOUT, &POLL_INTERVAL, &CONNECTION,
    ],
    command: None,
    result: &["taskSetArn", "deploymentId", "taskDefinitionArn", "deletion", "drainSeconds", "waitedSeconds"],
    errors: &[
        ("is-live", "it has live weight"),
        ("is-primary", "it is PRIMARY"),
        ("unnamed-rule", "a rule that was not named sends traffic to its group"),
    ],
    example: &[("config", "deploy/prod.yml"), ("deploymentId", "jenkins-web-main-16"), ("drain", "5m")],
};

/// How long the deletion itself may take, beside drain and deregistration delay.
const DELETION: Duration = Duration::from_mins(10);

/// How often the weights are looked at while the set drains.
const DRAIN_CHECK: Duration = Duration::from_secs(15);

/// Deletes the version that `taskSetArn` or `deploymentId` names.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let started = tokio::time::Instant::now();
    let before = observe(cx).await?;
    let Some(set) = before.version(&cx.settings)?.cloned() else {
        say("the task set is gone already");
        return Ok(reported(cx, None, Duration::ZERO, Duration::ZERO));
    };
    let delay = match &set.target_group {
        Some(group) if before.colour(&set).is_some() => cx.aws.deregistration_delay(group).await?,
        Some(_) | None => Duration::ZERO,
    };
    let mut drain = Duration::ZERO;
    if set.stands() {
        check(cx, &before, &set).await?;
        drain = drain_of(cx, &before, delay)?;
        if cx.dry_run() {
            return Ok(reported(cx, Some(&set), drain, Duration::ZERO));
        }
        wait_drained(cx, &set, drain).await?;
        say(format_args!("deleting {}", set.describe()));
    }
    if cx.dry_run() {
        return Ok(reported(cx, Some(&set), drain, Duration::ZERO));
    }
    let deadline = Deadline::after(cx.settings.timeout.unwrap_or(delay + DELETION));
    let asked =
        if set.stands() { cx.aws.delete_task_set(&before.service, &set.arn).await? } else { Deletion::Requested };
    if asked == Deletion::AtZeroOnly {
        scale_down_and_delete(cx, &before.service, &set, deadline.left()).await?;
    }
    wait_gone(cx, &set, &deadline).await?;
    Ok(reported(cx, Some(&set), drain, started.elapsed()))
}

/// Never the one that is live, or PRIMARY, or that a rule nobody named sends traffic to.
async fn check(cx: &Context, observed: &Observed, set: &TaskSet) -> Result<()> {
    let is_live = observed.colour(set).is_some_and(|colour| observed.is_live(colour));
    check_deletion(set, is_live, &observed.standing)?;
    let Some(group) = &set.target_group else { return Ok(()) };
    for rule in crate::observe::unnamed_rules(cx, observed).await? {
        if rule.weights.iter().any(|entry| entry.weight > 0 && entry.target_group == *group) {
            cx.refuse(unnamed(&rule.arn))?;
        }
    }
    Ok(())
}

fn unnamed(rule: &str) -> Error {
    Error::refused(
        "unnamed-rule",
        format!("the rule {rule} sends traffic to the target group of this task set, and is not named"),
    )
    .hint("name it in `listeners.live` or `listeners.test`, so that it moves with the others, or change it by hand")
}

/// How long to wait after weight 0.
fn drain_of(cx: &Context, observed: &Observed, delay: Duration) -> Result<Duration> {
    let sticky = observed.live.iter().filter_map(|read| read.forward.stickiness).max().unwrap_or_default();
    let (drain, refusal) = crate::plan::drain::drain(cx.settings.drain, delay, sticky);
    refusal.map_or(Ok(()), |refusal| cx.refuse(refusal))?;
    Ok(drain)
}

/// Waits the drain out, from the moment since which the set is known to have no live weight. Weight that comes back
/// meanwhile ends it.
async fn wait_drained(cx: &Context, set: &TaskSet, drain: Duration) -> Result<()> {
    let idle_for = cx.settings.idle_since.map(|since| SystemTime::now().duration_since(since).unwrap_or_default());
    let mut left = drain.saturating_sub(idle_for.unwrap_or_default());
    if left.is_zero() {
        return Ok(());
    }
    say(format_args!("waiting {} s for the last requests to {} to end", left.as_secs_f64().ceil(), set.describe()));
    while !left.is_zero() {
        let nap = left.min(DRAIN_CHECK);
        cx.interrupt.sleep(nap).await?;
        left -= nap;
        let now = observe(cx).await?;
        let Some(set) = now.service.task_set(&set.arn) else { return Ok(()) };
        if now.colour(set).is_some_and(|colour| now.is_live(colour)) || set.status == TaskSetStatus::Primary {
            return Err(Error::refused(
                "is-live",
                format!("{} got live traffic again while it drained", set.describe()),
            )
            .hint("somebody went back to it: nothing was deleted"));
        }
    }
    Ok(())
}

/// Scales a set to zero and deletes it then, for the case that AWS does not delete what runs. `requested` where time ran
/// out before it stopped: it is at zero and can be deleted by a later call.
pub(crate) async fn scale_down_and_delete(
    cx: &Context,
    service: &Service,
    set: &TaskSet,
    within: Duration,
) -> Result<&'static str> {
    say(format_args!("AWS deletes {} only when it runs nothing: scaling it to 0 first", set.describe()));
    cx.aws.scale_task_set(service, &set.arn, 0.0).await?;
    let deadline = Deadline::after(within);
    loop {
        let now = crate::observe::service(cx).await?.service;
        match now.task_set(&set.arn) {
            None => return Ok("gone"),
            Some(now) if now.running == 0 && now.pending == 0 => {
                match cx.aws.delete_task_set(service, &set.arn).await? {
                    Deletion::Requested => return Ok("requested"),
                    Deletion::Gone => return Ok("gone"),
                    Deletion::AtZeroOnly => {}
                }
            }
            Some(_) => {}
        }
        if deadline.passed() {
            cx.warn(
                "still-stopping",
                format!("{} is scaled to 0 and still stops: run delete-task-set for it later", set.describe()),
            );
            return Ok("kept");
        }
        cx.interrupt.sleep(deadline.next_pause(cx.settings.poll_interval)).await?;
    }
}

async fn wait_gone(cx: &Context, set: &TaskSet, deadline: &Deadline) -> Result<()> {
    loop {
        let now = crate::observe::waiting::read(cx, deadline, || crate::observe::service(cx)).await?.service;
        let Some(found) = now.task_set(&set.arn) else { return Ok(()) };
        if deadline.passed() {
            return Err(Error::new(
                Kind::Timeout,
                "timeout",
                format!(
                    "{} is still {} after {} s",
                    found.describe(),
                    if found.stands() { "there" } else { "DRAINING" },
                    deadline.total().as_secs()
                ),
            )
            .hint("the deletion goes on in AWS; run the same action again to wait for its end, with a larger `timeout`")
            .with("taskSetArn", &set.arn)
            .observed(json!({ "running": found.running, "pending": found.pending, "status": found.status })));
        }
        cx.interrupt.sleep(deadline.next_pause(cx.settings.poll_interval)).await?;
    }
}

fn reported(cx: &Context, set: Option<&TaskSet>, drain: Duration, waited: Duration) -> Report {
    report(json!({
        "taskSetArn": set.map(|set| set.arn.clone()).or_else(|| cx.settings.task_set_arn.clone()),
        "deploymentId": set.and_then(|set| set.external_id.clone()).or_else(|| cx.settings.deployment_id.clone()),
        "taskDefinitionArn": set.map(|set| set.task_definition.clone()),
        "deletion": if cx.dry_run() && set.is_some() { "requested" } else { "gone" },
        "drainSeconds": drain.as_secs_f64(),
        "waitedSeconds": waited.as_secs_f64(),
    }))
}
