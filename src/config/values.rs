//! One parameter's value, in any of the spellings that files, JSON and flags allow, becomes the one canonical
//! JSON value that the rest works with: durations are seconds, lists are lists, numbers are numbers.

#![allow(clippy::wildcard_enum_match_arm, reason = "JSON has no further kinds of values to come")]

mod canary;
mod maps;
mod names;

use serde_json::Value;

use super::arn::is_region;
use super::duration;
use super::image::{MUTABLE_TAG, is_tag};
use super::table::Kind;
use crate::report::words::bounded;
use crate::rules::{CPU, Format, MEMORY, cpu_units, mebibytes};
use maps::{map, providers, tag, variables};
use names::{account, arn, image, is_name, listeners, name_or_arn, repository, task_definition};

/// What is wrong with a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    /// The entry, where the value is a map: `web` of `images`.
    pub(super) entry: Option<String>,
    /// Continues "`timeout` …". It repeats the value only where that can be no secret.
    pub(super) problem: String,
    /// What is right.
    pub(super) expected: String,
}

impl Fault {
    fn new(problem: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { code: "invalid-value", entry: None, problem: problem.into(), expected: expected.into() }
    }

    fn code(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    fn of(self, entry: &str) -> Self {
        Self { entry: Some(bounded(entry, 60)), ..self }
    }
}

type Outcome = Result<Value, Fault>;

/// The canonical form of a value that is not null, for a parameter of this kind.
pub(super) fn normalise(kind: Kind, value: &Value) -> Outcome {
    match kind {
        // Groups are taken apart before they come here.
        Kind::Group | Kind::Question | Kind::Optional => {
            Err(Fault::new("has no value of its own", "a map of its keys"))
        }
        Kind::Text | Kind::Path => text(value).map(Value::String),
        Kind::DeploymentId => deployment_id(value),
        Kind::Files => list(value),
        Kind::Codes => codes(value),
        Kind::Format(format) => formatted(value, format),
        Kind::Cpu => checked(value, |text| cpu_units(text).is_some(), "is no CPU of a task", CPU),
        Kind::Memory => checked(value, |text| mebibytes(text).is_some(), "is no memory of a task", MEMORY),
        Kind::Ids(prefix, most) => ids(value, prefix, most),
        Kind::People => people(value),
        Kind::Region => checked(value, is_region, "is not a region", "a region as eu-west-1"),
        Kind::Account => account(value),
        Kind::Url => url(value),
        Kind::Cluster | Kind::Service => name_or_arn(kind, value),
        Kind::Role | Kind::TargetGroup | Kind::TaskSet => arn(kind, &text(value)?).map(Value::String),
        Kind::TaskDefinition => task_definition(value),
        Kind::Listeners => listeners(value),
        Kind::Image => image(&text(value)?).map(Value::String),
        Kind::Images => map(value, |_, value| image(&text(value)?).map(Value::String)),
        Kind::Repository => repository(value),
        Kind::ImageTag => {
            checked(value, is_tag, "is not an image's tag", "letters, digits, `_`, `.` and `-`, at most 128")
        }
        Kind::Variables => variables(value),
        Kind::Tags => map(value, tag),
        Kind::OneOf(names) => one_of(value, names),
        Kind::Enabled => enabled(value),
        Kind::Providers => providers(value),
        Kind::Duration(least) => duration::parse(value, least)
            .map(duration::to_json)
            .map_err(|problem| Fault::new(said(value, &problem), duration::EXPECTED)),
        Kind::Integer(least, most) => integer(value, least, most),
        Kind::Percent => percent(value),
        Kind::Share => canary::share(value),
        Kind::Factor => factor(value),
        Kind::Period => canary::period(value),
        Kind::Alarms => canary::alarms(value),
        Kind::Canary => canary::steps(value),
        Kind::Time => time(value),
        Kind::Bool => boolean(value),
        Kind::Hook => match value {
            Value::Bool(true) => Ok(Value::Bool(true)),
            _ => Err(Fault::new("is not a closure", "a closure of the Jenkinsfile; files and JSON cannot hold one")),
        },
        Kind::Agent => match value {
            Value::Bool(true) => Ok(Value::Bool(true)),
            _ => text(value).map(Value::String),
        },
    }
}

/// "'soon' is not a duration": the value, shortened, before what is wrong with it.
fn said(value: &Value, problem: &str) -> String {
    let shown = match value {
        Value::String(text) => format!("'{}'", bounded(text, 60)),
        Value::Number(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null => "null".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
    };
    format!("is wrong: {shown} {problem}")
}

/// Text; whole numbers too, since `"tag": 20260101` is what people write in JSON. A number with a fraction has lost how
/// it was written (1.10 is 1.1), so that one must be quoted. YAML's scalars come as the text that they were written as.
fn text(value: &Value) -> Result<String, Fault> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if number.is_f64() => {
            return Err(Fault::new(
                "is a number with a fraction",
                "put it in quotes, so that it stays as it is written",
            ));
        }
        Value::Number(number) => number.to_string(),
        Value::Bool(_) => return Err(Fault::new("is true or false", "a text; in quotes where that is the text")),
        Value::Array(_) => return Err(Fault::new("is a list", "one text")),
        Value::Null => return Err(Fault::new("is null", "one text")),
        Value::Object(_) => return Err(Fault::new("is a map", "one text")),
    };
    if text.trim().is_empty() {
        return Err(Fault::new("is empty", "give it a value, or leave it out"));
    }
    if text.contains('\0') {
        return Err(Fault::new("has a NUL character in it", "a text without one"));
    }
    Ok(text)
}

fn checked(value: &Value, is: impl Fn(&str) -> bool, problem: &str, expected: &str) -> Outcome {
    let text = text(value)?;
    if is(&text) { Ok(Value::String(text)) } else { Err(Fault::new(said(&text.into(), problem), expected)) }
}

fn formatted(value: &Value, format: Format) -> Outcome {
    let text = text(value)?;
    match format.problem(&text) {
        None => Ok(Value::String(text)),
        Some(problem) => Err(Fault::new(said(&text.into(), &problem), format.right())),
    }
}

fn deployment_id(value: &Value) -> Outcome {
    let expected = "1 to 255 characters without control characters, as jenkins-shop-web-7";
    let id = text(value)?;
    if id.chars().count() > 255 {
        return Err(Fault::new("is longer than 255 characters", expected));
    }
    if id.chars().any(char::is_control) {
        return Err(Fault::new("has control characters in it", expected));
    }
    Ok(Value::String(id))
}

/// A list of texts; one text is split at its commas.
fn list(value: &Value) -> Outcome {
    let expected = "a list, or one text with commas";
    let items: Vec<String> = match value {
        Value::Array(items) => items.iter().map(text).collect::<Result<_, _>>()?,
        Value::Object(_) => return Err(Fault::new("is a map", expected)),
        one => text(one)?.split(',').map(|item| item.trim().to_owned()).collect(),
    };
    if items.is_empty() {
        return Err(Fault::new("is an empty list", "give it a value, or leave it out"));
    }
    if items.iter().any(String::is_empty) {
        return Err(Fault::new("has an empty item", expected));
    }
    Ok(items.into())
}

/// Codes of refusals. One that comes once for each container may name it: `mutable-tag:log-router`.
fn codes(value: &Value) -> Outcome {
    let list = list(value)?;
    for (item, (code, container)) in items(&list).filter_map(|item| Some((item, item.split_once(':')?))) {
        if code != MUTABLE_TAG {
            return Err(Fault::new(
                said(&item.into(), "names more than a code"),
                "a code as it stands in the refusal; only mutable-tag takes a container: mutable-tag:NAME",
            ));
        }
        if !is_name(container) {
            return Err(Fault::new(
                said(&item.into(), "names no container"),
                "mutable-tag:NAME with a container's name, or mutable-tag for all of them",
            ));
        }
    }
    Ok(list)
}

/// The items of what [`list`] returned.
fn items(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

/// Jenkins takes them joined by commas, so no name has one.
fn people(value: &Value) -> Outcome {
    let names = list(value)?;
    match items(&names).find(|name| name.contains(',')) {
        Some(name) => Err(Fault::new(said(&name.into(), "has a comma in it"), "one name in each item")),
        None => Ok(Value::String(items(&names).collect::<Vec<_>>().join(","))),
    }
}

fn ids(value: &Value, prefix: &str, most: usize) -> Outcome {
    let list = list(value)?;
    let count = items(&list).count();
    if count > most {
        return Err(Fault::new(format!("has {count} items"), format!("AWS takes {most} at most")));
    }
    if let Some(id) = items(&list).find(|id| !id.starts_with(prefix)) {
        let problem = said(&id.into(), &format!("does not begin with `{prefix}`"));
        return Err(Fault::new(problem, format!("ids as {prefix}0123456789abcdef0")));
    }
    Ok(list)
}

fn url(value: &Value) -> Outcome {
    let text = text(value)?;
    check_url(&text).map_err(|problem| {
        Fault::new(problem, "http:// or https:// and a host, as https://ecs.example.com").code("invalid-endpoint")
    })?;
    Ok(Value::String(text))
}

/// Checks an endpoint. The SDK ignores one that it cannot read and goes to the real AWS: that must not happen. The
/// URL is not repeated, since a password may be in it.
pub(crate) fn check_url(text: &str) -> Result<(), String> {
    let url = url::Url::parse(text).map_err(|error| format!("is not a URL: {error}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(format!("has the scheme {}", bounded(url.scheme(), 20)));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err("names no host".to_owned());
    }
    if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("has a space or a control character in it".to_owned());
    }
    Ok(())
}

fn one_of(value: &Value, names: &[&str]) -> Outcome {
    let expected = format!("one of: {}", names.join(", "));
    let text = text(value).map_err(|fault| Fault { expected: expected.clone(), ..fault })?;
    match names.iter().find(|name| name.eq_ignore_ascii_case(&text)) {
        Some(name) => Ok(Value::String((*name).to_owned())),
        None => Err(Fault::new(said(value, "is not a choice"), expected)),
    }
}

fn enabled(value: &Value) -> Outcome {
    match truth(value) {
        Some(true) => Ok("ENABLED".into()),
        Some(false) => Ok("DISABLED".into()),
        None => one_of(value, &["ENABLED", "DISABLED"])
            .map_err(|fault| Fault { expected: "ENABLED, DISABLED, true or false".to_owned(), ..fault }),
    }
}

fn boolean(value: &Value) -> Outcome {
    let fault = || Fault::new(said(value, "is neither true nor false"), "true or false");
    truth(value).map(Value::Bool).ok_or_else(fault)
}

/// True or false, in YAML 1.2's spellings where it is text. `yes` and `on` are none of them.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) if matches!(text.as_str(), "true" | "True" | "TRUE") => Some(true),
        Value::String(text) if matches!(text.as_str(), "false" | "False" | "FALSE") => Some(false),
        _ => None,
    }
}

fn integer(value: &Value, least: i64, most: i64) -> Outcome {
    let number = match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok().or_else(|| whole(text.trim().parse().ok()?)),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let expected = format!("a whole number from {least} to {most}");
    match number {
        Some(number) if (least..=most).contains(&number) => Ok(number.into()),
        Some(_) => Err(Fault::new(said(value, "is out of range"), expected)),
        None => Err(Fault::new(said(value, "is not a whole number"), expected)),
    }
}

/// 80.0 is 80: Groovy makes such numbers.
#[allow(clippy::cast_possible_truncation, reason = "checked to be small and whole")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 1e9).then_some(number as i64)
}

fn percent(value: &Value) -> Outcome {
    number(value, "%", |number| (0.0..=100.0).contains(&number), "percent, 0 to 100")
}

fn factor(value: &Value) -> Outcome {
    number(value, "", |number| (1.0..=1000.0).contains(&number), "a number from 1 to 1000")
}

/// With or without its unit. A whole number has no fraction in JSON.
fn number(value: &Value, unit: &str, is_right: impl Fn(f64) -> bool, expected: &str) -> Outcome {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().trim_end_matches(unit).trim_end().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    match number {
        Some(number) if is_right(number) => Ok(whole(number).map_or_else(|| number.into(), Value::from)),
        Some(_) => Err(Fault::new(said(value, "is out of range"), expected)),
        None => Err(Fault::new(said(value, "is not a number"), expected)),
    }
}

fn time(value: &Value) -> Outcome {
    let text = text(value)?;
    match humantime::parse_rfc3339(&text) {
        Ok(_) => Ok(Value::String(text)),
        Err(_) => Err(Fault::new(said(value, "is not a time"), "RFC 3339 in UTC, as 2026-01-31T12:00:00Z")),
    }
}

#[cfg(test)]
#[path = "values_tests.rs"]
mod tests;
