//! What preflight works out of the new version: the task definition and the task set as the next actions would make them,
//! and whether the images are there.

use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;
use aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionInput;
use aws_sdk_ecs::types as sdk;
use serde_json::{Map, Value};

use crate::actions::register_task_definition::{check_usable, no_source};
use crate::aws::task_definitions::Described;
use crate::config::{Image, VersionSource};
use crate::context::Context;
use crate::error::{Kind, Result};
use crate::model::Service;
use crate::observe::details::{Details, Reads};
use crate::plan::preflight::{Finding, NewSet, Place, Severity, Stored, StoredImage, Traffic, Version};
use crate::report::output::Warning;
use crate::rules;
use crate::system::concurrent::all;
use crate::version::task_definition::{Base, from_existing, revise};
use crate::version::task_set;
use crate::version::template;

/// What the version may be made from.
pub(super) struct Source<'a> {
    pub(super) service: &'a Service,
    pub(super) raw_task_sets: &'a [sdk::TaskSet],
    pub(super) details: &'a Details,
}

/// The version, and what was found on the way; `None` where there is none that could be deployed.
pub(super) async fn read(
    cx: &Context,
    reads: &Reads,
    source: &Source<'_>,
    traffic: Option<&Traffic>,
    place: &Place,
) -> Result<(Option<Version>, Vec<Finding>)> {
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
        return Ok((None, found));
    };
    // The group is the idle one, whatever it is; where that is not known, any name does to check the rest.
    let group = traffic.zip(next).map_or("idle", |(traffic, next)| traffic.groups.get(next).as_str());
    version.task_set = reads.keep(new_set(cx, source, &version, group))?;
    if version.task_set.as_ref().is_some_and(|set| set.on_fargate) {
        reads.keep(rules::task_definition::check_for_fargate(&version.origin, &version.definition))?;
    }
    version.stored = stored(cx, &version).await?;
    Ok((Some(version), found))
}

/// A revision that exists already is used as it is.
async fn existing(cx: &Context, reads: &Reads, wanted: &VersionSource, named: &str) -> Result<Option<Version>> {
    let Some(found) = reads.keep(cx.aws.required_task_definition(named).await)? else { return Ok(None) };
    reads.keep(check_usable(wanted, &found))?;
    Ok(Some(Version {
        origin: found.arn.clone(),
        family: found.family.clone(),
        images: found.images(),
        kept: Vec::new(),
        existing: Some(found.arn),
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
            (path.display().to_string(), Base::Template(content), Vec::new())
        }
        (None, None) => return Err(no_source()),
        (None, Some(primary)) => {
            let Some(base) = source.details.definition(primary) else { return Ok(None) };
            (base.arn.clone(), Base::Existing(from_existing(&base.content, &base.tags)), images_of(base))
        }
    };
    let (revision, warnings) = revise(&origin, base, wanted, cx.settings.task_set.container_port)?;
    found.extend(warnings.into_iter().map(warning));
    Ok(Some(Version {
        origin,
        family: revision.family.clone(),
        existing: None,
        definition: object(revision.canonical()),
        kept,
        images: revision.images,
        task_set: None,
        stored: Vec::new(),
    }))
}

fn images_of(base: &Described) -> Vec<String> {
    base.images().into_values().collect()
}

fn warning(Warning { code, message }: Warning) -> Finding {
    Finding { code: code.into(), severity: Severity::Warning, message, hint: None, may_be_allowed: false }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

/// What create-task-set would create, as far as it is to be checked.
fn new_set(cx: &Context, source: &Source<'_>, version: &Version, group: &str) -> Result<NewSet> {
    let primary = source.raw_task_sets.iter().find(|set| set.status() == Some("PRIMARY"));
    let name;
    let made_from = match (&cx.settings.task_set.template, primary) {
        (Some(path), _) => {
            name = path.display().to_string();
            task_set::Source::Template(&name, template::load::<CreateTaskSetInput>(path)?)
        }
        (None, Some(primary)) => task_set::Source::Primary(primary),
        (None, None) => task_set::Source::Nothing(task_set::Told::by(&version.definition)),
    };
    let named = version.existing.as_ref().unwrap_or(&version.family);
    let new = task_set::build(&cx.settings, made_from, group, Some(named))?;
    let content = new.plan();
    let balancer = &content["loadBalancers"][0];
    let subnets = content["networkConfiguration"]["awsvpcConfiguration"]["subnets"].as_array();
    Ok(NewSet {
        container_name: balancer["containerName"].as_str().unwrap_or_default().to_owned(),
        container_port: balancer["containerPort"].as_i64().unwrap_or_default(),
        has_subnets: subnets.is_some_and(|subnets| !subnets.is_empty()),
        has_registries: new.has_registries(),
        on_fargate: new.is_on_fargate(),
        scale: new.scale(),
    })
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
