//! A canary's steps and its gates, as settings.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use super::reading;

/// A step of a canary.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Step {
    /// Percent of the live traffic, in tenths.
    pub(crate) weight: f64,
    #[serde(deserialize_with = "reading::duration")]
    pub(crate) bake: Duration,
    /// Percent of the service's desired count.
    pub(crate) scale: f64,
}

/// What watches a version that has live traffic.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Gates {
    pub(crate) alarms: Vec<String>,
    /// What an alarm does that was in ALARM before.
    pub(crate) alarms_before: String,
    #[serde(deserialize_with = "reading::optional")]
    pub(crate) errors: Option<ErrorsGate>,
    #[serde(deserialize_with = "reading::optional")]
    pub(crate) latency: Option<LatencyGate>,
    #[serde(deserialize_with = "reading::duration")]
    pub(crate) every: Duration,
    #[serde(deserialize_with = "reading::duration")]
    pub(crate) period: Duration,
}

/// Failed requests.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorsGate {
    /// Of the other version's rate.
    pub(crate) times: f64,
    /// Percent.
    pub(crate) max: Option<f64>,
    pub(crate) min_requests: u64,
    pub(crate) dry_run: bool,
}

/// Response times.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LatencyGate {
    /// As CloudWatch calls it.
    pub(crate) stat: String,
    /// Of the other version's.
    pub(crate) times: f64,
    #[serde(deserialize_with = "reading::duration")]
    pub(crate) at_least: Duration,
    #[serde(default, deserialize_with = "reading::maybe_duration")]
    pub(crate) max: Option<Duration>,
    pub(crate) dry_run: bool,
}

impl Gates {
    /// Whether requests are read.
    pub(crate) fn reads_metrics(&self) -> bool {
        self.errors.is_some() || self.latency.is_some()
    }

    /// Whether an alarm that was in ALARM before is no refusal.
    pub(crate) fn ignores_alarms_before(&self) -> bool {
        self.alarms_before == "ignore-those"
    }
}

/// A step without a scale has the deployment's. A scale never falls: tasks that serve would go.
pub(super) fn fill_in_scale(values: &mut Value) -> Result<(), String> {
    let whole = values.get("scale").and_then(Value::as_f64).unwrap_or(100.0);
    let mut last = 0.0;
    for (at, step) in values.get_mut("canary").and_then(Value::as_array_mut).into_iter().flatten().enumerate() {
        let scale = step["scale"].as_f64();
        if scale.is_none() {
            step["scale"] = number(whole);
        }
        let scale = scale.unwrap_or(whole);
        if scale < last || scale > whole {
            return Err(format!("has the scale {scale} in step {}", at + 1));
        }
        last = scale;
    }
    Ok(())
}

/// Whole numbers without a fraction, as everywhere.
#[allow(clippy::cast_possible_truncation, reason = "a percentage")]
fn number(number: f64) -> Value {
    if number.fract() == 0.0 { (number as i64).into() } else { number.into() }
}
