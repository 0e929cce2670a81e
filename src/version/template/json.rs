//! JSON as a template needs it: errors with line and column, and no key twice.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::shape::kind;
use crate::error::{Error, Result};
use crate::report::words::clip;

const ONE_OBJECT: &str = "a template is one JSON object, as `aws ecs … --cli-input-json` takes it";

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Reads a template's text: one JSON object. `origin` is the file's name.
pub(crate) fn parse(origin: &str, bytes: &[u8]) -> Result<Map<String, Value>> {
    let wrong = |what: &str| Error::usage("template-syntax", format!("{origin}: {what}")).hint(ONE_OBJECT);
    if bytes.len() as u64 > super::MAX_BYTES {
        return Err(Error::usage("template-too-large", format!("{origin}: larger than 1 MiB"))
            .hint("AWS takes at most 64 KiB for a task definition; is this the right file?"));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(wrong("the file is UTF-16").hint("save it as UTF-8"));
    }
    // Editors on Windows put a mark before UTF-8; it says nothing.
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(wrong("the file is empty"));
    }
    let found = match serde_json::from_slice::<Strict>(bytes) {
        Ok(Strict(Value::Object(object))) => return Ok(object),
        Ok(Strict(other)) => kind(&other),
        Err(error) => return Err(syntax(origin, bytes, &error)),
    };
    Err(wrong(&format!("a JSON object is needed at the top, found {found}")))
}

fn syntax(origin: &str, bytes: &[u8], error: &serde_json::Error) -> Error {
    let what = crate::config::json_problem(bytes, error);
    let failed = Error::usage("template-syntax", format!("{origin}:{}:{}: {what}", error.line(), error.column()));
    failed.hint(ONE_OBJECT)
}

/// A JSON value in which no object has a key twice: the second would silently win.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if object.contains_key(&key) {
                return Err(A::Error::custom(format!("the key `{}` is there twice", clip(&key))));
            }
            let Strict(value) = entries.next_value()?;
            object.insert(key, value);
        }
        Ok(object.into())
    }
}
