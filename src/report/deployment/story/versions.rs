//! The two versions: what was live before, what was deployed, and which group each has.

use std::collections::BTreeSet;

use super::super::archive::{Archive, Version, What};
use super::{colour, tail};
use crate::model::Colour;

#[derive(Debug)]
pub(in super::super) struct Versions {
    /// The group of the version that was deployed, as far as that can be told.
    pub(in super::super) new: Colour,
    /// What the versions are called: their revisions.
    pub(in super::super) from: Option<String>,
    pub(in super::super) to: Option<String>,
    pub(in super::super) images: Vec<Change>,
    /// Whether nothing was live before it.
    pub(in super::super) first: bool,
}

/// An image, from and to.
#[derive(Debug)]
pub(in super::super) struct Change {
    /// `image`, with its container where there are several.
    pub(in super::super) label: String,
    pub(in super::super) from: Option<String>,
    pub(in super::super) to: String,
}

impl Versions {
    pub(super) fn of(archive: &Archive) -> Self {
        let old = before(archive);
        let promoted = archive.outcome.as_deref() == Some("promoted");
        Self {
            new: new_colour(archive),
            from: old.and_then(revision),
            to: archive.task_definition_arn.as_deref().map(|arn| tail(arn).to_owned()),
            images: images(archive, old),
            first: promoted && old.is_none(),
        }
    }

    /// What a group's version is called.
    pub(in super::super) fn name(&self, colour: Colour) -> Option<&str> {
        if colour == self.new { self.to.as_deref() } else { self.from.as_deref() }
    }
}

/// What was live before it.
fn before(archive: &Archive) -> Option<&Version> {
    let live = || archive.live.as_ref().filter(|live| !is_ours(archive, live));
    archive.from.as_ref().or(archive.previous.as_ref()).or_else(live)
}

/// What an answer may call the new version, and the old one: an image, its tag, the revision.
pub(super) fn called(archive: &Archive) -> (BTreeSet<String>, BTreeSet<String>) {
    let old = before(archive);
    let names = |images: Vec<&String>, revision: Option<String>| {
        let both = images.into_iter().flat_map(|image| [Some(image.clone()), tag(image).map(str::to_owned)]);
        both.flatten().chain(revision).collect()
    };
    let to = archive.task_definition_arn.as_deref().map(|arn| tail(arn).to_owned());
    let images = archive.images.values().chain(&archive.image).collect();
    (names(images, to), names(old.into_iter().flat_map(|old| old.images.values()).collect(), old.and_then(revision)))
}

/// `registry:5000/name:TAG@sha256:…`
fn tag(image: &str) -> Option<&str> {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    tail(name).split_once(':').map(|(_, tag)| tag)
}

pub(super) fn revision(version: &Version) -> Option<String> {
    version.task_definition_arn.as_deref().map(|arn| tail(arn).to_owned())
}

/// Whether this is the version that the report is about.
pub(super) fn is_ours(archive: &Archive, version: &Version) -> bool {
    let same = |one: &Option<String>, other: &Option<String>| one.is_some() && one == other;
    same(&version.task_set_arn, &archive.task_set_arn) || same(&version.deployment_id, &archive.deployment_id)
}

fn new_colour(archive: &Archive) -> Colour {
    if let Some(live) = &archive.live
        && let Some(colour) = colour(live.colour.as_deref())
    {
        return if is_ours(archive, live) { colour } else { colour.other() };
    }
    if let Some(from) = archive.from.as_ref().and_then(|from| colour(from.colour.as_deref())) {
        return from.other();
    }
    // What had the live traffic as it began is what it was to go away from.
    let first = archive.events.iter().find_map(|event| match &event.what {
        What::Weights(shift) => shift.weights.iter().find(|weights| weights.role == "live"),
        What::Start
        | What::End
        | What::Stage(_)
        | What::Action(_)
        | What::Question(_)
        | What::Look(_)
        | What::Warning(_)
        | What::Failure(_)
        | What::Rollback(_) => None,
    });
    if first.is_some_and(|weights| weights.green > weights.blue) { Colour::Blue } else { Colour::Green }
}

fn images(archive: &Archive, old: Option<&Version>) -> Vec<Change> {
    let before = |container: &str| old.and_then(|old| old.images.get(container)).map(|image| short(image));
    match archive.images.len() {
        0 => {
            let only = old.filter(|old| old.images.len() == 1).and_then(|old| old.images.values().next());
            let from = only.map(|image| short(image));
            archive
                .image
                .iter()
                .map(|to| Change { label: "image".to_owned(), from: from.clone(), to: short(to) })
                .collect()
        }
        count => {
            let change = |(container, to): (&String, &String)| Change {
                label: if count == 1 { "image".to_owned() } else { format!("image {container}") },
                from: before(container),
                to: short(to),
            };
            archive.images.iter().map(change).collect()
        }
    }
}

/// An image without its registry, its digest no longer than one can compare.
fn short(image: &str) -> String {
    let name = match image.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) => rest,
        Some(_) | None => image,
    };
    match name.split_once("@sha256:") {
        Some((name, digest)) => format!("{name}@{}", digest.chars().take(12).collect::<String>()),
        None => name.to_owned(),
    }
}
