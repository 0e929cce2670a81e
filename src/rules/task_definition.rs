//! The rules for a task definition.

use serde_json::{Map, Value};

use super::content::{At, Found};
use super::sizes::{CPU, MEMORY, cpu_units, mebibytes, no_fargate_size};
use super::{Broken, Format, check};
use crate::error::Result;
use crate::report::words::quoted;

/// Model, `ContainerDefinition$memory`: a daemon "reserves a minimum of 4 MiB of memory for a container", a newer one 6.
const LEAST_MEMORY: i64 = 4;

/// Model, `HealthCheck`, seconds and retries: "You may specify between …".
const HEALTH_CHECK: [(&str, i64, i64); 4] =
    [("interval", 5, 300), ("timeout", 2, 60), ("retries", 1, 10), ("startPeriod", 0, 300)];

/// What of a task definition AWS would refuse. `content` is whole, with everything that overrides it.
pub(crate) fn broken(content: &Map<String, Value>) -> Vec<Broken> {
    let mut found = Found::default();
    let task = At::top(content);
    found.format(&task, "family", Format::Name);
    found.tags(&task);
    size(&mut found, &task);
    // <https://docs.aws.amazon.com/AmazonECS/latest/userguide/task-cpu-memory-error.html>: "for task definitions that
    // specify FARGATE for the requiresCompatibilities parameter (even if EC2 is also specified)".
    if task.has_item("requiresCompatibilities", "FARGATE") {
        on_fargate(&mut found, &task);
    }
    // Model, `RegisterTaskDefinitionRequest$placementConstraints`: "a maximum of 10 constraints for each task".
    found.at_most(&task, "placementConstraints", 10);
    if let Some(storage) = task.object("ephemeralStorage") {
        // Model, `EphemeralStorage$sizeInGiB`: "minimum supported value is 21 GiB and the maximum … 200 GiB".
        found.range(&storage, "sizeInGiB", 21, 200);
    }
    let containers = task.list("containerDefinitions");
    // Model, `ContainerDefinition$essential`: "All tasks must have at least one essential container."
    if !containers.is_empty() && containers.iter().all(|one| one.flag("essential") == Some(false)) {
        found.add(
            task.path("containerDefinitions"),
            "has no essential container",
            "one container at least is `essential`, as it is where nothing is said",
        );
    }
    for one in &containers {
        container(&mut found, &task, one);
    }
    found.all()
}

/// Whether a task set can run it on Fargate, as ECS asks when one is created: `Task definition does not support
/// launch_type FARGATE`. Where it says itself that it is for Fargate, that was checked; `compatibilities` is AWS's word.
pub(crate) fn check_for_fargate(origin: &str, content: &Map<String, Value>) -> Result<()> {
    let task = At::top(content);
    if ["requiresCompatibilities", "compatibilities"].iter().any(|key| task.has_item(key, "FARGATE")) {
        return Ok(());
    }
    let mut found = Found::default();
    on_fargate(&mut found, &task);
    check(&format!("the task set is to run on Fargate, and {origin}"), found.all(), &[])
}

/// CPU and memory of the task, and that the memory of its containers fits into it.
fn size(found: &mut Found, task: &At<'_>) {
    for (key, read, right) in [("cpu", cpu_units as fn(&str) -> Option<u32>, CPU), ("memory", mebibytes, MEMORY)] {
        let Some(text) = task.text(key) else { continue };
        let Some(number) = read(text) else {
            found.add(task.path(key), format!("{} is no such number", quoted(text)), right);
            continue;
        };
        // Model, `RegisterTaskDefinitionRequest$cpu`: "between 128 CPU units (0.125 vCPUs) and 196608 CPU units".
        if key == "cpu" && !(128..=196_608).contains(&number) {
            found.add(task.path(key), format!("is {number} CPU units"), "128 to 196608 CPU units");
        }
    }
    // Model, `RegisterTaskDefinitionRequest$memory`: "Task-level CPU and memory parameters are ignored for Windows
    // containers."
    let platform = task.object("runtimePlatform");
    let system = platform.as_ref().and_then(|platform| platform.text("operatingSystemFamily"));
    if !system.is_some_and(|system| system.starts_with("WINDOWS")) {
        // Model, `ContainerDefinition$memory`: "The total amount of memory reserved for all containers within a task
        // must be lower than the task memory value". What is equal works.
        let reserved = |one: &At<'_>| one.number("memoryReservation").or_else(|| one.number("memory"));
        together(found, task, "memory", mebibytes, reserved);
    }
}

/// The containers' share must fit into the task's.
fn together(
    found: &mut Found,
    task: &At<'_>,
    key: &str,
    read: fn(&str) -> Option<u32>,
    of: impl Fn(&At<'_>) -> Option<i64>,
) {
    let asked: i64 = task.list("containerDefinitions").iter().filter_map(of).fold(0, i64::saturating_add);
    if let Some(has) = task.text(key).and_then(read).map(i64::from).filter(|has| asked > *has) {
        found.add(
            task.path(key),
            format!("is {has}, and its containers ask for {asked} together"),
            format!("a task's `{key}` is not less than what its containers reserve"),
        );
    }
}

fn on_fargate(found: &mut Found, task: &At<'_>) {
    // Model, `RegisterTaskDefinitionRequest$networkMode`: "For Amazon ECS tasks on Fargate, the awsvpc network mode is
    // required."
    if task.text("networkMode") != Some("awsvpc") {
        let mode =
            task.text("networkMode").map_or_else(|| "is missing".to_owned(), |mode| format!("is {}", quoted(mode)));
        found.add(task.path("networkMode"), mode, "tasks on Fargate have the network mode awsvpc");
    }
    // Model, `RegisterTaskDefinitionRequest$cpu` and `memory`: "This field is required for Fargate."
    for key in ["cpu", "memory"] {
        if !task.has(key) {
            found.add(task.path(key), "is missing", "a task on Fargate has a `cpu` and a `memory` of its own");
        }
    }
    if let (Some(cpu), Some(memory)) = (task.text("cpu").and_then(cpu_units), task.text("memory").and_then(mebibytes))
        && let Some((problem, right)) = no_fargate_size(cpu, memory)
    {
        found.add(task.path("memory"), problem, right);
    }
    // Model, `ContainerDefinition$cpu`, of Fargate: "the only requirement is that the total amount of CPU reserved for all
    // containers within a task be lower than the task-level cpu value". What is equal works.
    together(found, task, "cpu", cpu_units, |one| one.number("cpu"));
    // Model, `RegisterTaskDefinitionRequest$pidMode`: "On Fargate for Linux containers, the only valid value is task."
    if task.text("pidMode") == Some("host") {
        found.add(task.path("pidMode"), "is `host`", "on Fargate it is `task`");
    }
    for one in task.list("containerDefinitions") {
        // Model, `ContainerDefinition$stopTimeout`: "the max stop timeout value is 120 seconds".
        found.range(&one, "stopTimeout", 0, 120);
    }
}

fn container(found: &mut Found, task: &At<'_>, one: &At<'_>) {
    found.format(one, "name", Format::Name);
    image(found, one);
    memory(found, task, one);
    ports(found, task, one);
    variables(found, one);
    // Model, `ContainerDefinition$environmentFiles`: "You can specify up to ten environment files."
    found.at_most(one, "environmentFiles", 10);
    if let Some(check) = one.object("healthCheck") {
        for (key, least, most) in HEALTH_CHECK {
            found.range(&check, key, least, most);
        }
    }
    for wanted in one.list("resourceRequirements") {
        // Model: `NvidiaMpsAllocationMemoryInteger`, `NvidiaMpsAllocationMaxComputePercentInteger`.
        if let Some(share) = wanted.object("sharingStrategy").and_then(|strategy| strategy.object("nvidiaMps")) {
            found.range(&share, "memory", 1, i64::from(i32::MAX));
            found.range(&share, "maxComputePercent", 1, 100);
        }
    }
    if let Some(logging) = one.object("logConfiguration")
        && logging.text("logDriver") == Some("awslogs")
        && let Some(options) = logging.object("options")
    {
        found.format(&options, "awslogs-group", Format::LogGroup);
    }
}

/// Model, `ContainerDefinition$image`: "up to 255 characters total are allowed", with a digest before the `@`.
fn image(found: &mut Found, one: &At<'_>) {
    let length = |image: &str| image.split('@').next().unwrap_or_default().chars().count();
    if let Some(length) = one.text("image").map(length).filter(|length| *length > 255) {
        found.add(one.path("image"), format!("has {length} characters"), "at most 255, without the digest");
    }
}

fn memory(found: &mut Found, task: &At<'_>, one: &At<'_>) {
    let (hard, soft) = (one.number("memory"), one.number("memoryReservation"));
    for (key, given) in [("memory", hard), ("memoryReservation", soft)] {
        // 0 is how some write "not given".
        if let Some(mib) = given.filter(|mib| *mib != 0 && *mib < LEAST_MEMORY) {
            found.add(one.path(key), format!("is {mib} MiB"), "a container has 6 MiB at least");
        }
    }
    // Model: "memory must be greater than memoryReservation". What is equal works.
    if let (Some(hard), Some(soft)) = (hard.filter(|mib| *mib != 0), soft)
        && soft > hard
    {
        found.add(
            one.path("memoryReservation"),
            format!("is {soft} MiB, more than `memory`, {hard} MiB"),
            "`memoryReservation` is not more than `memory`",
        );
    }
    // Model, `ContainerDefinition$memoryReservation`: "If a task-level memory value is not specified, you must specify
    // a non-zero integer for one or both of memory or memoryReservation".
    if !task.has("memory") && hard.unwrap_or_default() == 0 && soft.unwrap_or_default() == 0 {
        found.add(
            one.path("memory"),
            "is missing, and the task has none either",
            "give the task's `memory`, or `memory` or `memoryReservation` of each container",
        );
    }
}

fn ports(found: &mut Found, task: &At<'_>, one: &At<'_>) {
    // Where none is given, it is bridge.
    let mode = task.text("networkMode").unwrap_or("bridge");
    let mappings = one.list("portMappings");
    // Model, `ContainerDefinition$portMappings`: "If the network mode of a task definition is set to none, then you
    // can't specify port mappings."
    if mode == "none" && !mappings.is_empty() {
        found.add(one.path("portMappings"), "is given, and the network mode is none", "take the port mappings out");
    }
    for mapping in mappings {
        found.range(&mapping, "containerPort", 1, 65535);
        found.range(&mapping, "hostPort", 0, 65535);
        found.format(&mapping, "name", Format::PortName);
        // Model, `PortMapping$hostPort`: "If you use containers in a task with the awsvpc or host network mode, the
        // hostPort can either be left blank or set to the same value as the containerPort." 0 is "left blank".
        if let (Some(port), Some(host)) =
            (mapping.number("containerPort"), mapping.number("hostPort").filter(|port| *port != 0))
            && matches!(mode, "awsvpc" | "host")
            && port != host
        {
            found.add(
                mapping.path("hostPort"),
                format!("is {host}, and the container's port is {port}"),
                format!("with the network mode {mode} both are the same: leave `hostPort` out"),
            );
        }
    }
}

const NO_VALUE: &str = "the name of a variable, without `=`; its value has a key of its own";

/// A name that Docker would split, and a secret under the name of a variable. Values are not looked at.
/// <https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KeyValuePair.html>; ECS's words for the latter are
/// "The secret name must be unique and not shared with any new or existing environment variables set on the container".
fn variables(found: &mut Found, one: &At<'_>) {
    let mut taken: Vec<&str> = Vec::new();
    for key in ["environment", "secrets"] {
        for item in one.list(key) {
            let Some(name) = item.text("name") else { continue };
            // What stands behind a `=` is a value, hardly a name.
            match name.split_once('=') {
                Some((name, _)) => found.add(item.path("name"), format!("has a `=` after {}", quoted(name)), NO_VALUE),
                None if name.is_empty() => found.add(item.path("name"), "is empty", NO_VALUE),
                None => {}
            }
            if key == "secrets" && taken.contains(&name) {
                let problem = format!(
                    "{} is the name of another variable or secret",
                    quoted(name.split('=').next().unwrap_or_default())
                );
                found.add(item.path("name"), problem, "a variable comes from one place: `environment` or `secrets`");
            }
            taken.push(name);
        }
    }
}
