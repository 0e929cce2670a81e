//! Replies as AWS sent them, and what of them the SDK does not know: it passes over such members, so they are lost where
//! what was read is written back.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Map, Value};

use crate::error::{Error, Kind, Result};

/// Keeps the body of one call's reply, of its last attempt.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply(Arc<Mutex<Vec<u8>>>);

impl Intercept for Reply {
    fn name(&self) -> &'static str {
        "ecs-bg reply"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.response().body().bytes().unwrap_or_default().to_vec();
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = body;
        Ok(())
    }
}

impl Reply {
    /// As text.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }

    /// As JSON, of the services that speak it.
    pub(super) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
            .map_err(|error| unreadable(&error))
    }
}

/// The SDK has read it, so this is not to be expected; without it, nothing tells what would be lost.
pub(super) fn unreadable(error: &dyn std::fmt::Display) -> Error {
    Error::new(
        Kind::Unavailable,
        "bad-reply",
        format!("AWS's reply cannot be held against what was read of it: {error}"),
    )
    .hint("check `endpointUrl` and HTTPS_PROXY; then run the same action again")
}

/// Paths of the members that were sent and are not known, as `containerDefinitions[0].newThing`.
pub(super) fn unknown_members(sent: &Value, known: &Map<String, Value>) -> Vec<String> {
    let mut found = Vec::new();
    for (key, value) in sent.as_object().into_iter().flatten() {
        compare(key.clone(), value, known.get(key), &mut found);
    }
    found
}

fn compare(path: String, sent: &Value, known: Option<&Value>, found: &mut Vec<String>) {
    if is_empty(sent) {
        return;
    }
    match (sent, known) {
        (Value::Object(sent), Some(Value::Object(known))) => {
            for (key, value) in sent {
                compare(format!("{path}.{key}"), value, known.get(key), found);
            }
        }
        (Value::Array(sent), Some(Value::Array(known))) => {
            for (index, value) in sent.iter().enumerate() {
                compare(format!("{path}[{index}]"), value, known.get(index), found);
            }
        }
        // A plain value has been read as what it is.
        (Value::Bool(_) | Value::Number(_) | Value::String(_), Some(_)) => {}
        (
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_),
            _,
        ) => {
            found.push(path);
        }
    }
}

/// What says nothing cannot be lost.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.iter().all(is_empty),
        Value::Object(members) => members.values().all(is_empty),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    type Change = fn(&mut Value);

    #[test]
    fn what_was_sent_and_is_not_known_is_found_with_its_path() {
        let known = json!({
            "family": "web", "registeredAt": 1.5, "volumes": [],
            "containerDefinitions": [{ "name": "a" }, { "name": "b", "dockerLabels": { "k": "v" } }],
        });
        let sent = |change: &dyn Fn(&mut Value)| {
            let mut sent = known.clone();
            sent["volumes"] = Value::Null;
            change(&mut sent);
            unknown_members(&sent, known.as_object().unwrap())
        };
        let table: [(&str, Change, &[&str]); 9] = [
            ("nothing", |_| {}, &[]),
            ("at the top", |sent| sent["newThing"] = json!(true), &["newThing"]),
            ("false is a value", |sent| sent["newThing"] = json!(false), &["newThing"]),
            ("null", |sent| sent["newThing"] = Value::Null, &[]),
            ("empty", |sent| sent["newThing"] = json!({ "a": [], "b": { "c": null }, "d": "" }), &[]),
            (
                "in a list",
                |sent| sent["containerDefinitions"][1]["newThing"] = json!({ "mode": 1 }),
                &["containerDefinitions[1].newThing"],
            ),
            (
                "in a map's place",
                |sent| sent["containerDefinitions"][1]["dockerLabels"] = json!(["v"]),
                &["containerDefinitions[1].dockerLabels"],
            ),
            ("one more item", |sent| sent["volumes"] = json!([{ "name": "v" }]), &["volumes[0]"]),
            ("another form of the same", |sent| sent["registeredAt"] = json!("2026-01-01T00:00:00Z"), &[]),
        ];
        for (why, change, expected) in table {
            assert_eq!(sent(&change), expected, "{why}");
        }
    }
}
