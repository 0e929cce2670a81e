//! `enable-test-listener`: the test listener to this version.

use crate::actions::{Report, traffic};
use crate::aws::forwards::{is_rule, listener_of_rule};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::Role;
use crate::observe::{Observed, check_ready, observe};
use crate::plan::state::{Start, check_start};
use crate::plan::traffic::Goal;

/// Points every test listener at the version, once it is ready for traffic.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let before = observe(cx).await?;
    let set = before.required_version(&cx.settings)?;
    let colour = before.required_colour(set)?;
    if before.test.is_empty() {
        cx.warn("no-test-listener", "there is no test listener: the version cannot be tried before it is live");
        return Ok(reported(traffic::moved(set, &before, None), None));
    }
    let goal = Goal::All(colour);
    let changes = traffic::changes(&before.test, &before, goal)?;
    let url = test_url(cx, &before).await?;
    if changes.is_empty() {
        return Ok(reported(traffic::moved(set, &before, None), url));
    }
    check_start(&before.standing, Start::EnableTest)?;
    if before.is_live(colour) {
        return Err(Error::refused(
            "is-live",
            format!("{} has live traffic already: it is past its test", set.describe()),
        )
        .hint("the test listener belongs to the idle group"));
    }
    traffic::check_whole(cx, &changes)?;
    check_ready(cx, &before, set).await?;
    if cx.dry_run() {
        return Ok(reported(traffic::planned(set, &before, &changes.iter().collect::<Vec<_>>()), url));
    }
    traffic::apply(cx, &changes).await?;
    let after = traffic::verified(cx, Role::Test, goal).await?;
    Ok(reported(traffic::moved(set, &before, Some(&after)), url))
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
