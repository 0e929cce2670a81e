//! The archived JSON of a deployment (`resources/report.schema.json`), read with tolerance: what is not known is passed
//! over, and a value of another type counts as not given, since a picture of the rest is better than none.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The version that this program knows.
pub(crate) const VERSION: u64 = 2;

/// Times are kept within some 30,000 years, so that none of the arithmetic ends.
const LONGEST: i64 = 1_000_000_000_000_000;

/// A deployment, as its build has archived it.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    pub(crate) version: u64,
    pub(crate) outcome: Option<String>,
    pub(crate) phase: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) cluster: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) deployment_id: Option<String>,
    pub(crate) build: Option<String>,
    pub(crate) image: Option<String>,
    pub(crate) images: BTreeMap<String, String>,
    pub(crate) task_definition_arn: Option<String>,
    pub(crate) task_set_arn: Option<String>,
    pub(super) from: Option<Version>,
    pub(super) previous: Option<Version>,
    pub(super) live: Option<Version>,
    pub(super) weights: Vec<Weights>,
    pub(super) test_url: Option<String>,
    pub(super) approver: Option<String>,
    pub(super) note: Option<String>,
    pub(super) cleanup_approver: Option<String>,
    pub(super) warnings: Vec<Told>,
    pub(super) rollback: Option<Rollback>,
    pub(super) error: Option<Failure>,
    pub(crate) by_hand: Vec<ByHand>,
    /// By their times. Those of version 1 are made of `seconds`.
    pub(super) events: Vec<Event>,
    /// How many events are of no kind that is known here.
    pub(crate) unknown: usize,
}

/// One version of the service.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Version {
    pub(super) colour: Option<String>,
    pub(super) task_set_arn: Option<String>,
    pub(super) deployment_id: Option<String>,
    pub(super) task_definition_arn: Option<String>,
    pub(super) images: BTreeMap<String, String>,
    pub(super) deleted: bool,
}

/// A command for a person, and what it does.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ByHand {
    pub(crate) does: String,
    pub(crate) command: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Told {
    pub(super) code: Option<String>,
    pub(super) message: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Failure {
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Rollback {
    pub(super) ok: bool,
    pub(super) error: Option<Failure>,
}

/// The weights of one forward.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Weights {
    pub(super) arn: String,
    pub(super) role: String,
    pub(super) blue: f64,
    pub(super) green: f64,
    pub(super) others: f64,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// Milliseconds since 1970.
    pub(super) at: i64,
    pub(super) what: What,
}

/// What happened; one entry for each `type`.
#[derive(Debug, Clone)]
pub(super) enum What {
    Start,
    End,
    Stage(Named),
    Action(Action),
    Weights(Shift),
    Question(Question),
    Look(Look),
    Warning(Told),
    Failure(Failure),
    Rollback(Rollback),
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Named {
    pub(super) name: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Action {
    pub(super) name: String,
    pub(super) seconds: f64,
    pub(super) ok: bool,
    pub(super) changed: bool,
    pub(super) code: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shift {
    pub(super) weights: Vec<Weights>,
    pub(super) cause: Option<String>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Question {
    pub(super) name: String,
    pub(super) message: Option<String>,
    pub(super) by: Option<String>,
    pub(super) choice: Option<String>,
    pub(super) note: Option<String>,
    pub(super) seconds: f64,
    /// Its time ended without an answer.
    pub(super) over: bool,
}

/// The worse, the greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Verdict {
    Pass,
    #[default]
    Inconclusive,
    Fail,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Look {
    pub(super) step: String,
    pub(super) verdict: Verdict,
    pub(super) weight: Option<f64>,
    pub(super) share: Option<f64>,
    pub(super) gates: Vec<Gate>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Gate {
    #[serde(rename = "gate")]
    pub(super) name: String,
    pub(super) verdict: Verdict,
    pub(super) dry_run: bool,
    pub(super) words: String,
    pub(super) readings: Value,
    pub(super) threshold: Value,
    pub(super) notes: Vec<String>,
}

impl Verdict {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }
}

/// A duration in milliseconds, never negative.
#[allow(clippy::cast_possible_truncation, reason = "held within what fits")]
pub(super) fn millis(seconds: f64) -> i64 {
    // A float that is no number becomes 0.
    ((seconds * 1000.0).round() as i64).clamp(0, LONGEST)
}

impl Archive {
    /// Reads a report; none where it is JSON and none of ours, an error where it is no JSON.
    pub(crate) fn of(text: &[u8]) -> Result<Option<Self>, serde_json::Error> {
        match serde_json::from_slice::<Keys<'_>>(text) {
            Ok(keys) => Ok(Self::of_keys(&keys)),
            Err(error) if error.is_data() => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn of_keys(map: &Keys<'_>) -> Option<Self> {
        if !map.contains_key("outcome") || !map.contains_key("deploymentId") {
            return None;
        }
        let version = take(map, "schemaVersion").unwrap_or(1);
        let (events, unknown) = if version == 1 { (from_seconds(map), 0) } else { events(map) };
        Some(Self {
            version,
            outcome: take(map, "outcome"),
            phase: take(map, "phase"),
            service: take(map, "service"),
            cluster: take(map, "cluster"),
            region: take(map, "region"),
            deployment_id: take(map, "deploymentId"),
            build: take(map, "build"),
            image: take(map, "image"),
            images: take(map, "images").unwrap_or_default(),
            task_definition_arn: take(map, "taskDefinitionArn"),
            task_set_arn: take(map, "taskSetArn"),
            from: take(map, "from"),
            previous: take(map, "previous"),
            live: take(map, "live"),
            weights: take(map, "weights").unwrap_or_default(),
            test_url: take(map, "testUrl"),
            approver: take(map, "approver"),
            note: take(map, "note"),
            cleanup_approver: take(map, "cleanupApprover"),
            warnings: take(map, "warnings").unwrap_or_default(),
            rollback: take(map, "rollback"),
            error: take(map, "error"),
            by_hand: take(map, "byHand").unwrap_or_default(),
            events,
            unknown,
        })
    }
}

/// What stands at each key, not read yet: each value by itself, so that one that is wrong spoils no other. A report may have
/// megabytes, so none of them is copied into a tree before.
type Keys<'a> = HashMap<String, &'a RawValue>;

fn take<'a, T: Deserialize<'a>>(map: &Keys<'a>, key: &str) -> Option<T> {
    map.get(key).and_then(|value| serde_json::from_str(value.get()).ok())
}

/// The events, in the order of their times, and how many are of no kind that is known here.
fn events(map: &Keys<'_>) -> (Vec<Event>, usize) {
    let all: Vec<&RawValue> = take(map, "events").unwrap_or_default();
    let mut events: Vec<Event> = all.iter().filter_map(|value| event(value.get())).collect();
    events.sort_by_key(|event| event.at);
    let unknown = all.len() - events.len();
    (events, unknown)
}

fn event(text: &str) -> Option<Event> {
    #[derive(Deserialize)]
    struct Head {
        at: i64,
        r#type: String,
    }
    fn is<'a, T: Deserialize<'a>>(text: &'a str, what: fn(T) -> What) -> Option<What> {
        serde_json::from_str(text).ok().map(what)
    }
    let head: Head = serde_json::from_str(text).ok()?;
    let what = match head.r#type.as_str() {
        "start" => Some(What::Start),
        "end" => Some(What::End),
        "stage" => is(text, What::Stage),
        "action" => is(text, What::Action),
        "weights" => is(text, What::Weights),
        "question" => is(text, What::Question),
        "look" => is(text, What::Look),
        "warning" => is(text, What::Warning),
        "failure" => is(text, What::Failure),
        "rollback" => is(text, What::Rollback),
        _ => None,
    };
    Some(Event { at: head.at.clamp(0, LONGEST), what: what? })
}

/// Version 1 has no times, only what each action took: they are laid end to end. The last one before the rollback is the one
/// that failed, where something did.
fn from_seconds(map: &Keys<'_>) -> Vec<Event> {
    let seconds: Map<String, Value> = take(map, "seconds").unwrap_or_default();
    let failed = take::<Failure>(map, "error").is_some();
    let blamed = failed.then(|| seconds.keys().rfind(|name| *name != "rollback").cloned()).flatten();
    let mut at = 0_i64;
    let mut events = Vec::new();
    for (name, took) in &seconds {
        let seconds = took.as_f64().unwrap_or_default();
        events.push(Event { at, what: What::Stage(Named { name: name.clone() }) });
        let ok = blamed.as_ref() != Some(name);
        if name == "approval" {
            let question = Question { name: name.clone(), seconds, over: !ok, ..Question::default() };
            events.push(Event { at, what: What::Question(question) });
        } else {
            let action = Action { name: name.clone(), seconds, ok, ..Action::default() };
            events.push(Event { at, what: What::Action(action) });
        }
        at = (at + millis(seconds)).min(LONGEST);
    }
    if !events.is_empty() {
        events.push(Event { at, what: What::End });
    }
    events
}
