//! What of the new version would not run.

use serde_json::{Map, Value};

use super::{Finding, NewSet, Stored, Traffic, Version};
use crate::error::Error;
use crate::report::words::quoted;
use crate::version::task_definition::is_mutable;

pub(super) fn findings(version: &Version, traffic: Option<&Traffic>) -> Vec<Finding> {
    let mut found = images(version);
    if let Some(set) = &version.task_set {
        found.extend(container(version, set));
        found.extend(network(version, set));
    }
    if let Some(traffic) = traffic {
        found.extend(target_type(version, traffic));
    }
    found
}

/// An image that can change behind its name, or that is not there.
fn images(version: &Version) -> Vec<Finding> {
    let mut found = Vec::new();
    for (container, image) in version.images.iter().filter(|(_, image)| is_mutable(image)) {
        let error = Error::refused(
            "mutable-tag",
            format!("the image {image} of the container {container} can change behind its name"),
        )
        .hint(
            "name the image by a tag that is never moved, as the git commit, or by its digest: \
             else nobody can tell what runs, and going back would not go back",
        );
        let nobody_asked = version.existing.is_some() || version.kept.contains(image);
        found.push(if nobody_asked { Finding::warning_of(error) } else { Finding::unless_allowed(error) });
    }
    for image in &version.stored {
        match &image.state {
            Stored::Found(_) | Stored::Elsewhere => {}
            Stored::Missing(why) => found.push(Finding::unless_allowed(
                Error::refused("image-not-found", format!("the image {} is not there: {why}", image.reference))
                    .hint("push it first (ecsPushImage), or correct its name; a lifecycle policy may have removed it"),
            )),
            Stored::Unread(why) => found.push(Finding::warning(
                "image-unchecked",
                format!("whether the image {} is there could not be seen: {why}", image.reference),
                "the permission ecr:DescribeImages on its repository lets preflight look",
            )),
        }
    }
    found
}

/// The container that the load balancer sends to must be there, and listen on that port.
fn container(version: &Version, set: &NewSet) -> Option<Finding> {
    let containers = || items(&version.definition, "containerDefinitions");
    let names = || containers().filter_map(|one| one.get("name")?.as_str()).map(quoted).collect::<Vec<_>>().join(", ");
    let wanted = quoted(&set.container_name);
    let Some(container) = containers().find(|one| one.get("name").and_then(Value::as_str) == Some(&set.container_name))
    else {
        return Some(Finding::blocking(
            Error::refused(
                "unknown-container",
                format!("{} has no container {wanted}, which the task set's load balancer names", version.origin),
            )
            .hint(format!("give `containerName`; the containers there: {}", names())),
        ));
    };
    let ports: Vec<i64> =
        items(container, "portMappings").filter_map(|mapping| mapping.get("containerPort")?.as_i64()).collect();
    (!ports.contains(&set.container_port)).then(|| {
        let there = if ports.is_empty() {
            "none".to_owned()
        } else {
            ports.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
        };
        Finding::blocking(
            Error::refused(
                "unknown-port",
                format!(
                    "{}: the container {wanted} has no port {} in its portMappings",
                    version.origin, set.container_port
                ),
            )
            .hint(format!("give `containerPort`, or add the port to the task definition; the ports there: {there}")),
        )
    })
}

/// A task with a network interface of its own needs subnets, and no other may have them.
fn network(version: &Version, set: &NewSet) -> Option<Finding> {
    let mode = network_mode(version);
    let refuse = |what: &str, hint: &str| {
        Some(Finding::blocking(
            Error::refused("network-mode", format!("{} has the network mode {mode}, {what}", version.origin))
                .hint(hint),
        ))
    };
    match (mode == "awsvpc", set.has_subnets) {
        (true, false) => refuse(
            "and the task set names no subnets",
            "give `subnets` and `securityGroups`, or a `taskSet` template with them",
        ),
        (false, true) => refuse(
            "and the task set has a network of its own",
            "only awsvpc tasks have subnets and security groups: take them out, or change the mode",
        ),
        (true, true) | (false, false) => None,
    }
}

/// Tasks with a network interface are targets by address, others by instance.
fn target_type(version: &Version, traffic: &Traffic) -> Vec<Finding> {
    let mode = network_mode(version);
    let needed = if mode == "awsvpc" { "ip" } else { "instance" };
    traffic
        .target_groups
        .iter()
        .filter_map(|group| Some((group, group.target_type.as_deref().filter(|is| *is != needed)?)))
        .map(|(group, is)| {
            Finding::blocking(
                Error::refused(
                    "target-type",
                    format!(
                        "the target group {} has the target type {is}; tasks of the network mode {mode} ({}) need {needed}",
                        group.name, version.origin
                    ),
                )
                .hint("a target group's type cannot be changed: make new ones, or change the network mode"),
            )
        })
        .collect()
}

/// Where none is given, it is bridge, on Linux.
fn network_mode(version: &Version) -> &str {
    version.definition.get("networkMode").and_then(Value::as_str).unwrap_or("bridge")
}

fn items<'a>(object: &'a Map<String, Value>, key: &str) -> impl Iterator<Item = &'a Map<String, Value>> {
    object.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}
