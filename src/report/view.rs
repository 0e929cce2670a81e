//! How task sets and weights look in the JSON.

use std::time::SystemTime;

use aws_smithy_types::date_time::{DateTime, Format};
use serde::Serialize;

use crate::model::{Colour, Forward, Pair, Role, Service, TaskSet, TaskSetStatus};

/// A task set.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TaskSetView {
    pub(crate) arn: String,
    pub(crate) id: String,
    pub(crate) deployment_id: Option<String>,
    pub(crate) status: TaskSetStatus,
    pub(crate) colour: Option<Colour>,
    pub(crate) target_group_arn: Option<String>,
    pub(crate) task_definition_arn: String,
    pub(crate) scale: f64,
    pub(crate) desired: i32,
    pub(crate) running: i32,
    pub(crate) pending: i32,
    pub(crate) stability: &'static str,
    pub(crate) created_at: Option<String>,
    pub(crate) age_seconds: Option<u64>,
    pub(crate) build: Option<String>,
    pub(crate) container_name: Option<String>,
    pub(crate) container_port: Option<i32>,
}

impl TaskSetView {
    /// A task set of a service, seen from its two groups.
    pub(crate) fn of(set: &TaskSet, service: &Service, groups: &Pair<String>) -> Self {
        Self {
            arn: set.arn.clone(),
            id: set.id.clone(),
            deployment_id: set.external_id.clone(),
            status: set.status,
            colour: set.target_group.as_deref().and_then(|group| groups.colour_of(group)),
            target_group_arn: set.target_group.clone(),
            task_definition_arn: set.task_definition.clone(),
            scale: set.scale,
            desired: set.computed_desired(service.desired_count),
            running: set.running,
            pending: set.pending,
            stability: if set.steady { "STEADY_STATE" } else { "STABILIZING" },
            created_at: set.created_at.and_then(timestamp),
            age_seconds: service.age(set).map(|age| age.as_secs()),
            build: set.build(),
            container_name: set.container_name.clone(),
            container_port: set.container_port,
        }
    }
}

/// All task sets of a service.
pub(crate) fn task_sets(service: &Service, groups: &Pair<String>) -> Vec<TaskSetView> {
    service.task_sets.iter().map(|set| TaskSetView::of(set, service, groups)).collect()
}

/// The weights of one forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct WeightsView {
    pub(crate) arn: String,
    pub(crate) role: Role,
    pub(crate) blue: i32,
    pub(crate) green: i32,
    pub(crate) others: i32,
}

/// The weights of forwards.
pub(crate) fn weights<'a>(forwards: impl IntoIterator<Item = &'a Forward>, groups: &Pair<String>) -> Vec<WeightsView> {
    forwards
        .into_iter()
        .map(|forward| WeightsView {
            arn: forward.arn.clone(),
            role: forward.role,
            blue: forward.weight(groups, Colour::Blue),
            green: forward.weight(groups, Colour::Green),
            others: forward.others(groups),
        })
        .collect()
}

/// A time as RFC 3339, in whole milliseconds at most.
pub(crate) fn timestamp(at: SystemTime) -> Option<String> {
    DateTime::from(at).fmt(Format::DateTime).ok()
}
