//! What a task set is made from: a template, PRIMARY, or the parameters alone.

use aws_sdk_ecs::types as sdk;
use serde_json::{Map, Value, json};

use crate::config::Settings;
use crate::error::{Error, Result};
use crate::rules::api::{ECS, unknown_member};
use crate::rules::task_set::is_on_fargate;
use crate::version::template;

/// What a task definition tells of the task sets that run it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    pub(super) container_name: Option<String>,
    pub(super) container_port: Option<i32>,
    /// Each task has a network interface of its own (awsvpc), so subnets are needed.
    pub(super) no_awsvpc: bool,
    pub(super) fargate: bool,
}

impl Told {
    /// By a task definition as `DescribeTaskDefinition` returns it. With several containers or ports nothing is guessed.
    pub(crate) fn by(definition: &Map<String, Value>) -> Self {
        let list = |object: &Map<String, Value>, key: &str| {
            object.get(key).and_then(Value::as_array).cloned().unwrap_or_default()
        };
        let only = |list: Vec<Value>| <[Value; 1]>::try_from(list).ok().map(|[only]| only);
        let container = only(list(definition, "containerDefinitions"));
        let port =
            container.as_ref().and_then(Value::as_object).and_then(|container| only(list(container, "portMappings")));
        Self {
            container_name: container.and_then(|container| container["name"].as_str().map(str::to_owned)),
            container_port: port.and_then(|port| i32::try_from(port["containerPort"].as_i64()?).ok()),
            no_awsvpc: definition.get("networkMode").and_then(Value::as_str).is_some_and(|mode| mode != "awsvpc"),
            fargate: list(definition, "requiresCompatibilities") == [json!("FARGATE")],
        }
    }
}

pub(super) fn from_template(
    name: &str,
    mut content: Map<String, Value>,
    settings: &Settings,
) -> Result<Map<String, Value>> {
    content.retain(|_, value| !value.is_null());
    for (key, ours) in [("cluster", &settings.cluster), ("service", &settings.service)] {
        let last = |name: &str| name.rsplit('/').next().unwrap_or_default().to_owned();
        let theirs = content.remove(key).and_then(|value| value.as_str().map(last)).filter(|theirs| !theirs.is_empty());
        if let (Some(theirs), Some(ours)) = (theirs, ours)
            && theirs != last(ours)
        {
            return Err(Error::usage(
                "template-elsewhere",
                format!(
                    "{name}: $.{key} is {}, the parameter `{key}` is {ours}",
                    crate::report::words::quoted(&theirs)
                ),
            )
            .hint(format!("leave `{key}` out of the template")));
        }
    }
    for (key, who) in [("externalId", "`deploymentId`"), ("clientToken", "ecs-bg")] {
        let given = content.remove(key).is_some_and(|value| value.as_str() != Some(""));
        if given {
            return Err(Error::usage("template-not-yours", format!("{name}: $.{key} is set by {who}"))
                .hint(format!("leave `{key}` out of the template")));
        }
    }
    Ok(content)
}

/// What makes a set like PRIMARY: network, container and port, registries, capacity providers or launch type.
const COPIED: [&str; 5] =
    ["networkConfiguration", "loadBalancers", "serviceRegistries", CAPACITY_PROVIDERS, "launchType"];

const CAPACITY_PROVIDERS: &str = "capacityProviderStrategy";

/// The refusal to make a set like PRIMARY, where what AWS tells of that has a part that the copy would lack. What is no
/// member that this build knows may be one that makes a set what it is. `primary` is its ARN, with what of it is unknown.
pub(crate) fn copied_whole(settings: &Settings, primary: Option<(&str, Vec<String>)>) -> Option<Error> {
    let own = &settings.task_set;
    let (None, Some((primary, unknown))) = (&own.template, primary) else { return None };
    let given_anew = own.launch_type.is_some() || !own.capacity_providers.is_empty();
    let is_lost = |path: &String| {
        let member = path.split(['.', '[']).next().unwrap_or_default();
        let is_known = sdk::TaskSet::SCHEMA.member_schema(member).is_some();
        (COPIED.contains(&member) || !is_known) && !(given_anew && member == CAPACITY_PROVIDERS)
    };
    let lost: Vec<String> = unknown.into_iter().filter(is_lost).collect();
    let what = format!("the PRIMARY task set {primary}");
    let instead = "or give `taskSet`, a template with all that the set needs";
    (!lost.is_empty()).then(|| unknown_member(&ECS, &what, &lost, instead))
}

pub(super) fn from_primary(primary: &sdk::TaskSet) -> Result<Map<String, Value>> {
    let there = template::to_json(primary)?;
    let mut content = Map::new();
    for key in COPIED {
        let value = there.get(key).filter(|value| !value.as_array().is_some_and(Vec::is_empty));
        if let Some(value) = value {
            content.insert(key.to_owned(), value.clone());
        }
    }
    if content.contains_key("capacityProviderStrategy") {
        content.remove("launchType");
    }
    if is_on_fargate(&content) {
        // AWS returns it resolved: copying that would pin the version for ever.
        content.insert("platformVersion".into(), json!("LATEST"));
    }
    Ok(content)
}

pub(super) fn from_nothing(told: &Told, settings: &Settings) -> Result<Map<String, Value>> {
    let own = &settings.task_set;
    let name = settings.version.container_name.as_ref().or(told.container_name.as_ref());
    let port = own.container_port.or(told.container_port);
    let missing: Vec<&str> = [
        ("containerName", name.is_none()),
        ("containerPort", port.is_none()),
        ("subnets", own.subnets.is_empty() && !told.no_awsvpc),
        ("securityGroups", own.security_groups.is_empty() && !told.no_awsvpc),
    ]
    .into_iter()
    .filter_map(|(key, is_missing)| is_missing.then_some(key))
    .collect();
    if !missing.is_empty() {
        return Err(Error::usage(
            "missing-parameter",
            format!("there is no PRIMARY task set to copy from, and these are missing: `{}`", missing.join("`, `")),
        )
        .hint("give them, or `taskSet`: a template with what `aws ecs create-task-set --cli-input-json` takes"));
    }
    let mut content = Map::new();
    content.insert("loadBalancers".into(), json!([{ "containerName": name, "containerPort": port }]));
    if own.launch_type.is_none() && own.capacity_providers.is_empty() && told.fargate {
        content.insert("launchType".into(), json!("FARGATE"));
    }
    Ok(content)
}
