//! ECS: the service and its task sets.

use std::time::{Duration, SystemTime};

use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;
use aws_sdk_ecs::types as sdk;

use super::Aws;
use super::reply::{Reply, unknown_members};
use super::retry::CreateAnswers;
use crate::error::{Error, Result};
use crate::model::{Event, Service, TaskSet, TaskSetStatus};

/// A service as it was read.
pub(crate) struct ServiceReading {
    pub(crate) service: Service,
    pub(crate) raw_task_sets: RawTaskSets,
}

/// Task sets as the API gave them: what a new one is copied from.
#[derive(Debug, Default)]
pub(crate) struct RawTaskSets {
    sets: Vec<sdk::TaskSet>,
    as_sent: Reply,
}

impl RawTaskSets {
    /// The PRIMARY one.
    pub(crate) fn primary(&self) -> Option<&sdk::TaskSet> {
        self.sets.iter().find(|set| set.status() == Some("PRIMARY"))
    }

    /// By its ARN.
    pub(crate) fn by_arn(&self, arn: &str) -> Option<&sdk::TaskSet> {
        self.sets.iter().find(|set| set.task_set_arn() == Some(arn))
    }

    /// The PRIMARY one's ARN, and its members that AWS has told and the SDK does not know.
    pub(crate) fn unknown_in_primary(&self) -> Result<Option<(&str, Vec<String>)>> {
        let Some(set) = self.primary() else { return Ok(None) };
        let reply = self.as_sent.json()?;
        let told = reply["services"][0]["taskSets"].as_array().into_iter().flatten();
        let mut of_it = told.filter(|one| one["taskSetArn"].as_str() == set.task_set_arn());
        let known = crate::version::template::to_json(set)?;
        let unknown = of_it.next().map(|one| unknown_members(one, &known)).unwrap_or_default();
        Ok(Some((set.task_set_arn().unwrap_or_default(), unknown)))
    }
}

impl Aws {
    /// The service and its task sets. Absent, it is an HTTP 200 with a failure, which is made an error here.
    pub(crate) async fn service(&self, cluster: &str, service: &str) -> Result<ServiceReading> {
        let as_sent = Reply::default();
        let call = self.ecs().describe_services().cluster(cluster).services(service);
        let call = call.customize().interceptor(as_sent.clone()).send();
        let reply = self.read("DescribeServices", call).await?;
        let Some(found) = reply.services.unwrap_or_default().into_iter().next() else {
            let reason = reply.failures.unwrap_or_default().into_iter().next().and_then(|failure| failure.reason);
            return Err(Error::not_found(
                "service-not-found",
                format!(
                    "the service {service} does not exist in the cluster {cluster} ({})",
                    reason.as_deref().unwrap_or("no reason given")
                ),
            )
            .hint("check `cluster`, `service`, `region` and the account"));
        };
        let raw_task_sets = RawTaskSets { sets: found.task_sets.clone().unwrap_or_default(), as_sent };
        Ok(ServiceReading { service: service_of(found), raw_task_sets })
    }

    /// The tags of task sets: `DescribeServices` does not return them.
    pub(crate) async fn add_task_set_tags(&self, service: &mut Service) -> Result<()> {
        if service.task_sets.is_empty() {
            // Without ids AWS refuses the call.
            return Ok(());
        }
        let call = self
            .ecs()
            .describe_task_sets()
            .cluster(&service.cluster_arn)
            .service(&service.arn)
            .set_task_sets(Some(service.task_sets.iter().map(|set| set.arn.clone()).collect()))
            .include(sdk::TaskSetField::Tags)
            .send();
        let reply = self.read("DescribeTaskSets", call).await?;
        for found in reply.task_sets.unwrap_or_default() {
            let Some(set) = service.task_sets.iter_mut().find(|set| Some(&set.arn) == found.task_set_arn.as_ref())
            else {
                continue;
            };
            set.tags = found.tags.unwrap_or_default().into_iter().filter_map(|tag| tag.key.zip(tag.value)).collect();
        }
        Ok(())
    }

    /// Creates a task set. The input carries its client token, so the SDK may send it again.
    pub(crate) async fn create_task_set(&self, input: CreateTaskSetInput) -> Result<TaskSet> {
        let call = self
            .ecs()
            .create_task_set()
            .set_service(input.service)
            .set_cluster(input.cluster)
            .set_external_id(input.external_id)
            .set_task_definition(input.task_definition)
            .set_network_configuration(input.network_configuration)
            .set_load_balancers(input.load_balancers)
            .set_service_registries(input.service_registries)
            .set_launch_type(input.launch_type)
            .set_capacity_provider_strategy(input.capacity_provider_strategy)
            .set_platform_version(input.platform_version)
            .set_scale(input.scale)
            .set_client_token(input.client_token)
            .set_tags(input.tags)
            .customize()
            .config_override(aws_sdk_ecs::config::Builder::new().retry_classifier(CreateAnswers))
            .send();
        let created = self.mutate("CreateTaskSet", call).await?;
        created
            .task_set
            .as_ref()
            .and_then(task_set_of)
            .ok_or_else(|| Error::unexpected("bad-reply", "CreateTaskSet: the reply has no task set"))
    }

    /// Sets the scale, in percent of the service's desired count.
    pub(crate) async fn scale_task_set(&self, service: &Service, task_set: &str, percent: f64) -> Result<()> {
        let call = self
            .ecs()
            .update_task_set()
            .cluster(&service.cluster_arn)
            .service(&service.arn)
            .task_set(task_set)
            .scale(sdk::Scale::builder().unit(sdk::ScaleUnit::Percent).value(percent).build())
            .send();
        self.mutate("UpdateTaskSet", call).await.map(drop)
    }

    /// Makes a task set PRIMARY. By ARN, always: what AWS does with the short id is not said anywhere.
    pub(crate) async fn set_primary(&self, service: &Service, task_set: &str) -> Result<()> {
        let call = self
            .ecs()
            .update_service_primary_task_set()
            .cluster(&service.cluster_arn)
            .service(&service.arn)
            .primary_task_set(task_set)
            .send();
        self.mutate("UpdateServicePrimaryTaskSet", call).await.map(drop)
    }

    /// Asks for the deletion of a task set; never with `force`. Gone already is success. `AtZeroOnly` where AWS wants it
    /// scaled to zero first: the documentation says so, the field sees running ones deleted.
    pub(crate) async fn delete_task_set(&self, service: &Service, task_set: &str) -> Result<Deletion> {
        let call =
            self.ecs().delete_task_set().cluster(&service.cluster_arn).service(&service.arn).task_set(task_set).send();
        let mut refused_by_parameter = false;
        let reply = self
            .mutate("DeleteTaskSet", async {
                let reply = call.await;
                refused_by_parameter =
                    reply.as_ref().err().and_then(super::failure::aws_code) == Some("InvalidParameterException");
                reply
            })
            .await;
        match reply {
            Ok(_) => Ok(Deletion::Requested),
            Err(error) if error.code == "task-set-not-found" => Ok(Deletion::Gone),
            Err(error) if refused_by_parameter && !error.message.contains("Primary TaskSet cannot be deleted") => {
                Ok(Deletion::AtZeroOnly)
            }
            Err(error) => Err(error),
        }
    }
}

/// What AWS said to a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deletion {
    /// It goes: DRAINING first, then gone.
    Requested,
    /// It does not exist any more.
    Gone,
    /// Only when it runs nothing: scale it to zero, then ask again.
    AtZeroOnly,
}

fn service_of(found: sdk::Service) -> Service {
    let beyond_task_sets = beyond_task_sets(&found);
    Service {
        arn: found.service_arn.unwrap_or_default(),
        name: found.service_name.unwrap_or_default(),
        cluster_arn: found.cluster_arn.unwrap_or_default(),
        status: found.status.unwrap_or_default(),
        // Left out by AWS where the service has the default controller.
        controller: found
            .deployment_controller
            .map_or_else(|| "ECS".to_owned(), |controller| controller.r#type.as_str().to_owned()),
        desired_count: found.desired_count,
        grace_period: found
            .health_check_grace_period_seconds
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map(Duration::from_secs),
        beyond_task_sets,
        task_sets: found.task_sets.unwrap_or_default().iter().filter_map(task_set_of).collect(),
        events: found
            .events
            .unwrap_or_default()
            .into_iter()
            .map(|event| Event {
                id: event.id.unwrap_or_default(),
                at: event.created_at.and_then(|at| SystemTime::try_from(at).ok()),
                message: event.message.unwrap_or_default(),
            })
            .collect(),
        read_at: SystemTime::now(),
    }
}

/// What AWS tells of a service's deployments, and `CreateTaskSet` has no parameter for.
fn beyond_task_sets(found: &sdk::Service) -> Vec<&'static str> {
    let any = |has: fn(&sdk::Deployment) -> bool| found.deployments().iter().any(has);
    let connected = |one: &sdk::Deployment| {
        one.service_connect_configuration().is_some_and(sdk::ServiceConnectConfiguration::enabled)
    };
    [
        (any(connected), "Service Connect"),
        (any(|one| !one.vpc_lattice_configurations().is_empty()), "VPC Lattice target groups"),
        (any(|one| !one.volume_configurations().is_empty()), "volumes that ECS manages"),
    ]
    .into_iter()
    .filter_map(|(has, name)| has.then_some(name))
    .collect()
}

/// `None` without ARN: then it is nothing that could be named in a call.
pub(crate) fn task_set_of(found: &sdk::TaskSet) -> Option<TaskSet> {
    let balancer = found.load_balancers().first();
    Some(TaskSet {
        arn: found.task_set_arn.clone()?,
        id: found.id.clone().unwrap_or_default(),
        external_id: found.external_id.clone().filter(|id| !id.is_empty()),
        status: match found.status.as_deref() {
            Some("PRIMARY") => TaskSetStatus::Primary,
            Some("DRAINING") => TaskSetStatus::Draining,
            // ACTIVE, and whatever AWS adds: it stands until it is known to go.
            Some(_) | None => TaskSetStatus::Active,
        },
        task_definition: found.task_definition.clone().unwrap_or_default(),
        target_group: balancer.and_then(|balancer| balancer.target_group_arn.clone()),
        container_name: balancer.and_then(|balancer| balancer.container_name.clone()),
        container_port: balancer.and_then(|balancer| balancer.container_port),
        scale: found.scale.as_ref().map_or(0.0, |scale| scale.value),
        running: found.running_count,
        pending: found.pending_count,
        steady: found.stability_status == Some(sdk::StabilityStatus::SteadyState),
        created_at: found.created_at.and_then(|at| SystemTime::try_from(at).ok()),
        registries: !found.service_registries().is_empty(),
        tags: Vec::new(),
    })
}
