//! What the settings override of a template or of an existing revision.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{containers, push};
use crate::config::VersionSource;
use crate::error::{Error, Result};
use crate::model::tags::is_reserved;
use crate::report::output::Warning;
use crate::report::words::quoted;

/// The content with the settings' overrides, and what they could not change. `origin` names the content in messages.
pub(crate) fn apply(
    origin: &str,
    mut content: Map<String, Value>,
    version: &VersionSource,
    container_port: Option<i32>,
) -> Result<(Map<String, Value>, Vec<Warning>)> {
    for (key, value) in [
        ("family", &version.family),
        ("taskRoleArn", &version.task_role_arn),
        ("executionRoleArn", &version.execution_role_arn),
        ("cpu", &version.cpu),
        ("memory", &version.memory),
    ] {
        if let Some(value) = value {
            content.insert(key.to_owned(), json!(value));
        }
    }
    let given = version.container_name.as_deref();
    if let Some(given) = given {
        containers::named(origin, &mut content, given, "containerName")?;
    }
    set_images(origin, &mut content, version)?;
    set_variables(origin, &mut content, version, &ENVIRONMENT)?;
    set_variables(origin, &mut content, version, &SECRETS)?;
    if let (Some(port), Ok(serving)) = (container_port, containers::serving(origin, &content, given, "containerPort")) {
        set_port(containers::named(origin, &mut content, &serving, "containerPort")?, port, &serving, origin)?;
    }
    set_tags(&mut content, &version.tags)?;
    let warnings = set_logging(origin, &mut content, version);
    Ok((content, warnings))
}

fn set_images(origin: &str, content: &mut Map<String, Value>, version: &VersionSource) -> Result<()> {
    let mut images: BTreeMap<&str, &str> =
        version.images.iter().map(|(name, image)| (name.as_str(), image.as_str())).collect();
    let serving;
    if let Some(one) = &version.image {
        serving = containers::serving(origin, content, version.container_name.as_deref(), "image")?;
        if images.insert(&serving, one).is_some_and(|other| other != one) {
            return Err(Error::usage(
                "contradicting-image",
                format!("`image` and `images` name two images for the container {}", quoted(&serving)),
            )
            .hint("give only one of the two"));
        }
    }
    for (name, reference) in images {
        containers::named(origin, content, name, "images")?.insert("image".into(), json!(reference));
    }
    Ok(())
}

/// A container's list of `{name, …}`.
struct List {
    /// The parameter and the container's key.
    key: &'static str,
    /// What an item has beside its name.
    value: &'static str,
    /// The list that may not have the same name: AWS refuses that, so the override takes it out there.
    other: &'static str,
}

const ENVIRONMENT: List = List { key: "environment", value: "value", other: "secrets" };
const SECRETS: List = List { key: "secrets", value: "valueFrom", other: "environment" };

impl List {
    fn of<'a>(&self, version: &'a VersionSource) -> (&'a BTreeMap<String, String>, &'a Nested) {
        if self.key == ENVIRONMENT.key {
            (&version.environment, &version.container_environment)
        } else {
            (&version.secrets, &version.container_secrets)
        }
    }
}

type Nested = BTreeMap<String, BTreeMap<String, String>>;

fn set_variables(origin: &str, content: &mut Map<String, Value>, version: &VersionSource, list: &List) -> Result<()> {
    let (flat, nested) = list.of(version);
    let mut by_container: Vec<(String, &BTreeMap<String, String>)> = Vec::new();
    if !flat.is_empty() {
        let serving = containers::serving(origin, content, version.container_name.as_deref(), list.key)?;
        by_container.push((serving, flat));
    }
    by_container.extend(nested.iter().map(|(name, values)| (name.clone(), values)));
    for (container, values) in by_container {
        let (others, nested_others) =
            if list.key == ENVIRONMENT.key { SECRETS.of(version) } else { ENVIRONMENT.of(version) };
        let target = containers::named(origin, content, &container, list.key)?;
        for (name, value) in values {
            let both = nested_others.get(&container).is_some_and(|others| others.contains_key(name))
                || (others.contains_key(name) && !flat.is_empty() && std::ptr::eq(values, flat));
            if name.is_empty() || both {
                return Err(Error::usage(
                    "bad-variable",
                    format!("`{}`: {} is empty, or in `{}` too", list.key, quoted(name), list.other),
                )
                .hint("a variable has a name, and comes from one of the two"));
            }
            for key in [list.key, list.other] {
                if let Some(Value::Array(items)) = target.get_mut(key) {
                    items.retain(|item| item["name"].as_str() != Some(name));
                }
            }
            push(target, list.key, json!({ "name": name, list.value: value }));
        }
    }
    Ok(())
}

/// A container with one port gets the given one; with several, it must be among them.
fn set_port(container: &mut Map<String, Value>, port: i32, name: &str, origin: &str) -> Result<()> {
    let mappings = match container.get_mut("portMappings") {
        Some(Value::Array(mappings)) if !mappings.is_empty() => mappings,
        _ => {
            container.insert("portMappings".into(), json!([{ "containerPort": port, "protocol": "tcp" }]));
            return Ok(());
        }
    };
    if mappings.iter().any(|mapping| mapping["containerPort"] == port) {
        return Ok(());
    }
    let [Value::Object(only)] = mappings.as_mut_slice() else {
        return Err(Error::usage(
            "unknown-port",
            format!("{origin}: the container {} has several ports, and {port} is none of them", quoted(name)),
        )
        .hint("correct `containerPort`, or add the port to the template's portMappings"));
    };
    let before = only.insert("containerPort".into(), json!(port));
    // With awsvpc both are the same; a host port of its own stays.
    if only.get("hostPort") == before.as_ref() {
        only.remove("hostPort");
    }
    Ok(())
}

fn set_tags(content: &mut Map<String, Value>, tags: &BTreeMap<String, String>) -> Result<()> {
    for (key, value) in tags {
        if is_reserved(key) || key.is_empty() {
            return Err(Error::usage("reserved-tag", format!("`tags`: the key {} cannot be set", quoted(key)))
                .hint("`aws:` is AWS's, `ecs-bg:` is this tool's own"));
        }
        if let Some(Value::Array(all)) = content.get_mut("tags") {
            all.retain(|tag| tag["key"].as_str() != Some(key));
        }
        push(content, "tags", json!({ "key": key, "value": value }));
    }
    Ok(())
}

/// Group and region of every container that logs to `CloudWatch`.
fn set_logging(origin: &str, content: &mut Map<String, Value>, version: &VersionSource) -> Vec<Warning> {
    let wanted = [("awslogs-group", &version.log_group), ("awslogs-region", &version.log_region)];
    if wanted.iter().all(|(_, value)| value.is_none()) {
        return Vec::new();
    }
    let mut used = false;
    for container in containers::all_mut(content) {
        let Some(Value::Object(logging)) = container.get_mut("logConfiguration") else { continue };
        if logging.get("logDriver").and_then(Value::as_str) != Some("awslogs") {
            continue;
        }
        used = true;
        let options = logging.entry("options").or_insert(Value::Null);
        if options.is_null() {
            *options = json!({});
        }
        for (option, value) in wanted {
            if let (Value::Object(options), Some(value)) = (&mut *options, value) {
                options.insert(option.to_owned(), json!(value));
            }
        }
    }
    if used {
        return Vec::new();
    }
    vec![Warning {
        code: "override-unused".into(),
        message: format!("{origin}: no container logs with awslogs, so `logGroup` and `logRegion` change nothing"),
    }]
}
