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
mod settle;
mod shift_weights;
mod status;
mod swap_live;
mod traffic;
mod wait_stable;

use std::ffi::OsString;
use std::pin::Pin;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::cli::Action;
use crate::context::Context;
use crate::error::Result;

/// What an action reports: the JSON's `result`.
pub(crate) type Report = Map<String, Value>;

/// The JSON's `result` out of a plain structure.
pub(crate) fn report(value: impl Serialize) -> Report {
    match crate::model::json::to_value(value) {
        Value::Object(map) => map,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// An action on its way to its report. Boxed: in one future they would all have their places on the stack at once, and
/// without optimisation that is megabytes.
type Running<'a> = Pin<Box<dyn Future<Output = Result<Report>> + 'a>>;

fn start<'a, F: Future<Output = Result<Report>> + 'a>(action: impl FnOnce() -> F) -> Running<'a> {
    Box::pin(action())
}

/// Runs an action. `command` is what follows `--` on the command line of `ecr-login`.
pub(crate) fn run<'a>(action: Action, cx: &'a Context, command: &'a [OsString]) -> Running<'a> {
    match action {
        Action::RegisterTaskDefinition => start(|| register_task_definition::run(cx)),
        Action::CreateTaskSet => start(|| create_task_set::run(cx)),
        Action::EnableTestListener => start(|| enable_test_listener::run(cx)),
        Action::ShiftWeights => start(|| shift_weights::run(cx)),
        Action::SwapLive => start(|| swap_live::run(cx)),
        Action::SetPrimary => start(|| set_primary::run(cx)),
        Action::ScaleTaskSet => start(|| scale_task_set::run(cx)),
        Action::Rollback => start(|| rollback::run(cx)),
        Action::DeleteTaskSet => start(|| delete_task_set::run(cx)),
        Action::DeregisterTaskDefinition => start(|| deregister_task_definition::run(cx)),
        Action::EcrLogin => start(|| ecr_login::run(cx, command)),
        Action::Status => start(|| status::run(cx)),
        Action::WaitStable => start(|| wait_stable::run(cx)),
        Action::Preflight => start(|| preflight::run(cx)),
    }
}
