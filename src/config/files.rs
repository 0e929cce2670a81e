//! Parameter files: YAML, JSON, and the sample's Makefile.env. A file is hostile until it was read: its size,
//! depth, aliases and syntax are bounded, and whatever is wrong is one error that names file and line.

use std::io;
use std::path::Path;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::layers::{Layer, Source};
use super::{bounded, makefile_env, syntax};
use crate::error::{Error, Result};

/// Nobody writes a larger one.
const LARGEST: usize = 1024 * 1024;

/// Reads a file, and not more of it than is needed to see that it is too large.
pub(crate) fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    crate::system::file::read(path, LARGEST as u64)
}

/// Reads one file as a layer of parameters.
pub(super) fn load(path: &Path, read: &impl Fn(&Path) -> io::Result<Vec<u8>>) -> Result<Layer> {
    let name = bounded(&path.display().to_string(), 200);
    let bytes = read(path).map_err(|error| {
        let code = if error.kind() == io::ErrorKind::NotFound { "config-not-found" } else { "config-unreadable" };
        Error::usage(code, format!("cannot read the config file {name}: {error}"))
            .hint("paths are relative to the working directory; in Jenkins, that of the node that has the checkout")
    })?;
    if bytes.len() > LARGEST {
        return Err(Error::usage("config-too-large", format!("the config file {name} is larger than 1 MiB"))
            .hint("give the file with the parameters"));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let line =
            error.as_bytes().iter().take(error.utf8_error().valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
        Error::usage("config-syntax", format!("{name}:{line}: not UTF-8")).hint("save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let extension = |wanted: &str| {
        let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
        name.ends_with(wanted)
    };
    if extension(".env") {
        return makefile_env::parse(&name, text);
    }
    let value = if extension(".json") {
        json(&name, text)?
    } else if extension(".yml") || extension(".yaml") {
        yaml(&name, text)?
    } else {
        return Err(Error::usage("config-format", format!("the config file {name} is of no known kind"))
            .hint("its name must end in .yml, .yaml, .json or .env"));
    };
    let map = object(value).ok_or_else(|| {
        Error::usage("config-syntax", format!("{name} holds no map of parameters"))
            .hint("one parameter a line, as `cluster: prod`")
    })?;
    Ok(Layer::new(Source::File { name, text: text.to_owned() }, map))
}

fn json(name: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| {
        let place =
            if error.line() == 0 { name.to_owned() } else { format!("{name}:{}:{}", error.line(), error.column()) };
        let problem = syntax::json(text.as_bytes(), &error);
        Error::usage("config-syntax", format!("{place}: {problem}")).hint("check the JSON at that line")
    })
}

fn yaml(name: &str, text: &str) -> Result<Value> {
    if text.trim().is_empty() {
        return Ok(Value::Null);
    }
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        let place =
            error.location().map_or_else(|| name.to_owned(), |at| format!("{name}:{}:{}", at.line(), at.column()));
        Error::usage("config-syntax", format!("{place}: {}", syntax::yaml(&error)))
            .hint("check the YAML at that line: indentation, quotes, a key given twice")
    })
}

/// Small limits, no guessing: `no` and `on` are words, and numbers that look like ids stay as they are written.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 100_000,
            max_nodes: 50_000,
            max_depth: 32,
            flow_nesting_limit: 32,
            max_documents: 1,
            max_aliases: 200,
            max_anchors: 200,
            max_recorded_anchor_events: 20_000,
            max_total_scalar_bytes: 4 * LARGEST,
            max_recorded_anchor_bytes: 4 * LARGEST,
            max_merge_keys: 200,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 8,
        },
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        strict_booleans: true,
        reject_unsupported_tags: true,
        with_snippet: false,
    }
}

/// A map, or nothing at all, which is an empty one.
fn object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map),
        Value::Null => Some(Map::new()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
    }
}

/// The line of a key, given as the names on the way to it. Read a second time, only where there is something to
/// complain about. JSON is YAML too, as far as this goes.
pub(super) fn line_of(text: &str, path: &str) -> Option<u64> {
    let tree: Tree = serde_saphyr::from_str_with_options(text, options()).ok()?;
    let mut here = &tree;
    let mut line = None;
    for name in path.split('.') {
        let (_, at, next) = here.0.iter().find(|(key, ..)| key == name)?;
        line = Some(*at);
        here = next;
    }
    line
}

/// The keys of a document and the lines they are at.
#[derive(Debug, Default)]
struct Tree(Vec<(String, u64, Tree)>);

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

/// Scalars have no keys.
macro_rules! leaves {
    ($($visit:ident: $type:ty),*) => { $(fn $visit<E>(self, _: $type) -> Result<Tree, E> { Ok(Tree::default()) })* };
}

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("anything")
    }

    leaves!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64, visit_str: &str);

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Tree::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut tree = Vec::new();
        while let Some(key) = entries.next_key::<serde_saphyr::Spanned<String>>()? {
            tree.push((key.value, key.referenced.line(), entries.next_value()?));
        }
        Ok(Tree(tree))
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
