//! A canary as a whole, and its gates, before anything is created.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::{Facts, Finding, Place, Traffic};
use crate::config::{Settings, Step};
use crate::error::{Error, Result};
use crate::model::cloudwatch::{Alarm, AlarmState};
use crate::model::{Colour, Forward, Pair, Service, computed_desired};
use crate::plan::gates::{INCOMPLETE, SKIPPED, least_periods};
use crate::plan::state::State;
use crate::plan::traffic::{Goal, plan, share, split};

/// What was read for it beyond what every deployment needs.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    /// `None` where none are named, or they could not be read: that is a finding already.
    pub(crate) alarms: Option<Vec<Alarm>>,
    /// Requests of the service in the last hour; `None` where no gate reads any, or they could not be read.
    pub(crate) requests: Option<f64>,
}

/// Attributes of target groups that change what their targets are sent, or how it is answered. Groups that differ in them
/// cannot be compared. <https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html>
const COMPARED: [&str; 8] = [
    "slow_start.duration_seconds",
    "load_balancing.algorithm.type",
    "load_balancing.algorithm.anomaly_mitigation",
    "load_balancing.cross_zone.enabled",
    "stickiness.enabled",
    "stickiness.type",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
];

/// A step as it would be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlannedStep {
    pub(crate) weight: f64,
    pub(crate) bake: f64,
    pub(crate) scale: f64,
    pub(crate) tasks: i32,
    /// Seconds from the first shift to this one, without the time that anybody takes to answer.
    pub(crate) after: f64,
    /// What the new version would get in its bake, by the last hour; null where that is not known.
    pub(crate) requests: Option<f64>,
}

/// What the canary would be.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Planned {
    pub(crate) steps: Vec<PlannedStep>,
    /// Why there would be none, although one is asked for.
    pub(crate) skipped: Option<&'static str>,
    /// The step that a build that goes on is at, from 0.
    pub(crate) at: Option<usize>,
    /// This deployment's part of the live traffic by the weights, in percent, where it has one and not all.
    pub(crate) share: Option<f64>,
}

/// Why a first version has none.
const NOTHING_TO_COMPARE: &str = "this is the first version: there is nothing that could serve the rest of the traffic";

/// The canary that is asked for; `None` where none is, and none is under way.
pub(crate) fn planned(facts: &Facts, place: &Place, settings: &Settings) -> Option<Planned> {
    let share = facts.traffic.as_ref().and_then(|traffic| under_way(traffic, place));
    let steps = steps(facts, settings);
    if steps.is_empty() && share.is_none() {
        return None;
    }
    let is_first = facts.traffic.as_ref().is_some_and(|traffic| traffic.standing.state == State::First);
    let at = share.filter(|_| !steps.is_empty()).map(|share| step_at(&settings.canary, share));
    Some(Planned { steps, skipped: is_first.then_some(NOTHING_TO_COMPARE), at, share })
}

/// The step whose weight is the largest that is not above a share; the first one where all are.
fn step_at(steps: &[Step], share: f64) -> usize {
    steps.iter().rposition(|step| step.weight <= share).unwrap_or(0)
}

/// Whether this deployment has live traffic already, some or all.
fn has_traffic(traffic: &Traffic, place: &Place) -> bool {
    let ours = place.resume.as_ref().and_then(|set| set.target_group.as_deref());
    ours.and_then(|group| traffic.groups.colour_of(group))
        .is_some_and(|colour| traffic.live.iter().any(|forward| forward.weight(&traffic.groups, colour) > 0))
}

/// This deployment's part of the live traffic, where it has one and not all.
fn under_way(traffic: &Traffic, place: &Place) -> Option<f64> {
    let ours = place.resume.as_ref()?.target_group.as_deref()?;
    let colour = traffic.groups.colour_of(ours)?;
    let shares = traffic.live.iter().filter_map(|forward| share(forward, &traffic.groups, colour));
    let least = shares.fold(None, |least: Option<f64>, share| Some(least.map_or(share, |least| least.min(share))))?;
    let has_some = traffic.live.iter().any(|forward| forward.weight(&traffic.groups, colour) > 0);
    (has_some && least < 100.0).then_some((least * 10.0).round() / 10.0)
}

fn steps(facts: &Facts, settings: &Settings) -> Vec<PlannedStep> {
    let mut after = Duration::ZERO;
    let mut steps = Vec::new();
    for step in &settings.canary {
        steps.push(PlannedStep {
            weight: step.weight,
            bake: step.bake.as_secs_f64(),
            scale: step.scale,
            tasks: computed_desired(facts.service.desired_count, step.scale),
            after: after.as_secs_f64(),
            requests: facts.watch.requests.map(|hour| expected(hour, step, settings.gates.period).round()),
        });
        after += step.bake;
    }
    steps
}

/// The requests whose readings a step's bake would judge.
fn expected(hour: f64, step: &Step, period: Duration) -> f64 {
    let judged = step.bake.saturating_sub(period * (INCOMPLETE + SKIPPED));
    hour / 3600.0 * step.weight / 100.0 * judged.as_secs_f64()
}

/// Everything that is wrong with it, or that somebody should know.
pub(super) fn findings(facts: &Facts, place: &Place, settings: &Settings) -> Vec<Finding> {
    let mut found = Vec::new();
    if let Some(planned) = planned(facts, place, settings)
        && let Some(why) = planned.skipped
    {
        found.push(Finding::warning("canary-skipped", format!("no canary: {why}"), ""));
        return found;
    }
    found.extend(undersized(&facts.service, &settings.canary));
    if let Some(traffic) = facts.traffic.as_ref().filter(|traffic| traffic.complete) {
        if let Some(next) = place.next_in(&traffic.groups) {
            found.extend(
                traffic.live.iter().filter_map(|live| {
                    splits(live, &traffic.groups, next, &settings.canary).err().map(Finding::blocking)
                }),
            );
        }
        if settings.gates.reads_metrics() {
            found.extend(unlike(traffic));
        }
        found.extend(alarms(facts, settings, traffic, place));
    }
    found.extend(bakes(facts, settings));
    found
}

/// Fewer tasks than its part of the traffic.
fn undersized(service: &Service, steps: &[Step]) -> Option<Finding> {
    let desired = service.desired_count;
    let tasks = |step: &Step| computed_desired(desired, step.scale);
    let part = |step: &Step| 100.0 * f64::from(tasks(step)) / f64::from(desired.max(1));
    let (at, step) = steps.iter().enumerate().find(|(_, step)| part(step) < step.weight)?;
    Some(Finding::unless_allowed(
        Error::refused(
            "canary-undersized",
            format!(
                "step {} of the canary gives {} % of the traffic to {} of {desired} tasks",
                at + 1,
                step.weight,
                tasks(step)
            ),
        )
        .hint("give the step a larger `scale`, or none: 100"),
    ))
}

/// Each step must be a split that the listener can have, and another one than the step before.
fn splits(live: &Forward, groups: &Pair<String>, next: Colour, steps: &[Step]) -> Result<()> {
    let mut forward = live.clone();
    let mut before = 0;
    for (at, step) in steps.iter().enumerate() {
        // From all on the other one: what the listener has now may be a step of this very canary.
        let all = plan(&forward, groups, Goal::All(next.other()))?.unwrap_or_else(|| forward.weights.clone());
        forward.weights = all;
        let weights = plan(&forward, groups, Goal::Split(split(next, step.weight)))?;
        forward.weights = weights.unwrap_or_else(|| forward.weights.clone());
        let now = forward.weight(groups, next);
        if forward.others(groups) > 0 && now <= before {
            return Err(Error::refused(
                "weights-too-coarse",
                format!("{} cannot tell step {} of the canary from the one before: both are weight {now} beside other target groups", live.arn, at + 1),
            )
            .hint("multiply all weights of the forward by the same number (they are relative), or leave the step out"));
        }
        before = now;
    }
    Ok(())
}

/// Groups that answer in different ways for other reasons than their versions.
fn unlike(traffic: &Traffic) -> Option<Finding> {
    let Pair { blue, green } = &traffic.attributes;
    let value = |of: &BTreeMap<String, String>, key: &str| of.get(key).cloned().unwrap_or_default();
    let mut differences: Vec<String> = COMPARED
        .iter()
        .map(|key| (key, value(blue, key), value(green, key)))
        .filter(|(_, blue, green)| blue != green)
        .map(|(key, blue, green)| format!("{key} {blue} and {green}"))
        .collect();
    if let [one, other] = traffic.target_groups.as_slice()
        && one.protocol_version != other.protocol_version
    {
        differences.push("the protocol version".to_owned());
    }
    (!differences.is_empty()).then(|| {
        Finding::warning(
            "groups-not-comparable",
            format!("the target groups blue and green differ: {}", differences.join(", ")),
            "the gates compare what both answer: make the groups alike",
        )
    })
}

fn alarms(facts: &Facts, settings: &Settings, traffic: &Traffic, place: &Place) -> Vec<Finding> {
    let Some(alarms) = &facts.watch.alarms else { return Vec::new() };
    // A build that goes on with a version that has traffic leaves it to the first look, which takes the traffic back.
    let begun = has_traffic(traffic, place);
    let mut found = Vec::new();
    for name in &settings.gates.alarms {
        let Some(alarm) = alarms.iter().find(|alarm| alarm.name == *name) else {
            found.push(Finding::blocking(
                Error::refused(
                    "alarm-not-found",
                    format!("the alarm {name} does not exist in this account and region"),
                )
                .hint("check its name in `gates.alarms`"),
            ));
            continue;
        };
        found.extend(in_alarm(alarm, settings, begun));
        found.extend(one_colour(alarm, traffic, place));
        let shortest = bakes_of(settings).min();
        if let (Some(window), Some(bake)) = (alarm.window, shortest)
            && window > bake
        {
            found.push(Finding::warning(
                "alarm-slower-than-bake",
                format!(
                    "the alarm {name} looks back {} s, and the shortest bake is {} s: it may not see a bad version in time",
                    window.as_secs(),
                    bake.as_secs_f64()
                ),
                "bake longer, or give the alarm a shorter window",
            ));
        }
    }
    found
}

/// An alarm that rings already would stop any version, or, ignored, none.
fn in_alarm(alarm: &Alarm, settings: &Settings, begun: bool) -> Option<Finding> {
    if alarm.state != AlarmState::Alarm {
        return None;
    }
    if begun {
        let message =
            format!("the alarm {} is in ALARM, and this version has live traffic: {}", alarm.name, alarm.reason);
        return Some(Finding::warning("alarm-before", message, "the first look decides"));
    }
    let message = format!("the alarm {} is in ALARM before anything has begun: {}", alarm.name, alarm.reason);
    Some(if settings.gates.ignores_alarms_before() {
        Finding::warning("alarm-before", message, "it is ignored until it has been OK once")
    } else {
        Finding::blocking(Error::refused("alarm-before", message).hint(
            "mend what it rings for first; or `gates.alarmsBefore: ignore-those` ignores it until it has been OK once",
        ))
    })
}

/// Colours alternate, and the alarm does not.
fn one_colour(alarm: &Alarm, traffic: &Traffic, place: &Place) -> Option<Finding> {
    let watches = |colour: Colour| {
        // As a dimension, a group is the last part of its ARN.
        let own = traffic.groups.get(colour).rsplit(':').next().unwrap_or_default();
        alarm.groups.iter().any(|group| group == own)
    };
    let what = match (watches(Colour::Blue), watches(Colour::Green)) {
        _ if alarm.groups.is_empty() => return None,
        (true, true) => return None,
        (true, false) => "the blue group alone",
        (false, true) => "the green group alone",
        (false, false) => "neither of the two groups",
    };
    let next = place.next_in(&traffic.groups).map_or("either", Colour::name);
    Some(Finding::warning(
        "alarm-of-one-colour",
        format!("the alarm {} watches {what}; this deployment is {next}, and colours alternate", alarm.name),
        "name an alarm for each group, or one over both by metric math",
    ))
}

/// The bakes that gates watch.
fn bakes_of(settings: &Settings) -> impl Iterator<Item = Duration> {
    let after_the_swap = Some(settings.pipeline.bake).filter(|bake| !bake.is_zero());
    settings.canary.iter().map(|step| step.bake).chain(after_the_swap)
}

/// Too little time, or too few requests, to tell anything.
fn bakes(facts: &Facts, settings: &Settings) -> Vec<Finding> {
    let gates = &settings.gates;
    let mut found = Vec::new();
    if !gates.reads_metrics() {
        return found;
    }
    let least = gates.period * least_periods(gates.errors.as_ref(), gates.latency.as_ref());
    if let Some(bake) = bakes_of(settings).find(|bake| *bake < least) {
        found.push(Finding::warning(
            "bake-too-short",
            format!(
                "a bake of {} s ends before the gates have the readings that they need to pass ({} s)",
                bake.as_secs_f64(),
                least.as_secs()
            ),
            "bake longer: the newest two readings are incomplete, and the first is of the weights' way to the load balancer",
        ));
    }
    let wanted = gates.errors.as_ref().map_or(0, |gate| gate.min_requests);
    let (Some(hour), true) = (facts.watch.requests, wanted > 0) else { return found };
    #[allow(clippy::cast_precision_loss, reason = "at most a billion")]
    let scarce = settings
        .canary
        .iter()
        .enumerate()
        .map(|(at, step)| (at + 1, step, expected(hour, step, gates.period)))
        .find(|(_, step, requests)| step.bake >= least && *requests < wanted as f64);
    if let Some((at, step, requests)) = scarce {
        found.push(Finding::warning(
            "few-requests",
            format!(
                "by the last hour's {hour:.0} requests, step {at} of the canary would judge about {requests:.0} ({} % for {} s), and a pass needs {wanted}",
                step.weight,
                step.bake.as_secs_f64()
            ),
            "bake longer, begin with a larger weight, or say what shall follow with `gates.onInconclusive`",
        ));
    }
    found
}
