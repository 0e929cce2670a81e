//! Templates: files with what `aws ecs register-task-definition` and `aws ecs create-task-set` take as
//! `--cli-input-json`, whole. The SDK's own schemas say which keys there are and what they hold, so every field of
//! the API is known here, and a misspelt one is an error with its path.

mod choices;
mod json;
mod shape;
#[cfg(test)]
mod tests;

use std::path::Path;

use aws_sdk_ecs::operation::create_service::CreateServiceInput;
use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;
use aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionInput;
use aws_sdk_ecs::operation::update_service::UpdateServiceInput;
use aws_sdk_ecs::types::{TaskDefinition, TaskSet};
use aws_smithy_json::codec::{JsonCodec, JsonCodecSettings};
use aws_smithy_schema::Schema;
use aws_smithy_schema::codec::{Codec, FinishSerializer};
use aws_smithy_schema::serde::{SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer};
use serde_json::{Map, Value};

use crate::config::bounded;
use crate::error::{Error, Result};

pub(crate) use json::parse;
use shape::Problem;

/// AWS takes 64 KiB for a task definition. A file of more than this is not one.
pub(crate) const MAX_BYTES: u64 = 1024 * 1024;

/// A request of the SDK that a template can hold.
pub(crate) trait Request: SerializableStruct + Sized {
    /// The command of `aws ecs` that takes the same.
    const COMMAND: &'static str;

    /// Builds it from what a template holds.
    fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError>;

    /// Why a key that the request does not have stands at the top of such a file, where that can be told.
    fn misplaced(key: &str) -> Option<Misplaced>;
}

/// A key that the API knows, but not in this request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misplaced {
    /// AWS returns it, and takes it nowhere.
    OutputOnly,
    /// It belongs to the service.
    OfTheService,
}

impl Request for RegisterTaskDefinitionInput {
    const COMMAND: &'static str = "register-task-definition";

    fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        Self::deserialize(from)
    }

    fn misplaced(key: &str) -> Option<Misplaced> {
        // `taskDefinition` is the wrapper of what describe-task-definition prints.
        (key == "taskDefinition" || has(TaskDefinition::SCHEMA, key)).then_some(Misplaced::OutputOnly)
    }
}

impl Request for CreateTaskSetInput {
    const COMMAND: &'static str = "create-task-set";

    fn read(from: &mut dyn ShapeDeserializer) -> Result<Self, SerdeError> {
        Self::deserialize(from)
    }

    fn misplaced(key: &str) -> Option<Misplaced> {
        if has(CreateServiceInput::SCHEMA, key) || has(UpdateServiceInput::SCHEMA, key) {
            Some(Misplaced::OfTheService)
        } else {
            (key == "taskSet" || key == "taskSets" || has(TaskSet::SCHEMA, key)).then_some(Misplaced::OutputOnly)
        }
    }
}

fn has(schema: &Schema<'_>, key: &str) -> bool {
    schema.member_schema(key).is_some()
}

/// Reads a template file and checks it against the request it is for.
pub(crate) fn load<T: Request>(path: &Path) -> Result<Map<String, Value>> {
    let name = bounded(&path.display().to_string(), 200);
    let bytes = read_file(path, &name)?;
    let content = parse(&name, &bytes)?;
    read::<T>(&name, &content, Values::Judged)?;
    Ok(content)
}

fn read_file(path: &Path, name: &str) -> Result<Vec<u8>> {
    let unreadable = |error: std::io::Error| {
        Error::usage("template-unreadable", format!("{name}: the template cannot be read: {error}"))
            .hint("paths are relative to the directory that ecs-bg runs in")
    };
    crate::system::file::read(path, MAX_BYTES).map_err(unreadable)
}

/// What a template holds, as the SDK's request. Every key that the request does not have, and every value of the
/// wrong type, is named with its path; `origin` is the file's name.
pub(crate) fn input<T: Request>(origin: &str, content: &Map<String, Value>) -> Result<T> {
    read(origin, content, Values::AsTheyAre)
}

/// Whether a word that the SDK does not know is a mistake. In a file it is; what AWS itself has returned may be newer
/// than the SDK.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    Judged,
    AsTheyAre,
}

fn read<T: Request>(origin: &str, content: &Map<String, Value>, values: Values) -> Result<T> {
    let (request, mut problems) = shape::read(content, T::read);
    problems.retain(|problem| values == Values::Judged || !matches!(problem, Problem::UnknownValue { .. }));
    if let Some(first) = problems.first() {
        let mut said: Vec<String> = problems.iter().map(|problem| say::<T>(problem)).collect();
        if problems.len() == shape::MAX_PROBLEMS {
            said.push("and more".into());
        }
        let error = Error::usage(code::<T>(first), format!("{origin}: {}", said.join("; ")));
        return Err(error.hint(hint::<T>(first)));
    }
    request.map_err(|error| {
        Error::usage("template-invalid", format!("{origin}: {}", unbuilt(&error.to_string()))).hint(skeleton::<T>())
    })
}

/// Where a member that AWS requires is not there, the SDK says so in the names of its Rust types.
fn unbuilt(said: &str) -> String {
    let parts = said.split_once(" was missing: ").zip(said.rsplit_once(" when building "));
    let Some(((member, _), (_, structure))) = parts else { return bounded(said, 200) };
    let member = member.rsplit([' ', '#', '`']).find(|part| !part.is_empty()).unwrap_or(member);
    let words = member.split('_').enumerate().map(|(at, word)| match word.chars().next() {
        Some(first) if at > 0 => format!("{}{}", first.to_ascii_uppercase(), word.get(1..).unwrap_or_default()),
        Some(_) | None => word.to_owned(),
    });
    bounded(&format!("`{}` is missing: AWS needs it in each {structure}", words.collect::<String>()), 200)
}

fn misplaced<T: Request>(problem: &Problem) -> Option<Misplaced> {
    match problem {
        Problem::UnknownKey { key, top: true, .. } => T::misplaced(key),
        Problem::UnknownKey { .. } | Problem::WrongType { .. } | Problem::UnknownValue { .. } => None,
    }
}

fn code<T: Request>(problem: &Problem) -> &'static str {
    match (problem, misplaced::<T>(problem)) {
        (_, Some(Misplaced::OutputOnly)) => "template-output-only",
        (_, Some(Misplaced::OfTheService)) => "template-service-level",
        (Problem::UnknownKey { .. }, None) => "template-unknown-key",
        (Problem::WrongType { .. }, None) => "template-wrong-type",
        (Problem::UnknownValue { .. }, None) => "template-unknown-value",
    }
}

fn say<T: Request>(problem: &Problem) -> String {
    match (problem, misplaced::<T>(problem)) {
        (Problem::UnknownKey { path, .. }, Some(Misplaced::OutputOnly)) => {
            format!("{path}: output-only, AWS returns it and does not take it")
        }
        (Problem::UnknownKey { path, .. }, Some(Misplaced::OfTheService)) => {
            format!("{path}: a setting of the service, not of a task set")
        }
        (Problem::UnknownKey { path, nearest: Some(nearest), .. }, None) => {
            format!("{path}: unknown key, did you mean `{nearest}`?")
        }
        (Problem::UnknownKey { path, .. }, None) => format!("{path}: unknown key"),
        (Problem::WrongType { path, expected, found }, _) => format!("{path}: {expected} is needed, found {found}"),
        (Problem::UnknownValue { path, found, nearest: Some(nearest), .. }, _) => {
            format!("{path}: unknown value `{found}`, did you mean `{nearest}`?")
        }
        (Problem::UnknownValue { path, found, .. }, _) => format!("{path}: unknown value `{found}`"),
    }
}

/// Where every key and its type can be seen.
fn skeleton<T: Request>() -> String {
    format!("`aws ecs {} --generate-cli-skeleton` prints every key with its type", T::COMMAND)
}

fn hint<T: Request>(problem: &Problem) -> String {
    match (problem, misplaced::<T>(problem)) {
        (_, Some(Misplaced::OutputOnly)) => {
            "this looks like the output of a describe call: keep what is inside of it and take out what only AWS \
             writes; without any template, PRIMARY's own is used"
                .into()
        }
        (_, Some(Misplaced::OfTheService)) => {
            "set it on the service, where CreateService and UpdateService take it; it holds for all of its task sets"
                .into()
        }
        (Problem::UnknownKey { known, nearest: None, .. }, None) => {
            format!("the keys known there: {}", known.join(", "))
        }
        (Problem::WrongType { expected: "a string", found: "a number" | "a boolean", .. }, None) => {
            "put the value in quotes".into()
        }
        (Problem::WrongType { path, expected: "a list", found: "an object" }, None)
            if path.ends_with(".environment") || path.ends_with(".secrets") =>
        {
            r#"write [{"name": "…", "value": "…"}], or for a secret "valueFrom""#.into()
        }
        (Problem::UnknownValue { known, .. }, None) => {
            format!(
                "one of: {}, in this very spelling; a newer release may know a value that AWS has added since",
                known.join(", ")
            )
        }
        (Problem::UnknownKey { .. } | Problem::WrongType { .. }, None) => skeleton::<T>(),
    }
}

/// A structure of the SDK as JSON, with the API's own names.
pub(crate) fn to_json(structure: &impl SerializableStruct) -> Result<Map<String, Value>> {
    let failed = |why: String| {
        Error::unexpected("sdk", format!("the SDK's data could not be written as JSON: {why}"))
            .hint("this should not happen: report it")
    };
    let codec = JsonCodec::new(JsonCodecSettings::builder().use_json_name(false).build());
    let mut serializer = codec.create_serializer();
    serializer.write_struct(structure.schema(), structure).map_err(|error| failed(error.to_string()))?;
    let bytes = FinishSerializer::finish(serializer);
    serde_json::from_slice(&bytes).map_err(|error| failed(error.to_string()))
}
