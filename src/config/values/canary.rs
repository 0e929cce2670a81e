//! The steps of a canary, and what its gates take.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::{Fault, Kind, Outcome, items, list, normalise, number, said, text};
use crate::config::duration;
use crate::report::words::bounded;

/// Nobody watches more steps.
const MOST_STEPS: usize = 100;

/// `DescribeAlarms` takes so many names: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html>
const MOST_ALARMS: usize = 100;

/// The longest name of an alarm, by the same source.
const LONGEST_NAME: usize = 255;

/// A period of CloudWatch below a minute is one of these:
/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricStat.html>
const SHORT_PERIODS: [u64; 5] = [1, 5, 10, 20, 30];

const STEPS: &str = "a list of {weight: PERCENT, bake: TIME} with weights that rise, each where wanted with `scale` and `approve`; \
    or a name as Canary10Percent5Minutes, Linear10PercentEvery3Minutes or AllAtOnce";

const APPROVAL: &str = "false, true, or a map with message, submitter, submitterParameter, timeout";

const OF_A_STEP: [(&str, Kind); 3] = [("weight", Kind::Share), ("bake", Kind::Duration(0)), ("scale", Kind::Percent)];

const OF_AN_APPROVAL: [(&str, Kind); 4] = [
    ("message", Kind::Text),
    ("submitter", Kind::People),
    ("submitterParameter", Kind::Text),
    ("timeout", Kind::Duration(1000)),
];

/// In tenths of a percent, as far as weights of a load balancer can tell them apart. None and all are no part of a canary.
pub(super) fn share(value: &Value) -> Outcome {
    let expected = "percent from 0.1 to 99.9, in tenths; all traffic is `swap-live`, none is `rollback`";
    let is_tenths = |number: f64| (number * 10.0 - (number * 10.0).round()).abs() < 1e-6;
    number(value, "%", |number| (0.1..=99.9).contains(&number) && is_tenths(number), expected)
}

/// A period that CloudWatch knows.
pub(super) fn period(value: &Value) -> Outcome {
    let expected = "whole minutes up to an hour, or 1, 5, 10, 20 or 30 seconds";
    let time = duration::parse(value, 1000).map_err(|problem| Fault::new(said(value, &problem), expected))?;
    let seconds = time.as_secs();
    let is_known = SHORT_PERIODS.contains(&seconds) || seconds.is_multiple_of(60) && seconds <= 3600;
    if time.subsec_nanos() > 0 || !is_known {
        return Err(Fault::new(said(value, "is no period of CloudWatch"), expected));
    }
    Ok(duration::to_json(time))
}

/// In a list a name may hold commas.
pub(super) fn alarms(value: &Value) -> Outcome {
    let list = list(value)?;
    let mut seen: Vec<&str> = Vec::new();
    for name in items(&list) {
        if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) {
            return Err(Fault::new(said(&name.into(), "is no name of an alarm"), "its name; not its ARN"));
        }
        if name.starts_with("arn:") {
            return Err(Fault::new(said(&name.into(), "is an ARN"), "the alarm's name, the ARN's last part"));
        }
        if seen.contains(&name) {
            return Err(Fault::new(said(&name.into(), "is there twice"), "each alarm once"));
        }
        seen.push(name);
    }
    if seen.len() > MOST_ALARMS {
        return Err(Fault::new(format!("has {} names", seen.len()), format!("{MOST_ALARMS} at most; combine some")));
    }
    Ok(list)
}

/// The steps, each with all its keys; `scale` is null where it is that of the deployment.
pub(super) fn steps(value: &Value) -> Outcome {
    let steps = match value {
        Value::Array(steps) => steps.iter().enumerate().map(step).collect::<Result<Vec<_>, _>>()?,
        Value::Object(_) => return Err(Fault::new("is one map", STEPS)),
        off if super::truth(off) == Some(false) => Vec::new(),
        name => named(&text(name).map_err(|fault| Fault { expected: STEPS.to_owned(), ..fault })?)?,
    };
    if steps.len() > MOST_STEPS {
        return Err(Fault::new(format!("has {} steps", steps.len()), format!("{MOST_STEPS} at most")));
    }
    let weight = |step: &Value| step["weight"].as_f64().unwrap_or_default();
    for (at, pair) in steps.windows(2).enumerate() {
        if let [one, next] = pair
            && weight(next) <= weight(one)
        {
            let problem = format!("has {} % after {} %", weight(next), weight(one));
            return Err(Fault::new(problem, "weights that rise from step to step").of(&(at + 2).to_string()));
        }
    }
    Ok(Value::Array(steps))
}

fn step((at, value): (usize, &Value)) -> Outcome {
    let at = at + 1;
    let Value::Object(given) = value else {
        return Err(Fault::new("is no step", STEPS).of(&at.to_string()));
    };
    let mut step = json!({ "weight": null, "bake": null, "scale": null, "approve": false });
    for (key, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let read = match key.as_str() {
            "approve" => approval(value),
            key => match kind_of(key, &OF_A_STEP) {
                Some(kind) => normalise(kind, value),
                None => return Err(unknown(key, STEPS).of(&at.to_string())),
            },
        };
        step[key.as_str()] = read.map_err(|fault| inside(at, key, fault))?;
    }
    if let Some(missing) = ["weight", "bake"].into_iter().find(|key| step[key].is_null()) {
        return Err(Fault::new(format!("has no `{missing}`"), STEPS).of(&at.to_string()));
    }
    if step["scale"].as_f64() == Some(0.0) {
        return Err(Fault::new("is 0: nothing would serve", "percent above 0").of(&format!("{at}.scale")));
    }
    Ok(step)
}

fn kind_of(key: &str, kinds: &[(&str, Kind)]) -> Option<Kind> {
    kinds.iter().find(|(name, _)| *name == key).map(|(_, kind)| *kind)
}

fn unknown(key: &str, expected: &str) -> Fault {
    Fault::new(format!("has the unknown key `{}`", bounded(key, 60)), expected).code("unknown-key")
}

fn inside(at: usize, key: &str, fault: Fault) -> Fault {
    let entry = fault.entry.clone().map_or_else(String::new, |entry| format!(".{entry}"));
    fault.of(&format!("{at}.{key}{entry}"))
}

/// `false`, or all its keys; what the question is without words of its own, and how long it waits, as of other approvals.
fn approval(value: &Value) -> Outcome {
    match super::truth(value) {
        Some(false) => return Ok(Value::Bool(false)),
        Some(true) => return approval(&Value::Object(Map::new())),
        None => {}
    }
    let Value::Object(given) = value else { return Err(Fault::new("is no approval", APPROVAL)) };
    let mut approval = json!({
        "message": "Go on with the canary?", "submitter": null, "submitterParameter": null, "timeout": 86400,
    });
    for (key, value) in given.iter().filter(|(_, value)| !value.is_null()) {
        let kind = kind_of(key, &OF_AN_APPROVAL).ok_or_else(|| unknown(key, APPROVAL))?;
        approval[key.as_str()] = normalise(kind, value).map_err(|fault| fault.of(key))?;
    }
    Ok(approval)
}

/// CodeDeploy's names with any numbers, with or without its prefixes.
fn named(name: &str) -> Result<Vec<Value>, Fault> {
    let unknown = || Fault::new(said(&name.into(), "is no canary"), STEPS);
    let short = name.trim().trim_start_matches("CodeDeployDefault.").trim_start_matches("ECS");
    if short == "AllAtOnce" {
        return Ok(Vec::new());
    }
    let (rest, between, rises) = match (short.strip_prefix("Canary"), short.strip_prefix("Linear")) {
        (Some(rest), _) => (rest, "Percent", false),
        (None, Some(rest)) => (rest, "PercentEvery", true),
        (None, None) => return Err(unknown()),
    };
    let (percent, minutes) = rest.split_once(between).ok_or_else(unknown)?;
    let percent: u32 = percent.parse().ok().filter(|percent| (1..100).contains(percent)).ok_or_else(unknown)?;
    let minutes: u64 = minutes
        .strip_suffix("Minutes")
        .or(minutes.strip_suffix("Minute"))
        .and_then(|n| n.parse().ok())
        .ok_or_else(unknown)?;
    let bake = duration::parse(&json!(minutes.saturating_mul(60)), 0)
        .map_err(|problem| Fault::new(said(&name.into(), &problem), STEPS))?;
    let last = if rises { 99 } else { percent };
    let weights = (percent..=last).step_by(percent as usize);
    weights.map(|weight| step((0, &json!({ "weight": weight, "bake": Duration::as_secs(&bake) })))).collect()
}
