//! `register-task-definition`: a template with overrides, or PRIMARY's own definition with a new image, as a revision;
//! the same content is the same revision again.

use std::time::Duration;

use serde_json::{Value, json};

use super::Report;
use crate::aws::task_definitions::Described;
use crate::config::VersionSource;
use crate::config::table::{
    Action, BUILD, CONNECTION, CONTAINER, DEPLOYMENT, IMAGE, REPOSITORY, REVISION, SERVICE, TEMPLATE, TRAFFIC,
};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::observe::as_caller;
use crate::observe::waiting::Deadline;
use crate::plan::state::idle;
use crate::report::output::say;
use crate::version::task_definition::{Base, Revision, differences, from_existing, revise};
use crate::version::template;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "register-task-definition",
    step: Some("ecsRegisterTaskDefinition"),
    line: "Register the new version's task definition; the same content gives the same revision again",
    about: "Registers a task definition from a template, or from PRIMARY's, with what is given beside it. The same content as the \
        family's newest revision gives that revision again.",
    takes: &[
        &DEPLOYMENT, &BUILD, &SERVICE, &TRAFFIC, &IMAGE, &REPOSITORY, &TEMPLATE, &REVISION, &CONTAINER, &CONNECTION,
    ],
    command: None,
    result: &["taskDefinitionArn", "family", "revision", "images", "fingerprint", "registered", "before", "after"],
    errors: &[
        ("template-unknown-key", "the template has a key that AWS does not know; its path is named"),
        ("mutable-tag", "an image has no tag, or `latest`"),
    ],
    example: &[("config", "deploy/prod.yml"), ("taskDefinition", "deploy/taskdef.json"), ("image", "web:1f3c2a")],
};

/// The pauses between attempts, as the SDK's standard retries have them.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

/// After a lost reply, at most this many revisions that others registered meanwhile are looked at.
const MAX_LOOKED_AT: i32 = 10;

/// Runs the action.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let version = &cx.settings.version;
    if let Some(named) = &version.task_definition_arn {
        return existing(cx, named).await;
    }
    let version = &with_family(cx).await?;
    let wanted = match &version.template {
        Some(path) => {
            let name = path.display().to_string();
            let content =
                template::load::<aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionInput>(path)?;
            let revision = overridden(cx, version, &name, Base::Template(content))?;
            let newest = as_caller(cx, cx.aws.task_definition(&revision.family)).await?;
            Wanted { revision, base: None, newest }
        }
        None => from_primary(cx, version).await?,
    };
    refuse_mutable(cx, &wanted)?;
    let revision = &wanted.revision;
    let newest = wanted.newest.as_ref().filter(|newest| newest.active);
    let same = newest.filter(|newest| is(newest, revision)).or_else(|| wanted.unchanged());
    let before = newest.map(|newest| newest.arn.as_str());
    if let Some(same) = same {
        say(format_args!("{}: this content is registered already", same.arn));
        return Ok(report(same, Some(&revision.fingerprint), false, before));
    }
    if cx.dry_run() {
        return Ok(plan(&wanted, newest));
    }
    let registered = register(cx, revision, newest).await?;
    say(format_args!("{}: registered", registered.arn));
    verify(cx, &registered, revision).await?;
    Ok(report(&registered, Some(&revision.fingerprint), true, before))
}

/// A Makefile.env has a family for each colour: that of this deployment's set counts, or else that of the idle group.
async fn with_family(cx: &Context) -> Result<VersionSource> {
    let mut version = cx.settings.version.clone();
    if version.family.is_none() && version.families.is_some() {
        let observed = crate::observe::observe(cx).await?;
        let ours = cx.settings.deployment_id.as_deref().and_then(|id| {
            let mut sets = observed.service.task_sets.iter();
            sets.find(|set| set.external_id.as_deref() == Some(id)).and_then(|set| observed.colour(set))
        });
        let colour = ours.or_else(|| idle(&observed.service, &observed.groups, &observed.live_forwards()));
        version.family = cx.settings.family(colour).map(str::to_owned);
    }
    Ok(version)
}

/// What is to be registered, the revision it is made from, where it is made from one, and the newest of its family.
struct Wanted {
    revision: Revision,
    base: Option<Described>,
    newest: Option<Described>,
}

impl Wanted {
    /// The revision it is made from, where nothing is different and it can still be used.
    fn unchanged(&self) -> Option<&Described> {
        let base = self.base.as_ref().filter(|base| base.active)?;
        let before = Revision::new(&base.arn, from_existing(&base.content, &base.tags)).ok()?;
        (before.fingerprint == self.revision.fingerprint).then_some(base)
    }
}

fn is(described: &Described, revision: &Revision) -> bool {
    described.active && described.fingerprint() == Some(&revision.fingerprint)
}

fn overridden(cx: &Context, version: &VersionSource, origin: &str, base: Base) -> Result<Revision> {
    let (revision, warnings) = revise(origin, base, version, cx.settings.task_set.container_port)?;
    for warning in warnings {
        cx.warn(&warning.code, warning.message);
    }
    Ok(revision)
}

/// Without any template: what PRIMARY runs, with the overrides.
async fn from_primary(cx: &Context, version: &VersionSource) -> Result<Wanted> {
    let reading = crate::observe::service(cx).await?;
    let Some(primary) = reading.service.primary() else {
        return Err(no_source());
    };
    let arn = &primary.task_definition;
    let name = arn.rsplit('/').next().unwrap_or_default();
    let own_family = name.split(':').next().unwrap_or_default();
    let family = version.family.as_deref().unwrap_or(own_family);
    let (base, newest) = tokio::try_join!(cx.aws.required_task_definition(arn), cx.aws.task_definition(family))?;
    let revision = overridden(cx, version, &base.arn, Base::Existing(from_existing(&base.content, &base.tags)))?;
    Ok(Wanted { revision, base: Some(base), newest })
}

/// There is nothing that a revision could be made from.
pub(super) fn no_source() -> Error {
    Error::usage(
        "no-source",
        "there is no template, and the service has no PRIMARY task set whose task definition could be taken",
    )
    .hint("give `taskDefinition` (a template file) or `taskDefinitionArn` (an existing revision)")
}

/// What can change behind its name is refused; where PRIMARY runs it so already and nobody asked for it now, it is said.
fn refuse_mutable(cx: &Context, wanted: &Wanted) -> Result<()> {
    let kept = wanted.base.as_ref().map(Described::images).unwrap_or_default();
    for (container, image) in wanted.revision.mutable_images() {
        let message = format!("the image {image} of the container {container} can change behind its name");
        if kept.get(container).is_some_and(|before| before == image) {
            cx.warn("mutable-tag", message);
        } else {
            cx.refuse(Error::refused("mutable-tag", message).hint(
                "name the image by a tag that is never moved, as the git commit, or by its digest: \
                 else nobody can tell what runs, and going back would not go back",
            ))?;
        }
    }
    Ok(())
}

/// An existing revision, as it is: how one goes back to an earlier version.
async fn existing(cx: &Context, named: &str) -> Result<Report> {
    let found = as_caller(cx, cx.aws.required_task_definition(named)).await?;
    check_usable(&cx.settings.version, &found)?;
    Ok(report(&found, found.fingerprint(), false, Some(&found.arn)))
}

/// Whether an existing revision can run as what was asked for.
pub(super) fn check_usable(version: &VersionSource, found: &Described) -> Result<()> {
    if !found.active {
        return Err(Error::refused(
            "task-definition-inactive",
            format!("the task definition {} is INACTIVE", found.arn),
        )
        .hint("an INACTIVE revision cannot start a new task set: register its content again, from its template"));
    }
    other_image(version, found)
}

/// A revision has its own images: another one asked for at the same time would not be what runs.
fn other_image(version: &VersionSource, found: &Described) -> Result<()> {
    let images = found.images();
    let serves = version.container_name.as_ref();
    let there =
        |image: &String| images.iter().any(|(name, is)| is == image && serves.is_none_or(|serves| serves == name));
    let one = version.image.iter().find(|image| !there(image));
    let named = version.images.iter().find(|(name, image)| images.get(*name) != Some(image)).map(|(_, image)| image);
    match one.or(named) {
        None => Ok(()),
        Some(image) => Err(Error::usage(
            "contradicting-image",
            format!(
                "`taskDefinitionArn` names {}, which does not run {}",
                found.arn,
                crate::report::words::quoted(image)
            ),
        )
        .hint("give `image` for a new version, or `taskDefinitionArn` for an existing one, not both")),
    }
}

/// Registers it, once. A failed attempt may have been applied all the same, so before another one the family is looked
/// at again: a lost reply never makes a second revision.
async fn register(cx: &Context, revision: &Revision, newest: Option<&Described>) -> Result<Described> {
    let request = revision.request(cx.settings.build.as_deref())?;
    let connection = &cx.settings.connection;
    let time = Deadline::after(connection.operation_timeout);
    let mut pause = FIRST_PAUSE;
    let mut counted = 0;
    loop {
        let failed = match cx.aws.register_task_definition(request.clone()).await {
            Ok(registered) => return Ok(registered),
            Err(error) => error,
        };
        // As everywhere: what only has to wait for its turn is not counted, and ends with the time for it.
        let must_queue = failed.code == "throttled" || is_crowded(&failed);
        counted += u32::from(!must_queue);
        let is_worth_another = must_queue || failed.kind == Kind::Unavailable;
        if !is_worth_another || counted >= connection.max_attempts || connection.max_attempts == 1 || time.passed() {
            return Err(failed);
        }
        cx.interrupt.sleep(pause.mul_f64(0.5 + 0.5 * fastrand::f64())).await?;
        pause = (pause * 2).min(LONGEST_PAUSE);
        if let Some(applied) = registered_since(cx, revision, newest).await? {
            return Ok(applied);
        }
    }
}

/// Several registered in this family at once, which AWS says without a code of its own.
fn is_crowded(error: &Error) -> bool {
    error.message.contains("Too many concurrent attempts to create a new revision")
}

/// The revision with this content among those that came since the first look. Others may have registered on top of it.
async fn registered_since(cx: &Context, revision: &Revision, before: Option<&Described>) -> Result<Option<Described>> {
    let Some(newest) = cx.aws.task_definition(&revision.family).await? else { return Ok(None) };
    if is(&newest, revision) {
        return Ok(Some(newest));
    }
    let oldest = before.map_or(1, |before| before.revision + 1).max(newest.revision - MAX_LOOKED_AT);
    for number in (oldest..newest.revision).rev() {
        let found = cx.aws.task_definition(&format!("{}:{number}", revision.family)).await?;
        if let Some(found) = found.filter(|found| is(found, revision)) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Looks again: it is there, ACTIVE, and carries its fingerprint.
async fn verify(cx: &Context, registered: &Described, revision: &Revision) -> Result<()> {
    match cx.aws.task_definition(&registered.arn).await? {
        Some(found) if is(&found, revision) => {}
        Some(found) if !found.active => {
            return Err(Error::unexpected(
                "task-definition-inactive",
                format!("{} was deregistered meanwhile", found.arn),
            )
            .hint("somebody else did that; run the same action again"));
        }
        Some(_) => cx.warn(
            "no-fingerprint",
            format!("{} does not show its tags: the same content will be registered again next time", registered.arn),
        ),
        None => cx.warn("not-yet-visible", format!("{} was registered and cannot be read yet", registered.arn)),
    }
    Ok(())
}

fn report(found: &Described, fingerprint: Option<&str>, registered: bool, before: Option<&str>) -> Report {
    super::report(json!({
        "taskDefinitionArn": found.arn,
        "family": found.family,
        "revision": found.revision,
        "images": found.images(),
        "fingerprint": fingerprint,
        "registered": registered,
        "before": { "taskDefinitionArn": before },
        "after": { "taskDefinitionArn": found.arn },
    }))
}

/// What would be registered, and in what it differs from the revision it follows.
fn plan(wanted: &Wanted, newest: Option<&Described>) -> Report {
    let revision = &wanted.revision;
    let from = wanted.base.as_ref().or(newest);
    let canonical = |found: &Described| {
        let content = from_existing(&found.content, &found.tags);
        Revision::new(&found.arn, content).map_or(Value::Null, |revision| revision.canonical())
    };
    let changes = differences(&from.map_or(Value::Null, canonical), &revision.canonical());
    for change in &changes {
        say(format_args!("{}: {} -> {}", change.path, change.from, change.to));
    }
    super::report(json!({
        "taskDefinitionArn": null,
        "family": revision.family,
        "revision": null,
        "images": revision.images,
        "fingerprint": revision.fingerprint,
        "registered": false,
        "before": { "taskDefinitionArn": from.map(|from| &from.arn) },
        "after": null,
        "plan": { "register": true, "changes": changes },
    }))
}
