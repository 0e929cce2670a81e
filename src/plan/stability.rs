//! When a task set counts as stable, and when it is plain that it never will.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde::Serialize;

use crate::error::{Error, Kind, Result};
use crate::model::{Event, Service, Target, TargetState, TaskSet};

/// So many failed tasks at least before a set is given up: one or two may have had bad luck.
const LEAST_FAILURES: usize = 3;

/// An image that could not be pulled twice is not there, or may not be pulled.
const PULLS: usize = 2;

/// So many failed placements at least.
const LEAST_PLACEMENTS: usize = 3;

/// Reasons for which a target can never get traffic, whatever the task does.
const UNUSABLE: [&str; 2] = ["Target.NotInUse", "Target.IpUnusable"];

/// What ECS says in events when tasks are lost, fail or cannot be placed.
const TROUBLE: [&str; 6] = ["is unhealthy", "was unable to", "is unable to", "has stopped", "deregistered", "failed"];

/// ECS's figures of a set, in one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Our own ceil(desired × scale): AWS's figure comes late.
    pub(crate) desired: i32,
    pub(crate) running: i32,
    pub(crate) pending: i32,
    pub(crate) steady: bool,
    /// Another set of the same group that has running tasks: its targets are not to be told from ours by their group.
    pub(crate) beside: Option<String>,
}

impl Counts {
    /// Of a set of a service. Never the service's own counts, which the old set satisfies.
    pub(crate) fn of(service: &Service, set: &TaskSet) -> Self {
        let beside = service
            .task_sets
            .iter()
            .find(|other| other.arn != set.arn && other.target_group == set.target_group && other.running > 0);
        Self {
            desired: set.computed_desired(service.desired_count),
            running: set.running,
            pending: set.pending,
            steady: set.steady,
            beside: beside.map(TaskSet::describe),
        }
    }

    /// Whether ECS's part is fulfilled. Zero tasks never are, although AWS calls them steady.
    pub(crate) fn fit(&self) -> bool {
        self.all_running() && self.steady && self.beside.is_none()
    }

    /// Whether as many tasks run as shall, and none is on its way.
    pub(crate) fn all_running(&self) -> bool {
        self.desired > 0 && self.running == self.desired && self.pending == 0
    }

    /// What is missing; nothing where the counts fit.
    pub(crate) fn missing(&self) -> Option<String> {
        if !self.all_running() {
            return Some(format!("{} running and {} pending of {} tasks", self.running, self.pending, self.desired));
        }
        if let Some(other) = &self.beside {
            return Some(format!("{other} still has running tasks in the same target group"));
        }
        (!self.steady).then(|| "ECS has not called it steady yet".to_owned())
    }
}

/// A set that shall run nothing can never prove itself.
pub(crate) fn check_capacity(service: &Service, set: &TaskSet) -> Result<()> {
    if set.computed_desired(service.desired_count) > 0 {
        return Ok(());
    }
    Err(Error::refused(
        "no-capacity",
        format!("{} shall run no tasks: {} % of desired count {}", set.describe(), set.scale, service.desired_count),
    )
    .hint("raise the service's desired count, or the scale of the task set with scale-task-set"))
}

/// Whether an event is about this set and not about one that had its id before, or about the service.
pub(crate) fn is_of(event: &Event, set: &TaskSet) -> bool {
    let named = event.message.match_indices(&set.id).any(|(at, id)| {
        let rest = &event.message[at + id.len()..];
        !rest.starts_with(|c: char| c.is_ascii_digit()) && event.message[..at].ends_with("taskSet ")
    });
    let newer = match (event.at, set.created_at) {
        (Some(at), Some(created)) => at >= created,
        (None, _) | (_, None) => true,
    };
    named && newer
}

/// Whether an event is a reason to look at the stopped tasks.
pub(crate) fn is_trouble(event: &Event) -> bool {
    TROUBLE.iter().any(|words| event.message.contains(words))
}

/// How many tasks a set has started, by its events: more than it shall run means that some were replaced.
pub(crate) fn started<'a>(events: impl IntoIterator<Item = &'a Event>) -> i32 {
    events.into_iter().filter_map(|event| number_after(&event.message, "has started ")).sum()
}

fn number_after(text: &str, words: &str) -> Option<i32> {
    let (_, rest) = text.split_once(words)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// A task that has stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoppedTask {
    pub(crate) task_arn: String,
    pub(crate) stop_code: Option<String>,
    pub(crate) stopped_reason: Option<String>,
    pub(crate) containers: Vec<StoppedContainer>,
}

/// How one of its containers ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StoppedContainer {
    pub(crate) name: String,
    pub(crate) exit_code: Option<i32>,
    pub(crate) reason: Option<String>,
}

/// Why a task failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Pull,
    Start,
    Health,
    Crash,
}

impl Fault {
    /// The error's code.
    fn code(self) -> &'static str {
        match self {
            Self::Pull => "image-pull",
            Self::Start => "tasks-do-not-start",
            Self::Health => "failing-health-checks",
            Self::Crash => "crash-loop",
        }
    }

    fn hint(self) -> &'static str {
        match self {
            Self::Pull => {
                "check that the image and its tag exist, that the execution role may pull it, and the way to the registry"
            }
            Self::Start => "the reasons name what is missing: secrets, log groups, roles, network or memory",
            Self::Health => {
                "look at the container's log and at the health check of the target group: path, port, codes, grace period"
            }
            Self::Crash => "look at the container's log; an exit code of 137 is often too little memory",
        }
    }
}

/// `None`: it was stopped for a reason that says nothing against the version (scaling, a deployment, a lost instance).
fn fault_of(task: &StoppedTask) -> Option<Fault> {
    let reason = task.stopped_reason.as_deref().unwrap_or_default();
    let has = |words: &str| {
        reason.contains(words)
            || task.containers.iter().any(|one| one.reason.as_deref().is_some_and(|text| text.contains(words)))
    };
    match task.stop_code.as_deref() {
        Some("TaskFailedToStart") | None if has("CannotPull") => Some(Fault::Pull),
        Some("TaskFailedToStart") => Some(Fault::Start),
        Some("EssentialContainerExited") => Some(Fault::Crash),
        // Failed health checks and plain scale-in have the same code.
        Some("ServiceSchedulerInitiated") | None if has("health checks") => Some(Fault::Health),
        Some(_) | None => None,
    }
}

/// The refusal with the reasons of tasks that failed, where there are any: such a set does not only scale. Other than at
/// the start of a version, one is enough: it had proved itself, and shall get the traffic now.
pub(crate) fn with_failures(refusal: &Error, stopped: &[StoppedTask]) -> Option<Error> {
    let failed: Vec<&StoppedTask> = stopped.iter().filter(|task| fault_of(task).is_some()).collect();
    let fault = failed.last().and_then(|task| fault_of(task))?;
    let message = format!("{}; tasks of it have failed just now: {}", refusal.message, reasons(failed.iter().copied()));
    let error = Error { message, ..refusal.clone() };
    Some(error.hint(format!("{}; then run wait-stable", fault.hint())).with("stoppedTasks", failed))
}

/// Everything that may tell that a set will not make it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence<'a> {
    pub(crate) counts: &'a Counts,
    /// Of this set, the newest last.
    pub(crate) stopped: &'a [StoppedTask],
    /// Of this set, the newest first.
    pub(crate) events: &'a [Event],
    /// Of this set's tasks, as they were last seen; empty where they were not asked for.
    pub(crate) targets: &'a [Target],
    /// Whether the look before saw targets that cannot be used, too.
    pub(crate) unusable_before: bool,
    /// For how long tasks may find no place: new instances take a while.
    pub(crate) patience: Duration,
}

/// Targets that can never get traffic.
pub(crate) fn unusable(targets: &[Target]) -> impl Iterator<Item = &Target> {
    targets.iter().filter(|target| target.reason.as_deref().is_some_and(|reason| UNUSABLE.contains(&reason)))
}

/// The failure, where it is plain.
pub(crate) fn verdict(evidence: &Evidence<'_>) -> Option<Error> {
    broken(evidence).or_else(|| unplaced(evidence)).or_else(|| unreachable(evidence))
}

/// Tasks that start and fail again and again. A service of 20 may lose 20 at once to something that passes; their
/// successors failing too is a loop.
fn broken(evidence: &Evidence<'_>) -> Option<Error> {
    let faults: Vec<Fault> = evidence.stopped.iter().filter_map(fault_of).collect();
    let count = |fault: Fault| faults.iter().filter(|other| **other == fault).count();
    let desired = usize::try_from(evidence.counts.desired).unwrap_or(0);
    let most = *faults.iter().max_by_key(|fault| count(**fault))?;
    let is_unhealthy = !evidence.targets.iter().any(|target| target.state == TargetState::Healthy);
    let given_up = evidence.events.iter().any(|event| event.message.contains("unable to consistently start tasks"));
    let plain = if count(Fault::Pull) >= PULLS {
        Fault::Pull
    } else if given_up || faults.len() >= LEAST_FAILURES.max(desired + 1) {
        most
    } else if is_unhealthy && count(Fault::Health) >= desired.max(2) {
        // Each of them had its whole grace period.
        Fault::Health
    } else {
        return None;
    };
    let tasks = evidence.stopped.iter().filter(|task| fault_of(task).is_some());
    let message = format!("{} tasks of the new version failed: {}", faults.len(), reasons(tasks));
    Some(failed(plain.code(), message, plain.hint()))
}

fn unplaced(evidence: &Evidence<'_>) -> Option<Error> {
    let counts = evidence.counts;
    if counts.running >= counts.desired || counts.pending > 0 {
        return None;
    }
    // The newest first: those after the last task that found a place.
    let refused: Vec<&Event> = evidence
        .events
        .iter()
        .take_while(|event| number_after(&event.message, "has started ").is_none())
        .filter(|event| event.message.contains("unable to place a task"))
        .collect();
    let (newest, oldest) = (refused.first()?, refused.last()?);
    if refused.len() < LEAST_PLACEMENTS || span(oldest.at, newest.at) < evidence.patience {
        return None;
    }
    let message = format!("tasks of the new version find no place: {}", newest.message);
    Some(failed(
        "placement",
        message,
        "add capacity to the cluster, or ask for less cpu and memory; the event names what is missing",
    ))
}

fn span(from: Option<SystemTime>, to: Option<SystemTime>) -> Duration {
    from.zip(to).and_then(|(from, to)| to.duration_since(from).ok()).unwrap_or_default()
}

/// Twice in a row: a target may be registered a moment before its group is in use.
fn unreachable(evidence: &Evidence<'_>) -> Option<Error> {
    let target = unusable(evidence.targets).next().filter(|_| evidence.unusable_before)?;
    let message = format!(
        "{} of {} targets of the new version cannot be used: {}: {}",
        unusable(evidence.targets).count(),
        evidence.targets.len(),
        target.reason.as_deref().unwrap_or_default(),
        target.description.as_deref().unwrap_or("no description"),
    );
    Some(failed(
        "targets-unusable",
        message,
        "enable the subnets' availability zones on the load balancer, and keep the target group in a listener's forward",
    ))
}

fn failed(code: &'static str, message: String, hint: &str) -> Error {
    Error::new(Kind::Failed, code, message).hint(hint)
}

/// The reasons of stopped tasks, each once with how often, the most frequent first.
pub(crate) fn reasons<'a>(tasks: impl IntoIterator<Item = &'a StoppedTask>) -> String {
    const SHOWN: usize = 4;
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for task in tasks {
        *counted.entry(reason(task)).or_default() += 1;
    }
    let mut all: Vec<(String, usize)> = counted.into_iter().collect();
    all.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    let mut shown: Vec<String> = all.iter().take(SHOWN).map(|(text, times)| format!("{times} × {text}")).collect();
    if all.len() > SHOWN {
        shown.push(format!("and {} other reasons", all.len() - SHOWN));
    }
    shown.join("; ")
}

fn reason(task: &StoppedTask) -> String {
    let mut text = task.stopped_reason.clone().unwrap_or_else(|| "no reason given".to_owned());
    for container in &task.containers {
        let own = container.reason.as_deref().filter(|own| !text.contains(own)).map(str::to_owned);
        let ended = container.exit_code.map(|code| format!("exit code {code}"));
        let all: Vec<String> = ended.into_iter().chain(own).collect();
        if !all.is_empty() {
            text = format!("{text} ({}: {})", container.name, all.join(", "));
        }
    }
    text
}

#[cfg(test)]
#[path = "stability_tests.rs"]
mod tests;
