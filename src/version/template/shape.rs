//! Walks a JSON value as the SDK's schemas describe it. The SDK's own JSON reader passes over keys that it does not
//! know and does not say where a wrong type stands; this one notes both, with the path, and goes on, so that one run
//! names all of them.

use std::cell::RefCell;

use aws_smithy_schema::Schema;
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_types::{BigDecimal, BigInteger, Blob, DateTime, Document};
use serde_json::{Map, Value};

use super::choices::{Known, known};
use crate::report::words::{SHOWN, clip};

/// More are not listed: whoever has so many has the wrong file.
pub(super) const MAX_PROBLEMS: usize = 12;

/// Something in a template that the request does not have. Values are never in it: they may be secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Problem {
    /// A key that is not in the schema.
    UnknownKey { path: String, key: String, top: bool, nearest: Option<String>, known: Vec<String> },
    /// A value that the schema has as something else.
    WrongType { path: String, expected: &'static str, found: &'static str },
    /// A word that is none of those that the SDK knows there. Such a one is no secret.
    UnknownValue { path: String, found: String, nearest: Option<&'static str>, known: Known },
}

/// Reads `content` with the SDK's `read` of a structure.
pub(super) fn read<T>(
    content: &Map<String, Value>,
    read: impl FnOnce(&mut dyn ShapeDeserializer) -> Result<T, SerdeError>,
) -> (Result<T, SerdeError>, Vec<Problem>) {
    let problems = RefCell::default();
    let done = read(&mut Reader { at: At::Top(content), path: "$".into(), choices: None, problems: &problems });
    (done, problems.into_inner())
}

/// Where in the value the reader is.
#[derive(Clone, Copy)]
enum At<'v> {
    Top(&'v Map<String, Value>),
    Below(&'v Value),
}

pub(super) struct Reader<'v, 'p> {
    at: At<'v>,
    path: String,
    /// The words that may stand here, where the API has a list of them.
    choices: Option<Known>,
    problems: &'p RefCell<Vec<Problem>>,
}

impl<'v> Reader<'v, '_> {
    fn note(&self, problem: Problem) {
        let mut problems = self.problems.borrow_mut();
        if problems.len() < MAX_PROBLEMS {
            problems.push(problem);
        }
    }

    fn object(&self) -> Option<&'v Map<String, Value>> {
        match self.at {
            At::Top(object) => Some(object),
            At::Below(value) => value.as_object(),
        }
    }

    fn value(&self) -> Option<&'v Value> {
        match self.at {
            At::Top(_) => None,
            At::Below(value) => Some(value),
        }
    }

    fn below<'a>(&'a self, value: &'v Value, step: &str, choices: Option<Known>) -> Reader<'v, 'a> {
        Reader { at: At::Below(value), path: format!("{}{step}", self.path), choices, problems: self.problems }
    }

    /// The value as `take` has it; a problem and a stand-in where it is something else.
    fn scalar<T: Default>(&self, expected: &'static str, take: impl FnOnce(&'v Value) -> Option<T>) -> T {
        let Some(value) = self.value() else { return T::default() };
        take(value).unwrap_or_else(|| {
            self.wrong_type(expected);
            T::default()
        })
    }

    fn wrong_type(&self, expected: &'static str) {
        let found = match self.at {
            At::Top(_) => "an object",
            At::Below(value) => kind_beside(value, expected),
        };
        self.note(Problem::WrongType { path: self.path.clone(), expected, found });
    }

    fn integer<T: Default + TryFrom<i64>>(&self) -> T {
        self.scalar("a whole number", |value| T::try_from(value.as_i64()?).ok())
    }
}

impl ShapeDeserializer for Reader<'_, '_> {
    fn read_struct(
        &mut self,
        schema: &Schema<'_>,
        state: &mut dyn FnMut(&Schema<'_>, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let Some(object) = self.object() else {
            self.wrong_type("an object");
            return Ok(());
        };
        for (key, value) in object {
            let step = step(key);
            match schema.member_schema(key) {
                // null is how "not given" is written.
                Some(_) if value.is_null() => {}
                Some(member) => state(member, &mut self.below(value, &step, known(member.shape_id().as_str())))?,
                None => self.note(unknown(schema, key, format!("{}{step}", self.path), self.path == "$")),
            }
        }
        Ok(())
    }

    fn read_list(
        &mut self,
        _: &Schema<'_>,
        state: &mut dyn FnMut(&mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let Some(list) = self.value().and_then(Value::as_array) else {
            self.wrong_type("a list");
            return Ok(());
        };
        for (index, item) in list.iter().enumerate() {
            state(&mut self.below(item, &format!("[{index}]"), self.choices))?;
        }
        Ok(())
    }

    fn read_map(
        &mut self,
        _: &Schema<'_>,
        state: &mut dyn FnMut(String, &mut dyn ShapeDeserializer) -> Result<(), SerdeError>,
    ) -> Result<(), SerdeError> {
        let Some(object) = self.object() else {
            self.wrong_type("an object");
            return Ok(());
        };
        for (key, value) in object {
            state(key.clone(), &mut self.below(value, &step(key), None))?;
        }
        Ok(())
    }

    fn read_boolean(&mut self, _: &Schema<'_>) -> Result<bool, SerdeError> {
        Ok(self.scalar("true or false", Value::as_bool))
    }

    fn read_byte(&mut self, _: &Schema<'_>) -> Result<i8, SerdeError> {
        Ok(self.integer())
    }

    fn read_short(&mut self, _: &Schema<'_>) -> Result<i16, SerdeError> {
        Ok(self.integer())
    }

    fn read_integer(&mut self, _: &Schema<'_>) -> Result<i32, SerdeError> {
        Ok(self.integer())
    }

    fn read_long(&mut self, _: &Schema<'_>) -> Result<i64, SerdeError> {
        Ok(self.integer())
    }

    #[allow(clippy::cast_possible_truncation, reason = "the API has it as a 32-bit float")]
    fn read_float(&mut self, _: &Schema<'_>) -> Result<f32, SerdeError> {
        Ok(self.scalar("a number", Value::as_f64) as f32)
    }

    fn read_double(&mut self, _: &Schema<'_>) -> Result<f64, SerdeError> {
        Ok(self.scalar("a number", Value::as_f64))
    }

    fn read_string(&mut self, _: &Schema<'_>) -> Result<String, SerdeError> {
        let text: String = self.scalar("a string", |value| value.as_str().map(str::to_owned));
        if let (Some(Value::String(_)), Some(known)) = (self.value(), self.choices)
            && !known.contains(&text.as_str())
        {
            let found = clip(&text);
            let nearest = nearest(&text, known.iter().copied());
            self.note(Problem::UnknownValue { path: self.path.clone(), found, nearest, known });
        }
        Ok(text)
    }

    // Neither request has one of the following.

    fn read_big_integer(&mut self, _: &Schema<'_>) -> Result<BigInteger, SerdeError> {
        Err(SerdeError::unsupported("big integers in templates"))
    }

    fn read_big_decimal(&mut self, _: &Schema<'_>) -> Result<BigDecimal, SerdeError> {
        Err(SerdeError::unsupported("big decimals in templates"))
    }

    fn read_blob(&mut self, _: &Schema<'_>) -> Result<Blob, SerdeError> {
        Err(SerdeError::unsupported("blobs in templates"))
    }

    fn read_timestamp(&mut self, _: &Schema<'_>) -> Result<DateTime, SerdeError> {
        Err(SerdeError::unsupported("timestamps in templates"))
    }

    fn read_document(&mut self, _: &Schema<'_>) -> Result<Document, SerdeError> {
        Err(SerdeError::unsupported("documents in templates"))
    }

    fn is_null(&self) -> bool {
        self.value().is_some_and(Value::is_null)
    }

    fn skip_value(&mut self) -> Result<(), SerdeError> {
        Ok(())
    }

    fn container_size(&self) -> Option<usize> {
        None
    }
}

fn unknown(schema: &Schema<'_>, key: &str, path: String, top: bool) -> Problem {
    let known: Vec<String> =
        schema.members().iter().filter_map(|member| member.member_name()).map(str::to_owned).collect();
    let nearest = nearest(key, known.iter().map(String::as_str)).map(str::to_owned);
    Problem::UnknownKey { path, key: key.to_owned(), top, nearest, known }
}

/// The known name that was probably meant. Case counts for nothing: `Family` is how `CloudFormation` has it.
fn nearest<'k>(key: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if key.len() > SHOWN {
        return None;
    }
    let wanted = key.to_lowercase();
    let tolerated = (wanted.chars().count() / 3).clamp(1, 4);
    known
        .map(|name| (strsim::damerau_levenshtein(&wanted, &name.to_lowercase()), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= tolerated)
        .map(|(_, name)| name)
}

/// What kind of JSON value it is.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn kind_beside(value: &Value, expected: &str) -> &'static str {
    match value {
        Value::Number(number) if expected == "a whole number" && number.is_f64() => "a fraction",
        Value::Number(_) if expected == "a whole number" => "a number that is too large or too small",
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
            kind(value)
        }
    }
}

/// A key as a step of a path.
fn step(key: &str) -> String {
    let plain = !key.is_empty() && key.len() <= SHOWN && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { format!(".{key}") } else { format!("[\"{}\"]", clip(key)) }
}
