//! `deregister-task-definition`: makes a revision INACTIVE that nothing uses any more.

use serde_json::json;

use super::Report;
use crate::aws::task_definitions::Described;
use crate::config::required;
use crate::config::table::{Action, CONNECTION, REVISION, SERVICE};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::Service;
use crate::report::output::say;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "deregister-task-definition",
    step: Some("ecsDeregisterTaskDefinition"),
    line: "Deregister a task definition that nothing uses",
    about: "Makes a task definition INACTIVE: no new version can be started from it. Skipped, and said, where a task set or a \
        running task uses it.",
    takes: &[&SERVICE, &REVISION, &CONNECTION],
    command: None,
    result: &["taskDefinitionArn", "deregistered", "skipped"],
    errors: &[("not-ours", "this tool did not register it")],
    example: &[("config", "deploy/prod.yml"), ("taskDefinitionArn", "web:40")],
};

/// Runs the action.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let named = required(cx.settings.version.task_definition_arn.as_ref(), "taskDefinitionArn")?;
    let (reading, found) = tokio::try_join!(crate::observe::service(cx), cx.aws.required_task_definition(named))?;
    if !found.active {
        return Ok(report(&found, false, Some("it is INACTIVE already")));
    }
    if let Some(user) = user(cx, &reading.service, &found).await? {
        say(format_args!("{}: kept, {user} uses it", found.arn));
        return Ok(report(&found, false, Some(&format!("{user} uses it"))));
    }
    if found.fingerprint().is_none() {
        cx.refuse(
            Error::refused("not-ours", format!("{} was not registered by this tool", found.arn))
                .hint("it has no tag ecs-bg:fingerprint; something else may count on it"),
        )?;
    }
    if cx.dry_run() {
        return Ok(super::report(json!({
            "taskDefinitionArn": found.arn, "deregistered": false, "skipped": null, "plan": { "deregister": true },
        })));
    }
    cx.aws.deregister_task_definition(&found.arn).await?;
    let after = cx.aws.task_definition(&found.arn).await?;
    if after.is_some_and(|after| after.active) {
        cx.warn("not-yet-visible", format!("{} was deregistered and still reads as ACTIVE", found.arn));
    }
    say(format_args!("{}: deregistered", found.arn));
    Ok(report(&found, true, None))
}

/// What still uses a revision: a task set of the service, DRAINING ones too, or a running task of its family.
async fn user(cx: &Context, service: &Service, found: &Described) -> Result<Option<String>> {
    if let Some(set) = service.task_sets.iter().find(|set| set.task_definition == found.arn) {
        return Ok(Some(format!("the task set {}", set.describe())));
    }
    let tasks = cx.aws.tasks_of_family(service, &found.family).await?;
    Ok(tasks.iter().find(|task| task.task_definition == found.arn).map(|task| format!("the running task {}", task.arn)))
}

fn report(found: &Described, deregistered: bool, skipped: Option<&str>) -> Report {
    super::report(json!({ "taskDefinitionArn": found.arn, "deregistered": deregistered, "skipped": skipped }))
}
