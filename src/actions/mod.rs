//! One file per action: observe, plan, apply the least, observe again, report.

mod check_gates;
mod create_task_set;
mod delete_task_set;
mod deregister_task_definition;
mod ecr_login;
mod enable_test_listener;
mod preflight;
mod register_task_definition;
mod report;
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

use crate::config::Settings;
use crate::config::table::{Action, GROUPS, Table};
use crate::context::Context;
use crate::error::{Error, Result};

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

/// How an action is run.
enum Run {
    /// With AWS; the second argument is what follows `--` on the command line.
    Aws(for<'a> fn(&'a Context, &'a [OsString]) -> Running<'a>),
    /// From files alone: nothing is connected to, and nothing needs to be known of AWS.
    Offline(fn(&Settings) -> Result<Report>),
}

/// Every action, in the order of a deployment.
const ACTIONS: &[(&Action, Run)] = &[
    (&status::ACTION, Run::Aws(|cx, _| start(|| status::run(cx)))),
    (&preflight::ACTION, Run::Aws(|cx, _| start(|| preflight::run(cx)))),
    (&ecr_login::ACTION, Run::Aws(|cx, command| start(|| ecr_login::run(cx, command)))),
    (&register_task_definition::ACTION, Run::Aws(|cx, _| start(|| register_task_definition::run(cx)))),
    (&create_task_set::ACTION, Run::Aws(|cx, _| start(|| create_task_set::run(cx)))),
    (&wait_stable::ACTION, Run::Aws(|cx, _| start(|| wait_stable::run(cx)))),
    (&enable_test_listener::ACTION, Run::Aws(|cx, _| start(|| enable_test_listener::run(cx)))),
    (&shift_weights::ACTION, Run::Aws(|cx, _| start(|| shift_weights::run(cx)))),
    (&swap_live::ACTION, Run::Aws(|cx, _| start(|| swap_live::run(cx)))),
    (&check_gates::ACTION, Run::Aws(|cx, _| start(|| check_gates::run(cx)))),
    (&set_primary::ACTION, Run::Aws(|cx, _| start(|| set_primary::run(cx)))),
    (&scale_task_set::ACTION, Run::Aws(|cx, _| start(|| scale_task_set::run(cx)))),
    (&rollback::ACTION, Run::Aws(|cx, _| start(|| rollback::run(cx)))),
    (&delete_task_set::ACTION, Run::Aws(|cx, _| start(|| delete_task_set::run(cx)))),
    (&deregister_task_definition::ACTION, Run::Aws(|cx, _| start(|| deregister_task_definition::run(cx)))),
    (&report::ACTION, Run::Offline(report::run)),
];

/// All parameters and all actions of this program.
pub(crate) fn table() -> Table {
    Table { groups: GROUPS.to_vec(), actions: ACTIONS.iter().map(|(action, _)| *action).collect() }
}

/// Runs an action that needs no AWS; none where it does.
pub(crate) fn offline(action: &Action, settings: &Settings) -> Option<Result<Report>> {
    ACTIONS.iter().find(|(known, _)| known.name == action.name).and_then(|(_, run)| match run {
        Run::Aws(_) => None,
        Run::Offline(run) => Some(run(settings)),
    })
}

/// Runs an action. `command` is what follows `--` on the command line of `ecr-login`.
pub(crate) async fn run(action: &Action, cx: &Context, command: &[OsString]) -> Result<Report> {
    match ACTIONS.iter().find(|(known, _)| known.name == action.name) {
        Some((_, Run::Aws(run))) => run(cx, command).await,
        Some((_, Run::Offline(run))) => run(&cx.settings),
        None => Err(Error::unexpected("unknown-action", format!("nothing here does `{}`", action.name))),
    }
}
