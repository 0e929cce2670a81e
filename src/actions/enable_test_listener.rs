//! `enable-test-listener`: the test listener to this version.

use crate::actions::traffic::Change;
use crate::actions::{Report, settle, traffic};
use crate::config::table::{
    Action, BUILD_TAG, CONNECTION, DEPLOYMENT, MIN_HEALTHY, POLL_INTERVAL, SERVICE, SETTLE, TASK_SET_ARN, TRAFFIC,
};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::load_balancer::{is_rule, listener_of_rule};
use crate::model::{Role, TaskSet};
use crate::observe::Observed;
use crate::plan::state::{Start, check_start};
use crate::plan::traffic::Goal;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "enable-test-listener",
    step: Some("ecsEnableTestListener"),
    line: "Point the test listener at this version",
    about: "Points the test listener at this deployment. Nothing is sent where it is so already.",
    takes: &[&DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &MIN_HEALTHY, &SETTLE, &POLL_INTERVAL, &CONNECTION],
    command: None,
    result: &["taskSetArn", "deploymentId", "colour", "before", "after", "previous", "testUrl"],
    errors: &[
        ("not-stable", "tasks are ill or have failed in this moment"),
        ("not-healthy", "fewer than `minHealthy` percent of them are healthy"),
        ("not-stable-in-time", "it still scales after `settle`"),
    ],
    example: &[("config", "deploy/prod.yml"), ("deploymentId", BUILD_TAG)],
};

/// Points every test listener at the version, once it is ready for traffic.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let before = settle::observe(cx, |before| {
        let Plan { set, changes, .. } = plan(cx, before)?;
        Ok(if changes.is_empty() { Vec::new() } else { vec![set] })
    })
    .await?;
    let Plan { set, goal, changes } = plan(cx, &before)?;
    if before.test.is_empty() {
        cx.warn("no-test-listener", "there is no test listener: the version cannot be tried before it is live");
        return Ok(reported(traffic::moved(set, &before, None), None));
    }
    let url = test_url(cx, &before).await?;
    if changes.is_empty() {
        return Ok(reported(traffic::moved(set, &before, None), url));
    }
    if cx.dry_run() {
        return Ok(reported(traffic::planned(set, &before, &changes.iter().collect::<Vec<_>>()), url));
    }
    traffic::apply(cx, &changes).await?;
    let after = traffic::verified(cx, Role::Test, goal).await?;
    Ok(reported(traffic::moved(set, &before, Some(&after)), url))
}

/// What is missing.
struct Plan<'a> {
    set: &'a TaskSet,
    goal: Goal,
    changes: Vec<Change<'a>>,
}

fn plan<'a>(cx: &Context, before: &'a Observed) -> Result<Plan<'a>> {
    let set = before.required_version(&cx.settings)?;
    let colour = before.required_colour(set)?;
    let goal = Goal::All(colour);
    let changes = traffic::changes(&before.test, before, goal)?;
    if !changes.is_empty() {
        check_start(&before.standing, Start::EnableTest)?;
        if before.is_live(colour) {
            return Err(Error::refused(
                "is-live",
                format!("{} has live traffic already: it is past its test", set.describe()),
            )
            .hint("the test listener belongs to the idle group"));
        }
    }
    Ok(Plan { set, goal, changes })
}

fn reported(mut result: Report, url: Option<String>) -> Report {
    result.insert("testUrl".into(), url.into());
    result
}

/// Where the test listener answers: the load balancer's name and the listener's port, with host and path of a rule's
/// conditions where they hold no wildcard.
async fn test_url(cx: &Context, observed: &Observed) -> Result<Option<String>> {
    let Some(read) = observed.test.first() else { return Ok(None) };
    let arn = &read.forward.arn;
    let (listener_arn, rule) =
        if is_rule(arn) { (listener_of_rule(arn), Some(cx.aws.rule(arn).await?)) } else { (arn.clone(), None) };
    let listener = cx.aws.listener(&listener_arn).await?;
    let host = match rule.as_ref().and_then(|rule| rule.host.clone()) {
        Some(host) => host,
        None => cx.aws.load_balancer(&listener.load_balancer).await?.dns_name,
    };
    let scheme = if listener.protocol.as_deref() == Some("HTTPS") { "https" } else { "http" };
    let path = rule.and_then(|rule| rule.path).unwrap_or_default();
    Ok(Some(match (scheme, listener.port) {
        ("http", Some(80)) | ("https", Some(443)) | (_, None) => format!("{scheme}://{host}{path}"),
        (_, Some(port)) => format!("{scheme}://{host}:{port}{path}"),
    }))
}
