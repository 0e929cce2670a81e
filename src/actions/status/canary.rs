//! A canary under way: whose it is, how much of the traffic it has, what comes next.

use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::aws::cloudwatch::{Span, balancer_dimension, group_dimension};
use crate::context::Context;
use crate::error::Result;
use crate::model::{Colour, Forward, Pair, Service, TaskSet, TaskSetStatus, tags};
use crate::observe::details::Reads;
use crate::plan::state::in_group;
use crate::plan::traffic::share;

/// The requests of so long say what the weights come to.
const OBSERVED: Duration = Duration::from_mins(15);

/// What `status` tells of it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Canary {
    deployment_id: Option<String>,
    task_set_arn: String,
    build: Option<String>,
    age_seconds: Option<u64>,
    /// Percent of the live traffic, by the weights.
    weight: f64,
    /// Percent of the last minutes' requests; null where there were none, or they could not be read.
    share: Option<f64>,
    /// As its tag has them.
    steps: Vec<Step>,
    /// The first step with a larger weight; null where the swap comes next, or nothing is known of steps.
    next: Option<Step>,
}

/// A step, as the tag of its task set tells it.
#[derive(Debug, Clone, Copy, Serialize)]
struct Step {
    weight: f64,
    /// Seconds.
    bake: u64,
}

/// The younger of two versions that share the live traffic; nothing where one has it all.
pub(super) async fn read(
    cx: &Context,
    reads: &Reads,
    service: &Service,
    groups: &Pair<String>,
    live: &[Forward],
) -> Result<Option<Canary>> {
    let Some((set, colour)) = youngest(service, groups, live) else { return Ok(None) };
    let shares = live.iter().filter_map(|forward| share(forward, groups, colour));
    let weight = (shares.fold(100.0, f64::min) * 10.0).round() / 10.0;
    let observed = reads.keep(observed(cx, groups, colour, live).await)?.flatten();
    let steps: Vec<Step> = tags::canary(set).into_iter().map(|(weight, bake)| Step { weight, bake }).collect();
    Ok(Some(Canary {
        deployment_id: set.external_id.clone(),
        task_set_arn: set.arn.clone(),
        build: set.build(),
        age_seconds: service.age(set).map(|age| age.as_secs()),
        weight,
        share: observed,
        next: steps.iter().find(|step| step.weight > weight).copied(),
        steps,
    }))
}

fn youngest<'a>(service: &'a Service, groups: &'a Pair<String>, live: &[Forward]) -> Option<(&'a TaskSet, Colour)> {
    let has_weight = |colour: &Colour| live.iter().any(|forward| forward.weight(groups, *colour) > 0);
    let colours: Vec<Colour> = [Colour::Blue, Colour::Green].into_iter().filter(has_weight).collect();
    if colours.len() < 2 {
        return None;
    }
    colours
        .into_iter()
        .flat_map(|colour| in_group(service, groups, colour).map(move |set| (set, colour)))
        .filter(|(set, _)| set.status != TaskSetStatus::Primary)
        .max_by(|(a, _), (b, _)| a.age_order().cmp(&b.age_order()))
}

/// The part of the last minutes' requests that one group served.
async fn observed(cx: &Context, groups: &Pair<String>, colour: Colour, live: &[Forward]) -> Result<Option<f64>> {
    let Some(listener) = live.first() else { return Ok(None) };
    let balancer = balancer_dimension(&listener.arn)?;
    let both = [colour, colour.other()].map(|colour| group_dimension(groups.get(colour)));
    let now = SystemTime::now();
    let span = Span { from: now - OBSERVED, to: now, period: Duration::from_mins(1) };
    let metrics = cx.aws.metrics(&balancer, &both, None, span).await?;
    let requests: Vec<f64> =
        metrics.groups.iter().map(|readings| readings.values().map(|side| side.requests).sum()).collect();
    let all: f64 = requests.iter().sum();
    Ok(requests.first().filter(|_| all > 0.0).map(|own| (1000.0 * own / all).round() / 10.0))
}

impl Canary {
    /// For people.
    pub(super) fn words(&self) -> String {
        let name = self.deployment_id.as_deref().unwrap_or(&self.task_set_arn);
        let observed = self.share.map_or_else(
            || "no requests of the last 15 minutes are known".to_owned(),
            |share| format!("{share} % of the last 15 minutes' requests"),
        );
        let next = match (&self.next, self.steps.as_slice()) {
            (Some(step), _) => format!("next {} %", step.weight),
            (None, []) => "its next step is not known".to_owned(),
            (None, _) => "next the swap".to_owned(),
        };
        format!("canary {name}: {} % by the weights, {observed}; {next}", self.weight)
    }
}
