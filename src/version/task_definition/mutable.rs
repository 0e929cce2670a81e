//! Images that can change behind their name, and for which of their containers that is accepted.

use std::collections::BTreeMap;

use crate::config::{Image, MUTABLE_TAG};
use crate::error::Error;
use crate::report::output::Warning;
use crate::report::words::quoted;

/// An image that can change behind its name.
pub(crate) struct MutableImage {
    /// What accepts it: for this container alone. The bare code accepts all of them.
    pub(crate) allowed_by: String,
    pub(crate) refusal: Error,
    /// Whether somebody wants it now. Where PRIMARY runs it so already, it only is to be said.
    pub(crate) is_new: bool,
}

/// Those among the images of the containers; `kept` are the images that they have had before.
pub(crate) fn mutable_images(images: &BTreeMap<String, String>, kept: &BTreeMap<String, String>) -> Vec<MutableImage> {
    let is_mutable = |reference: &str| Image::parse(reference).is_ok_and(|image| image.is_mutable());
    images
        .iter()
        .filter(|(_, image)| is_mutable(image))
        .map(|(container, image)| MutableImage {
            allowed_by: format!("{MUTABLE_TAG}:{container}"),
            refusal: Error::refused(
                MUTABLE_TAG,
                format!("the image {image} of the container {container} can change behind its name"),
            )
            .hint(
                "name the image by a tag that is never moved, as the git commit, or by its digest: \
                 else nobody can tell what runs, and going back would not go back",
            ),
            is_new: kept.get(container) != Some(image),
        })
        .collect()
}

/// What `allow` accepts for containers that are not there. It opens nothing, so it is only said: an older revision may
/// have had no such container.
pub(crate) fn unused_allowances(allow: &[String], images: &BTreeMap<String, String>, origin: &str) -> Vec<Warning> {
    let containers = allow.iter().filter_map(|allowed| allowed.strip_prefix(MUTABLE_TAG)?.strip_prefix(':'));
    let known = || images.keys().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    containers
        .filter(|container| !images.contains_key(*container))
        .map(|container| Warning {
            code: "allow-unused".to_owned(),
            message: format!(
                "{origin} has no container {}, which `allow` names; the containers there: {}",
                quoted(container),
                known()
            ),
        })
        .collect()
}
