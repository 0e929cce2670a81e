//! One form for one content, and its hash: the same task definition, written in another order, is the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

/// Lists that AWS keeps as sets, and the key that tells their items apart.
const SETS: [(&str, &str); 3] = [("environment", "name"), ("secrets", "name"), ("tags", "key")];

/// Keys sorted; sets sorted; null and empty, which mean "not given", left out.
pub(crate) fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let sorted: BTreeMap<&String, Value> = object
                .iter()
                .map(|(key, value)| (key, member(key, value)))
                .filter(|(_, value)| !is_empty(value))
                .collect();
            Value::Object(sorted.into_iter().map(|(key, value)| (key.clone(), value)).collect::<Map<_, _>>())
        }
        Value::Array(items) => Value::Array(items.iter().map(canonical).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn member(key: &str, value: &Value) -> Value {
    let mut value = canonical(value);
    if let Value::Array(items) = &mut value {
        if let Some((_, by)) = SETS.iter().find(|(set, _)| *set == key) {
            // Stable: of two with one name, which AWS lets the later win, the order stays.
            items.sort_by(|a, b| a[*by].as_str().cmp(&b[*by].as_str()));
        } else if key == "requiresCompatibilities" {
            items.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
        }
    }
    value
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// SHA-256 of a canonical value, in hex.
pub(crate) fn fingerprint(canonical: &Value) -> String {
    hex(&Sha256::digest(canonical.to_string().as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
