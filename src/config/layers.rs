//! The layers that parameters come in, and how they are laid over each other.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::table::{Kind, Table, flag_name};
use super::values::{Fault, normalise, truth};
use super::written;
use crate::error::{Error, Result};
use crate::model::{Colour, Pair};
use crate::report::words::bounded;

/// Where parameters come from.
#[derive(Debug, Clone)]
pub(super) enum Source {
    Flags,
    /// `ECS_BG_PARAMS`
    Params,
    File {
        name: String,
        text: String,
    },
    /// A Makefile.env, with the variable and line that each parameter came from.
    MakefileEnv {
        name: String,
        variables: BTreeMap<String, (String, usize)>,
    },
    /// A variable of the environment.
    Environment(&'static str),
}

impl Source {
    /// Where a parameter is, for a message.
    pub(super) fn place(&self, key: &str) -> String {
        match self {
            Self::Flags => format!("flag --{}", flag_name(key)),
            Self::Params => "ECS_BG_PARAMS".to_owned(),
            Self::File { name, text } => match written::line_of(text, key) {
                Some(line) => format!("{name}:{line}"),
                None => name.clone(),
            },
            Self::MakefileEnv { name, variables } => match variables.get(key) {
                Some((variable, line)) => format!("{variable} in {name}:{line}"),
                None => name.clone(),
            },
            Self::Environment(name) => format!("environment variable {name}"),
        }
    }
}

/// What a Makefile.env says that is no parameter.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Extras {
    /// The task definition's family for each colour.
    pub(super) families: Option<Pair<String>>,
    /// The colour that somebody typed.
    pub(super) next_env: Option<Colour>,
}

/// One source's parameters.
#[derive(Debug)]
pub(super) struct Layer {
    pub(super) source: Source,
    pub(super) map: Map<String, Value>,
    /// What a Makefile.env says beyond parameters.
    pub(super) extras: Extras,
}

impl Layer {
    pub(super) fn new(source: Source, map: Map<String, Value>) -> Self {
        Self { source, map, extras: Extras::default() }
    }

    /// Takes the map apart into known parameters with canonical values.
    fn flatten(&self, table: &Table) -> Result<Vec<(&'static str, Value)>> {
        let mut out = Vec::new();
        self.flatten_group(table, "", &self.map, &mut out)?;
        Ok(out)
    }

    fn flatten_group(
        &self,
        table: &Table,
        group: &str,
        map: &Map<String, Value>,
        out: &mut Vec<(&'static str, Value)>,
    ) -> Result<()> {
        for (name, value) in map {
            let path = if group.is_empty() { name.clone() } else { format!("{group}.{name}") };
            // A dot in a name would reach into a group by a way that no document describes.
            let Some(key) = table.find(&path).filter(|_| !name.contains('.')) else {
                return Err(self.unknown(table, &path));
            };
            match (key.kind, value) {
                (_, Value::Null) => {}
                (Kind::Group | Kind::Question | Kind::Optional, Value::Object(inner)) => {
                    if key.kind != Kind::Group {
                        out.push((key.name, Value::Bool(true)));
                    }
                    self.flatten_group(table, key.name, inner, out)?;
                }
                (Kind::Group | Kind::Question | Kind::Optional, other) => {
                    let question = key.kind != Kind::Group;
                    if let Some(answer) = truth(other).filter(|_| question) {
                        out.push((key.name, Value::Bool(answer)));
                        continue;
                    }
                    let or_false = if question { ", or false" } else { "" };
                    let keys: Vec<_> = table.keys_of(key.name).collect();
                    let fault =
                        Error::usage("invalid-value", format!("`{path}` ({}) is not a map", self.source.place(&path)));
                    return Err(fault.hint(format!("a map with {}{or_false}", keys.join(", "))));
                }
                (kind, value) => match normalise(kind, value) {
                    Ok(value) => out.push((key.name, value)),
                    Err(fault) => return Err(self.wrong(&path, fault)),
                },
            }
        }
        Ok(())
    }

    fn unknown(&self, table: &Table, path: &str) -> Error {
        let place = self.source.place(path);
        let shown = bounded(path, 80);
        let error = Error::usage("unknown-key", format!("`{shown}` ({place}) is not a parameter"));
        match table.nearest(path) {
            Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
            None => error
                .hint("the parameters are listed in docs/configuration.md; each action's with `ecs-bg ACTION --help`"),
        }
    }

    /// The error for a value that is not what its parameter takes.
    pub(super) fn wrong(&self, path: &str, fault: Fault) -> Error {
        let place = self.source.place(path);
        let entry = fault.entry.map(|entry| format!(".{entry}")).unwrap_or_default();
        Error::usage(fault.code, format!("`{path}{entry}` ({place}) {}", fault.problem))
            .hint(format!("right is: {}", fault.expected))
    }
}

/// All layers laid over each other: each parameter's canonical value, and where it came from.
#[derive(Debug)]
pub(super) struct Merged {
    sources: Vec<Source>,
    values: BTreeMap<&'static str, (Value, usize)>,
}

impl Merged {
    /// Lays layers over each other, the later over the earlier.
    pub(super) fn of(table: &Table, layers: &[Layer]) -> Result<Self> {
        let mut merged =
            Self { sources: layers.iter().map(|layer| layer.source.clone()).collect(), values: BTreeMap::new() };
        for (at, layer) in layers.iter().enumerate() {
            for (name, value) in layer.flatten(table)? {
                merged.put(name, value, at);
            }
        }
        Ok(merged)
    }

    fn put(&mut self, name: &'static str, value: Value, layer: usize) {
        // `approve: false` forgets what an earlier layer wanted to ask.
        if value == Value::Bool(false) {
            self.values.retain(|other, _| !other.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')));
        }
        match (self.values.get_mut(name), value) {
            (Some((Value::Object(old), from)), Value::Object(new)) => {
                overlay(old, new);
                *from = layer;
            }
            (_, value) => {
                self.values.insert(name, (value, layer));
            }
        }
    }

    /// A parameter's value.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name).map(|(value, _)| value)
    }

    /// The layer that a parameter came from; a higher number has precedence.
    pub(super) fn layer(&self, name: &str) -> Option<usize> {
        self.values.get(name).map(|(_, layer)| *layer)
    }

    /// Where a parameter came from, for a message.
    pub(super) fn place(&self, name: &str) -> String {
        let source = self.layer(name).and_then(|layer| self.sources.get(layer));
        source.map_or_else(|| "default".to_owned(), |source| source.place(name))
    }

    /// Takes a parameter out.
    pub(super) fn remove(&mut self, name: &str) {
        self.values.remove(name);
    }

    /// Adds a parameter that no layer gave.
    pub(super) fn add(&mut self, name: &'static str, value: Value, source: Source) {
        self.sources.push(source);
        self.values.insert(name, (value, self.sources.len() - 1));
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.values.iter().map(|(name, (value, _))| (*name, value))
    }
}

fn overlay(old: &mut Map<String, Value>, new: Map<String, Value>) {
    for (name, value) in new {
        match (old.get_mut(&name), value) {
            (Some(Value::Object(old)), Value::Object(new)) => overlay(old, new),
            (_, value) => {
                old.insert(name, value);
            }
        }
    }
}
