//! Values that are maps: variables, tags, images by container, capacity providers.

use serde_json::{Map, Value};

use super::super::bounded;
use super::{Fault, Outcome, integer, items, list, said, text};
use crate::rules::Format;

/// A map; entries that are null count as not given.
pub(super) fn map(value: &Value, entry: impl Fn(&str, &Value) -> Outcome) -> Outcome {
    let Value::Object(entries) = value else {
        return Err(Fault::new("is not a map", "a map of names to values"));
    };
    let mut out = Map::new();
    for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
        if name.trim().is_empty() {
            return Err(Fault::new("has an entry with an empty name", "a map of names to values"));
        }
        out.insert(name.clone(), entry(name, value).map_err(|fault| fault.of(name))?);
    }
    Ok(Value::Object(out))
}

/// What a program gets to see is always text. No fault here says what the value was.
fn scalar(value: &Value) -> Outcome {
    match value {
        Value::String(text) if text.contains('\0') => {
            Err(Fault::new("has a NUL character in it", "a text without one"))
        }
        Value::String(text) => Ok(Value::String(text.clone())),
        Value::Bool(value) => Ok(Value::String(value.to_string())),
        Value::Number(_) => text(value).map(Value::String),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            Err(Fault::new("is a list or a map", "NAME: value, or CONTAINER: {NAME: value}"))
        }
    }
}

pub(super) fn variables(value: &Value) -> Outcome {
    map(value, |_, value| match value {
        Value::Object(_) => map(value, |_, value| scalar(value)),
        one => scalar(one),
    })
}

pub(super) fn tag(name: &str, value: &Value) -> Outcome {
    if name.starts_with("aws:") || name.starts_with("ecs-bg:") {
        let owner = if name.starts_with("aws:") { "AWS" } else { "this tool" };
        return Err(Fault::new(format!("belongs to {owner}"), "another name").code("reserved-tag"));
    }
    if let Some(problem) = Format::TagKey.problem(name) {
        return Err(Fault::new(format!("is no tag's key: it {problem}"), Format::TagKey.right()));
    }
    let value = scalar(value)?;
    let problem = |text: &str| Some(said(&text.into(), &Format::TagValue.problem(text)?));
    match value.as_str().and_then(problem) {
        Some(problem) => Err(Fault::new(problem, Format::TagValue.right())),
        None => Ok(value),
    }
}

/// `NAME`, `NAME:WEIGHT`, `NAME:WEIGHT:BASE` or `{name, weight, base}`, one or a list of them.
pub(super) fn providers(value: &Value) -> Outcome {
    let items: Vec<Value> = match value {
        Value::Array(items) => items.clone(),
        Value::Object(_) => vec![value.clone()],
        one => items(&list(one)?).map(Value::from).collect(),
    };
    if items.is_empty() {
        return Err(Fault::new("is an empty list", "give it a value, or leave it out"));
    }
    items.iter().map(provider).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn provider(value: &Value) -> Outcome {
    let expected = "NAME, NAME:WEIGHT, NAME:WEIGHT:BASE or {name, weight, base}";
    let mut out = Map::new();
    let number = |value: &Value, most| integer(value, 0, most);
    if let Value::Object(given) = value {
        for (key, value) in given.iter().filter(|(_, value)| !value.is_null()) {
            let (name, value) = match key.as_str() {
                "name" | "capacityProvider" => ("name", Value::String(text(value).map_err(|fault| fault.of(key))?)),
                "weight" => ("weight", number(value, 1000).map_err(|fault| fault.of(key))?),
                "base" => ("base", number(value, 100_000).map_err(|fault| fault.of(key))?),
                _ => {
                    let problem = format!("has the unknown key `{}`", bounded(key, 60));
                    return Err(Fault::new(problem, expected).code("unknown-key"));
                }
            };
            out.insert(name.to_owned(), value);
        }
    } else {
        let text = text(value)?;
        let mut parts = text.split(':');
        out.insert("name".to_owned(), parts.next().unwrap_or_default().into());
        for (name, most) in [("weight", 1000), ("base", 100_000)] {
            if let Some(part) = parts.next() {
                out.insert(name.to_owned(), number(&part.into(), most)?);
            }
        }
        if parts.next().is_some() {
            return Err(Fault::new(said(value, "has too many parts"), expected));
        }
    }
    let named = out.get("name").and_then(Value::as_str).is_some_and(|name| !name.trim().is_empty());
    if !named {
        return Err(Fault::new("has an item without a name", expected));
    }
    out.entry("weight").or_insert(1.into());
    out.entry("base").or_insert(0.into());
    Ok(Value::Object(out))
}
