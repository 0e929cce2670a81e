//! ECS: the tasks of a service, and which targets of a load balancer they are.

use std::net::IpAddr;
use std::time::SystemTime;

use aws_sdk_ecs::types as sdk;

use super::Aws;
use crate::error::Result;
use crate::model::{Service, Target, TaskSet};
use crate::system::concurrent::all;

/// `DescribeTasks` takes at most this many, and so does `DescribeContainerInstances`.
const TASKS_PER_CALL: usize = 100;

/// So many calls for a thousand tasks go out at once: ECS lets a hundred through, then 20 a second.
const CALLS_AT_ONCE: usize = 10;

/// A task of the service.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) arn: String,
    /// The task set's id.
    pub(crate) started_by: String,
    /// Of its network interface (awsvpc), IPv4 and IPv6.
    pub(crate) addresses: Vec<IpAddr>,
    /// The container instance it runs on, where it has no network interface of its own.
    container_instance: Option<String>,
    /// That one's EC2 instance, and the ports of it that lead to this task.
    pub(crate) instance: Option<String>,
    pub(crate) host_ports: Vec<i32>,
    pub(crate) stopped_at: Option<SystemTime>,
    pub(crate) stop_code: Option<String>,
    pub(crate) stopped_reason: Option<String>,
    pub(crate) containers: Vec<ContainerEnd>,
}

impl Task {
    /// Whether a target is this task: by the address of its network interface, or by its instance and host port.
    pub(crate) fn is_behind(&self, target: &Target) -> bool {
        // As addresses, as IPv6 has many spellings of one.
        target.id.parse().is_ok_and(|address| self.addresses.contains(&address))
            || (self.instance.as_deref() == Some(&*target.id)
                && target.port.is_none_or(|port| self.host_ports.contains(&port)))
    }
}

/// The targets that are a set's own, by its tasks.
pub(crate) fn behind<'a>(set: &TaskSet, tasks: &[Task], targets: &'a [Target]) -> impl Iterator<Item = &'a Target> {
    let ours: Vec<&Task> = tasks.iter().filter(|task| task.started_by == set.id).collect();
    targets.iter().filter(move |target| ours.iter().any(|task| task.is_behind(target)))
}

/// How a container of a task is, or ended.
#[derive(Debug, Clone)]
pub(crate) struct ContainerEnd {
    pub(crate) name: String,
    pub(crate) exit_code: Option<i32>,
    pub(crate) reason: Option<String>,
}

impl Aws {
    /// The tasks of the service, running or stopped. Stopped ones stay visible for about an hour.
    pub(crate) async fn tasks(&self, service: &Service, status: sdk::DesiredStatus) -> Result<Vec<Task>> {
        let mut arns = Vec::new();
        let mut pages = self
            .ecs()
            .list_tasks()
            .cluster(&service.cluster_arn)
            .service_name(&service.name)
            .desired_status(status.clone())
            .into_paginator()
            .send();
        while let Some(page) = self.read("ListTasks", async { pages.next().await.transpose() }).await? {
            arns.extend(page.task_arns.unwrap_or_default());
        }
        let mut tasks: Vec<Task> = self.describe_tasks(service, &arns).await?.into_iter().map(task_of).collect();
        if status == sdk::DesiredStatus::Running {
            self.locate(service, &mut tasks).await?;
        }
        Ok(tasks)
    }

    /// Tasks by their ARNs.
    pub(super) async fn describe_tasks(&self, service: &Service, arns: &[String]) -> Result<Vec<sdk::Task>> {
        let mut tasks = Vec::with_capacity(arns.len());
        let hundreds: Vec<&[String]> = arns.chunks(TASKS_PER_CALL).collect();
        for some in hundreds.chunks(CALLS_AT_ONCE) {
            let replies = all(some.iter().map(|arns| {
                let call = self.ecs().describe_tasks().cluster(&service.cluster_arn).set_tasks(Some(arns.to_vec()));
                self.read("DescribeTasks", call.send())
            }));
            for reply in replies.await {
                tasks.extend(reply?.tasks.unwrap_or_default());
            }
        }
        Ok(tasks)
    }

    /// Finds the EC2 instances of tasks that have no network interface of their own.
    async fn locate(&self, service: &Service, tasks: &mut [Task]) -> Result<()> {
        let mut hosts: Vec<String> = tasks
            .iter()
            .filter(|task| task.addresses.is_empty())
            .filter_map(|task| task.container_instance.clone())
            .collect();
        hosts.sort();
        hosts.dedup();
        for some in hosts.chunks(TASKS_PER_CALL) {
            let call = self.ecs().describe_container_instances().cluster(&service.cluster_arn);
            let call = call.set_container_instances(Some(some.to_vec())).send();
            let reply = self.read("DescribeContainerInstances", call).await?;
            for host in reply.container_instances.unwrap_or_default() {
                let on_it = |task: &&mut Task| {
                    task.addresses.is_empty() && task.container_instance == host.container_instance_arn
                };
                tasks.iter_mut().filter(on_it).for_each(|task| task.instance.clone_from(&host.ec2_instance_id));
            }
        }
        Ok(())
    }
}

/// A task in an IPv6-only subnet has no IPv4 address. The containers' interfaces name both; of the attachment's details the
/// API's model lists only `privateIPv4Address`, so whatever of them is an address counts.
fn addresses_of(task: &sdk::Task) -> Vec<IpAddr> {
    let attached = task
        .attachments()
        .iter()
        .filter(|attachment| attachment.r#type() == Some("ElasticNetworkInterface"))
        .flat_map(sdk::Attachment::details)
        .filter_map(sdk::KeyValuePair::value);
    let interfaces = task.containers().iter().flat_map(sdk::Container::network_interfaces);
    let of_containers = interfaces.flat_map(|one| one.private_ipv4_address().into_iter().chain(one.ipv6_address()));
    let mut addresses: Vec<IpAddr> = attached.chain(of_containers).filter_map(|text| text.parse().ok()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn task_of(found: sdk::Task) -> Task {
    let bindings = found.containers().iter().flat_map(sdk::Container::network_bindings);
    Task {
        addresses: addresses_of(&found),
        host_ports: bindings.filter_map(sdk::NetworkBinding::host_port).collect(),
        container_instance: found.container_instance_arn.clone(),
        instance: None,
        arn: found.task_arn.unwrap_or_default(),
        started_by: found.started_by.unwrap_or_default(),
        stopped_at: found.stopped_at.and_then(|at| SystemTime::try_from(at).ok()),
        stop_code: found.stop_code.map(|code| code.as_str().to_owned()),
        stopped_reason: found.stopped_reason,
        containers: found
            .containers
            .unwrap_or_default()
            .into_iter()
            .map(|container| ContainerEnd {
                name: container.name.unwrap_or_default(),
                exit_code: container.exit_code,
                reason: container.reason,
            })
            .collect(),
    }
}
