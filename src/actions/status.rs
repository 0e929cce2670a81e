//! `status`: everything there is to know of a service, from cluster, service and region alone. It answers in every
//! state, also where something is wrong: that is when it is needed.

mod canary;

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use crate::actions::{Report, report};
use crate::config::required;
use crate::config::table::{Action, CONNECTION, DEPLOYMENT, SERVICE, TASK_SET_ARN, TRAFFIC};
use crate::context::Context;
use crate::error::Result;
use crate::model::{Forward, Pair, Role, Service, TaskSet};
use crate::observe::details::{DetailedView, Details, Reads, Tolerance, forwards, idle_view, live_view, service_view};
use crate::observe::names::{self, Names};
use crate::observe::{as_caller, version};
use crate::plan::controller;
use crate::plan::phase::phase;
use crate::plan::state::{Standing, State, classify, in_group, sets};
use crate::report::output::say;
use crate::report::view;
use crate::system::shell;
use canary::Canary;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "status",
    step: Some("ecsStatus"),
    line: "Say what is live, what is idle, and how every task set is",
    about: "The state of the service, which colour is live and where that was learnt, weights, task sets with counts, stability, \
        target health and images, deployments. Changes nothing; a table goes to the log. Needs only cluster, service and region; \
        a deployment or task set that is named is shown in detail.",
    takes: &[&DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &CONNECTION],
    command: None,
    result: &[
        "service", "state", "reason", "live", "idle", "targetGroups", "listeners", "weights", "taskSets",
        "deployments", "deployment", "canary",
    ],
    errors: &[
        ("cluster-not-found", "there is no such cluster here"),
        ("service-not-found", "there is no such service in it"),
    ],
    example: &[("cluster", "prod"), ("service", "web"), ("region", "eu-west-1")],
};

/// Looks, and tells: the JSON for programs, a table for people.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let cluster = required(cx.settings.cluster.as_ref(), "cluster")?;
    let service = required(cx.settings.service.as_ref(), "service")?;
    let reading = as_caller(cx, cx.aws.service(cluster, service)).await?;
    let service = reading.service;
    if service.controller != "EXTERNAL" {
        controller::check(&service).map_err(|error| error.observed(json!({ "service": service_view(&service) })))?;
    }
    if service.status != "ACTIVE" {
        cx.warn("not-active", format!("the service {} is {}", service.name, service.status));
    }
    let reads = Reads::new(Tolerance::AllButBlindness);
    let (traffic, details) =
        tokio::try_join!(Traffic::read(cx, &reads, service.clone()), Details::read(cx, &reads, &service))?;
    let groups = traffic.groups();
    let canary = Box::pin(canary::read(cx, &reads, &traffic.service, &groups, &traffic.live)).await?;
    for error in reads.failed() {
        cx.warn(&error.code, error.message);
    }
    let seen = Seen { cx, traffic, details, canary };
    seen.say();
    seen.report()
}

/// The service with its tags, and where its traffic goes.
struct Traffic {
    service: Service,
    /// `None` where neither settings nor tags nor the load balancer tell.
    groups: Option<Pair<String>>,
    live: Vec<Forward>,
    test: Vec<Forward>,
    standing: Standing,
}

impl Traffic {
    async fn read(cx: &Context, reads: &Reads, mut service: Service) -> Result<Self> {
        reads.keep(cx.aws.add_task_set_tags(&mut service).await)?;
        let names = match names::find(cx, &service).await {
            Err(error) if error.code == "missing-parameter" => return Ok(Self::unknown(cx, service, &error.message)),
            read => reads.keep(read)?,
        };
        let Some(Names { groups, live, test }) = names else {
            return Ok(Self::unknown(cx, service, "the load balancer could not be read"));
        };
        let wanted: Vec<(Role, String)> = live
            .into_iter()
            .map(|arn| (Role::Live, arn))
            .chain(test.into_iter().map(|arn| (Role::Test, arn)))
            .collect();
        let read = Box::pin(forwards(cx, reads, &wanted)).await?;
        let (live, test): (Vec<Forward>, Vec<Forward>) =
            read.into_iter().map(|read| read.forward).partition(|forward| forward.role == Role::Live);
        let standing = classify(&service, &groups, &live);
        Ok(Self { service, groups: Some(groups), live, test, standing })
    }

    /// Without listeners there is no telling what is live; only that nothing was deployed yet can be seen.
    fn unknown(cx: &Context, service: Service, why: &str) -> Self {
        let state = if sets(&service).next().is_none() { State::First } else { State::Crossed };
        if state == State::Crossed {
            cx.warn(
                "listeners-unknown",
                format!("{why}: give `targetGroups` and `listeners` to see where the traffic goes"),
            );
        }
        let reason = if state == State::First { "there is no task set yet".into() } else { why.to_owned() };
        let groups = cx.settings.target_groups.clone();
        Self { service, groups, live: Vec::new(), test: Vec::new(), standing: Standing { state, reason, live: None } }
    }

    /// The groups, empty names where they are not known: then no set has a colour.
    fn groups(&self) -> Pair<String> {
        self.groups.clone().unwrap_or_default()
    }
}

/// All that was read.
struct Seen<'a> {
    cx: &'a Context,
    traffic: Traffic,
    details: Details,
    canary: Option<Canary>,
}

/// A deployment, by its set.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Deployment {
    #[serde(rename = "deploymentId")]
    id: Option<String>,
    task_set_arn: String,
    build: Option<String>,
    age_seconds: Option<u64>,
    phase: Option<&'static str>,
}

impl Seen<'_> {
    fn report(&self) -> Result<Report> {
        let Traffic { service, groups, live, test, standing } = &self.traffic;
        let known = self.traffic.groups();
        let views: Vec<DetailedView> = self.details.views(service, &known);
        let settings = &self.cx.settings;
        let asked = settings.deployment_id.is_some() || settings.task_set_arn.is_some();
        let named = if asked { version(service, settings)? } else { None };
        let arns = |forwards: &[Forward]| forwards.iter().map(|forward| forward.arn.clone()).collect::<Vec<_>>();
        let (live_side, idle_side) = if groups.is_some() {
            (live_view(service, &known, standing), idle_view(service, &known, live, standing))
        } else {
            (Value::Null, Value::Null)
        };
        Ok(report(json!({
            "service": service_view(service),
            "state": standing.state,
            "reason": standing.reason,
            "live": live_side,
            "idle": idle_side,
            "targetGroups": {
                "blue": groups.as_ref().map(|groups| &groups.blue),
                "green": groups.as_ref().map(|groups| &groups.green),
            },
            "listeners": { "live": arns(live), "test": arns(test) },
            "weights": view::weights(live.iter().chain(test), &known),
            "taskSets": views,
            "deployments": service.task_sets.iter().map(|set| self.deployment(set)).collect::<Vec<_>>(),
            "deployment": named.map(|set| self.deployment(set)),
            "canary": self.canary,
        })))
    }

    fn deployment(&self, set: &TaskSet) -> Deployment {
        let Traffic { service, live, .. } = &self.traffic;
        Deployment {
            id: set.external_id.clone(),
            task_set_arn: set.arn.clone(),
            build: set.build(),
            age_seconds: service.age(set).map(|age| age.as_secs()),
            phase: phase(set, service, &self.traffic.groups(), live),
        }
    }

    /// The same for a person, in the build's log.
    fn say(&self) {
        let Traffic { service, live, test, standing, .. } = &self.traffic;
        let groups = self.traffic.groups();
        say(format_args!("{} is {}: {}", service.name, standing.state.name(), standing.reason));
        for weights in view::weights(live.iter().chain(test), &groups) {
            let role = if weights.role == Role::Live { "live" } else { "test" };
            let others = if weights.others > 0 { format!(", others {}", weights.others) } else { String::new() };
            say(format_args!(
                "  {role}  blue {}, green {}{others}  {}",
                weights.blue,
                weights.green,
                resource(&weights.arn)
            ));
        }
        let mut rows = vec![
            ["COLOUR", "STATUS", "DEPLOYMENT", "PHASE", "TASKS", "HEALTHY", "AGE", "TASK DEFINITION", "IMAGES"]
                .map(str::to_owned),
        ];
        rows.extend(service.task_sets.iter().map(|set| self.row(set, &groups)));
        if rows.len() > 1 {
            table(&rows).for_each(|line| say(format_args!("  {line}")));
        }
        if let Some(canary) = &self.canary {
            say(format_args!("  {}", canary.words()));
        }
        if standing.state == State::Unpromoted {
            self.say_how_to_end_it(&groups);
        }
    }

    /// Until the version that is live is PRIMARY, no other deployment starts; and its build may be dead.
    fn say_how_to_end_it(&self, groups: &Pair<String>) {
        let Traffic { service, standing, .. } = &self.traffic;
        for set in standing.live.iter().flat_map(|colour| in_group(service, groups, *colour)) {
            say(format_args!(
                "  {} is live and not PRIMARY until its bake and the question after it are over. Where its build is dead for good:",
                set.describe()
            ));
            say(format_args!("    keep it:  {}", shell::command("set-primary", service, set)));
            say(format_args!("    go back:  {}", shell::command("rollback", service, set)));
        }
    }

    fn row(&self, set: &TaskSet, groups: &Pair<String>) -> [String; 9] {
        let DetailedView { set: seen, images, health } = self.details.view(set, &self.traffic.service, groups);
        let dash = || "-".to_owned();
        let images: Vec<&str> = images.values().map(|image| last_part(image)).collect();
        [
            seen.colour.map_or_else(dash, |colour| colour.name().to_owned()),
            crate::model::json::to_value(seen.status).as_str().unwrap_or_default().to_owned(),
            seen.deployment_id.unwrap_or(seen.id),
            self.deployment(set).phase.map_or_else(dash, str::to_owned),
            format!("{}/{}", seen.running, seen.desired),
            health.healthy.to_string(),
            seen.age_seconds.map_or_else(dash, ago),
            last_part(&seen.task_definition_arn).to_owned(),
            if images.is_empty() { dash() } else { images.join(" ") },
        ]
    }
}

/// Rows as lines, each column as wide as its widest cell.
fn table<const N: usize>(rows: &[[String; N]]) -> impl Iterator<Item = String> {
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: [usize; N] = std::array::from_fn(|column| width(column).unwrap_or(0));
    rows.iter().map(move |row| {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            // Writing to a string cannot fail.
            write!(line, "{cell:width$}  ").unwrap_or_default();
        }
        line.trim_end().to_owned()
    })
}

/// Seconds in the one unit that says most.
fn ago(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

/// What follows the account in an ARN.
fn resource(arn: &str) -> &str {
    arn.splitn(6, ':').nth(5).unwrap_or(arn)
}

/// What follows the last slash.
fn last_part(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["A", "B"], ["größer", "x"]].map(|row| row.map(str::to_owned));
        assert_eq!(table(&rows).collect::<Vec<_>>(), ["A       B", "größer  x"]);
    }

    #[test]
    fn an_age_has_one_unit() {
        for (seconds, said) in [(0, "0s"), (119, "119s"), (120, "2m"), (7200, "2h"), (172_800, "2d")] {
            assert_eq!(ago(seconds), said);
        }
    }
}
