//! ECS: task definitions.

use aws_sdk_ecs::config::retry::RetryConfig;
use aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionInput;
use aws_sdk_ecs::types as sdk;
use serde_json::{Map, Value};

use super::Aws;
use super::failure::aws_code;
use crate::error::{Error, Kind, Result};
use crate::model::Service;
use crate::model::tags;
use crate::version::template;

/// A revision that exists.
#[derive(Debug, Clone)]
pub(crate) struct Described {
    pub(crate) arn: String,
    pub(crate) family: String,
    pub(crate) revision: i32,
    /// An INACTIVE one cannot start a new task set.
    pub(crate) active: bool,
    /// In the API's own shape.
    pub(crate) content: Map<String, Value>,
    pub(crate) tags: Vec<(String, String)>,
}

impl Described {
    /// The hash it was registered with; none where this tool did not register it.
    pub(crate) fn fingerprint(&self) -> Option<&str> {
        self.tags.iter().find(|(key, _)| key == tags::FINGERPRINT).map(|(_, value)| value.as_str())
    }

    /// By container.
    pub(crate) fn images(&self) -> std::collections::BTreeMap<String, String> {
        let text = |container: &Value, key: &str| container[key].as_str().unwrap_or_default().to_owned();
        let containers = self.content.get("containerDefinitions").and_then(Value::as_array);
        containers.into_iter().flatten().map(|container| (text(container, "name"), text(container, "image"))).collect()
    }
}

impl Aws {
    /// A revision with its tags, by ARN or `family:revision`; by family alone the newest ACTIVE one. `None`: there is none.
    pub(crate) async fn task_definition(&self, name: &str) -> Result<Option<Described>> {
        let call =
            self.ecs().describe_task_definition().task_definition(name).include(sdk::TaskDefinitionField::Tags).send();
        let mut unknown = false;
        let reply = self
            .read("DescribeTaskDefinition", async {
                let reply = call.await;
                // AWS has no code of its own for it; the name is all that this call could get wrong.
                unknown = reply.as_ref().err().and_then(aws_code) == Some("ClientException");
                reply
            })
            .await;
        match reply {
            Ok(reply) => described("DescribeTaskDefinition", reply.task_definition, reply.tags).map(Some),
            Err(_) if unknown => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// As [`Aws::task_definition`]; that it does not exist is an error.
    pub(crate) async fn required_task_definition(&self, name: &str) -> Result<Described> {
        self.task_definition(name).await?.ok_or_else(|| {
            Error::not_found("task-definition-not-found", format!("the task definition {name} does not exist"))
                .hint("check its name, `region` and the account")
        })
    }

    /// Registers a revision: sent once. Nothing makes this call safe to repeat, so whether to send it again is the
    /// caller's decision, who looks first.
    pub(crate) async fn register_task_definition(&self, input: RegisterTaskDefinitionInput) -> Result<Described> {
        let registered_tags = input.tags.clone();
        #[allow(deprecated, reason = "AWS still takes inference accelerators, so a template may have them")]
        let call = self
            .ecs()
            .register_task_definition()
            .set_family(input.family)
            .set_task_role_arn(input.task_role_arn)
            .set_execution_role_arn(input.execution_role_arn)
            .set_network_mode(input.network_mode)
            .set_container_definitions(input.container_definitions)
            .set_volumes(input.volumes)
            .set_placement_constraints(input.placement_constraints)
            .set_requires_compatibilities(input.requires_compatibilities)
            .set_cpu(input.cpu)
            .set_memory(input.memory)
            .set_tags(input.tags)
            .set_pid_mode(input.pid_mode)
            .set_ipc_mode(input.ipc_mode)
            .set_proxy_configuration(input.proxy_configuration)
            .set_inference_accelerators(input.inference_accelerators)
            .set_ephemeral_storage(input.ephemeral_storage)
            .set_runtime_platform(input.runtime_platform)
            .set_enable_fault_injection(input.enable_fault_injection)
            .customize()
            .config_override(aws_sdk_ecs::config::Builder::new().retry_config(RetryConfig::disabled()))
            .send();
        let reply = self.mutate("RegisterTaskDefinition", call).await?;
        described("RegisterTaskDefinition", reply.task_definition, reply.tags.or(registered_tags))
    }

    /// Makes a revision INACTIVE. Doing it twice is the same as once.
    pub(crate) async fn deregister_task_definition(&self, arn: &str) -> Result<()> {
        let call = self.ecs().deregister_task_definition().task_definition(arn).send();
        self.mutate("DeregisterTaskDefinition", call).await.map(drop)
    }

    /// The running tasks of a family in the service's cluster, whoever started them.
    pub(crate) async fn tasks_of_family(&self, service: &Service, family: &str) -> Result<Vec<RunningTask>> {
        let mut arns = Vec::new();
        let mut pages = self.ecs().list_tasks().cluster(&service.cluster_arn).family(family).into_paginator().send();
        while let Some(page) = self.read("ListTasks", async { pages.next().await.transpose() }).await? {
            arns.extend(page.task_arns.unwrap_or_default());
        }
        let running = |task: sdk::Task| RunningTask {
            arn: task.task_arn.unwrap_or_default(),
            task_definition: task.task_definition_arn.unwrap_or_default(),
        };
        Ok(self.describe_tasks(service, &arns).await?.into_iter().map(running).collect())
    }
}

/// A running task and what it runs.
#[derive(Debug, Clone)]
pub(crate) struct RunningTask {
    pub(crate) arn: String,
    pub(crate) task_definition: String,
}

/// A reply without a task definition is not AWS's, or was cut off: it says nothing, least of all that there is none.
fn described(operation: &str, found: Option<sdk::TaskDefinition>, tags: Option<Vec<sdk::Tag>>) -> Result<Described> {
    let bad = || {
        Error::new(Kind::Unavailable, "bad-reply", format!("{operation}: the reply has no task definition"))
            .hint("check `endpointUrl` and HTTPS_PROXY; then run the same action again")
    };
    let found = found.ok_or_else(bad)?;
    let content = template::to_json(&found)?;
    let tags = tags.unwrap_or_default().into_iter();
    Ok(Described {
        arn: found.task_definition_arn.ok_or_else(bad)?,
        family: found.family.unwrap_or_default(),
        revision: found.revision,
        active: found.status == Some(sdk::TaskDefinitionStatus::Active),
        content,
        tags: tags.map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default())).collect(),
    })
}
