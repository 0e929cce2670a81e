//! The first half of every action: who we are, what the service is, where the weights lie.

pub(crate) mod details;
pub(crate) mod names;
pub(crate) mod waiting;

use std::pin::Pin;

use aws_sdk_ecs::types::DesiredStatus;

use crate::aws::ecs::{RawTaskSets, ServiceReading};
use crate::aws::forwards::ReadForward;
use crate::aws::tasks::behind;
use crate::config::{Settings, required};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::load_balancer::Rule;
use crate::model::{Colour, Forward, Health, Pair, Role, Service, Target, TaskSet};
use crate::observe::names::Names;
use crate::plan::controller;
use crate::plan::state::{Standing, classify, colour_of};
use crate::plan::unnamed::unnamed;

/// The service without its load balancer: what an action needs that touches no traffic.
pub(crate) async fn service(cx: &Context) -> Result<ServiceReading> {
    let cluster = required(cx.settings.cluster.as_ref(), "cluster")?;
    let service = required(cx.settings.service.as_ref(), "service")?;
    let reading = as_caller(cx, cx.aws.service(cluster, service)).await?;
    controller::check(&reading.service)?;
    Ok(reading)
}

/// Reads something, and who the caller is beside it. Whether that is whom the settings mean is judged first: with
/// credentials of another account, what is not found there would only mislead.
pub(crate) async fn as_caller<T>(cx: &Context, read: impl Future<Output = Result<T>>) -> Result<T> {
    let (identity, read) = tokio::join!(cx.aws.identity(), read);
    check_account(&cx.settings, &identity?.account)?;
    read
}

/// Everything that decides: the service, its two groups, the forwards, and the state that follows.
pub(crate) struct Observed {
    pub(crate) service: Service,
    pub(crate) raw_task_sets: RawTaskSets,
    pub(crate) groups: Pair<String>,
    pub(crate) live: Vec<ReadForward>,
    pub(crate) test: Vec<ReadForward>,
    pub(crate) standing: Standing,
}

impl Observed {
    /// The live forwards, for planning.
    pub(crate) fn live_forwards(&self) -> Vec<Forward> {
        self.live.iter().map(|read| read.forward.clone()).collect()
    }

    /// The forwards of live and test listeners.
    pub(crate) fn forwards(&self) -> impl Iterator<Item = &Forward> {
        self.live.iter().chain(&self.test).map(|read| &read.forward)
    }

    /// The colour of a task set's group.
    pub(crate) fn colour(&self, set: &TaskSet) -> Option<Colour> {
        colour_of(set, &self.groups)
    }

    /// Whether a group has live weight on any live listener.
    pub(crate) fn is_live(&self, colour: Colour) -> bool {
        self.live.iter().any(|read| read.forward.weight(&self.groups, colour) > 0)
    }

    /// The set that the caller named, by `taskSetArn` or `deploymentId`.
    pub(crate) fn version(&self, settings: &Settings) -> Result<Option<&TaskSet>> {
        version(&self.service, settings)
    }

    /// The set that the caller named; that it does not exist is an error.
    pub(crate) fn required_version(&self, settings: &Settings) -> Result<&TaskSet> {
        required_version(&self.service, settings)
    }

    /// The colour of a set, which must be in one of the two groups.
    pub(crate) fn required_colour(&self, set: &TaskSet) -> Result<Colour> {
        self.colour(set).ok_or_else(|| {
            Error::refused("other-target-group", format!("the task set {} is in neither target group", set.describe()))
                .hint("check `targetGroups`: they must be the two groups that this service alternates between")
        })
    }
}

/// The set named by `taskSetArn` or `deploymentId`, where it exists. There is no default: no action means "the other
/// one" or "what is idle now".
pub(crate) fn version<'a>(service: &'a Service, settings: &Settings) -> Result<Option<&'a TaskSet>> {
    if let Some(arn) = &settings.task_set_arn {
        let found = service.task_set(arn);
        if let (Some(set), Some(id)) = (found, &settings.deployment_id)
            && set.external_id.as_deref() != Some(id)
        {
            return Err(Error::usage(
                "contradicting-version",
                format!("`taskSetArn` names {}, `deploymentId` names {id}", set.describe()),
            )
            .hint("give only one of the two"));
        }
        return Ok(found);
    }
    let Some(id) = &settings.deployment_id else {
        return Err(Error::usage("missing-parameter", "neither `deploymentId` nor `taskSetArn` is given")
            .hint("name the version: --deployment-id (in Jenkins: the BUILD_TAG) or --task-set-arn; `ecs-bg status` lists them"));
    };
    let of_id = |set: &&TaskSet| set.external_id.as_deref() == Some(id);
    let standing = service.task_sets.iter().filter(of_id).find(|set| set.stands());
    Ok(standing.or_else(|| service.task_sets.iter().find(of_id)))
}

/// As [`version`]; that it does not exist is an error.
pub(crate) fn required_version<'a>(service: &'a Service, settings: &Settings) -> Result<&'a TaskSet> {
    let set = version(service, settings)?.ok_or_else(|| {
        let named = settings.task_set_arn.as_ref().or(settings.deployment_id.as_ref()).cloned().unwrap_or_default();
        Error::not_found("task-set-not-found", format!("the service {} has no task set of {named}", service.name))
            .hint("`ecs-bg status` lists the task sets; one that was deleted must be deployed again")
    })?;
    if !set.stands() {
        return Err(Error::refused("draining", format!("the task set {} is being deleted", set.describe()))
            .hint("deploy the version again, under another deploymentId"));
    }
    Ok(set)
}

/// Reads everything. One round of calls where the settings name groups and listeners; where they do not, the task sets'
/// tags and the listeners of the load balancer tell, in two or three rounds.
///
/// Boxed, as it is the largest part of every action that waits for it.
pub(crate) fn observe(cx: &Context) -> Pin<Box<dyn Future<Output = Result<Observed>> + '_>> {
    Box::pin(read_everything(cx))
}

async fn read_everything(cx: &Context) -> Result<Observed> {
    let settings = &cx.settings;
    let cluster = required(settings.cluster.as_ref(), "cluster")?;
    let service = required(settings.service.as_ref(), "service")?;
    if let (Some(groups), false) = (&settings.target_groups, settings.listeners.live.is_empty()) {
        let names = Names {
            groups: groups.clone(),
            live: settings.listeners.live.clone(),
            test: settings.listeners.test.clone(),
        };
        let reads = async { Ok(tokio::join!(cx.aws.service(cluster, service), names.read(cx))) };
        let (reading, forwards) = as_caller(cx, reads).await?;
        return assemble(reading?, names.groups, forwards?);
    }
    let mut reading = as_caller(cx, cx.aws.service(cluster, service)).await?;
    cx.aws.add_task_set_tags(&mut reading.service).await?;
    let names = names::find(cx, &reading.service).await?;
    let forwards = names.read(cx).await?;
    assemble(reading, names.groups, forwards)
}

fn assemble(reading: ServiceReading, groups: Pair<String>, forwards: Vec<ReadForward>) -> Result<Observed> {
    let (live, test): (Vec<_>, Vec<_>) = forwards.into_iter().partition(|read| read.forward.role == Role::Live);
    let ServiceReading { service, raw_task_sets } = reading;
    controller::check(&service)?;
    let planned: Vec<Forward> = live.iter().map(|read| read.forward.clone()).collect();
    let standing = classify(&service, &groups, &planned);
    Ok(Observed { service, raw_task_sets, groups, live, test, standing })
}

/// The credentials' account must be the one that was named, in `accountId` or in any ARN.
pub(crate) fn check_account(settings: &Settings, account: &str) -> Result<()> {
    let named = settings.connection.account_id.iter().map(|id| ("accountId", id.clone()));
    let of_arns = settings.arns().into_iter().map(|(key, arn)| (key, arn.account));
    for (key, other) in named.chain(of_arns) {
        if !other.is_empty() && other != account {
            return Err(Error::usage(
                "arn-of-another-account",
                format!("`{key}` is of account {other}, the credentials are of account {account}"),
            )
            .hint("use credentials of that account (`roleArn` assumes a role there), or correct the parameter"));
        }
    }
    Ok(())
}

/// The health of the targets that are a set's own.
pub(crate) async fn health_of(cx: &Context, service: &Service, set: &TaskSet) -> Result<Health> {
    Ok(Health::of(&own_targets(cx, service, set).await?))
}

/// The targets that are a set's own. Where a group holds more targets than the set has tasks, the others are somebody
/// else's, so the tasks' addresses decide.
pub(crate) async fn own_targets(cx: &Context, service: &Service, set: &TaskSet) -> Result<Vec<Target>> {
    let Some(group) = &set.target_group else { return Ok(Vec::new()) };
    let targets = cx.aws.targets(group).await?;
    if set.accounts_for(&targets, service.desired_count) {
        return Ok(targets);
    }
    let tasks = cx.aws.tasks(service, DesiredStatus::Running).await?;
    Ok(behind(set, &tasks, &targets).cloned().collect())
}

/// A set that shall get traffic must be alone in its group.
pub(crate) fn check_alone(observed: &Observed, set: &TaskSet) -> Result<()> {
    let colour = observed.required_colour(set)?;
    let beside = observed.service.task_sets.iter().find(|other| {
        other.arn != set.arn && observed.colour(other) == Some(colour) && (other.stands() || other.running > 0)
    });
    if let Some(other) = beside {
        return Err(Error::refused(
            "other-deployment",
            format!(
                "the task set {} is in the same target group as {}: it would get the traffic too",
                other.describe(),
                set.describe()
            ),
        )
        .hint("delete it with delete-task-set, or wait until it is gone"));
    }
    Ok(())
}

/// A rule that nobody named and that gives one of our groups weight: a swap would leave its traffic behind.
pub(crate) async fn unnamed_rules(cx: &Context, observed: &Observed) -> Result<Vec<Rule>> {
    let groups = cx.aws.target_groups(&[observed.groups.blue.clone(), observed.groups.green.clone()]).await?;
    let Some(balancer) = groups.iter().flat_map(|group| &group.load_balancers).next() else { return Ok(Vec::new()) };
    let rules = cx.aws.all_rules(balancer).await?;
    Ok(unnamed(&rules, observed.forwards(), &observed.groups).into_iter().cloned().collect())
}
