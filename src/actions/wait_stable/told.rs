//! What a wait tells: its result, also where it failed.

use serde_json::{Value, json};

use super::Watch;
use crate::actions::{Report, report};
use crate::error::Error;
use crate::plan::stability::StoppedTask;
use crate::report::view;

/// So many events and targets are reported.
const REPORTED: usize = 20;

impl Watch<'_> {
    /// The JSON's `result`.
    pub(super) fn report(&self) -> Report {
        let arn = self.set.as_ref().map(|set| set.arn.clone()).or_else(|| self.cx.settings.task_set_arn.clone());
        let id = self
            .set
            .as_ref()
            .and_then(|set| set.external_id.clone())
            .or_else(|| self.cx.settings.deployment_id.clone());
        report(json!({
            "taskSetArn": arn,
            "deploymentId": id,
            "colour": self.colour,
            "desired": self.counts.as_ref().map(|counts| counts.desired),
            "running": self.counts.as_ref().map(|counts| counts.running),
            "pending": self.counts.as_ref().map(|counts| counts.pending),
            "health": self.health,
            "waitedSeconds": (self.begun.elapsed().as_secs_f64() * 1000.0).round() / 1000.0,
            "polls": self.polls,
        }))
    }

    /// The same with an error, whatever it is, and the reasons that were found.
    pub(super) fn explain(&self, mut error: Error) -> Error {
        for (key, value) in self.report() {
            error.result.entry(key).or_insert(value);
        }
        let observed = match (&self.set, &self.counts) {
            (Some(set), Some(counts)) => json!({
                "status": set.status,
                "stability": if set.steady { "STEADY_STATE" } else { "STABILIZING" },
                "scale": set.scale,
                "desired": counts.desired,
                "running": counts.running,
                "pending": counts.pending,
                "health": self.health,
                "beside": counts.beside,
            }),
            (None, _) | (_, None) => Value::Null,
        };
        let events: Vec<Value> = self
            .events
            .iter()
            .take(REPORTED)
            .map(|event| json!({ "at": event.at.and_then(view::timestamp), "message": event.message }))
            .collect();
        let targets: Vec<Value> = self
            .targets
            .iter()
            .flatten()
            .take(REPORTED)
            .map(|target| {
                let state = format!("{:?}", target.state).to_lowercase();
                json!({ "id": target.id, "port": target.port, "state": state, "reason": target.reason, "description": target.description })
            })
            .collect();
        let stopped: Vec<&StoppedTask> = self.stopped.iter().rev().take(REPORTED).collect();
        error.with("stoppedTasks", stopped).with("targets", targets).with("events", events).observed(observed)
    }
}
