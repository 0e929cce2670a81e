//! What will stand in the way at the end, when the previous version is to be deleted.

use std::time::Duration;

use super::{Finding, Place, Traffic};
use crate::config::Settings;
use crate::model::Service;
use crate::plan::drain::drain;

/// Group stickiness against the bake and `drain`: clients with a cookie stay on the old group, and nothing here can move
/// them.
pub(super) fn findings(service: &Service, traffic: &Traffic, place: &Place, settings: &Settings) -> Vec<Finding> {
    let sticky = traffic.live.iter().filter_map(|forward| forward.stickiness).max().unwrap_or_default();
    let deletes = settings.pipeline.cleanup.get("previous").and_then(serde_json::Value::as_str) != Some("keep");
    let at_the_end = deletes && service.primary().is_some();
    if sticky.is_zero() || !(at_the_end || place.previous.is_some()) {
        return Vec::new();
    }
    let (waited, refusal) = drain(settings.drain, traffic.deregistration_delay, sticky);
    if let Some(refusal) = refusal {
        return vec![Finding::unless_allowed(refusal)];
    }
    let left = waited.saturating_sub(if place.previous.is_some() { Duration::ZERO } else { settings.pipeline.bake });
    let held =
        if left.is_zero() { String::new() } else { format!(", which holds an executor for {} s", left.as_secs()) };
    vec![Finding::warning(
        "sticky-sessions",
        format!(
            "group stickiness: for {} s after the swap clients stay on the old version, and after a rollback on the new one; the deletion waits for that{held}",
            sticky.as_secs()
        ),
        "a longer `cleanup.bake` lets the time pass without an executor; or lower the stickiness of the live listener",
    )]
}
