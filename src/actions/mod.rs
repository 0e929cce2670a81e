//! One file per action: observe, plan, apply the least, observe again, report.

mod create_task_set;
mod delete_task_set;
mod deregister_task_definition;
mod ecr_login;
mod enable_test_listener;
mod preflight;
mod register_task_definition;
mod rollback;
mod scale_task_set;
mod set_primary;
mod shift_weights;
mod status;
mod swap_live;
mod traffic;
mod wait_stable;

use std::ffi::OsString;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::Action;
use crate::context::Context;
use crate::error::Result;

/// What an action reports: the JSON's `result`.
pub(crate) type Report = Map<String, Value>;

/// The JSON's `result` out of a plain structure.
pub(crate) fn report(value: impl Serialize) -> Report {
    match crate::output::to_value(value) {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// Runs an action. `command` is what follows `--` on the command line of `ecr-login`.
pub(crate) async fn run(action: Action, cx: &Context, command: &[OsString]) -> Result<Report> {
    match action {
        Action::RegisterTaskDefinition => register_task_definition::run(cx).await,
        Action::CreateTaskSet => create_task_set::run(cx).await,
        Action::EnableTestListener => enable_test_listener::run(cx).await,
        Action::ShiftWeights => shift_weights::run(cx).await,
        Action::SwapLive => swap_live::run(cx).await,
        Action::SetPrimary => set_primary::run(cx).await,
        Action::ScaleTaskSet => scale_task_set::run(cx).await,
        Action::Rollback => rollback::run(cx).await,
        Action::DeleteTaskSet => delete_task_set::run(cx).await,
        Action::DeregisterTaskDefinition => deregister_task_definition::run(cx).await,
        Action::EcrLogin => ecr_login::run(cx, command).await,
        Action::Status => status::run(cx).await,
        Action::WaitStable => wait_stable::run(cx).await,
        Action::Preflight => preflight::run(cx).await,
    }
}
