//! What the actions that move weights share: planning several forwards, applying them all or none, checking after.

use std::time::SystemTime;

use crate::actions::{Report, report};
use crate::aws::forwards::ReadForward;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Colour, Forward, Role, TaskSet, Weight};
use crate::observe::Observed;
use crate::plan::traffic::{Goal, gaining, plan};
use crate::report::output::say;
use crate::report::view;

/// A forward and the weights it shall get.
pub(crate) struct Change<'a> {
    read: &'a ReadForward,
    weights: Vec<Weight>,
}

/// What must be written to bring forwards to a goal; empty where all are there.
pub(crate) fn changes<'a>(forwards: &'a [ReadForward], observed: &Observed, goal: Goal) -> Result<Vec<Change<'a>>> {
    let mut changes = Vec::new();
    for read in forwards {
        if let Some(weights) = plan(&read.forward, &observed.groups, goal)? {
            changes.push(Change { read, weights });
        }
    }
    Ok(changes)
}

/// A forward goes back whole or not at all, unless that was allowed.
pub(crate) fn check_whole(cx: &Context, changes: &[Change<'_>]) -> Result<()> {
    cx.refuse_all(changes.iter().filter_map(|change| change.read.refusal()))
}

/// The sets that get a larger part of the traffic than they have: one of every group that gains.
pub(crate) fn gaining_sets<'a>(observed: &'a Observed, changes: &[Change<'_>]) -> Result<Vec<&'a TaskSet>> {
    let mut colours: Vec<Colour> =
        changes.iter().flat_map(|change| gaining(&change.read.forward, &observed.groups, &change.weights)).collect();
    colours.sort();
    colours.dedup();
    let of = |colour: Colour| {
        crate::plan::state::in_group(&observed.service, &observed.groups, colour).next().ok_or_else(|| {
            Error::refused(
                "no-task-set",
                format!("no task set is in the {} group, which would get traffic", colour.name()),
            )
            .hint("create a task set there first")
        })
    };
    colours.into_iter().map(of).collect()
}

/// Writes forwards in order. Where one fails, those before it are put back in reverse order, and that is said: listeners
/// that differ are worse than a change that did not happen.
pub(crate) async fn apply(cx: &Context, changes: &[Change<'_>]) -> Result<()> {
    for (at, change) in changes.iter().enumerate() {
        let Err(error) = cx.aws.set_weights(change.read, &change.weights).await else {
            say(describe(change));
            continue;
        };
        // A write whose reply never came may have been applied: it is put back with those before it.
        let written = if error.kind == Kind::Unavailable { at + 1 } else { at };
        return Err(compensate(cx, changes.get(..written).unwrap_or(changes), error).await);
    }
    Ok(())
}

/// Writes every forward, also where one fails: for going back, where each listener that does is one that is well. The first
/// failure is returned in the end; running the action again does the rest.
pub(crate) async fn apply_each(cx: &Context, changes: &[Change<'_>]) -> Result<()> {
    let mut failed = Ok(());
    for change in changes {
        match cx.aws.set_weights(change.read, &change.weights).await {
            Ok(()) => say(describe(change)),
            Err(error) => failed = failed.and(Err(error)),
        }
    }
    failed
}

async fn compensate(cx: &Context, applied: &[Change<'_>], error: Error) -> Error {
    let mut failed = Vec::new();
    for change in applied.iter().rev() {
        match cx.aws.put_back_weights(change.read).await {
            Ok(()) => say(format_args!("put back: {}", change.read.forward.arn)),
            Err(second) => failed.push(format!("{}: {}", change.read.forward.arn, second.message)),
        }
    }
    let compensated = failed.is_empty();
    let mut error = error.with("compensated", compensated);
    if !applied.is_empty() {
        error.message = if compensated {
            format!("{} (what was written was put back: {} listeners)", error.message, applied.len())
        } else {
            format!("{} (the listeners may differ now: putting back failed too: {})", error.message, failed.join("; "))
        };
    }
    error
}

/// Writes test forwards. Their failure is a warning: it never undoes what was done to live.
pub(crate) async fn apply_test(cx: &Context, changes: &[Change<'_>]) -> Result<()> {
    for change in changes {
        let written = match check_whole(cx, std::slice::from_ref(change)) {
            Ok(()) => cx.aws.set_weights(change.read, &change.weights).await,
            refused => refused,
        };
        match written {
            Ok(()) => say(describe(change)),
            Err(error) if matches!(error.kind, Kind::Interrupted(_)) => return Err(error),
            Err(error) => cx.warn(
                "test-listener",
                format!("the test listener {} was not moved: {}", change.read.forward.arn, error.message),
            ),
        }
    }
    Ok(())
}

fn describe(change: &Change<'_>) -> String {
    let of = |weights: &[Weight]| {
        let part = |entry: &Weight| format!("{} {}", short(&entry.target_group), entry.weight);
        weights.iter().map(part).collect::<Vec<_>>().join(", ")
    };
    let role = match change.read.forward.role {
        Role::Live => "live",
        Role::Test => "test",
    };
    format!(
        "{role}: {}: {} -> {}",
        short(&change.read.forward.arn),
        of(&change.read.forward.weights),
        of(&change.weights)
    )
}

/// The part of an ARN that a person recognises: `targetgroup/web-blue`, `listener/app/web`.
fn short(arn: &str) -> String {
    let resource = arn.splitn(6, ':').nth(5).unwrap_or(arn);
    let parts = if resource.starts_with("targetgroup/") { 2 } else { 6 };
    resource.split('/').take(parts).collect::<Vec<_>>().join("/")
}

/// Reads again and holds the forwards of a role against the goal: what was written must be what is there.
pub(crate) async fn verified(cx: &Context, role: Role, goal: Goal) -> Result<Observed> {
    let after = crate::observe::observe(cx).await?;
    let written = match role {
        Role::Live => &after.live,
        Role::Test => &after.test,
    };
    let off = changes(written, &after, goal)?;
    if off.is_empty() {
        return Ok(after);
    }
    let names: Vec<&str> = off.iter().map(|change| change.read.forward.arn.as_str()).collect();
    let mut error = Error::refused(
        "weights-changed-meanwhile",
        format!(
            "after writing, the weights of {} are not what was written: somebody else changes them",
            names.join(", ")
        ),
    )
    .hint("find out who else writes these listeners (another build, Terraform, CloudFormation), then run the action again")
    .observed(serde_json::json!({ "weights": view::weights(after.forwards(), &after.groups) }));
    error.retryable = true;
    Err(error)
}

/// The same after live weight was written: the sets that it was written for must still stand. Nothing in AWS holds a set
/// while somebody deletes it, so one that went meanwhile is seen only now, and the weights go back where they were.
pub(crate) async fn landed(cx: &Context, changes: &[Change<'_>], goal: Goal, sets: &[&TaskSet]) -> Result<Observed> {
    let after = verified(cx, Role::Live, goal).await?;
    let stands = |set: &TaskSet| after.service.task_set(&set.arn).is_some_and(TaskSet::stands);
    let Some(gone) = sets.iter().find(|set| !stands(set)) else { return Ok(after) };
    Err(compensate(cx, changes, deleted_meanwhile(gone)).await)
}

/// The failure because a set was deleted under the traffic.
pub(crate) fn deleted_meanwhile(set: &TaskSet) -> Error {
    Error::new(
        Kind::Failed,
        "task-set-deleted",
        format!("{} was deleted while it was given live traffic", set.describe()),
    )
    .hint("find out who deleted it or rolled it back at the same time; `ecs-bg status` shows what is live")
}

/// What all of these actions report.
pub(crate) fn moved(set: &TaskSet, before: &Observed, after: Option<&Observed>) -> Report {
    let weights = |observed: &Observed| view::weights(observed.forwards(), &observed.groups);
    let previous = before.colour(set).and_then(|colour| {
        crate::plan::state::in_group(&before.service, &before.groups, colour.other())
            .max_by(|a, b| a.age_order().cmp(&b.age_order()))
    });
    report(serde_json::json!({
        "taskSetArn": set.arn,
        "deploymentId": set.external_id,
        "colour": before.colour(set),
        "before": { "weights": weights(before) },
        "after": { "weights": weights(after.unwrap_or(before)) },
        "previous": previous.map(|other| serde_json::json!({ "taskSetArn": other.arn, "deploymentId": other.external_id })),
    }))
}

/// A report with the time at which traffic was moved; null where it was not.
pub(crate) fn at(mut report: Report, key: &str, moved: Option<SystemTime>) -> Report {
    report.insert(key.to_owned(), moved.and_then(view::timestamp).into());
    report
}

/// What a dry run reports: the weights as they would be.
pub(crate) fn planned(set: &TaskSet, before: &Observed, changes: &[&Change<'_>]) -> Report {
    let mut result = moved(set, before, None);
    let after: Vec<Forward> = before
        .forwards()
        .map(|forward| {
            let change = changes
                .iter()
                .find(|change| change.read.forward.arn == forward.arn && change.read.forward.role == forward.role);
            let weights = change.map_or_else(|| forward.weights.clone(), |change| change.weights.clone());
            Forward { weights, ..forward.clone() }
        })
        .collect();
    result["after"] = serde_json::json!({ "weights": view::weights(&after, &before.groups) });
    result
}
