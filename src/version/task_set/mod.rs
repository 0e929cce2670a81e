//! The request for a new task set, from a template or from the PRIMARY set, with the settings' overrides.
//!
//! [`build`] takes the template's content, PRIMARY as the API gave it, or nothing (a first deployment);
//! [`NewTaskSet::differences`] tells a set of the same deployment that has other content; [`NewTaskSet::request`] takes
//! the attempt's number, which makes the next token where the answer is a dead set.

mod sources;
#[cfg(test)]
mod tests;

use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;
use aws_sdk_ecs::types as sdk;
use serde_json::{Map, Value, json};

use crate::config::{Settings, TaskSetOverrides};
use crate::error::{Error, Result};
use crate::rules::{self, MAX_TAGS};
use crate::version::task_definition::{canonical, fingerprint};
use crate::version::template;

pub(crate) use sources::{Told, copied_whole};
use sources::{from_nothing, from_primary, from_template};

/// What a new set starts with, in percent of the service's desired count, where nobody says.
const DEFAULT_SCALE: f64 = 100.0;
/// AWS takes client tokens of at most this many characters.
const TOKEN_LENGTH: usize = 36;

/// Where the content comes from. The settings override it.
pub(crate) enum Source<'a> {
    /// A template's content, as [`template::load`] returns it, and the file's name.
    Template(&'a str, Map<String, Value>),
    /// The PRIMARY task set.
    Primary(&'a sdk::TaskSet),
    /// There is none: a first deployment. The settings must say everything, but for what the task definition tells.
    Nothing(Told),
}

/// A task set to be created, but for the names that are the deployment's.
#[derive(Debug, Clone)]
pub(crate) struct NewTaskSet {
    origin: String,
    /// The request without cluster, service, externalId, clientToken and tags.
    content: Map<String, Value>,
    /// The users' tags.
    tags: Vec<(String, String)>,
}

/// Puts the request together. `target_group` is the idle one, always; `task_definition` is an ARN or `family:revision`.
pub(crate) fn build(
    settings: &Settings,
    source: Source<'_>,
    target_group: &str,
    task_definition: Option<&str>,
) -> Result<NewTaskSet> {
    let is_copied = matches!(source, Source::Primary(_));
    let (origin, mut content) = match source {
        Source::Template(name, content) => (name.to_owned(), from_template(name, content, settings)?),
        Source::Primary(primary) => ("the PRIMARY task set".to_owned(), from_primary(primary)?),
        Source::Nothing(told) => ("the parameters".to_owned(), from_nothing(&told, settings)?),
    };
    // What is copied from PRIMARY, AWS has taken.
    let accepted = if is_copied { rules::task_set::broken(&content) } else { Vec::new() };
    override_with(&settings.task_set, &mut content);
    set_load_balancer(&origin, &mut content, settings, target_group)?;
    if let Some(task_definition) = task_definition {
        content.insert("taskDefinition".into(), json!(task_definition));
    }
    if text(&content, "taskDefinition").is_none() {
        return Err(Error::usage("missing-parameter", "`taskDefinitionArn` is missing")
            .hint("give what register-task-definition returned: an ARN, or family:revision"));
    }
    // Without a scale AWS creates the set at 0 percent.
    let scale = settings.scale.or_else(|| content.get("scale")?.get("value")?.as_f64()).unwrap_or(DEFAULT_SCALE);
    content.insert("scale".into(), json!({ "value": scale, "unit": "PERCENT" }));
    rules::check(&origin, rules::task_set::broken(&content), &accepted)?;
    let tags = users_tags(&origin, &mut content, settings)?;
    let new = NewTaskSet { origin, content, tags };
    template::input::<CreateTaskSetInput>(&new.origin, &new.content)?;
    Ok(new)
}

/// Checks what can be told of the template, or of the parameters alone, before anything is known of the service.
pub(crate) fn check_given(settings: &Settings, task_definition: Option<&str>) -> Result<()> {
    if let Some(path) = &settings.task_set.template {
        let name = path.display().to_string();
        let content = template::load::<CreateTaskSetInput>(path)?;
        return build(settings, Source::Template(&name, content), "", task_definition).map(drop);
    }
    let mut content = Map::new();
    override_with(&settings.task_set, &mut content);
    rules::check("the parameters", rules::task_set::broken(&content), &[])
}

impl NewTaskSet {
    /// What will run in it.
    pub(crate) fn task_definition(&self) -> &str {
        text(&self.content, "taskDefinition").unwrap_or_default()
    }

    /// The same set with another task definition: to compare the rest.
    pub(crate) fn running(&self, task_definition: &str) -> Self {
        let mut same = self.clone();
        same.content.insert("taskDefinition".into(), json!(task_definition));
        same
    }

    /// Percent.
    pub(crate) fn scale(&self) -> f64 {
        self.content["scale"]["value"].as_f64().unwrap_or(DEFAULT_SCALE)
    }

    /// Whether its tasks surely run on Fargate.
    pub(crate) fn is_on_fargate(&self) -> bool {
        rules::task_set::is_on_fargate(&self.content)
    }

    /// Whether it would take traffic by service discovery as soon as it runs.
    pub(crate) fn has_registries(&self) -> bool {
        !items(&self.content, "serviceRegistries").is_empty()
    }

    /// For `--dry-run`: what would be created. It holds no secrets.
    pub(crate) fn plan(&self) -> Value {
        Value::Object(self.content.clone())
    }

    /// The SDK's request. `cluster` and `service` are ARNs, so that the token is the same however they were named;
    /// `ours` are this tool's tags; `attempt` is 0, and the next number where the answer was a set that is dead.
    pub(crate) fn request(
        &self,
        cluster: &str,
        service: &str,
        deployment: &str,
        attempt: u32,
        ours: &[(String, String)],
    ) -> Result<CreateTaskSetInput> {
        let mut content = self.content.clone();
        let tags: Vec<Value> =
            self.tags.iter().chain(ours).map(|(key, value)| json!({ "key": key, "value": value })).collect();
        if tags.len() > MAX_TAGS {
            return Err(Error::usage(
                "too-many-tags",
                format!("{}: {} tags with ecs-bg's own", self.origin, tags.len()),
            )
            .hint("AWS allows 50 on a task set"));
        }
        for (key, value) in [
            ("cluster", json!(cluster)),
            ("service", json!(service)),
            ("externalId", json!(deployment)),
            ("clientToken", json!(self.token(cluster, service, deployment, attempt))),
            ("tags", Value::Array(tags)),
        ] {
            content.insert(key.to_owned(), value);
        }
        template::input(&self.origin, &content)
    }

    /// The same for the same request and attempt, whoever sends it: AWS then answers with the set that exists.
    fn token(&self, cluster: &str, service: &str, deployment: &str, attempt: u32) -> String {
        let of = json!([cluster, service, deployment, canonical(&Value::Object(self.content.clone())), attempt]);
        let mut token = fingerprint(&of);
        token.truncate(TOKEN_LENGTH);
        token
    }

    /// In what an existing set of the same deployment differs from this one, in words; empty where it is the same.
    /// Compared is what AWS returns as it was sent: not the scale, which changes, nor the platform version, which comes
    /// back resolved, nor what this request leaves to AWS.
    pub(crate) fn differences(&self, existing: &sdk::TaskSet) -> Result<Vec<String>> {
        let there = template::to_json(existing)?;
        let mut found = Vec::new();
        let mut differ = |what: &str, wanted: Value, is: Value| {
            if !wanted.is_null() && wanted != is {
                found.push(format!("{what}: it has {is}, this would have {wanted}"));
            }
        };
        let definition = existing.task_definition.as_deref().unwrap_or_default();
        let wanted = self.task_definition();
        if definition != wanted && !definition.ends_with(&format!(":task-definition/{wanted}")) {
            differ("taskDefinition", json!(wanted), json!(definition));
        }
        let balancer =
            |content: &Map<String, Value>| items(content, "loadBalancers").first().cloned().unwrap_or_default();
        let (ours, theirs) = (balancer(&self.content), balancer(&there));
        for key in ["containerName", "containerPort"] {
            differ(key, ours[key].clone(), theirs[key].clone());
        }
        let launch_type = |content: &Map<String, Value>| content.get("launchType").cloned().unwrap_or_default();
        differ("launchType", launch_type(&self.content), launch_type(&there));
        let providers = |content: &Map<String, Value>| {
            sorted(items(content, "capacityProviderStrategy").iter().map(|item| {
                json!([
                    item["capacityProvider"],
                    item["weight"].as_i64().unwrap_or(0),
                    item["base"].as_i64().unwrap_or(0)
                ])
            }))
        };
        differ("capacityProviderStrategy", providers(&self.content), providers(&there));
        let registries = |content: &Map<String, Value>| {
            sorted(items(content, "serviceRegistries").iter().map(|item| item["registryArn"].clone()))
        };
        differ("serviceRegistries", registries(&self.content), registries(&there));
        let vpc = |content: &Map<String, Value>, key: &str| {
            content
                .get("networkConfiguration")
                .and_then(|network| network.get("awsvpcConfiguration")?.get(key))
                .cloned()
                .unwrap_or_default()
        };
        for key in ["subnets", "securityGroups"] {
            let list =
                |content: &Map<String, Value>| sorted(vpc(content, key).as_array().into_iter().flatten().cloned());
            differ(key, list(&self.content), list(&there));
        }
        differ("assignPublicIp", vpc(&self.content, "assignPublicIp"), vpc(&there, "assignPublicIp"));
        Ok(found)
    }
}

/// A list that is a set, in order; null where it is empty.
fn sorted(values: impl Iterator<Item = Value>) -> Value {
    let mut values: Vec<Value> = values.collect();
    values.sort_by_key(Value::to_string);
    if values.is_empty() { Value::Null } else { Value::Array(values) }
}

/// Takes the tags out of the content and adds the settings'.
fn users_tags(origin: &str, content: &mut Map<String, Value>, settings: &Settings) -> Result<Vec<(String, String)>> {
    let string = |tag: &Value, key: &str| tag[key].as_str().unwrap_or_default().to_owned();
    let mut tags: Vec<(String, String)> =
        items(content, "tags").iter().map(|tag| (string(tag, "key"), string(tag, "value"))).collect();
    content.remove("tags");
    tags.retain(|(key, _)| !settings.version.tags.contains_key(key));
    tags.extend(settings.version.tags.iter().map(|(key, value)| (key.clone(), value.clone())));
    if let Some((key, _)) = tags.iter().find(|(key, _)| crate::model::tags::is_reserved(key) || key.is_empty()) {
        return Err(Error::usage(
            "reserved-tag",
            format!("{origin}: the tag {} cannot be set", crate::report::words::quoted(key)),
        )
        .hint("`aws:` is AWS's, `ecs-bg:` is this tool's own"));
    }
    Ok(tags)
}

fn override_with(own: &TaskSetOverrides, content: &mut Map<String, Value>) {
    let mut vpc = |key: &str, value: Value| {
        let network = content.entry("networkConfiguration").or_insert_with(|| json!({}));
        network["awsvpcConfiguration"][key] = value;
    };
    if !own.subnets.is_empty() {
        vpc("subnets", json!(own.subnets));
    }
    if !own.security_groups.is_empty() {
        vpc("securityGroups", json!(own.security_groups));
    }
    if let Some(assign) = own.assign_public_ip {
        vpc("assignPublicIp", json!(if assign { "ENABLED" } else { "DISABLED" }));
    }
    // A set has one or the other.
    if let Some(launch_type) = &own.launch_type {
        content.remove("capacityProviderStrategy");
        content.insert("launchType".into(), json!(launch_type));
    } else if !own.capacity_providers.is_empty() {
        let strategy: Vec<Value> = own
            .capacity_providers
            .iter()
            .map(|provider| json!({ "capacityProvider": provider.name, "weight": provider.weight, "base": provider.base }))
            .collect();
        content.remove("launchType");
        content.insert("capacityProviderStrategy".into(), json!(strategy));
    }
    let moved = own.launch_type.is_some() || !own.capacity_providers.is_empty();
    if let Some(version) = &own.platform_version {
        content.insert("platformVersion".into(), json!(version));
    } else if moved && !rules::task_set::is_on_fargate(content) {
        content.remove("platformVersion");
    }
}

/// Exactly one target group, the idle one, with the container and port that serve.
fn set_load_balancer(
    origin: &str,
    content: &mut Map<String, Value>,
    settings: &Settings,
    target_group: &str,
) -> Result<()> {
    let wrong = |what: &str| {
        Err(Error::usage("template-load-balancer", format!("{origin}: $.loadBalancers: {what}"))
            .hint("one entry with containerName and containerPort; the target group is the idle one, always"))
    };
    let given = items(content, "loadBalancers");
    let mut entry = match given {
        [] => Map::new(),
        [Value::Object(one)] => one.clone(),
        _ => return wrong("a task set has one target group"),
    };
    if entry.get("loadBalancerName").is_some_and(|name| !name.is_null()) {
        return wrong("loadBalancerName is for Classic Load Balancers, which have no target groups");
    }
    if entry.get("advancedConfiguration").is_some_and(|more| !more.is_null()) {
        return wrong("advancedConfiguration is for services that ECS itself deploys");
    }
    if let Some(name) = &settings.version.container_name {
        entry.insert("containerName".into(), json!(name));
    }
    if let Some(port) = settings.task_set.container_port {
        entry.insert("containerPort".into(), json!(port));
    }
    let missing: Vec<&str> = ["containerName", "containerPort"]
        .into_iter()
        .filter(|key| entry.get(*key).is_none_or(Value::is_null))
        .collect();
    if !missing.is_empty() {
        return Err(Error::usage("missing-parameter", format!("{origin}: `{}` is missing", missing.join("`, `")))
            .hint("say which container serves and on which port, in loadBalancers of the template or as parameters"));
    }
    entry.insert("targetGroupArn".into(), json!(target_group));
    content.insert("loadBalancers".into(), json!([entry]));
    Ok(())
}

fn items<'a>(content: &'a Map<String, Value>, key: &str) -> &'a [Value] {
    content.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A text that is there and not empty.
fn text<'a>(content: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    content.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}
