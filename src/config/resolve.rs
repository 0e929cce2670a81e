//! Canonical parameters become [`Settings`], with the defaults.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::layers::{Layer, Merged};
use super::{CapacityProvider, Connection, Pipeline, Settings, TaskSetOverrides, VersionSource, duration, nest_one};
use crate::cli::Action;
use crate::error::{Error, Result};
use crate::model::{Colour, Pair};

/// A day: how long an approval waits.
const APPROVAL: u64 = 24 * 60 * 60;

/// What holds where nothing was given.
fn defaults() -> [(&'static str, Value); 9] {
    [
        ("minHealthy", json!(100)),
        ("settle", json!(300)),
        ("pollInterval", json!(2)),
        ("confirmations", json!(3)),
        ("maxAttempts", json!(8)),
        ("attemptTimeout", json!(10)),
        ("operationTimeout", json!(300)),
        ("onFailure", json!("rollback")),
        ("cleanup.bake", json!(600)),
    ]
}

/// Of two parameters that exclude each other, the one with precedence stays; given in one place, they are a mistake.
pub(super) fn one_source(action: Action, merged: &mut Merged) -> Result<()> {
    // Other actions are handed a revision beside the template that it was made from.
    if matches!(action, Action::Preflight | Action::RegisterTaskDefinition) {
        exclude(merged, "taskDefinition", "taskDefinitionArn", "ambiguous-version")?;
    }
    exclude(merged, "launchType", "capacityProviders", "ambiguous-launch-type")
}

fn exclude(merged: &mut Merged, one: &str, other: &str, code: &'static str) -> Result<()> {
    let (Some(first), Some(second)) = (merged.layer(one), merged.layer(other)) else { return Ok(()) };
    if first == second {
        let message =
            format!("`{one}` ({}) and `{other}` ({}) exclude each other", merged.place(one), merged.place(other));
        return Err(Error::usage(code, message).hint("give one of the two"));
    }
    merged.remove(if first < second { one } else { other });
    Ok(())
}

/// The settings.
pub(super) fn settings(merged: &Merged) -> Result<Settings> {
    let given = Given(merged);
    let target_groups = given.pair("targetGroups", Given::text)?;
    if let Some(groups) = &target_groups
        && groups.blue == groups.green
    {
        let places = (merged.place("targetGroups.blue"), merged.place("targetGroups.green"));
        let message =
            format!("`targetGroups.blue` ({}) and `targetGroups.green` ({}) are the same group", places.0, places.1);
        return Err(
            Error::usage("same-target-group", message).hint("blue/green needs two target groups of one load balancer")
        );
    }
    let (live, test) = (given.list("listeners.live"), given.list("listeners.test"));
    if let Some(both) = live.iter().find(|arn| test.contains(arn)) {
        let place = merged.place("listeners.test");
        let message =
            format!("`listeners.test` ({place}) names {}, which `listeners.live` names too", super::bounded(both, 200));
        return Err(Error::usage("duplicate-listener", message)
            .hint("the test listener is another one, on a port of its own; without one, leave `listeners.test` out"));
    }
    let mut settings = Settings {
        connection: connection(&given),
        cluster: given.text("cluster"),
        service: given.text("service"),
        target_groups,
        live,
        test,
        deployment_id: given.text("deploymentId"),
        task_set_arn: given.text("taskSetArn"),
        build: given.text("build"),
        version: version(&given),
        task_set: task_set(&given),
        repository: given.text("repository"),
        image_tag: given.text("tag"),
        weights: given.pair("weights", Given::number)?,
        scale: given.0.get("scale").and_then(Value::as_f64),
        min_healthy: given.number("minHealthy").unwrap_or_default(),
        timeout: given.duration("timeout"),
        settle: given.duration("settle").unwrap_or_default(),
        poll_interval: given.duration("pollInterval").unwrap_or_default(),
        confirmations: given.number("confirmations").unwrap_or_default(),
        drain: given.duration("drain"),
        idle_since: given.text("idleSince").and_then(|text| humantime::parse_rfc3339(&text).ok()),
        allow: given.list("allow"),
        dry_run: given.0.get("dryRun").and_then(Value::as_bool).unwrap_or_default(),
        next_env: None,
        pipeline: pipeline(&given),
    };
    if settings.cluster.is_none() {
        settings.cluster = settings.cluster_of_service();
        if let Some(cluster) = &settings.cluster {
            settings.pipeline.resolved.insert("cluster".to_owned(), cluster.clone().into());
        }
    }
    Ok(settings)
}

/// What a Makefile.env says beyond parameters; the last file that says something wins, as everywhere.
pub(super) fn extras(settings: &mut Settings, layers: &[Layer]) {
    settings.next_env = layers.iter().rev().find_map(|layer| layer.extras.next_env);
    settings.version.families = layers.iter().rev().find_map(|layer| layer.extras.families.clone());
    // The same for both colours is the family, whatever is idle.
    if let Some(families) = settings.version.families.as_ref().filter(|families| families.blue == families.green)
        && settings.version.family.is_none()
    {
        settings.pipeline.resolved.insert("family".to_owned(), families.blue.clone().into());
        settings.version.family = Some(families.blue.clone());
    }
}

impl Settings {
    /// The family of the new version's task definition, where it was given: by its name, or for the colour that is
    /// idle.
    pub(crate) fn family(&self, idle: Option<Colour>) -> Option<&str> {
        let of_idle = || self.version.families.as_ref().zip(idle).map(|(families, idle)| families.get(idle));
        self.version.family.as_ref().or_else(of_idle).map(String::as_str)
    }

    /// What `preflight` returns as `settings`: everything that was given, with the defaults and with what is known by
    /// then, for actions that run where there are no files.
    pub(crate) fn resolved(&self, region: &str, idle: Option<Colour>) -> Map<String, Value> {
        let mut resolved = self.pipeline.resolved.clone();
        resolved.insert("region".to_owned(), region.into());
        if let Some(family) = self.family(idle) {
            resolved.insert("family".to_owned(), family.into());
        }
        resolved
    }
}

fn connection(given: &Given<'_>) -> Connection {
    Connection {
        region: given.text("region"),
        profile: given.text("profile"),
        role_arn: given.text("roleArn"),
        role_external_id: given.text("roleExternalId"),
        role_session_name: given.text("roleSessionName"),
        endpoint_url: given.text("endpointUrl"),
        account_id: given.text("accountId"),
        max_attempts: given.number("maxAttempts").unwrap_or_default(),
        attempt_timeout: given.duration("attemptTimeout").unwrap_or_default(),
        operation_timeout: given.duration("operationTimeout").unwrap_or_default(),
    }
}

fn version(given: &Given<'_>) -> VersionSource {
    let (environment, container_environment) = given.variables("environment");
    let (secrets, container_secrets) = given.variables("secrets");
    VersionSource {
        template: given.text("taskDefinition").map(PathBuf::from),
        task_definition_arn: given.text("taskDefinitionArn"),
        image: given.text("image"),
        images: given.variables("images").0,
        family: given.text("family"),
        families: None,
        container_name: given.text("containerName"),
        environment,
        container_environment,
        secrets,
        container_secrets,
        task_role_arn: given.text("taskRoleArn"),
        execution_role_arn: given.text("executionRoleArn"),
        log_group: given.text("logGroup"),
        log_region: given.text("logRegion"),
        cpu: given.text("cpu"),
        memory: given.text("memory"),
        tags: given.variables("tags").0,
    }
}

fn task_set(given: &Given<'_>) -> TaskSetOverrides {
    let provider = |item: &Value| {
        let number = |name: &str| item.get(name).and_then(Value::as_i64).and_then(|n| i32::try_from(n).ok());
        Some(CapacityProvider {
            name: item.get("name")?.as_str()?.to_owned(),
            weight: number("weight")?,
            base: number("base")?,
        })
    };
    let providers = given.0.get("capacityProviders").and_then(Value::as_array);
    TaskSetOverrides {
        template: given.text("taskSet").map(PathBuf::from),
        container_port: given.number("containerPort"),
        subnets: given.list("subnets"),
        security_groups: given.list("securityGroups"),
        assign_public_ip: given.text("assignPublicIp").map(|state| state == "ENABLED"),
        launch_type: given.text("launchType"),
        capacity_providers: providers.into_iter().flatten().filter_map(provider).collect(),
        platform_version: given.text("platformVersion"),
    }
}

fn pipeline(given: &Given<'_>) -> Pipeline {
    let mut resolved = Map::new();
    // Values of variables stay out of what is printed: who needs them reads them where they were given.
    let hidden = |name: &str| matches!(name, "config" | "environment");
    let grouped = |name: &str| name.starts_with("approve") || name.starts_with("cleanup");
    for (name, value) in given.0.iter().filter(|(name, _)| !hidden(name) && !grouped(name)) {
        nest_one(&mut resolved, name, value.clone());
    }
    for (name, value) in defaults() {
        if !grouped(name) && given.0.get(name).is_none() {
            nest_one(&mut resolved, name, value);
        }
    }
    let approve = given.question("approve", "Swap live traffic to the new version?");
    let cleanup = json!({
        "bake": given.value("cleanup.bake"),
        "approve": given.question("cleanup.approve", "The new version is live. Delete the previous one?"),
        "previous": given.text("cleanup.previous").unwrap_or_else(|| "delete".to_owned()),
        "deregister": given.0.get("cleanup.deregister").and_then(Value::as_bool).unwrap_or_default(),
    });
    resolved.insert("approve".to_owned(), approve);
    resolved.insert("cleanup".to_owned(), cleanup.clone());
    Pipeline { cleanup, bake: given.duration("cleanup.bake").unwrap_or_default(), resolved }
}

/// Canonical values, read as what they are: their types were checked when they were made canonical.
struct Given<'a>(&'a Merged);

type Variables = BTreeMap<String, String>;

impl Given<'_> {
    /// What was given, else the default.
    fn value(&self, name: &str) -> Option<Value> {
        let default = || defaults().into_iter().find(|(other, _)| *other == name).map(|(_, value)| value);
        self.0.get(name).cloned().or_else(default)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name)?.as_str().map(str::to_owned)
    }

    fn number<N: TryFrom<i64>>(&self, name: &str) -> Option<N> {
        self.value(name)?.as_i64().and_then(|number| N::try_from(number).ok())
    }

    fn duration(&self, name: &str) -> Option<Duration> {
        duration::from_json(&self.value(name)?)
    }

    fn list(&self, name: &str) -> Vec<String> {
        let items = self.0.get(name).and_then(Value::as_array);
        items.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Both colours or none.
    fn pair<T>(&self, group: &str, read: impl Fn(&Self, &str) -> Option<T>) -> Result<Option<Pair<T>>> {
        let (blue, green) = (format!("{group}.blue"), format!("{group}.green"));
        let missing = |missing: &str, there: &str| {
            let message = format!("`{missing}` is missing, and `{there}` ({}) is given", self.0.place(there));
            Err(Error::usage("missing-parameter", message).hint("give both"))
        };
        match (read(self, &blue), read(self, &green)) {
            (Some(blue), Some(green)) => Ok(Some(Pair { blue, green })),
            (None, None) => Ok(None),
            (Some(_), None) => missing(&green, &blue),
            (None, Some(_)) => missing(&blue, &green),
        }
    }

    /// Entries that are texts, and entries that are maps of texts.
    fn variables(&self, name: &str) -> (Variables, BTreeMap<String, Variables>) {
        let texts = |map: &Map<String, Value>| -> Variables {
            map.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
        };
        let Some(map) = self.0.get(name).and_then(Value::as_object) else { return Default::default() };
        let nested = map.iter().filter_map(|(name, value)| Some((name.clone(), texts(value.as_object()?)))).collect();
        (texts(map), nested)
    }

    /// An approval, resolved: `false`, or all its parts.
    fn question(&self, name: &str, message: &str) -> Value {
        if self.0.get(name) == Some(&Value::Bool(false)) {
            return Value::Bool(false);
        }
        let part = |part: &str| self.0.get(&format!("{name}.{part}")).cloned();
        json!({
            "message": part("message").unwrap_or_else(|| message.into()),
            "submitter": part("submitter"),
            "submitterParameter": part("submitterParameter"),
            "timeout": part("timeout").unwrap_or_else(|| APPROVAL.into()),
        })
    }
}
