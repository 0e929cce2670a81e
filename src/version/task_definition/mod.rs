//! A task definition from a template, or from an existing revision, with what the settings override: pure. It is kept
//! as JSON in the API's own shape until the request is made, so no field of the API is lost on the way.

mod canonical;
mod containers;
mod diff;
mod overrides;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionInput;
use serde_json::{Map, Value, json};

use crate::config::{Image, VersionSource};
use crate::error::{Error, Result};
use crate::model::tags;
use crate::report::output::Warning;
use crate::rules::{self, MAX_TAGS};
use crate::version::template;
pub(crate) use canonical::{canonical, fingerprint};
pub(crate) use diff::differences;
use overrides::apply;

/// What a revision is made from.
#[derive(Debug, Clone)]
pub(crate) enum Base {
    /// A template's content.
    Template(Map<String, Value>),
    /// An existing revision's, see [`from_existing`]: whatever is known here of AWS's rules, AWS has taken it.
    Existing(Map<String, Value>),
}

/// The revision that the settings make of its base, and what of them changes nothing. `origin` names the base in
/// messages.
pub(crate) fn revise(
    origin: &str,
    base: Base,
    version: &VersionSource,
    container_port: Option<i32>,
) -> Result<(Revision, Vec<Warning>)> {
    let (content, accepted) = match base {
        Base::Template(content) => (content, Vec::new()),
        Base::Existing(content) => {
            let accepted = rules::task_definition::broken(&content);
            (content, accepted)
        }
    };
    let (content, warnings) = apply(origin, content, version, container_port)?;
    let revision = Revision::new(origin, content)?;
    rules::check(origin, rules::task_definition::broken(&revision.content), &accepted)?;
    Ok((revision, warnings))
}

/// What is to be registered.
#[derive(Debug, Clone)]
pub(crate) struct Revision {
    /// Where it comes from, for messages: a file's name or an ARN.
    origin: String,
    /// The request, without this tool's own tags.
    content: Map<String, Value>,
    pub(crate) family: String,
    /// SHA-256 of the canonical content.
    pub(crate) fingerprint: String,
    /// By container.
    pub(crate) images: BTreeMap<String, String>,
}

impl Revision {
    /// Checks what AWS would refuse anyway, where the reason can be said better here.
    pub(crate) fn new(origin: &str, mut content: Map<String, Value>) -> Result<Self> {
        keep_tags_of_others(&mut content);
        let request: RegisterTaskDefinitionInput = template::input(origin, &content)?;
        let canonical = canonical(&Value::Object(template::to_json(&request)?));
        let family = request.family().unwrap_or_default();
        if family.is_empty() {
            return Err(Error::usage("missing-family", format!("{origin}: $.family is missing"))
                .hint("write it into the template, or give `family`"));
        }
        let images = containers::images(origin, &content)?;
        let tags = content.get("tags").and_then(Value::as_array).map_or(0, Vec::len);
        // Ours are two more.
        if tags + 2 > MAX_TAGS {
            return Err(Error::usage("too-many-tags", format!("{origin}: {tags} tags, and ecs-bg adds 2"))
                .hint("AWS allows 50 on a task definition"));
        }
        Ok(Self {
            origin: origin.to_owned(),
            family: family.to_owned(),
            fingerprint: fingerprint(&canonical),
            images,
            content,
        })
    }

    /// The SDK's request, tagged so that the same content is found again.
    pub(crate) fn request(&self, build: Option<&str>) -> Result<RegisterTaskDefinitionInput> {
        let mut content = self.content.clone();
        let ours = [(tags::FINGERPRINT, Some(self.fingerprint.clone())), (tags::BUILD, build.map(tags::encode))];
        for (key, value) in ours {
            if let Some(value) = value {
                push(&mut content, "tags", json!({ "key": key, "value": value }));
            }
        }
        template::input(&self.origin, &content)
    }

    /// The request without our tags, in a fixed order: for plans and comparisons.
    pub(crate) fn canonical(&self) -> Value {
        canonical(&Value::Object(self.content.clone()))
    }

    /// Containers whose image can change behind its name.
    pub(crate) fn mutable_images(&self) -> Vec<(&str, &str)> {
        let named = self.images.iter().map(|(name, reference)| (name.as_str(), reference.as_str()));
        named.filter(|(_, reference)| is_mutable(reference)).collect()
    }
}

/// Whether what the reference names can change: no digest, and no tag or `latest`.
pub(crate) fn is_mutable(reference: &str) -> bool {
    Image::parse(reference).is_ok_and(|image| image.is_mutable())
}

/// An existing revision, as `DescribeTaskDefinition` returns it, in the shape of a request: what only AWS writes is
/// dropped, its tags are kept but for ours and AWS's own.
pub(crate) fn from_existing(definition: &Map<String, Value>, tags: &[(String, String)]) -> Map<String, Value> {
    let schema = RegisterTaskDefinitionInput::SCHEMA;
    let mut content: Map<String, Value> = definition
        .iter()
        .filter(|(key, value)| schema.member_schema(key).is_some() && !value.is_null())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    content.remove("tags");
    for (key, value) in tags {
        push(&mut content, "tags", json!({ "key": key, "value": value }));
    }
    keep_tags_of_others(&mut content);
    content
}

/// Takes out the tags that this tool sets itself, and those of AWS (`aws:cloudformation:…`), which nobody may send.
fn keep_tags_of_others(content: &mut Map<String, Value>) {
    let Some(Value::Array(all)) = content.get_mut("tags") else { return };
    all.retain(|tag| {
        let key = tag.get("key").and_then(Value::as_str).unwrap_or_default();
        !tags::is_reserved(key)
    });
    if all.is_empty() {
        content.remove("tags");
    }
}

/// Appends to a list of an object, which is made where it is missing.
fn push(object: &mut Map<String, Value>, key: &str, item: Value) {
    match object.get_mut(key) {
        Some(Value::Array(list)) => list.push(item),
        _ => drop(object.insert(key.to_owned(), Value::Array(vec![item]))),
    }
}
