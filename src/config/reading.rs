//! Canonical values as the types of [`super::settings`], where JSON has no such type.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::duration;

/// Seconds.
pub(super) fn duration<'de, D: Deserializer<'de>>(value: D) -> Result<Duration, D::Error> {
    duration::from_json(&Value::deserialize(value)?).ok_or_else(|| D::Error::custom("no number of seconds"))
}

pub(super) fn maybe_duration<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Duration>, D::Error> {
    duration(value).map(Some)
}

/// RFC 3339.
pub(super) fn time<'de, D: Deserializer<'de>>(value: D) -> Result<Option<SystemTime>, D::Error> {
    humantime::parse_rfc3339(&String::deserialize(value)?).map(Some).map_err(D::Error::custom)
}

/// `false`, or what its keys say.
pub(super) fn optional<'de, D: Deserializer<'de>, T: DeserializeOwned>(value: D) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(value)?;
    if value == Value::Bool(false) { Ok(None) } else { T::deserialize(value).map(Some).map_err(D::Error::custom) }
}

pub(super) fn enabled<'de, D: Deserializer<'de>>(value: D) -> Result<Option<bool>, D::Error> {
    Ok(Some(String::deserialize(value)? == "ENABLED"))
}

/// The entries that are texts; those that are maps are a container's, see [`by_container`].
pub(super) fn texts<'de, D: Deserializer<'de>>(value: D) -> Result<BTreeMap<String, String>, D::Error> {
    Map::deserialize(value).map(|map| texts_of(&map))
}

/// The entries that are maps: a container's variables.
pub(super) fn by_container(value: Option<&Value>) -> BTreeMap<String, BTreeMap<String, String>> {
    let entries = value.and_then(Value::as_object).into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), texts_of(value.as_object()?)))).collect()
}

fn texts_of(map: &Map<String, Value>) -> BTreeMap<String, String> {
    map.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}
