//! Arguments, JSON parameters, files and environment become validated settings, once.
//!
//! Precedence: `--flags` > `ECS_BG_PARAMS` > `--config` files, the later first > `AWS_*` environment.

mod arn;
mod duration;
mod files;
mod image;
mod keys;
mod layers;
mod make;
mod makefile_env;
mod places;
mod resolve;
mod syntax;
mod values;
mod written;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Map, Value};

use crate::cli::{Action, Globals};
use crate::error::{Error, Result};
use crate::model::{Colour, Pair};

use layers::{Layer, Merged, Source};

pub(crate) use files::read_limited;
pub(crate) use image::{Ecr, Image};
pub(crate) use syntax::json as json_problem;
pub(crate) use values::check_url;

/// The environment variable with the parameters as one JSON object.
pub(crate) const PARAMS: &str = "ECS_BG_PARAMS";

/// Every setting, validated. An action takes what it needs; what it needs and was not given is a usage error
/// (see [`required`]).
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) connection: Connection,
    pub(crate) cluster: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) target_groups: Option<Pair<String>>,
    /// Listener or rule ARNs; a listener means its default rule.
    pub(crate) live: Vec<String>,
    pub(crate) test: Vec<String>,
    pub(crate) deployment_id: Option<String>,
    pub(crate) task_set_arn: Option<String>,
    /// The build's URL.
    pub(crate) build: Option<String>,
    pub(crate) version: VersionSource,
    pub(crate) task_set: TaskSetOverrides,
    pub(crate) repository: Option<String>,
    pub(crate) image_tag: Option<String>,
    /// `weights.blue`, `weights.green`, each 0–999.
    pub(crate) weights: Option<Pair<u16>>,
    /// Percent, 0–100.
    pub(crate) scale: Option<f64>,
    /// Percent of the computed desired count that must be healthy, 1–100.
    pub(crate) min_healthy: u8,
    pub(crate) timeout: Option<Duration>,
    /// How long traffic waits for a set that scales at that moment.
    pub(crate) settle: Duration,
    pub(crate) poll_interval: Duration,
    pub(crate) confirmations: u32,
    pub(crate) drain: Option<Duration>,
    /// Since when a set has had no live weight, as `swap-live` reported it.
    pub(crate) idle_since: Option<std::time::SystemTime>,
    pub(crate) allow: Vec<String>,
    pub(crate) dry_run: bool,
    /// The colour that a Makefile.env says is next: compared with what is idle, and never needed.
    pub(crate) next_env: Option<Colour>,
    pub(crate) pipeline: Pipeline,
}

/// How to reach AWS, and as whom.
#[derive(Debug, Clone, Default)]
pub(crate) struct Connection {
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) role_arn: Option<String>,
    pub(crate) role_external_id: Option<String>,
    pub(crate) role_session_name: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    /// The account that this must run in.
    pub(crate) account_id: Option<String>,
    pub(crate) max_attempts: u32,
    pub(crate) attempt_timeout: Duration,
    pub(crate) operation_timeout: Duration,
}

/// Where the new version comes from, and what is different from its template.
#[derive(Debug, Clone, Default)]
pub(crate) struct VersionSource {
    /// A template file for `register-task-definition`.
    pub(crate) template: Option<PathBuf>,
    /// An existing revision: ARN, or `family:revision`.
    pub(crate) task_definition_arn: Option<String>,
    pub(crate) image: Option<String>,
    /// Per container.
    pub(crate) images: BTreeMap<String, String>,
    pub(crate) family: Option<String>,
    /// A Makefile.env has a family for each colour; that of the idle colour counts, where `family` was not given.
    pub(crate) families: Option<Pair<String>>,
    pub(crate) container_name: Option<String>,
    /// Variables for the container that serves (`containerName`, or the only one).
    pub(crate) environment: BTreeMap<String, String>,
    /// Variables per container.
    pub(crate) container_environment: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) secrets: BTreeMap<String, String>,
    pub(crate) container_secrets: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) task_role_arn: Option<String>,
    pub(crate) execution_role_arn: Option<String>,
    pub(crate) log_group: Option<String>,
    pub(crate) log_region: Option<String>,
    pub(crate) cpu: Option<String>,
    pub(crate) memory: Option<String>,
    pub(crate) tags: BTreeMap<String, String>,
}

/// What of a task set is different from its template or from PRIMARY.
#[derive(Debug, Clone, Default)]
pub(crate) struct TaskSetOverrides {
    /// A template file for `create-task-set`.
    pub(crate) template: Option<PathBuf>,
    pub(crate) container_port: Option<i32>,
    pub(crate) subnets: Vec<String>,
    pub(crate) security_groups: Vec<String>,
    pub(crate) assign_public_ip: Option<bool>,
    pub(crate) launch_type: Option<String>,
    pub(crate) capacity_providers: Vec<CapacityProvider>,
    pub(crate) platform_version: Option<String>,
}

/// One item of a capacity provider strategy; written `NAME`, or `{name, weight, base}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CapacityProvider {
    pub(crate) name: String,
    pub(crate) weight: i32,
    pub(crate) base: i32,
}

/// The pipeline's own settings: `preflight` checks and resolves them, no other action uses them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Pipeline {
    /// `cleanup`, resolved.
    pub(crate) cleanup: serde_json::Value,
    /// The bake time, out of `cleanup`.
    pub(crate) bake: Duration,
    /// All keys that were given, and the defaults. For what `preflight` returns, see [`Settings::resolved`]. Without
    /// `environment`: a container's values are printed nowhere, so who needs them is given them, or the files, again.
    pub(crate) resolved: serde_json::Map<String, serde_json::Value>,
}

impl Settings {
    /// Whether a refusal is allowed by its code.
    pub(crate) fn allows(&self, code: &str) -> bool {
        self.allow.iter().any(|allowed| allowed == code)
    }
}

/// Reads everything that was given, and checks what can be checked without AWS.
///
/// `env` and `read_file` are the world; `flags` are what [`crate::cli`] made of the command line.
pub(crate) fn load(
    action: Action,
    flags: Map<String, Value>,
    globals: &Globals,
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
    for path in config_files(&params, globals)? {
        let layer = files::load(&path, &read_file)?;
        if layer.map.contains_key("config") {
            let message = format!("`config` ({}) is in a config file", layer.source.place("config"));
            return Err(Error::usage("invalid-value", message)
                .hint("files do not name further files; give them all as --config, or as a list in `config`"));
        }
        layers.push(layer);
    }
    layers.push(params);
    layers.push(Layer::new(Source::Flags, with_globals(flags, globals)));

    let from_environment = places::fill_in(&mut layers, &env)?;
    let mut merged = Merged::of(&layers)?;
    for (key, value, variable) in from_environment {
        if merged.get(key).is_none() {
            merged.add(key, value, Source::Environment(variable));
        }
    }
    places::check_endpoints(&env)?;
    resolve::one_source(action, &mut merged)?;
    let mut settings = resolve::settings(&merged)?;
    resolve::extras(&mut settings, &layers);
    places::check(&settings, &merged)?;
    if action == Action::EcrLogin && settings.connection.region.is_none() {
        // The image says where its registry is.
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

/// The files, the lowest precedence first.
fn config_files(params: &Layer, globals: &Globals) -> Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> = Vec::new();
    if let Some(config) = params.map.get("config").filter(|config| !config.is_null()) {
        let list = values::normalise(keys::Kind::Files, config).map_err(|fault| params.wrong("config", fault))?;
        paths.extend(list.as_array().into_iter().flatten().filter_map(Value::as_str).map(PathBuf::from));
    }
    paths.extend(globals.config.iter().cloned());
    Ok(paths)
}

fn with_globals(mut flags: Map<String, Value>, globals: &Globals) -> Map<String, Value> {
    if !globals.allow.is_empty() {
        flags.insert("allow".to_owned(), globals.allow.clone().into());
    }
    if globals.dry_run {
        flags.insert("dryRun".to_owned(), true.into());
    }
    flags
}

/// Whether this is a flag of any action.
pub(crate) fn is_known_flag(flag: &str) -> bool {
    let name = flag.trim_start_matches('-').split(['=', ' ']).next().unwrap_or_default();
    ["help", "version", "exit-zero", "verbose"].contains(&name)
        || keys::KEYS.iter().any(|key| key.user != keys::User::Pipeline && flag_name(key.name) == name)
}

/// The flags of all parameters that an action uses.
#[cfg(test)]
pub(crate) fn flags_of_actions() -> impl Iterator<Item = String> {
    keys::KEYS.iter().filter(|key| key.user == keys::User::Action).map(|key| format!("--{}", flag_name(key.name)))
}

/// Flags as clap's structs serialise them, nested; what was not given is left out.
pub(crate) fn nest(flags: Value) -> Map<String, Value> {
    let mut out = Map::new();
    if let Value::Object(flags) = flags {
        for (name, value) in flags {
            let given = match &value {
                Value::Null => false,
                Value::Array(items) => !items.is_empty(),
                Value::Object(entries) => !entries.is_empty(),
                Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
            };
            if given {
                nest_one(&mut out, &name, value);
            }
        }
    }
    out
}

/// Puts a value at its place: a dot in the name leads into a group.
fn nest_one(map: &mut Map<String, Value>, name: &str, value: Value) {
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

/// Text for a message: of a bounded length, control characters shown and not obeyed.
pub(crate) fn bounded(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == most {
            out.push('…');
            break;
        }
        if c.is_control() { out.extend(c.escape_debug()) } else { out.push(c) }
    }
    out
}

/// A setting that an action cannot do without.
pub(crate) fn required<'a, T>(value: Option<&'a T>, key: &str) -> Result<&'a T> {
    value.ok_or_else(|| {
        Error::usage("missing-parameter", format!("`{key}` is missing"))
            .hint(format!("give `{key}` as a flag (--{}), in ECS_BG_PARAMS, or in a --config file", flag_name(key)))
    })
}

/// The flag of a parameter: kebab-case, a dot becomes a dash.
pub(crate) fn flag_name(key: &str) -> String {
    let mut flag = String::new();
    for c in key.chars() {
        match c {
            '.' => flag.push('-'),
            c if c.is_ascii_uppercase() => {
                flag.push('-');
                flag.push(c.to_ascii_lowercase());
            }
            c => flag.push(c),
        }
    }
    flag
}

#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod tests;
