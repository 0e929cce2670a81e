//! What is in AWS already, by its ARN, its name or its id; and images.

use serde_json::Value;

use super::{Fault, Kind, Outcome, checked, items, list, said, text};
use crate::config::arn::{Arn, is_account};
use crate::config::image::Image;

pub(super) fn account(value: &Value) -> Outcome {
    match value {
        // YAML without quotes: leading zeros would be lost with most parsers; with ours they come as text.
        Value::Number(number) if !is_account(&number.to_string()) => {
            Err(Fault::new(said(value, "has not the 12 digits of an account"), "12 digits in quotes: '012345678901'"))
        }
        _ => checked(value, is_account, "is not an account's id", "12 digits in quotes: '012345678901'"),
    }
}

pub(super) fn arn(kind: Kind, text: &str) -> Result<String, Fault> {
    let hint = "arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE, as the console and CloudFormation's outputs show it";
    let arn =
        Arn::parse(text).map_err(|problem| Fault::new(said(&text.into(), problem), hint).code("malformed-arn"))?;
    arn.check(kind).map_err(|problem| Fault::new(said(&text.into(), &problem), hint).code("arn-of-another-kind"))?;
    Ok(text.to_owned())
}

pub(super) fn name_or_arn(kind: Kind, value: &Value) -> Outcome {
    let text = text(value)?;
    if text.starts_with("arn:") {
        return arn(kind, &text).map(Value::String);
    }
    checked(
        &text.into(),
        is_name,
        "is neither a name nor an ARN",
        "letters, digits, `-` and `_`, at most 255; or the ARN",
    )
}

pub(super) fn is_name(text: &str) -> bool {
    (1..=255).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

pub(super) fn task_definition(value: &Value) -> Outcome {
    let text = text(value)?;
    if text.starts_with("arn:") {
        arn(Kind::TaskDefinition, &text)?;
    }
    let resource = text.rsplit('/').next().unwrap_or_default();
    let known = resource.rsplit_once(':').is_some_and(|(family, revision)| {
        is_name(family) && revision.parse::<u32>().is_ok_and(|revision| revision > 0)
    });
    // A name with a slash is a path, not family:revision.
    if known && (text.starts_with("arn:") || !text.contains('/')) {
        Ok(Value::String(text))
    } else {
        Err(Fault::new(
            said(&text.into(), "is no revision of a task definition"),
            "family:revision as 'web:41', or its ARN; a template file is `taskDefinition`",
        ))
    }
}

pub(super) fn listeners(value: &Value) -> Outcome {
    let list = list(value)?;
    let mut seen: Vec<&str> = Vec::new();
    for item in items(&list) {
        arn(Kind::Listeners, item)?;
        if seen.contains(&item) {
            return Err(Fault::new(said(&item.into(), "is there twice"), "each listener or rule once")
                .code("duplicate-listener"));
        }
        seen.push(item);
    }
    Ok(list)
}

pub(super) fn image(text: &str) -> Result<String, Fault> {
    match Image::parse(text) {
        Ok(_) => Ok(text.to_owned()),
        Err(problem) => Err(Fault::new(
            said(&text.into(), problem),
            "REGISTRY/REPOSITORY:TAG, as 111122223333.dkr.ecr.eu-west-1.amazonaws.com/web:1f3c2a",
        )
        .code("malformed-image")),
    }
}

pub(super) fn repository(value: &Value) -> Outcome {
    let text = text(value)?;
    let expected = "a repository's name as `team/web`; the tag is `tag`";
    match Image::parse(&text) {
        Ok(image) if image.tag.is_none() && image.digest.is_none() => Ok(Value::String(text)),
        Ok(_) => Err(Fault::new(said(&text.into(), "has a tag or a digest"), expected)),
        Err(problem) => Err(Fault::new(said(&text.into(), problem), expected)),
    }
}
