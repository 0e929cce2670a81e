//! Plain data as JSON.

use serde::Serialize;
use serde_json::Value;

/// Our own plain data as JSON. It has string keys only, so it cannot fail.
pub(crate) fn to_value(value: impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or(Value::Null)
}
