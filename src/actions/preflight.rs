//! `preflight`: everything that must hold before a deployment starts, all findings in one answer; the settings, resolved;
//! what is there, and what would change. It changes nothing.

mod canary;
mod traffic;
mod version;

use std::time::Duration;

use serde_json::{Value, json};

use crate::actions::{Report, report};
use crate::aws::Identity;
use crate::config::required;
use crate::config::table::{
    Action, BUILD, CANARY, CONFIRMATIONS, CONNECTION, CONTAINER, DEPLOYMENT, DRAIN, GATES, IMAGE, MIN_HEALTHY,
    POLL_INTERVAL, QUESTIONS, REPOSITORY, REVISION, SCALE, SERVICE, SETTLE, TASK_SET, TEMPLATE, TIMEOUT, TRAFFIC,
    VERDICTS,
};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{Pair, TaskSet, TaskSetStatus};
use crate::observe::check_account;
use crate::observe::details::{Details, Reads, Tolerance, idle_view, live_set, live_view, service_view};
use crate::plan::preflight::{
    Facts, Finding, Place, Stored, Traffic, Version, failure, findings, judged, place, planned,
};
use crate::report::output::say;
use crate::report::view;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "preflight",
    step: Some("ecsPreflight"),
    line: "Check everything that must hold before a deployment starts; all findings at once",
    about: "Everything that must hold before a deployment starts, all findings at once, before anything is built. Changes nothing. \
        Answers every key resolved as `settings`. The first finding that blocks is the error; the log has all.",
    takes: &[
        &DEPLOYMENT, &BUILD, &SERVICE, &TRAFFIC, &IMAGE, &REPOSITORY, &TEMPLATE, &REVISION, &TASK_SET, &CONTAINER,
        &SCALE, &CANARY, &GATES, &VERDICTS, &MIN_HEALTHY, &TIMEOUT, &SETTLE, &POLL_INTERVAL, &CONFIRMATIONS, &DRAIN,
        &QUESTIONS, &CONNECTION,
    ],
    command: None,
    result: &[
        "settings", "state", "reason", "service", "primary", "previous", "resume", "identity", "live", "idle",
        "taskSets", "weights", "image", "canary", "findings", "plan",
    ],
    errors: &[
        ("not-external", "the service's deployment controller is another one"),
        ("other-deployment", "another deployment is under way"),
        ("image-not-found", "the image is not in its repository"),
    ],
    example: &[("config", "deploy/prod.yml"), ("image", "web:1f3c2a")],
};

/// Also where it cannot even look (no such service, another account), what was asked for is told, resolved.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    look(cx).await.map_err(|error| {
        if error.result.contains_key("settings") {
            return error;
        }
        error.with("settings", cx.settings.resolved(cx.aws.region(), None))
    })
}

/// Gathers facts, judges them, reports both.
async fn look(cx: &Context) -> Result<Report> {
    let settings = &cx.settings;
    let cluster = required(settings.cluster.as_ref(), "cluster")?;
    let service = required(settings.service.as_ref(), "service")?;
    let (identity, reading) = tokio::join!(cx.aws.identity(), cx.aws.service(cluster, service));
    let identity = identity?;
    check_account(settings, &identity.account)?;
    let reading = reading?;
    // What the deployment needs, and what only tells more about what is there.
    let (needed, beside) = (Reads::new(Tolerance::Answers), Reads::new(Tolerance::Answers));
    let (traffic, details) = tokio::try_join!(
        Box::pin(traffic::read(cx, &needed, reading.service.clone())),
        Box::pin(Details::read(cx, &beside, &reading.service)),
    )?;
    let traffic::Reading { service, traffic, found: of_traffic } = traffic;
    let place = match &traffic {
        Some(found) if found.complete => {
            let deployment = settings.deployment_id.as_deref();
            place(&service, &found.groups, &found.live, &found.standing, deployment)
        }
        Some(_) | None => Place::default(),
    };
    let source = version::Source { service: &service, raw_task_sets: &reading.raw_task_sets, details: &details };
    let (version, watch) = tokio::try_join!(
        Box::pin(version::read(cx, &needed, &source, traffic.as_ref(), &place)),
        Box::pin(canary::read(cx, &needed, traffic.as_ref())),
    )?;
    let version::Reading { version, resumed, found: mut read } = version;
    let primary = service.primary().filter(|primary| details.knows_health(primary));
    let primary_health = primary.map(|primary| details.health(primary));
    let facts = Facts { service, traffic, version, primary_health, resumed, watch };
    read.extend(of_traffic);
    read.extend(unread(&needed, &beside));
    read.extend(unnamed_deployment(cx));
    let found = findings(&facts, &place, settings, read);
    let told = Told { cx, identity: &identity, facts: &facts, place: &place, details: &details };
    told.end(&judged(found, settings))
}

/// What could not be read. What the deployment needs stops it; of the rest only a permission that lacks does, as later
/// actions need it.
fn unread(needed: &Reads, beside: &Reads) -> Vec<Finding> {
    let aside = |error: Error| match &*error.code {
        "access-denied" => Finding::blocking(error),
        _ => Finding::warning_of(error),
    };
    needed.failed().into_iter().map(Finding::blocking).chain(beside.failed().into_iter().map(aside)).collect()
}

fn unnamed_deployment(cx: &Context) -> Option<Finding> {
    cx.settings.deployment_id.is_none().then(|| {
        Finding::warning(
            "no-deployment-id",
            "no `deploymentId` is given: whether this deployment has begun already cannot be seen",
            "create-task-set needs one; in Jenkins it is the BUILD_TAG",
        )
    })
}

/// All that is reported.
struct Told<'a> {
    cx: &'a Context,
    identity: &'a Identity,
    facts: &'a Facts,
    place: &'a Place,
    details: &'a Details,
}

impl Told<'_> {
    /// The report; where something blocks, as a failure that holds it.
    fn end(&self, found: &[Finding]) -> Result<Report> {
        self.say();
        let failure = failure(found);
        for finding in found {
            if !finding.is_blocking() {
                self.cx.warn(&finding.code, finding.message.clone());
            } else if failure.as_ref().is_some_and(|first| first.message != finding.message) {
                say(format_args!("blocking: {} [{}]", finding.message, finding.code));
                if let Some(hint) = &finding.hint {
                    say(format_args!("  hint: {hint}"));
                }
            }
        }
        let told = self.report(found);
        match failure {
            None => Ok(told),
            Some(mut error) => {
                let observed = json!({ "state": told.get("state"), "taskSets": told.get("taskSets") });
                error.result = Box::new(told);
                Err(error.observed(observed))
            }
        }
    }

    fn report(&self, found: &[Finding]) -> Report {
        let Self { facts, place, details, .. } = self;
        let service = &facts.service;
        let seen = facts.traffic.as_ref();
        let groups: Pair<String> = seen.map(|traffic| traffic.groups.clone()).unwrap_or_default();
        let detailed = |set: &TaskSet| details.view(set, service, &groups);
        // Half of the listeners tell nothing of the state.
        let traffic = seen.filter(|traffic| traffic.complete);
        report(json!({
            "settings": self.settings(),
            "identity": { "account": self.identity.account, "arn": self.identity.arn },
            "state": traffic.map(|traffic| traffic.standing.state),
            "reason": traffic.map(|traffic| &traffic.standing.reason),
            "service": service_view(service),
            "primary": service.primary().map(detailed),
            "previous": place.previous.as_ref().map(detailed),
            "resume": place.resume.as_ref().map(detailed),
            "live": traffic.map(|traffic| live_view(service, &groups, &traffic.standing)),
            "idle": traffic.map(|traffic| idle_view(service, &groups, &traffic.live, &traffic.standing)),
            "taskSets": details.views(service, &groups),
            "weights": seen.map_or_else(Vec::new, |traffic| view::weights(traffic.forwards(), &groups)),
            "image": self.image(),
            "canary": planned(self.facts, self.place, &self.cx.settings),
            "findings": found,
            "plan": self.plan(),
        }))
    }

    /// Everything resolved: nothing after preflight reads a file for its parameters, or looks for listeners.
    fn settings(&self) -> Value {
        let mut settings = self.cx.settings.resolved(self.cx.aws.region(), self.place.next(self.facts));
        settings.insert("accountId".into(), self.identity.account.clone().into());
        let traffic = self.facts.traffic.as_ref().filter(|traffic| traffic.complete);
        if let Some(Traffic { groups, live, test, .. }) = traffic {
            // An empty list is no parameter: where there are none, the key is not given.
            let arns = |forwards: &[crate::model::Forward]| {
                let arns: Vec<_> = forwards.iter().map(|forward| forward.arn.clone()).collect();
                (!arns.is_empty()).then_some(arns)
            };
            settings.insert("targetGroups".into(), json!({ "blue": groups.blue, "green": groups.green }));
            settings.insert("listeners".into(), json!({ "live": arns(live), "test": arns(test) }));
        }
        Value::Object(settings)
    }

    /// The image that serves.
    fn image(&self) -> Value {
        let Some(version) = &self.facts.version else { return Value::Null };
        let Some(reference) = version.serving_image() else { return Value::Null };
        let stored = version.stored.iter().find(|image| image.reference == *reference).map(|image| &image.state);
        let (digest, found) = match stored {
            Some(Stored::Found(digest)) => (digest.clone(), Some(true)),
            Some(Stored::Missing(_)) => (None, Some(false)),
            Some(Stored::Unread(_) | Stored::Elsewhere) | None => (None, None),
        };
        json!({ "reference": reference, "digest": digest, "found": found })
    }

    /// What would change, for the person who is asked.
    fn plan(&self) -> Value {
        let service = &self.facts.service;
        let Some(Version { images, origin, family, existing, task_set, .. }) = &self.facts.version else {
            return Value::Null;
        };
        let scale = task_set.as_ref().map_or(100.0, |set| set.scale);
        json!({
            "from": self.from().map(|set| json!({
                "taskSetArn": set.arn,
                "images": self.details.images(set),
                "taskDefinitionArn": set.task_definition,
                "desired": set.computed_desired(service.desired_count),
                "running": set.running,
                "healthy": self.details.health(set).healthy,
            })),
            "to": {
                "images": images,
                "taskDefinition": origin,
                "taskDefinitionArn": existing,
                "family": family,
                "scale": scale,
                "desired": crate::model::computed_desired(service.desired_count, scale),
            },
        })
    }

    /// The version that has the traffic; PRIMARY, where that cannot be told.
    fn from(&self) -> Option<&TaskSet> {
        let Facts { service, traffic, .. } = self.facts;
        let live = traffic
            .as_ref()
            .and_then(|traffic| traffic.standing.live.and_then(|colour| live_set(service, &traffic.groups, colour)));
        live.or_else(|| service.primary())
    }

    fn say(&self) {
        let Facts { service, traffic, version, .. } = self.facts;
        if let Some(traffic) = traffic.as_ref().filter(|traffic| traffic.complete) {
            say(format_args!("{} is {}: {}", service.name, traffic.standing.state.name(), traffic.standing.reason));
        }
        if let (Some(version), None) = (version, &self.place.resume) {
            let images = version.images.values().map(String::as_str).collect::<Vec<_>>().join(", ");
            say(format_args!("next: {images} ({})", version.origin));
        }
        self.say_canary();
        if let Some(ours) = &self.place.resume {
            say(format_args!("this deployment has begun already: {}", ours.describe()));
        }
        let is_done = self.place.resume.as_ref().is_some_and(|ours| ours.status == TaskSetStatus::Primary);
        if let Some(previous) = self.place.previous.as_ref().filter(|_| !is_done) {
            say(format_args!("the previous version {} must be deleted first", previous.describe()));
        }
    }

    /// What the canary would do, and when.
    fn say_canary(&self) {
        let Some(planned) = planned(self.facts, self.place, &self.cx.settings) else { return };
        if planned.skipped.is_some() {
            return;
        }
        for (at, step) in planned.steps.iter().enumerate() {
            let requests = step.requests.map_or_else(String::new, |n| format!(", about {n} requests judged"));
            let resumed = if planned.at == Some(at) { " (goes on here)" } else { "" };
            say(format_args!(
                "canary {}/{}: after {}: {} % of the live traffic for {}, on {} tasks{requests}{resumed}",
                at + 1,
                planned.steps.len(),
                duration(step.after),
                step.weight,
                duration(step.bake),
                step.tasks
            ));
        }
    }
}

/// A time for people.
fn duration(seconds: f64) -> String {
    Duration::try_from_secs_f64(seconds).map(|time| humantime::format_duration(time).to_string()).unwrap_or_default()
}

/// The longer of two attributes that may be missing.
fn longest(delays: impl Iterator<Item = Duration>) -> Duration {
    delays.max().unwrap_or_default()
}
