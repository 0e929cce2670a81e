//! The containers of a task definition, and which of them an override is for. Nothing is guessed: with several
//! containers the name must be given.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::config::Image;
use crate::error::{Error, Result};
use crate::report::words::quoted;

/// The containers' objects. `Revision::new` checks the shape before anything is sent.
pub(super) fn all(content: &Map<String, Value>) -> impl Iterator<Item = &Map<String, Value>> {
    content.get("containerDefinitions").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// The containers' objects, to change them.
pub(super) fn all_mut(content: &mut Map<String, Value>) -> impl Iterator<Item = &mut Map<String, Value>> {
    content
        .get_mut("containerDefinitions")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .filter_map(Value::as_object_mut)
}

fn name(container: &Map<String, Value>) -> &str {
    container.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn names(content: &Map<String, Value>) -> Vec<&str> {
    all(content).map(name).collect()
}

/// The containers of a task definition, in words.
fn listed(names: &[&str]) -> String {
    names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ")
}

/// The one container with this name.
pub(super) fn named<'a>(
    origin: &str,
    content: &'a mut Map<String, Value>,
    wanted: &str,
    key: &str,
) -> Result<&'a mut Map<String, Value>> {
    let known = listed(&names(content));
    all_mut(content).find(|container| name(container) == wanted).ok_or_else(|| {
        Error::usage("unknown-container", format!("{origin} has no container {}, which `{key}` names", quoted(wanted)))
            .hint(format!("the containers there: {known}"))
    })
}

/// The name of the container that serves: the one given, or the only one.
pub(super) fn serving(origin: &str, content: &Map<String, Value>, given: Option<&str>, key: &str) -> Result<String> {
    let names = names(content);
    match (given, names.as_slice()) {
        (Some(given), _) => Ok(given.to_owned()),
        (None, [only]) => Ok((*only).to_owned()),
        (None, several) => {
            let known = listed(several);
            Err(Error::usage(
                "ambiguous-container",
                format!("{origin} has {} containers, and `{key}` does not say for which it is", several.len()),
            )
            .hint(format!(
                "name the one that serves with `containerName`, or give `{key}` by container; there are {known}"
            )))
        }
    }
}

/// The image of each container. Every container has a name of its own and an image, or AWS would refuse it.
pub(super) fn images(origin: &str, content: &Map<String, Value>) -> Result<BTreeMap<String, String>> {
    let mut images = BTreeMap::new();
    for (index, container) in all(content).enumerate() {
        let missing = |key: &str, hint: &str| {
            Err(Error::usage(
                "incomplete-container",
                format!("{origin}: $.containerDefinitions[{index}].{key} is missing"),
            )
            .hint(hint))
        };
        let name = name(container);
        if name.is_empty() {
            return missing("name", "every container needs a name");
        }
        let Some(image) = container.get("image").and_then(Value::as_str).filter(|image| !image.is_empty()) else {
            return missing("image", "write it into the template, or give `image` or `images`");
        };
        if let Err(problem) = Image::parse(image) {
            return Err(Error::usage(
                "bad-image",
                format!("{origin}: $.containerDefinitions[{index}].image: {} {problem}", quoted(image)),
            )
            .hint("write REGISTRY/REPOSITORY:TAG or REGISTRY/REPOSITORY@sha256:…, or give `image` or `images`"));
        }
        if images.insert(name.to_owned(), image.to_owned()).is_some() {
            return Err(Error::usage(
                "incomplete-container",
                format!("{origin}: two containers have the name {}", quoted(name)),
            )
            .hint("every container needs a name of its own"));
        }
    }
    if images.is_empty() {
        return Err(Error::usage("incomplete-container", format!("{origin}: $.containerDefinitions is empty"))
            .hint("a task definition has one container at least"));
    }
    Ok(images)
}
