//! What stands in the way of a deployment: from facts and settings to findings, all of them at once.

mod canary;
mod cleanup;
mod place;
#[cfg(test)]
mod tests;
mod traffic;
mod version;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::config::Settings;
use crate::error::{Error, Kind};
use crate::model::load_balancer::{LoadBalancer, Rule, TargetGroup};
use crate::model::{Forward, Health, Pair, Service, TaskSet};
use crate::plan::create::content_differs;
use crate::plan::state::Standing;

pub(crate) use canary::{Watch, planned};
pub(crate) use place::{Place, place};
pub(crate) use traffic::balancers_of;

/// Everything that was read. What could not be read is absent here, and a finding already.
#[derive(Debug)]
pub(crate) struct Facts {
    pub(crate) service: Service,
    /// `None` where nothing tells which they are.
    pub(crate) traffic: Option<Traffic>,
    /// `None` where there is nothing that could be deployed.
    pub(crate) version: Option<Version>,
    /// Of PRIMARY's own targets.
    pub(crate) primary_health: Option<Health>,
    /// In what this deployment's own set, where it stands already, differs from what is asked for; in words.
    pub(crate) resumed: Vec<String>,
    /// For a canary and its gates.
    pub(crate) watch: Watch,
}

/// The load balancer's side.
#[derive(Debug)]
pub(crate) struct Traffic {
    pub(crate) groups: Pair<String>,
    pub(crate) live: Vec<Forward>,
    pub(crate) test: Vec<Forward>,
    pub(crate) standing: Standing,
    /// Whether every listener and group that was named could be read: only then does the rest mean what it seems to.
    pub(crate) complete: bool,
    pub(crate) target_groups: Vec<TargetGroup>,
    /// The kind of target stickiness (`lb_cookie`, `app_cookie`), by the group that has it on.
    pub(crate) target_stickiness: BTreeMap<String, String>,
    /// All that the groups' attributes are.
    pub(crate) attributes: Pair<BTreeMap<String, String>>,
    /// Of both groups, the longer one.
    pub(crate) deregistration_delay: Duration,
    pub(crate) balancers: Vec<LoadBalancer>,
    /// Every rule of these load balancers.
    pub(crate) rules: Vec<Rule>,
}

impl Traffic {
    /// All forwards, the live ones first.
    pub(crate) fn forwards(&self) -> impl Iterator<Item = &Forward> {
        self.live.iter().chain(&self.test)
    }
}

/// What is to be deployed.
#[derive(Debug)]
pub(crate) struct Version {
    /// Where it comes from: a file's name or an ARN.
    pub(crate) origin: String,
    pub(crate) family: String,
    /// The revision, where it exists and is used as it is.
    pub(crate) existing: Option<String>,
    /// Of what would be registered; none where a revision is used as it is.
    pub(crate) fingerprint: Option<String>,
    /// The task definition, in the API's own shape.
    pub(crate) definition: Map<String, Value>,
    /// By container.
    pub(crate) images: BTreeMap<String, String>,
    /// The images that its containers have had before, as nobody asks for those now: PRIMARY's, or a revision's own.
    pub(crate) kept: BTreeMap<String, String>,
    /// The task set; `None` where it cannot be put together, which is a finding already.
    pub(crate) task_set: Option<NewSet>,
    pub(crate) stored: Vec<StoredImage>,
}

impl Version {
    /// The image of the container that the load balancer sends to.
    pub(crate) fn serving_image(&self) -> Option<&String> {
        let named = self.task_set.as_ref().and_then(|set| self.images.get(&set.container_name));
        named.or_else(|| self.images.values().next())
    }
}

/// What of the new task set is to be checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewSet {
    pub(crate) container_name: String,
    pub(crate) container_port: i64,
    pub(crate) has_subnets: bool,
    pub(crate) has_registries: bool,
    /// Percent.
    pub(crate) scale: f64,
}

/// What is known of an image in its repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredImage {
    pub(crate) reference: String,
    pub(crate) state: Stored,
}

/// Whether an image is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Stored {
    /// With its digest.
    Found(Option<String>),
    /// And why not.
    Missing(String),
    /// It could not be looked for, and why.
    Unread(String),
    /// It is in a registry that this tool does not ask.
    Elsewhere,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Severity {
    /// Nothing may start.
    Blocking,
    /// Somebody should know.
    Warning,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    pub(crate) code: Cow<'static, str>,
    pub(crate) severity: Severity,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// What in `allow` makes a warning of it, where anything does: its code, or a narrower name.
    #[serde(skip)]
    pub(crate) allowed_by: Option<String>,
}

impl Finding {
    /// What stops a deployment, whatever is allowed.
    pub(crate) fn blocking(error: Error) -> Self {
        Self {
            code: error.code,
            severity: Severity::Blocking,
            message: error.message,
            hint: error.hint,
            allowed_by: None,
        }
    }

    /// What stops a deployment, unless somebody takes the responsibility by naming its code.
    pub(crate) fn unless_allowed(error: Error) -> Self {
        let code = error.code.clone().into_owned();
        Self::unless_allowed_by(code, error)
    }

    /// The same, by a narrower name than its code.
    pub(crate) fn unless_allowed_by(name: String, error: Error) -> Self {
        Self { allowed_by: Some(name), ..Self::blocking(error) }
    }

    /// What somebody should know.
    pub(crate) fn warning(code: &'static str, message: impl Into<String>, hint: &str) -> Self {
        Self {
            code: code.into(),
            severity: Severity::Warning,
            message: message.into(),
            hint: (!hint.is_empty()).then(|| hint.to_owned()),
            allowed_by: None,
        }
    }

    /// The error, as a warning.
    pub(crate) fn warning_of(error: Error) -> Self {
        Self { severity: Severity::Warning, ..Self::blocking(error) }
    }

    /// Whether it stops the deployment.
    pub(crate) fn is_blocking(&self) -> bool {
        self.severity == Severity::Blocking
    }
}

/// The findings in what was read, for the place that was worked out. `read` is what was found while reading: it stands
/// before what follows from it.
pub(crate) fn findings(facts: &Facts, place: &Place, settings: &Settings, read: Vec<Finding>) -> Vec<Finding> {
    let mut found = service(facts, settings);
    found.extend(read);
    found.extend(place.findings.iter().cloned());
    found.extend(next_env(facts, place, settings));
    if let Some(traffic) = &facts.traffic {
        found.extend(traffic::findings(traffic, place));
    }
    if let Some(version) = &facts.version {
        found.extend(version::findings(version, facts.traffic.as_ref()));
    }
    found.extend(other_content(facts, place));
    found.extend(registries(facts, place));
    found.extend(canary::findings(facts, place, settings));
    if let Some(traffic) = &facts.traffic {
        found.extend(cleanup::findings(&facts.service, traffic, place, settings));
    }
    found
}

/// What was allowed becomes a warning; what may be allowed says how; what stops the deployment comes first.
pub(crate) fn judged(mut found: Vec<Finding>, settings: &Settings) -> Vec<Finding> {
    for finding in found.iter_mut().filter(|finding| finding.is_blocking()) {
        let Some(name) = &finding.allowed_by else { continue };
        if settings.allows(name) {
            finding.severity = Severity::Warning;
            finding.message = format!("allowed: {}", finding.message);
        } else {
            let allow = format!("--allow {name} does it all the same");
            finding.hint = Some(finding.hint.take().map_or_else(|| allow.clone(), |hint| format!("{hint}; {allow}")));
        }
    }
    // Two ways may lead to the same finding.
    let mut seen: Vec<(Cow<'static, str>, String)> = Vec::new();
    found.retain(|finding| {
        let key = (finding.code.clone(), finding.message.clone());
        let is_new = !seen.contains(&key);
        seen.push(key);
        is_new
    });
    found.sort_by_key(|finding| finding.severity);
    found
}

/// The failure that blocking findings are; `None` where nothing blocks. The first one speaks for all.
pub(crate) fn failure(found: &[Finding]) -> Option<Error> {
    let blocking: Vec<&Finding> = found.iter().filter(|finding| finding.is_blocking()).collect();
    // A permission that lacks hides what else there may be, so it is what is to be mended first.
    let first = blocking.iter().find(|finding| finding.code == "access-denied").or(blocking.first())?;
    let kind = if first.code == "access-denied" { Kind::Credentials } else { Kind::Refused };
    let mut error = Error::new(kind, first.code.clone(), first.message.clone());
    error.hint.clone_from(&first.hint);
    Some(error)
}

fn service(facts: &Facts, settings: &Settings) -> Vec<Finding> {
    let service = &facts.service;
    let mut found = Vec::new();
    if let Err(error) = super::controller::check(service) {
        found.push(Finding::blocking(error));
    }
    if service.desired_count == 0 {
        found.push(Finding::blocking(
            Error::refused(
                "zero-desired-count",
                format!(
                    "the service {} wants no tasks (desired count 0), so no version could prove itself",
                    service.name
                ),
            )
            .hint("raise the service's desired count; auto scaling with a minimum of 0 may have lowered it"),
        ));
    }
    let scale = facts.version.as_ref().and_then(|version| version.task_set.as_ref()).map(|set| set.scale);
    if scale == Some(0.0) && service.desired_count > 0 {
        found.push(Finding::blocking(
            Error::refused(
                "no-capacity",
                "`scale` is 0: the new version would run no tasks, so it could not prove itself",
            )
            .hint("give a `scale` above 0, or leave it out: 100 percent"),
        ));
    } else if let Some(scale) = scale.filter(|scale| *scale < 100.0) {
        found.push(Finding::warning(
            "partial-scale",
            format!(
                "the new version runs at {scale} % of the desired count {}, and gets all traffic at the swap",
                service.desired_count
            ),
            "raise it with scale-task-set before the swap, or leave `scale` out",
        ));
    }
    if let (Some(grace), Some(timeout)) = (service.grace_period, settings.timeout)
        && timeout <= grace
    {
        found.push(Finding::warning(
            "grace-period",
            format!(
                "bad health is ignored for {} s after a task's start (the service's grace period), and `timeout` is {} s: a version that cannot get healthy is not told from a slow one",
                grace.as_secs(),
                timeout.as_secs()
            ),
            "give a longer `timeout`, or leave it out: the larger of 10 min and the grace period plus 5 min",
        ));
    }
    if !service.beyond_task_sets.is_empty() {
        let what = service.beyond_task_sets.join(", ");
        found.push(Finding::unless_allowed(
            Error::refused(
                "not-in-a-task-set",
                format!(
                    "the service {} has {what}, and a task set cannot: the new version would be without",
                    service.name
                ),
            )
            .hint("deploy this service by ECS's own controller, or take it out of the service"),
        ));
    }
    found.extend(primary_health(facts));
    found
}

/// The version that one would go back to should be well.
fn primary_health(facts: &Facts) -> Option<Finding> {
    let primary = facts.service.primary()?;
    let health = facts.primary_health?;
    let wanted = primary.computed_desired(facts.service.desired_count);
    (health.healthy < wanted).then(|| {
        Finding::warning(
            "primary-not-full",
            format!("PRIMARY {} has {} healthy targets, {wanted} are wanted", primary.describe(), health.healthy),
            "it is what a rollback goes back to: look at it first",
        )
    })
}

/// A colour that somebody typed is only compared.
fn next_env(facts: &Facts, place: &Place, settings: &Settings) -> Option<Finding> {
    let typed = settings.next_env?;
    let next = place.next(facts)?;
    (typed != next).then(|| {
        Finding::unless_allowed(
            Error::refused(
                "next-env",
                format!("NEXT_ENV says {}, but {} is what comes next", typed.name(), next.name()),
            )
            .hint(
                "take NEXT_ENV out of the file: the colour is read from the load balancer; or find out why they differ",
            ),
        )
    })
}

/// A deployment that was begun with other content is another one: going on with it, or finding it done, would not deploy
/// what is asked for.
fn other_content(facts: &Facts, place: &Place) -> Option<Finding> {
    let ours = place.resume.as_ref().filter(|_| !facts.resumed.is_empty())?;
    Some(Finding::blocking(content_differs(ours, &facts.resumed)))
}

/// Service discovery knows nothing of weights.
fn registries(facts: &Facts, place: &Place) -> Option<Finding> {
    let new = facts.version.as_ref().and_then(|version| version.task_set.as_ref());
    let primary = facts.service.primary();
    let has = match new {
        Some(new) => new.has_registries,
        None => primary.is_some_and(|primary| primary.registries),
    };
    if has {
        return Some(Finding::unless_allowed(
            Error::refused(
                "service-registries",
                "with service discovery the new version takes traffic as soon as it runs, before any test or approval",
            )
            .hint("let clients go through the load balancer, or leave serviceRegistries out"),
        ));
    }
    let old: &TaskSet = primary.filter(|primary| primary.registries && place.resume.is_none())?;
    Some(Finding::warning(
        "service-registries-dropped",
        format!("PRIMARY {} is in service discovery, the new version will not be", old.describe()),
        "clients that use it lose the service when the previous version is deleted",
    ))
}
