//! The sample's Makefile.env: `NAME=value` lines that a Makefile includes, and a pipeline reads as Java
//! properties. A Makefile has variables of its own, so unknown names are nobody's mistake here.

use std::collections::BTreeMap;

use java_properties::{LineContent, PropertiesIter};
use serde_json::{Map, Value};

use super::layers::{Layer, Source};
use super::{bounded, nest_one};
use crate::error::{Error, Result};
use crate::model::{Colour, Pair};

/// The sample's names, and the parameter that each one is.
const NAMES: &[(&str, &str)] = &[
    ("APP_NAME", "containerName"),
    ("APP_PORT", "containerPort"),
    ("REGION", "region"),
    ("AWS_ACCOUNT_NUMBER", "accountId"),
    ("REPO_NAME", "repository"),
    ("LOG_GROUP", "logGroup"),
    ("TASK_SUBNETS", "subnets"),
    ("TASK_SECURITY_GROUPS", "securityGroups"),
    ("SERVICE_ARN", "service"),
    ("CLUSTER_ARN", "cluster"),
    ("TASK_ROLE_ARN", "taskRoleArn"),
    ("EXECUTION_ROLE_ARN", "executionRoleArn"),
    ("BLUE_TARGET_GROUP_ARN", "targetGroups.blue"),
    ("GREEN_TARGET_GROUP_ARN", "targetGroups.green"),
    ("LIVE_LISTENER_ARN", "listeners.live"),
    ("TEST_LISTENER_ARN", "listeners.test"),
    ("TASK_DEF_TEMPLATE", "taskDefinition"),
    ("TASK_SET_TEMPLATE_FILE", "taskSet"),
];

/// What a Makefile.env says that is no parameter.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Extras {
    /// The task definition's family for each colour.
    pub(super) families: Option<Pair<String>>,
    /// The colour that somebody typed.
    pub(super) next_env: Option<Colour>,
}

/// Reads the file. The words `REGION` and `AWS_ACCOUNT_NUMBER` stay in the values until [`fill_in`].
pub(super) fn parse(name: &str, text: &str) -> Result<Layer> {
    let mut given: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for line in PropertiesIter::new(escaped(text).as_bytes()) {
        let line = line.map_err(|error| {
            let line = error.line_number().map(|line| format!(":{line}")).unwrap_or_default();
            Error::usage("config-syntax", format!("{name}{line}: not a properties file"))
                .hint("lines are NAME=value; a backslash escapes, as in Java's properties")
        })?;
        let number = line.line_number();
        if let LineContent::KVPair(variable, value) = line.consume_content() {
            let value = value.trim().to_owned();
            if value.is_empty() {
                given.remove(&variable);
            } else {
                given.insert(variable, (value, number));
            }
        }
    }
    let mut map = Map::new();
    let mut variables = BTreeMap::new();
    let folder = given.get("TEMPLATE_BASE_PATH").map(|(folder, _)| folder.trim_end_matches('/').to_owned());
    for (variable, key) in NAMES {
        if let Some((value, line)) = given.get(*variable) {
            let value = match (&folder, key.starts_with("task") && variable.contains("_TEMPLATE")) {
                (Some(folder), true) => format!("{folder}/{value}"),
                (Some(_) | None, _) => value.clone(),
            };
            nest_one(&mut map, key, Value::String(value));
            variables.insert((*key).to_owned(), ((*variable).to_owned(), *line));
        }
    }
    let family = |colour: &str| given.get(&format!("{colour}_TASK_FAMILY_PREFIX")).map(|(family, _)| family.clone());
    let extras = Extras {
        families: family("BLUE").zip(family("GREEN")).map(|(blue, green)| Pair { blue, green }),
        next_env: given.get("NEXT_ENV").map(|(colour, line)| next_env(name, colour, *line)).transpose()?,
    };
    Ok(Layer { extras, ..Layer::new(Source::MakefileEnv { name: name.to_owned(), variables }, map) })
}

fn next_env(name: &str, colour: &str, line: usize) -> Result<Colour> {
    [Colour::Blue, Colour::Green].into_iter().find(|known| known.name().eq_ignore_ascii_case(colour)).ok_or_else(|| {
        let problem = format!("NEXT_ENV ({name}:{line}) is wrong: '{}' is no colour", bounded(colour, 40));
        Error::usage("invalid-value", problem).hint("leave it out: the idle colour is read from the load balancer")
    })
}

/// Properties files are Latin-1 by their specification, while everybody's editor writes UTF-8; what is not ASCII is
/// handed over in the escape that the format has for it.
fn escaped(text: &str) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() || u32::from(c) > 0xffff {
            out.push(c);
        } else {
            // Writing to a string cannot fail.
            write!(out, "\\u{:04x}", u32::from(c)).ok();
        }
    }
    out
}

/// Puts region and account into the values where the sample has the words `REGION` and `AWS_ACCOUNT_NUMBER`.
pub(super) fn fill_in(layer: &mut Layer, region: Option<&str>, account: Option<&str>) -> Result<()> {
    let Source::MakefileEnv { name, .. } = &layer.source else { return Ok(()) };
    let missing = |word: &str, key: &str, from: &str| {
        Error::usage("missing-parameter", format!("{name} has the word {word} in a value, and `{key}` is not known"))
            .hint(format!("give `{key}`, or {from}"))
    };
    let replace = |text: &str| -> Result<String> {
        let mut text = text.to_owned();
        for (word, value, key, from) in [
            ("AWS_ACCOUNT_NUMBER", account, "accountId", "AWS_ACCOUNT_NUMBER in the environment"),
            ("REGION", region, "region", "REGION in the file, or AWS_REGION in the environment"),
        ] {
            if let Some(replaced) = replace_word(&text, word, value.unwrap_or_default()) {
                text = value.map(|_| replaced).ok_or_else(|| missing(word, key, from))?;
            }
        }
        Ok(text)
    };
    for value in layer.map.values_mut() {
        match value {
            Value::String(text) => *text = replace(text)?,
            Value::Object(group) => {
                for value in group.values_mut() {
                    if let Value::String(text) = value {
                        *text = replace(text)?;
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
        }
    }
    if let Some(families) = &mut layer.extras.families {
        families.blue = replace(&families.blue)?;
        families.green = replace(&families.green)?;
    }
    // The sample's pipeline sends the logs to the service's own region.
    if let (Some(region), true) = (region, layer.map.contains_key("logGroup")) {
        layer.map.insert("logRegion".to_owned(), region.into());
    }
    Ok(())
}

/// Replaces a whole word; `None` where it does not occur. `AWS_REGION` does not hold the word REGION.
fn replace_word(text: &str, word: &str, value: &str) -> Option<String> {
    let part_of_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(at) = rest.find(word) {
        let (before, after) = (rest.get(..at)?, rest.get(at + word.len()..)?);
        out.push_str(before);
        if out.ends_with(part_of_word) || after.starts_with(part_of_word) {
            out.push_str(word);
        } else {
            out.push_str(value);
            found = true;
        }
        rest = after;
    }
    out.push_str(rest);
    found.then_some(out)
}

#[cfg(test)]
#[path = "makefile_env_tests.rs"]
mod tests;
