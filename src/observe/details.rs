//! What `status` and `preflight` tell beyond what decides: images and target health of every task set, and who is live.
//! A read that fails here hides nothing else: it is kept, and said.

use std::cell::RefCell;
use std::collections::BTreeMap;

use aws_sdk_ecs::types::DesiredStatus;
use serde::Serialize;
use serde_json::{Value, json};

use crate::aws::forwards::ReadForward;
use crate::aws::task_definitions::Described;
use crate::aws::tasks::behind;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Colour, Forward, Health, Pair, Role, Service, Target, TaskSet, TaskSetStatus};
use crate::plan::state::{Standing, State, in_group};
use crate::report::view::TaskSetView;
use crate::system::concurrent::all;

/// Which failed reads end the action; the others are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tolerance {
    /// What says that nothing can be read at all: a signal, credentials that are no good.
    AllButBlindness,
    /// As well what says that a later call may read it: AWS is unavailable.
    Answers,
}

/// The failed reads that an action goes on without.
#[derive(Debug)]
pub(crate) struct Reads {
    tolerance: Tolerance,
    failed: RefCell<Vec<Error>>,
}

impl Reads {
    /// None has failed yet.
    pub(crate) fn new(tolerance: Tolerance) -> Self {
        Self { tolerance, failed: RefCell::default() }
    }

    /// What was read; `None` where it failed and the action goes on.
    pub(crate) fn keep<T>(&self, read: Result<T>) -> Result<Option<T>> {
        match read {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.ends(&error) => Err(error),
            Err(error) => {
                self.failed.borrow_mut().push(error);
                Ok(None)
            }
        }
    }

    fn ends(&self, error: &Error) -> bool {
        match error.kind {
            Kind::Interrupted(_) => true,
            // One permission that lacks says nothing about the others.
            Kind::Credentials => error.code != "access-denied",
            Kind::Unavailable => self.tolerance == Tolerance::Answers,
            Kind::Unexpected | Kind::Usage | Kind::Refused | Kind::NotFound | Kind::Timeout | Kind::Failed => false,
        }
    }

    /// What has failed so far; the next call returns what fails after this one.
    pub(crate) fn failed(&self) -> Vec<Error> {
        self.failed.take()
    }
}

/// Reads forwards; where one of them cannot be read, the others are read all the same.
pub(crate) async fn forwards(cx: &Context, reads: &Reads, wanted: &[(Role, String)]) -> Result<Vec<ReadForward>> {
    match Box::pin(cx.aws.forwards(wanted)).await {
        Err(error) if matches!(error.kind, Kind::NotFound | Kind::Refused) => {
            let each = all(wanted.iter().map(|one| cx.aws.forwards(std::slice::from_ref(one)))).await;
            let mut found = Vec::new();
            for ((_, arn), read) in wanted.iter().zip(each) {
                let read = read.map_err(|error| named(error, &format!("the listener or rule {arn}")));
                found.extend(reads.keep(read)?.into_iter().flatten());
            }
            Ok(found)
        }
        read => Ok(reads.keep(read)?.unwrap_or_default()),
    }
}

/// AWS says that something is not there, but not what: that is added.
pub(crate) fn named(error: Error, what: &str) -> Error {
    if error.kind != Kind::NotFound {
        return error;
    }
    let message = format!("{what} does not exist");
    Error { message, ..error }.hint("check its ARN; it may have been deleted, and made again under another ARN")
}

/// Images and health of a service's task sets.
#[derive(Debug, Default)]
pub(crate) struct Details {
    /// The task definitions of the sets, each once.
    pub(crate) definitions: Vec<Described>,
    /// By the set's ARN.
    health: BTreeMap<String, Health>,
}

impl Details {
    /// Asks for every task definition and every group's targets at once; for the tasks only where a group's targets may
    /// be of several sets.
    pub(crate) async fn read(cx: &Context, reads: &Reads, service: &Service) -> Result<Self> {
        let definitions = distinct(service.task_sets.iter().map(|set| set.task_definition.as_str()));
        let groups = distinct(service.task_sets.iter().filter_map(|set| set.target_group.as_deref()));
        let (described, targets) = tokio::join!(
            all(definitions.iter().map(|arn| cx.aws.required_task_definition(arn))),
            all(groups.iter().map(|arn| cx.aws.targets(arn))),
        );
        let mut details = Self::default();
        for read in described {
            details.definitions.extend(reads.keep(read)?);
        }
        let mut found = Vec::new();
        for (group, read) in groups.into_iter().zip(targets) {
            found.extend(reads.keep(read)?.map(|targets| (group, targets)));
        }
        details.match_targets(cx, reads, service, &found).await?;
        Ok(details)
    }

    async fn match_targets(
        &mut self,
        cx: &Context,
        reads: &Reads,
        service: &Service,
        groups: &[(&str, Vec<Target>)],
    ) -> Result<()> {
        let mut mixed = Vec::new();
        for (group, targets) in groups {
            let sets: Vec<&TaskSet> =
                service.task_sets.iter().filter(|set| set.target_group.as_deref() == Some(group)).collect();
            match sets.as_slice() {
                [only] if only.accounts_for(targets, service.desired_count) => {
                    self.health.insert(only.arn.clone(), Health::of(targets));
                }
                several if targets.is_empty() => {
                    self.health.extend(several.iter().map(|set| (set.arn.clone(), Health::default())));
                }
                several => mixed.extend(several.iter().map(|set| (*set, targets))),
            }
        }
        if mixed.is_empty() {
            return Ok(());
        }
        let tasks = cx.aws.tasks(service, DesiredStatus::Running).await;
        let Some(tasks) = reads.keep(tasks)? else { return Ok(()) };
        for (set, targets) in mixed {
            self.health.insert(set.arn.clone(), Health::of(behind(set, &tasks, targets)));
        }
        Ok(())
    }

    /// The task definition of a set, where it could be read.
    pub(crate) fn definition(&self, set: &TaskSet) -> Option<&Described> {
        self.definitions.iter().find(|found| found.arn == set.task_definition)
    }

    /// The health of the targets that are a set's own; nothing where it could not be read.
    pub(crate) fn health(&self, set: &TaskSet) -> Health {
        self.health.get(&set.arn).copied().unwrap_or_default()
    }

    /// Whether a set's health is known.
    pub(crate) fn knows_health(&self, set: &TaskSet) -> bool {
        self.health.contains_key(&set.arn)
    }

    /// The images of a set, by container; nothing where they could not be read.
    pub(crate) fn images(&self, set: &TaskSet) -> BTreeMap<String, String> {
        self.definition(set).map(Described::images).unwrap_or_default()
    }

    /// A set with its images and health.
    pub(crate) fn view(&self, set: &TaskSet, service: &Service, groups: &Pair<String>) -> DetailedView {
        DetailedView { set: TaskSetView::of(set, service, groups), images: self.images(set), health: self.health(set) }
    }

    /// All sets of a service.
    pub(crate) fn views(&self, service: &Service, groups: &Pair<String>) -> Vec<DetailedView> {
        service.task_sets.iter().map(|set| self.view(set, service, groups)).collect()
    }
}

fn distinct<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// A task set with what runs in it and how its targets are.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DetailedView {
    #[serde(flatten)]
    pub(crate) set: TaskSetView,
    /// By container.
    pub(crate) images: BTreeMap<String, String>,
    pub(crate) health: Health,
}

/// The service itself, as the JSON has it.
pub(crate) fn service_view(service: &Service) -> Value {
    json!({
        "arn": service.arn,
        "name": service.name,
        "clusterArn": service.cluster_arn,
        "desiredCount": service.desired_count,
        "gracePeriod": service.grace_period.map(|time| time.as_secs()),
        "status": service.status,
        "deploymentController": service.controller,
    })
}

/// The set that has the live traffic: of several in the live group PRIMARY, else the youngest.
pub(crate) fn live_set<'a>(service: &'a Service, groups: &'a Pair<String>, colour: Colour) -> Option<&'a TaskSet> {
    in_group(service, groups, colour)
        .max_by_key(|set| (set.status == TaskSetStatus::Primary, set.created_at, set.arn.as_str()))
}

/// The side that has all live weight; null where there is none.
pub(crate) fn live_view(service: &Service, groups: &Pair<String>, standing: &Standing) -> Value {
    let Some(colour) = standing.live else { return Value::Null };
    let set = live_set(service, groups, colour);
    json!({
        "colour": colour,
        "targetGroupArn": groups.get(colour),
        "taskSetArn": set.map(|set| &set.arn),
        "deploymentId": set.and_then(|set| set.external_id.as_ref()),
    })
}

/// The group without live weight; null where each has some, or the listeners do not agree.
pub(crate) fn idle_view(service: &Service, groups: &Pair<String>, live: &[Forward], standing: &Standing) -> Value {
    let first = || (standing.state == State::First).then(|| crate::plan::state::idle(service, groups, live)).flatten();
    let Some(colour) = standing.live.map(Colour::other).or_else(first) else { return Value::Null };
    json!({ "colour": colour, "targetGroupArn": groups.get(colour) })
}
