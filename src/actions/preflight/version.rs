//! What preflight works out of the new version: the task definition and the task set as the next actions would make them,
//! and whether the images are there.

use std::collections::BTreeMap;

use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;
use aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionInput;
use serde_json::{Map, Value};

use crate::actions::register_task_definition::{canonical, check_usable, holds, is_unchanged, no_source};
use crate::aws::ecs::RawTaskSets;
use crate::aws::task_definitions::Described;
use crate::config::{Image, VersionSource};
use crate::context::Context;
use crate::error::{Kind, Result};
use crate::model::{Service, TaskSet};
use crate::observe::details::{Details, Reads};
use crate::plan::preflight::{Finding, NewSet, Place, Severity, Stored, StoredImage, Traffic, Version};
use crate::report::output::Warning;
use crate::report::words::bounded;
use crate::rules;
use crate::system::concurrent::all;
use crate::version::task_definition::{Base, differences, from_existing, revise, unused_allowances};
use crate::version::task_set::NewTaskSet;
use crate::version::{task_set, template};

/// So many differences of a task definition are named,
const SAID: usize = 5;

/// each with so much of its values.
const LENGTH: usize = 100;

/// What the version may be made from.
pub(super) struct Source<'a> {
    pub(super) service: &'a Service,
    pub(super) raw_task_sets: &'a RawTaskSets,
    pub(super) details: &'a Details,
}

/// The version, and what was read on the way.
#[derive(Default)]
pub(super) struct Reading {
    /// `None` where there is none that could be deployed.
    pub(super) version: Option<Version>,
    /// In what the deployment's own set differs from it, where that stands already.
    pub(super) resumed: Vec<String>,
    pub(super) found: Vec<Finding>,
}

/// Reads it all.
pub(super) async fn read(
    cx: &Context,
    reads: &Reads,
    source: &Source<'_>,
    traffic: Option<&Traffic>,
    place: &Place,
) -> Result<Reading> {
    let next = traffic.and_then(|traffic| place.next_in(&traffic.groups));
    let mut wanted = cx.settings.version.clone();
    wanted.family = cx.settings.family(next).map(str::to_owned);
    let mut found = Vec::new();
    let made = match &wanted.task_definition_arn {
        Some(named) => existing(cx, reads, &wanted, named).await?,
        None => reads.keep(new(cx, source, &wanted, &mut found))?.flatten(),
    };
    let Some(mut version) = made else {
        // There is no version that it would belong to; what is wrong with the task set itself is said at the same time.
        reads.keep(task_set::check_given(&cx.settings, Some("the new version")))?;
        return Ok(Reading { found, ..Reading::default() });
    };
    found.extend(unused_allowances(&cx.settings.allow, &version.images, &version.origin).into_iter().map(warning));
    // The group is the idle one, whatever it is; where that is not known, any name does to check the rest.
    let group = traffic.zip(next).map_or("idle", |(traffic, next)| traffic.groups.get(next).as_str());
    let set = reads.keep(new_set(cx, source, &version, group))?;
    if set.as_ref().is_some_and(NewTaskSet::is_on_fargate) {
        reads.keep(rules::task_definition::check_for_fargate(&version.origin, &version.definition))?;
    }
    if place.resume.is_none() {
        let unknown = source.raw_task_sets.unknown_in_primary()?;
        found.extend(task_set::copied_whole(&cx.settings, unknown).map(Finding::unless_allowed));
    }
    let mut resumed = Vec::new();
    if let Some(ours) = &place.resume {
        resumed.extend(other_definition(source, &version, ours));
        if let Some(set) = &set {
            resumed.extend(other_set(source, set, ours)?);
        }
    }
    version.task_set = set.as_ref().map(to_be_checked);
    version.stored = stored(cx, &version).await?;
    Ok(Reading { version: Some(version), resumed, found })
}

/// In what the revision that a deployment's set runs differs from the one that register-task-definition would return.
fn other_definition(source: &Source<'_>, version: &Version, ours: &TaskSet) -> Vec<String> {
    let there = &ours.task_definition;
    if let Some(wanted) = &version.existing {
        let differs = wanted != there;
        return differs
            .then(|| format!("taskDefinition: it has {there}, this would have {wanted}"))
            .into_iter()
            .collect();
    }
    let Some(found) = source.details.definition(ours) else {
        return vec![format!("taskDefinition: whether {there} is the same cannot be told, as it could not be read")];
    };
    if version.fingerprint.as_ref().is_some_and(|fingerprint| holds(found, fingerprint)) {
        return Vec::new();
    }
    let all = differences(&canonical(found), &Value::Object(version.definition.clone()));
    let mut said: Vec<String> = all
        .iter()
        .take(SAID)
        .map(|one| {
            let [from, to] = [&one.from, &one.to].map(|value| bounded(&value.to_string(), LENGTH));
            format!("taskDefinition: {}: it has {from}, this would have {to}", one.path)
        })
        .collect();
    match all.len() {
        0 => said.push(format!("taskDefinition: {there} has another fingerprint")),
        count if count > SAID => said.push(format!("and {} more", count - SAID)),
        _ => {}
    }
    said
}

/// In what a deployment's set differs otherwise from the one that create-task-set would make.
fn other_set(source: &Source<'_>, set: &NewTaskSet, ours: &TaskSet) -> Result<Vec<String>> {
    let raw = source.raw_task_sets.by_arn(&ours.arn);
    Ok(raw.map(|raw| set.running(&ours.task_definition).differences(raw)).transpose()?.unwrap_or_default())
}

/// A revision that exists already is used as it is.
async fn existing(cx: &Context, reads: &Reads, wanted: &VersionSource, named: &str) -> Result<Option<Version>> {
    let Some(found) = reads.keep(cx.aws.required_task_definition(named).await)? else { return Ok(None) };
    reads.keep(check_usable(wanted, &found))?;
    Ok(Some(Version {
        origin: found.arn.clone(),
        family: found.family.clone(),
        kept: found.images(),
        images: found.images(),
        existing: Some(found.arn),
        fingerprint: None,
        definition: found.content,
        task_set: None,
        stored: Vec::new(),
    }))
}

/// What register-task-definition would register. `None`: its base could not be read, which was said already.
fn new(cx: &Context, source: &Source<'_>, wanted: &VersionSource, found: &mut Vec<Finding>) -> Result<Option<Version>> {
    let (origin, base, kept) = match (&wanted.template, source.service.primary()) {
        (Some(path), _) => {
            let content = template::load::<RegisterTaskDefinitionInput>(path)?;
            (path.display().to_string(), Base::Template(content), BTreeMap::new())
        }
        (None, None) => return Err(no_source()),
        (None, Some(primary)) => {
            let Some(base) = source.details.definition(primary) else { return Ok(None) };
            (base.arn.clone(), Base::Existing(from_existing(&base.content, &base.tags)), base.images())
        }
    };
    let (revision, warnings) = revise(&origin, base, wanted, cx.settings.task_set.container_port)?;
    found.extend(warnings.into_iter().map(warning));
    let base = source.service.primary().filter(|_| wanted.template.is_none());
    let changed = base.and_then(|base| source.details.definition(base)).filter(|base| !is_unchanged(base, &revision));
    found.extend(changed.and_then(Described::refusal).map(Finding::unless_allowed));
    Ok(Some(Version {
        origin,
        family: revision.family.clone(),
        existing: None,
        fingerprint: Some(revision.fingerprint.clone()),
        definition: object(revision.canonical()),
        kept,
        images: revision.images,
        task_set: None,
        stored: Vec::new(),
    }))
}

fn warning(Warning { code, message }: Warning) -> Finding {
    Finding { code: code.into(), severity: Severity::Warning, message, hint: None, allowed_by: None }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// What create-task-set would create.
fn new_set(cx: &Context, source: &Source<'_>, version: &Version, group: &str) -> Result<NewTaskSet> {
    let primary = source.raw_task_sets.primary();
    let name;
    let made_from = match (&cx.settings.task_set.template, primary) {
        (Some(path), _) => {
            name = path.display().to_string();
            task_set::Source::Template(&name, template::load::<CreateTaskSetInput>(path)?)
        }
        (None, Some(primary)) => task_set::Source::Primary(primary),
        (None, None) => task_set::Source::Nothing(task_set::Told::by(&version.definition)),
    };
    task_set::build(&cx.settings, made_from, group, Some(version.existing.as_ref().unwrap_or(&version.family)))
}

/// What of it is to be checked.
fn to_be_checked(new: &NewTaskSet) -> NewSet {
    let content = new.plan();
    let balancer = &content["loadBalancers"][0];
    let subnets = content["networkConfiguration"]["awsvpcConfiguration"]["subnets"].as_array();
    NewSet {
        container_name: balancer["containerName"].as_str().unwrap_or_default().to_owned(),
        container_port: balancer["containerPort"].as_i64().unwrap_or_default(),
        has_subnets: subnets.is_some_and(|subnets| !subnets.is_empty()),
        has_registries: new.has_registries(),
        scale: new.scale(),
    }
}

/// Looks for every image in its own registry's account and region.
async fn stored(cx: &Context, version: &Version) -> Result<Vec<StoredImage>> {
    let mut references: Vec<&String> = version.images.values().collect();
    references.sort();
    references.dedup();
    let states = all(references.iter().map(|reference| state(cx, reference))).await;
    references
        .into_iter()
        .zip(states)
        .map(|(reference, state)| Ok(StoredImage { reference: reference.clone(), state: state? }))
        .collect()
}

async fn state(cx: &Context, reference: &str) -> Result<Stored> {
    let Some((image, registry)) = Image::parse(reference).ok().and_then(|image| Some((image.clone(), image.ecr()?)))
    else {
        return Ok(Stored::Elsewhere);
    };
    if image.tag.is_none() && image.digest.is_none() {
        // What it means can change, and that is a finding of its own.
        return Ok(Stored::Elsewhere);
    }
    match cx.aws.image_digest(&registry, &image).await {
        Ok(Some(digest)) => Ok(Stored::Found(Some(digest))),
        Ok(None) => Ok(Stored::Missing(format!("its repository {} does not have it", image.repository))),
        Err(error) if error.code == "repository-not-found" => Ok(Stored::Missing(format!(
            "there is no repository {} in the account {}, {}",
            image.repository, registry.account, registry.region
        ))),
        Err(error) if matches!(error.kind, Kind::Interrupted(_)) => Err(error),
        Err(error) => Ok(Stored::Unread(error.message)),
    }
}
