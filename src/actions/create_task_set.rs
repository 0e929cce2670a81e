//! `create-task-set`: the new version in the idle target group, without traffic.

mod request;

use std::time::Duration;

use serde_json::json;

use crate::actions::{Report, report};
use crate::aws::ecs::Deletion;
use crate::aws::forwards::ReadForward;
use crate::config::required;
use crate::config::table::{
    Action, BUILD, BUILD_TAG, CANARY, CONNECTION, CONTAINER, DEPLOYMENT, POLL_INTERVAL, REVISION, SCALE, SERVICE,
    TASK_SET, TIMEOUT, TRAFFIC,
};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Colour, Service, TaskSet, Weight};
use crate::observe::waiting::Deadline;
use crate::observe::{Observed, observe};
use crate::plan::create::{MAX_TASK_SETS, Meeting, Place, idle_group_live, meeting, occupied, place, set_limit};
use crate::plan::traffic::attach;
use crate::report::output::say;
use crate::report::view;
use crate::version::task_set;

use request::{Request, check_same_content, request_for};

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "create-task-set",
    step: Some("ecsCreateTaskSet"),
    line: "Create the new version's task set in the idle target group",
    about: "Creates this deployment's task set in the idle target group, without traffic. One that is there already is returned.",
    takes: &[
        &DEPLOYMENT, &BUILD, &SERVICE, &TRAFFIC, &CANARY, &REVISION, &TASK_SET, &CONTAINER, &SCALE, &TIMEOUT,
        &POLL_INTERVAL, &CONNECTION,
    ],
    command: None,
    result: &[
        "taskSetArn", "taskSetId", "deploymentId", "colour", "targetGroupArn", "taskDefinitionArn", "scale", "desired",
        "before", "after",
    ],
    errors: &[
        ("idle-group-live", "the idle group has live weight"),
        ("other-deployment", "another deployment is under way; it is named, with its id, build and age"),
        ("set-limit", "the service has five task sets"),
        ("content-differs", "the same id exists with other content"),
    ],
    example: &[
        ("config", "deploy/prod.yml"),
        ("deploymentId", BUILD_TAG),
        ("taskDefinitionArn", "web:42"),
        ("taskSet", "deploy/taskset.json"),
    ],
};

/// How long the elder of two that met waits for the younger to withdraw.
const WITHDRAWAL: Duration = Duration::from_secs(20);

/// How long a set that was just created may stay out of sight: AWS's reads follow its writes with a delay.
const APPEARANCE: Duration = Duration::from_secs(15);

/// Creates the deployment's task set, or returns the one that exists.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let deployment = required(cx.settings.deployment_id.as_ref(), "deploymentId")?;
    task_set::check_given(&cx.settings, cx.settings.version.task_definition_arn.as_deref())?;
    let before = observe(cx).await?;
    let place = match place(&before.service, &before.groups, &before.live_forwards(), &before.standing, deployment) {
        Err(refusal) if refusal.code == "other-deployment" => {
            // Said again with that one's build, which its tags alone know.
            let service = with_tags(cx, &before.service).await?;
            place(&service, &before.groups, &before.live_forwards(), &before.standing, deployment)?
        }
        placed => placed?,
    };
    match place {
        Place::Taken(set) => {
            let colour = before.required_colour(&set)?;
            let request = request_for(cx, &before, colour, 0).await?;
            check_same_content(&request, &before, &set)?;
            if cx.dry_run()
                || before.is_live(colour)
                || before.service.primary().is_some_and(|primary| primary.arn == set.arn)
            {
                return Ok(reported(&set, &before, &before));
            }
            let after = alone(cx, &set, Of::AnEarlierCall).await?;
            Ok(reported(&set, &before, &after))
        }
        Place::Free(colour) => create(cx, &before, colour).await,
    }
}

async fn create(cx: &Context, before: &Observed, colour: Colour) -> Result<Report> {
    let request = request_for(cx, before, colour, 0).await?;
    cx.refuse_all(task_set::copied_whole(&cx.settings, before.raw_task_sets.unknown_in_primary()?))?;
    let attachments = attachments(cx, before)?;
    if cx.dry_run() {
        return Ok(planned(before, colour, &request));
    }
    for (read, weights) in attachments {
        cx.aws.set_weights(read, &weights).await?;
        say(format_args!("added the idle target group to {} at weight 0", read.forward.arn));
    }
    let mut set = send(cx, before, request).await?;
    say(format_args!("created {} in {}", set.describe(), colour.name()));
    if !appears(cx, before, &set).await? {
        // The token of an earlier call of this deployment, whose set was deleted since: AWS may replay it.
        say(format_args!("{} is a set that was deleted before; creating a new one", set.describe()));
        set = send(cx, before, request_for(cx, before, colour, 1).await?).await?;
        say(format_args!("created {} in {}", set.describe(), colour.name()));
        if !appears(cx, before, &set).await? {
            return Err(Error::new(
                Kind::Failed,
                "task-set-vanished",
                format!("{} was created and is not there", set.describe()),
            )
            .hint(
                "somebody deletes task sets of this service, or the deploymentId was used before: take another one",
            ));
        }
    }
    let after = alone(cx, &set, Of::ThisCall).await?;
    let set = after.service.task_set(&set.arn).cloned().unwrap_or(set);
    Ok(reported(&set, before, &after))
}

/// A target group that hangs on no load balancer cannot take a task set, so both are put into every forward first.
fn attachments<'a>(cx: &Context, observed: &'a Observed) -> Result<Vec<(&'a ReadForward, Vec<Weight>)>> {
    let mut missing = Vec::new();
    for read in observed.live.iter().chain(&observed.test) {
        if let Some(weights) = attach(&read.forward, &observed.groups)? {
            cx.refuse_all(read.refusal())?;
            missing.push((read, weights));
        }
    }
    Ok(missing)
}

/// A refusal because of AWS's limit has no code of its own in every API version, so the sets are counted.
async fn send(cx: &Context, before: &Observed, request: Request) -> Result<TaskSet> {
    match cx.aws.create_task_set(request.input).await {
        Ok(set) => Ok(set),
        Err(error) if error.is_rejection() => {
            let now = cx.aws.service(&before.service.cluster_arn, &before.service.arn).await?.service;
            Err(if now.task_sets.len() >= MAX_TASK_SETS { set_limit(&now) } else { error })
        }
        Err(error) => Err(error),
    }
}

/// Whether the created set is there and stands: a replayed reply may be of one that was deleted since.
async fn appears(cx: &Context, before: &Observed, set: &TaskSet) -> Result<bool> {
    let deadline = Deadline::after(APPEARANCE);
    loop {
        let now = cx.aws.service(&before.service.cluster_arn, &before.service.arn).await?.service;
        match now.task_set(&set.arn) {
            Some(found) => return Ok(found.stands()),
            None if deadline.passed() || !set.stands() => return Ok(false),
            None => cx.interrupt.sleep(deadline.next_pause(cx.settings.poll_interval)).await?,
        }
    }
}

/// Who created a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    ThisCall,
    /// It may have become steady, and live, since.
    AnEarlierCall,
}

/// Looks again: AWS has no compare-and-swap, so two deployments may have met in the idle group, or live weight may have
/// come to it. The younger of two withdraws its set and is refused; the elder waits for that.
async fn alone(cx: &Context, set: &TaskSet, of: Of) -> Result<Observed> {
    let deadline = Deadline::after(WITHDRAWAL);
    loop {
        let now = observe(cx).await?;
        let Some(ours) = now.service.task_set(&set.arn).filter(|set| set.stands()) else {
            return Err(Error::new(
                Kind::Failed,
                "task-set-vanished",
                format!("{} was created and deleted by somebody else", set.describe()),
            )
            .hint("find out who deletes task sets of this service, then run the action again"));
        };
        if now.colour(ours).is_some_and(|colour| now.is_live(colour)) {
            if of == Of::AnEarlierCall {
                return Ok(now);
            }
            let withdrawn = withdraw(cx, &now.service, ours).await?;
            return Err(idle_group_live().with("withdrawn", withdrawn).with("taskSetArn", &ours.arn));
        }
        match meeting(&now.service, &now.groups, ours) {
            Meeting::Alone => return Ok(now),
            Meeting::Younger(other) => {
                let withdrawn = withdraw(cx, &now.service, ours).await?;
                let other = tagged(cx, &now.service, other).await;
                return Err(occupied(&now.service, &other).with("withdrawn", withdrawn).with("taskSetArn", &ours.arn));
            }
            Meeting::Elder(other) if deadline.passed() => {
                let other = tagged(cx, &now.service, other).await;
                return Err(occupied(&now.service, &other).with("withdrawn", false).with("taskSetArn", &ours.arn));
            }
            Meeting::Elder(other) => {
                say(format_args!("{} met {}, which is younger and has to give way", ours.describe(), other.describe()));
                cx.interrupt.sleep(deadline.next_pause(cx.settings.poll_interval)).await?;
            }
        }
    }
}

/// The service with the tags of its task sets, which are read only where somebody shall be named.
async fn with_tags(cx: &Context, service: &Service) -> Result<Service> {
    let mut service = service.clone();
    cx.aws.add_task_set_tags(&mut service).await?;
    Ok(service)
}

/// The set with its tags, as far as they can be read: it is refused already, and they only say more.
async fn tagged(cx: &Context, service: &Service, set: TaskSet) -> TaskSet {
    let service = with_tags(cx, service).await.ok();
    service.and_then(|service| service.task_set(&set.arn).cloned()).unwrap_or(set)
}

/// Takes back the set of this very deployment, which has no traffic.
async fn withdraw(cx: &Context, service: &Service, ours: &TaskSet) -> Result<bool> {
    say(format_args!("withdrawing {}", ours.describe()));
    match cx.aws.delete_task_set(service, &ours.arn).await? {
        Deletion::Requested | Deletion::Gone => Ok(true),
        Deletion::AtZeroOnly => {
            Ok(super::delete_task_set::scale_down_and_delete(cx, service, ours, WITHDRAWAL).await? != "kept")
        }
    }
}

fn reported(set: &TaskSet, before: &Observed, after: &Observed) -> Report {
    report(json!({
        "taskSetArn": set.arn,
        "taskSetId": set.id,
        "deploymentId": set.external_id,
        "colour": before.colour(set),
        "targetGroupArn": set.target_group,
        "taskDefinitionArn": set.task_definition,
        "scale": set.scale,
        "desired": set.computed_desired(before.service.desired_count),
        "before": { "taskSets": view::task_sets(&before.service, &before.groups) },
        "after": { "taskSets": view::task_sets(&after.service, &after.groups) },
    }))
}

fn planned(before: &Observed, colour: Colour, request: &Request) -> Report {
    let scale = request.input.scale.as_ref().map_or(0.0, |scale| scale.value);
    report(json!({
        "taskSetArn": null,
        "taskSetId": null,
        "deploymentId": request.input.external_id,
        "colour": colour,
        "targetGroupArn": before.groups.get(colour),
        "taskDefinitionArn": request.input.task_definition,
        "scale": scale,
        "desired": crate::model::computed_desired(before.service.desired_count, scale),
        "before": { "taskSets": view::task_sets(&before.service, &before.groups) },
        "after": null,
        "plan": request.new.plan(),
    }))
}
