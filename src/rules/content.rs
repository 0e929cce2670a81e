//! Walks a request's JSON by path, and collects the rules that it breaks. Its shape was checked by the SDK's schemas.

use serde_json::{Map, Value};

use super::{Broken, Format, MAX_TAGS};
use crate::model::tags::is_reserved;
use crate::report::words::quoted;

/// The rules that were found broken.
#[derive(Debug, Default)]
pub(super) struct Found(Vec<Broken>);

impl Found {
    pub(super) fn add(&mut self, path: String, problem: impl Into<String>, right: impl Into<String>) {
        self.0.push(Broken { path, problem: problem.into(), right: right.into() });
    }

    pub(super) fn all(self) -> Vec<Broken> {
        self.0
    }

    /// A text of this format, where there is one.
    pub(super) fn format(&mut self, at: &At<'_>, key: &str, format: Format) {
        if let Some(text) = at.text(key)
            && let Some(problem) = format.problem(text)
        {
            self.add(at.path(key), format!("{} {problem}", quoted(text)), format.right());
        }
    }

    /// A number within these bounds, where there is one.
    pub(super) fn range(&mut self, at: &At<'_>, key: &str, least: i64, most: i64) {
        if let Some(number) = at.number(key)
            && !(least..=most).contains(&number)
        {
            self.add(at.path(key), format!("is {number}"), format!("`{key}` is {least} to {most}"));
        }
    }

    /// A list of at most so many items.
    pub(super) fn at_most(&mut self, at: &At<'_>, key: &str, most: usize) {
        let items = at.len(key);
        if items > most {
            self.add(at.path(key), format!("has {items} items"), format!("AWS takes {most} `{key}` at most"));
        }
    }

    /// The users' tags. Which keys are reserved is decided elsewhere.
    pub(super) fn tags(&mut self, at: &At<'_>) {
        self.at_most(at, "tags", MAX_TAGS);
        let mut seen: Vec<&str> = Vec::new();
        for tag in at.list("tags") {
            let key = tag.text("key").unwrap_or_default();
            if key.is_empty() || is_reserved(key) {
                continue;
            }
            self.format(&tag, "key", Format::TagKey);
            self.format(&tag, "value", Format::TagValue);
            // Model, `RegisterTaskDefinitionRequest$tags`: "each tag key must be unique".
            if seen.contains(&key) {
                self.add(tag.path("key"), format!("{} is there twice", quoted(key)), "each tag's key once");
            }
            seen.push(key);
        }
    }
}

/// An object within the content.
pub(super) struct At<'a> {
    object: &'a Map<String, Value>,
    path: String,
}

impl<'a> At<'a> {
    pub(super) fn top(object: &'a Map<String, Value>) -> Self {
        Self { object, path: "$".into() }
    }

    pub(super) fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.object.get(key).is_some_and(|value| !value.is_null())
    }

    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.object.get(key)?.as_str()
    }

    pub(super) fn number(&self, key: &str) -> Option<i64> {
        self.object.get(key)?.as_i64()
    }

    pub(super) fn fraction(&self, key: &str) -> Option<f64> {
        self.object.get(key)?.as_f64()
    }

    pub(super) fn flag(&self, key: &str) -> Option<bool> {
        self.object.get(key)?.as_bool()
    }

    pub(super) fn len(&self, key: &str) -> usize {
        self.object.get(key).and_then(Value::as_array).map_or(0, Vec::len)
    }

    pub(super) fn has_item(&self, key: &str, item: &str) -> bool {
        let items = self.object.get(key).and_then(Value::as_array);
        items.is_some_and(|items| items.iter().any(|one| one.as_str() == Some(item)))
    }

    pub(super) fn object(&self, key: &str) -> Option<At<'a>> {
        Some(At { object: self.object.get(key)?.as_object()?, path: self.path(key) })
    }

    /// The objects of a list.
    pub(super) fn list(&self, key: &str) -> Vec<At<'a>> {
        let items = self.object.get(key).and_then(Value::as_array).into_iter().flatten().enumerate();
        items
            .filter_map(|(index, item)| {
                Some(At { object: item.as_object()?, path: format!("{}.{key}[{index}]", self.path) })
            })
            .collect()
    }
}
