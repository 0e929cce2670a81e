//! Arguments, JSON parameters, files and environment become validated settings, once.
//!
//! Precedence: `--flags` > `ECS_BG_PARAMS` > `--config` files, the later first > `AWS_*` environment.

mod arn;
mod canary;
mod duration;
mod files;
mod image;
mod layers;
mod make;
mod makefile_env;
mod places;
mod reading;
mod resolve;
mod settings;
mod syntax;
pub(crate) mod table;
mod values;
mod written;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::error::{Error, Result};

use layers::{Layer, Merged, Source};
use table::{Action, Kind, Table, flag_name};

#[cfg(test)]
pub(crate) use canary::Gates;
pub(crate) use canary::{ErrorsGate, LatencyGate, Step};
pub(crate) use files::read_limited;
pub(crate) use image::{Ecr, Image, MUTABLE_TAG};
#[cfg(test)]
pub(crate) use settings::CapacityProvider;
pub(crate) use settings::{Connection, Settings, TaskSetOverrides, VersionSource};
pub(crate) use syntax::json as json_problem;
pub(crate) use values::check_url;

/// The environment variable with the parameters as one JSON object.
pub(crate) const PARAMS: &str = "ECS_BG_PARAMS";

/// Reads everything that was given, and checks what can be checked without AWS.
///
/// `env` and `read_file` are the world; `flags` and `files` are what [`crate::cli`] made of the command line.
pub(crate) fn load(
    table: &Table,
    action: &Action,
    flags: Map<String, Value>,
    files: Vec<PathBuf>,
    env: impl Fn(&str) -> Option<OsString>,
    read_file: impl Fn(&Path) -> io::Result<Vec<u8>>,
) -> Result<Settings> {
    let env = |name: &'static str| -> Result<Option<String>> {
        match env(name).map(OsString::into_string) {
            None => Ok(None),
            Some(Ok(value)) => Ok(Some(value).filter(|value| !value.trim().is_empty())),
            Some(Err(_)) => {
                let message = format!("the environment variable {name} is not valid UTF-8");
                Err(Error::usage("invalid-utf8", message).hint(format!("set {name} again, or unset it")))
            }
        }
    };
    let params = params(env(PARAMS)?)?;
    let mut layers = Vec::new();
    for path in config_files(&params)?.into_iter().chain(files) {
        let layer = files::load(&path, &read_file)?;
        if layer.map.contains_key("config") {
            let message = format!("`config` ({}) is in a config file", layer.source.place("config"));
            return Err(Error::usage("invalid-value", message)
                .hint("files do not name further files; give them all as --config, or as a list in `config`"));
        }
        layers.push(layer);
    }
    layers.push(params);
    layers.push(Layer::new(Source::Flags, flags));

    let from_environment = places::fill_in(&mut layers, &env)?;
    let mut merged = Merged::of(table, &layers)?;
    for (key, value, variable) in from_environment {
        if merged.get(key).is_none() {
            merged.add(key, value, Source::Environment(variable));
        }
    }
    places::check_endpoints(&env)?;
    resolve::one_source(action, &mut merged)?;
    let mut settings = resolve::settings(table, &merged)?;
    resolve::extras(&mut settings, &layers);
    places::check(&settings, &merged)?;
    if !action.uses("service") && settings.connection.region.is_none() {
        // Where it is about an image alone, that says where its registry is.
        let image = settings.version.image.as_deref().and_then(|image| Image::parse(image).ok());
        settings.connection.region = image.and_then(|image| image.ecr()).map(|registry| registry.region);
    }
    Ok(settings)
}

fn params(text: Option<String>) -> Result<Layer> {
    let hint = "it holds one JSON object with the parameters, as {\"cluster\": \"prod\"}";
    let value = match text {
        None => Value::Null,
        Some(text) => serde_json::from_str(&text).map_err(|error| {
            let place = format!("line {}, column {}", error.line(), error.column());
            let problem = syntax::json(text.as_bytes(), &error);
            Error::usage("params-not-json", format!("{PARAMS} is not JSON: {place}: {problem}")).hint(hint)
        })?,
    };
    match value {
        Value::Null => Ok(Layer::new(Source::Params, Map::new())),
        Value::Object(map) => Ok(Layer::new(Source::Params, map)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(Error::usage("params-not-json", format!("{PARAMS} is not a JSON object")).hint(hint))
        }
    }
}

/// The files that a layer names, the lowest precedence first.
fn config_files(layer: &Layer) -> Result<Vec<PathBuf>> {
    let Some(config) = layer.map.get("config").filter(|config| !config.is_null()) else { return Ok(Vec::new()) };
    let list = values::normalise(Kind::Files, config).map_err(|fault| layer.wrong("config", fault))?;
    Ok(list.as_array().into_iter().flatten().filter_map(Value::as_str).map(PathBuf::from).collect())
}

/// Puts a value at its place: a dot in the name leads into a group.
pub(crate) fn nest_one(map: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        None => {
            map.insert(name.to_owned(), value);
        }
        Some((group, rest)) => {
            if let Value::Object(group) = map.entry(group).or_insert_with(|| Value::Object(Map::new())) {
                nest_one(group, rest, value);
            }
        }
    }
}

/// A setting that an action cannot do without.
pub(crate) fn required<'a, T>(value: Option<&'a T>, key: &str) -> Result<&'a T> {
    value.ok_or_else(|| {
        Error::usage("missing-parameter", format!("`{key}` is missing"))
            .hint(format!("give `{key}` as a flag (--{}), in ECS_BG_PARAMS, or in a --config file", flag_name(key)))
    })
}

#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod tests;
