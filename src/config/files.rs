//! Parameter files: YAML, JSON, and the sample's Makefile.env. A file is hostile until it was read: its size,
//! depth, aliases and syntax are bounded, and whatever is wrong is one error that names file and line.

use std::io;
use std::path::Path;

use serde_json::{Map, Value};
use serde_saphyr::Spanned;

use super::layers::{Layer, Source};
use super::written::{self, Node};
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
    let mut map = object(value).ok_or_else(|| {
        Error::usage("config-syntax", format!("{name} holds no map of parameters"))
            .hint("one parameter a line, as `cluster: prod`")
    })?;
    // As in Compose files: a home for anchors.
    map.retain(|key, _| !key.starts_with("x-"));
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
    let document: Result<Spanned<Node>, _> = serde_saphyr::from_str_with_options(text, options());
    document.map(|document| written::parameters(document, text)).map_err(|error| {
        let place =
            error.location().map_or_else(|| name.to_owned(), |at| format!("{name}:{}:{}", at.line(), at.column()));
        Error::usage("config-syntax", format!("{place}: {}", syntax::yaml(&error)))
            .hint("check the YAML at that line: indentation, quotes, a key given twice")
    })
}

/// Small limits. What a scalar is guessed to be, [`written`] takes back.
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
        strict_booleans: true,
        non_finite_float_policy: serde_saphyr::NonFiniteFloatPolicy::PassThrough,
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
    let document: Node = serde_saphyr::from_str_with_options(text, options()).ok()?;
    document.line_of(path)
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
