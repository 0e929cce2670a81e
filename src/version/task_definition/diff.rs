//! What differs between two revisions, for a plan. Values that may be secrets are never shown.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Value, json};

/// More are counted, not listed.
const MAX_DIFFERENCES: usize = 100;

const REDACTED: &str = "(redacted)";

/// One place in which two revisions differ.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Difference {
    /// As `$.containerDefinitions[web].image`.
    pub(crate) path: String,
    /// Null: not there before.
    pub(crate) from: Value,
    /// Null: not there any more.
    pub(crate) to: Value,
}

/// What `to` changes of `from`, both canonical. What AWS fills in by itself is no difference.
pub(crate) fn differences(from: &Value, to: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    compare("$", from, to, false, &mut found);
    found.truncate(MAX_DIFFERENCES);
    found
}

fn compare(path: &str, from: &Value, to: &Value, secret: bool, found: &mut Vec<Difference>) {
    match (from, to) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let below = format!("{path}.{key}");
                let secret = secret || holds_secrets(path, key);
                match (a.get(key), b.get(key)) {
                    (Some(_), None) | (None, Some(_)) if is_filled_in(key, a.get(key).or(b.get(key)), a) => {}
                    (a, b) => compare(&below, a.unwrap_or(&Value::Null), b.unwrap_or(&Value::Null), secret, found),
                }
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let names: Option<BTreeSet<&str>> = a.iter().chain(b).map(name_of).collect();
            let Some(names) = names.filter(|names| names.len() >= a.len().max(b.len())) else {
                return note(path, from, to, secret, found);
            };
            for name in names {
                let item =
                    |list: &[Value]| list.iter().find(|item| name_of(item) == Some(name)).cloned().unwrap_or_default();
                compare(&format!("{path}[{name}]"), &item(a), &item(b), secret, found);
            }
        }
        // A whole container or list appears or goes: its parts are compared with nothing, so that each is judged.
        (Value::Object(_), Value::Null) => compare(path, from, &json!({}), secret, found),
        (Value::Null, Value::Object(_)) => compare(path, &json!({}), to, secret, found),
        (Value::Array(_), Value::Null) => compare(path, from, &json!([]), secret, found),
        (Value::Null, Value::Array(_)) => compare(path, &json!([]), to, secret, found),
        _ => note(path, from, to, secret, found),
    }
}

fn note(path: &str, from: &Value, to: &Value, secret: bool, found: &mut Vec<Difference>) {
    if from == to {
        return;
    }
    let shown = |value: &Value| if secret && !value.is_null() { json!(REDACTED) } else { value.clone() };
    found.push(Difference { path: path.to_owned(), from: shown(from), to: shown(to) });
}

/// What tells the items of a list apart.
fn name_of(item: &Value) -> Option<&str> {
    item.get("name").or_else(|| item.get("key")).and_then(Value::as_str)
}

/// Values of variables; labels, commands and logging options, which people put tokens into.
fn holds_secrets(path: &str, key: &str) -> bool {
    let variable = key == "value" && path.contains(".environment[");
    let option = path.ends_with(".options") && !key.starts_with("awslogs-");
    variable || option || ["dockerLabels", "command", "entryPoint"].contains(&key)
}

/// AWS returns some defaults that nobody wrote.
fn is_filled_in(key: &str, value: Option<&Value>, before: &serde_json::Map<String, Value>) -> bool {
    match (key, value) {
        (_, Some(Value::Bool(false))) => true,
        ("cpu", Some(value)) => *value == json!(0),
        ("essential", Some(value)) => *value == json!(true),
        ("protocol", Some(value)) => *value == json!("tcp"),
        ("hostPort", value) => value == before.get("containerPort") || value == Some(&json!(0)),
        _ => false,
    }
}
