//! One file per action: observe, plan, apply the least, observe again, report.

mod create_task_set;
mod delete_task_set;
mod deregister_task_definition;
mod enable_test_listener;
mod register_task_definition;
mod rollback;
mod scale_task_set;
mod set_primary;
mod shift_weights;
mod swap_live;
mod traffic;

use serde::Serialize;
use serde_json::{Map, Value};

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
