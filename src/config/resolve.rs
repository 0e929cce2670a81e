//! Canonical parameters become [`Settings`], with the table's defaults.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::layers::{Layer, Merged};
use super::settings::{Pipeline, Settings};
use super::table::{Action, Fallback, Kind, Table};
use super::values::normalise;
use super::{canary, duration, nest_one, reading};
use crate::error::{Error, Result};
use crate::report::words::bounded;

/// Of two parameters that exclude each other, the one with precedence stays; given in one place, they are a mistake.
pub(super) fn one_source(action: &Action, merged: &mut Merged) -> Result<()> {
    // Who does not use the template may be handed it beside the revision that was made from it.
    if action.uses("taskDefinition") {
        exclude(merged, "taskDefinition", "taskDefinitionArn", "ambiguous-version")?;
    }
    exclude(merged, "launchType", "capacityProviders", "ambiguous-launch-type")?;
    if action.uses("weights") {
        for colour in ["weights.blue", "weights.green"] {
            exclude(merged, "weight", colour, "ambiguous-weights")?;
        }
    }
    Ok(())
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
pub(super) fn settings(table: &Table, merged: &Merged) -> Result<Settings> {
    both_colours(merged, "targetGroups")?;
    both_colours(merged, "weights")?;
    let mut values = with_defaults(table, merged);
    canary::fill_in_scale(&mut values).map_err(|problem| {
        Error::usage("invalid-value", format!("`canary` ({}) {problem}", merged.place("canary")))
            .hint("the scale of a step is not below that of the step before, and not above that of the deployment (`scale`, 100)")
    })?;
    let mut settings: Settings = read(&values)?;
    settings.connection = read(&values)?;
    settings.version = read(&values)?;
    settings.version.container_environment = reading::by_container(values.get("environment"));
    settings.version.container_secrets = reading::by_container(values.get("secrets"));
    settings.task_set = read(&values)?;
    settings.pipeline = pipeline(table, &values);
    check_groups(&settings, merged)?;
    check_listeners(&settings, merged)?;
    if settings.cluster.is_none() {
        settings.cluster = settings.cluster_of_service();
        if let Some(cluster) = &settings.cluster {
            settings.pipeline.resolved.insert("cluster".to_owned(), cluster.clone().into());
        }
    }
    Ok(settings)
}

/// Everything that was given, and the defaults, nested.
fn with_defaults(table: &Table, merged: &Merged) -> Value {
    let mut values = Map::new();
    for (name, value) in merged.iter() {
        // Of a map that may be off only `false` is a value of its own; its parts follow.
        let may_be_off = |kind: Kind| matches!(kind, Kind::Question | Kind::Optional);
        if table.find(name).is_none_or(|parameter| !may_be_off(parameter.kind)) || *value == Value::Bool(false) {
            nest_one(&mut values, name, value.clone());
        }
    }
    let off: Vec<&str> = table
        .parameters()
        .filter(|(_, one)| one.kind == Kind::Optional && merged.get(one.name) != Some(&Value::Bool(true)))
        .map(|(_, one)| one.name)
        .collect();
    for name in &off {
        nest_one(&mut values, name, Value::Bool(false));
    }
    let is_off = |name: &str| off.iter().any(|map| name.strip_prefix(map).is_some_and(|rest| rest.starts_with('.')));
    for (_, parameter) in table.parameters().filter(|(_, parameter)| !is_off(parameter.name)) {
        if let (Fallback::Is(default), None) = (parameter.default, merged.get(parameter.name))
            && let Ok(value) = normalise(parameter.kind, &Value::from(default))
        {
            nest_one(&mut values, parameter.name, value);
        }
    }
    Value::Object(values)
}

/// Canonical values as what they are. Their types were checked when they were made canonical, so this cannot fail.
fn read<'a, T: Deserialize<'a>>(values: &'a Value) -> Result<T> {
    // Serde's words may hold the value, which may be secret.
    T::deserialize(values).map_err(|_| Error::unexpected("settings", "a checked parameter does not fit its setting"))
}

/// Both colours or none.
fn both_colours(merged: &Merged, group: &str) -> Result<()> {
    let (blue, green) = (format!("{group}.blue"), format!("{group}.green"));
    let (missing, there) = match (merged.get(&blue), merged.get(&green)) {
        (Some(_), None) => (green, blue),
        (None, Some(_)) => (blue, green),
        (Some(_), Some(_)) | (None, None) => return Ok(()),
    };
    let message = format!("`{missing}` is missing, and `{there}` ({}) is given", merged.place(&there));
    Err(Error::usage("missing-parameter", message).hint("give both"))
}

fn check_groups(settings: &Settings, merged: &Merged) -> Result<()> {
    if settings.target_groups.as_ref().is_none_or(|groups| groups.blue != groups.green) {
        return Ok(());
    }
    let places = (merged.place("targetGroups.blue"), merged.place("targetGroups.green"));
    let message =
        format!("`targetGroups.blue` ({}) and `targetGroups.green` ({}) are the same group", places.0, places.1);
    Err(Error::usage("same-target-group", message).hint("blue/green needs two target groups of one load balancer"))
}

fn check_listeners(settings: &Settings, merged: &Merged) -> Result<()> {
    let listeners = &settings.listeners;
    let Some(both) = listeners.live.iter().find(|arn| listeners.test.contains(arn)) else { return Ok(()) };
    let place = merged.place("listeners.test");
    let message = format!("`listeners.test` ({place}) names {}, which `listeners.live` names too", bounded(both, 200));
    Err(Error::usage("duplicate-listener", message)
        .hint("the test listener is another one, on a port of its own; without one, leave `listeners.test` out"))
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

/// What `preflight` answers, and what it checks of the pipeline's own.
fn pipeline(table: &Table, values: &Value) -> Pipeline {
    let mut resolved = values.as_object().cloned().unwrap_or_default();
    // Values of variables stay out of what is printed: who needs them reads them where they were given.
    resolved.retain(|name, _| name != "config" && name != "environment");
    answer_whole(table, &mut resolved);
    let cleanup = resolved.get("cleanup").cloned().unwrap_or_default();
    Pipeline { bake: cleanup.get("bake").and_then(duration::from_json).unwrap_or_default(), cleanup, resolved }
}

/// An approval is `false`, or has all its keys: null where there is neither a value nor a default.
fn answer_whole(table: &Table, resolved: &mut Map<String, Value>) {
    let mut all = Value::Object(std::mem::take(resolved));
    for (_, question) in table.parameters().filter(|(_, parameter)| parameter.kind == Kind::Question) {
        let Some(Value::Object(map)) = all.pointer_mut(&format!("/{}", question.name.replace('.', "/"))) else {
            continue;
        };
        for key in table.keys_of(question.name) {
            map.entry(key).or_insert(Value::Null);
        }
    }
    if let Value::Object(all) = all {
        *resolved = all;
    }
}
