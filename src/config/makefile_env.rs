//! The sample's Makefile.env: `NAME=value` lines that a Makefile includes, so they are read as make reads them.
//! A Makefile has variables of its own, so unknown names are nobody's mistake here.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::layers::{Extras, Layer, Source};
use super::{make, nest_one};
use crate::error::{Error, Result};
use crate::model::{Colour, Pair};
use crate::report::words::bounded;

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

/// What the pipeline gives make on its command line, where it wins over the file. A reference stands as a character
/// that is no text until [`fill_in`]: beside letters the word would not be seen.
const GIVEN: &[(&str, char)] = &[REGION, ACCOUNT];
const REGION: (&str, char) = ("REGION", '\u{fdd0}');
const ACCOUNT: (&str, char) = ("AWS_ACCOUNT_NUMBER", '\u{fdd1}');

/// Reads the file. `REGION` and `AWS_ACCOUNT_NUMBER` stay in the values, as words and references, until [`fill_in`].
pub(super) fn parse(name: &str, text: &str) -> Result<Layer> {
    let variables = make::read(text, GIVEN).map_err(|unknown| {
        let make::Unknown { line, problem, hint, .. } = unknown;
        Error::usage("config-syntax", format!("{name}:{line}: this {problem}")).hint(hint)
    })?;
    let given = |variable: &str| value(name, &variables, variable);
    let mut map = Map::new();
    let mut places = BTreeMap::new();
    let folder = given("TEMPLATE_BASE_PATH")?.map(|(folder, _)| folder.trim_end_matches('/').to_owned());
    for (variable, key) in NAMES {
        if let Some((value, line)) = given(variable)? {
            let value = match (&folder, key.starts_with("task") && variable.contains("_TEMPLATE")) {
                (Some(folder), true) => format!("{folder}/{value}"),
                (Some(_) | None, _) => value,
            };
            nest_one(&mut map, key, Value::String(value));
            places.insert((*key).to_owned(), ((*variable).to_owned(), line));
        }
    }
    let family = |colour: &str| Ok(given(&format!("{colour}_TASK_FAMILY_PREFIX"))?.map(|(family, _)| family));
    let extras = Extras {
        families: family("BLUE")?.zip(family("GREEN")?).map(|(blue, green)| Pair { blue, green }),
        next_env: given("NEXT_ENV")?.map(|(colour, line)| next_env(name, &colour, line)).transpose()?,
    };
    Ok(Layer { extras, ..Layer::new(Source::MakefileEnv { name: name.to_owned(), variables: places }, map) })
}

/// A variable that is a parameter, and its line; `None` where it is not assigned, or to nothing. Blanks at its end,
/// which make keeps before a comment, are nobody's value. What make would keep inside of it and nobody means, is an
/// error: each of these parameters is a word, or words with commas.
fn value(name: &str, variables: &make::Variables, variable: &str) -> Result<Option<(String, usize)>> {
    let Some((value, line)) = variables.get(variable) else { return Ok(None) };
    let wrong = |problem: &str, hint: &str| {
        Error::usage("invalid-value", format!("{variable} ({name}:{line}) {problem}")).hint(hint.to_owned())
    };
    let value = value.map_err(|unknown| {
        let place = if unknown.line == line { String::new() } else { format!(" (line {})", unknown.line) };
        wrong(&format!("cannot be known here: it {}{place}", unknown.problem), unknown.hint)
    })?;
    let value = value.trim();
    if value.contains(['"', '\'', '\\']) {
        return Err(wrong("has quotes or a backslash in it", "take them away: make leaves them in the value"));
    }
    if value.split(',').any(|item| item.trim().contains(char::is_whitespace)) {
        return Err(wrong("has blanks in it", "one word; a list is separated by commas"));
    }
    if GIVEN.iter().any(|(given, mark)| *given == variable && value.contains(*mark)) {
        return Err(wrong("refers to itself", "write the value itself"));
    }
    Ok(Some((value.to_owned(), line)).filter(|(value, _)| !value.is_empty()))
}

fn next_env(name: &str, colour: &str, line: usize) -> Result<Colour> {
    [Colour::Blue, Colour::Green].into_iter().find(|known| known.name().eq_ignore_ascii_case(colour)).ok_or_else(|| {
        let problem = format!("NEXT_ENV ({name}:{line}) is wrong: '{}' is no colour", bounded(colour, 40));
        Error::usage("invalid-value", problem).hint("leave it out: the idle colour is read from the load balancer")
    })
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
        for ((word, mark), value, key, from) in [
            (ACCOUNT, account, "accountId", "AWS_ACCOUNT_NUMBER in the environment"),
            (REGION, region, "region", "REGION in the file, or AWS_REGION in the environment"),
        ] {
            let marked = text.contains(mark);
            let replaced = replace_word(&text, word, value.unwrap_or_default());
            if marked || replaced.is_some() {
                let value = value.ok_or_else(|| missing(word, key, from))?;
                text = replaced.unwrap_or(text).replace(mark, value);
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
