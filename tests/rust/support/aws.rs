//! What somebody else does in the same account, with the SDK: by hand, by Terraform, by another build.

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_sdk_ecs::types::{AwsVpcConfiguration, LaunchType, LoadBalancer, NetworkConfiguration, Scale, ScaleUnit};
use aws_sdk_elasticloadbalancingv2::types::{Action, ActionTypeEnum, ForwardActionConfig, TargetGroupTuple};

use super::world::World;

impl World {
    fn somebody_else<T>(&self, work: impl AsyncFnOnce(SdkConfig) -> T) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let text = |key: &str| self.account[key].as_str().unwrap();
            let config = aws_config::defaults(BehaviorVersion::latest())
                .http_client(aws_smithy_http_client::Builder::new().build_http())
                .region(Region::new(self.text("region")))
                .endpoint_url(self.url())
                .credentials_provider(Credentials::new(
                    text("accessKeyId"),
                    text("secretAccessKey"),
                    Some(text("sessionToken").to_owned()),
                    None,
                    "test",
                ))
                .load()
                .await;
            work(config).await
        })
    }

    /// Works on ECS as somebody else.
    pub(crate) fn ecs<T>(&self, work: impl AsyncFnOnce(aws_sdk_ecs::Client) -> T) -> T {
        self.somebody_else(async |config| work(aws_sdk_ecs::Client::new(&config)).await)
    }

    /// Works on the load balancer as somebody else.
    pub(crate) fn elb<T>(&self, work: impl AsyncFnOnce(aws_sdk_elasticloadbalancingv2::Client) -> T) -> T {
        self.somebody_else(async |config| work(aws_sdk_elasticloadbalancingv2::Client::new(&config)).await)
    }

    /// Sets a listener's weights by hand.
    pub(crate) fn set_weights(&self, listener: &str, blue: i32, green: i32) {
        let (blue, green) = ((self.text("targetGroups/blue"), blue), (self.text("targetGroups/green"), green));
        self.forward(listener, &[blue, green]);
    }

    /// Sets the whole forward of a listener or rule by hand.
    pub(crate) fn forward(&self, arn: &str, groups: &[(String, i32)]) {
        let tuple = |(group, weight): &(String, i32)| {
            TargetGroupTuple::builder().target_group_arn(group).weight(*weight).build()
        };
        let forward =
            ForwardActionConfig::builder().set_target_groups(Some(groups.iter().map(tuple).collect())).build();
        let action = Action::builder().r#type(ActionTypeEnum::Forward).forward_config(forward).build();
        self.elb(async |elb| {
            if arn.contains(":listener-rule/") {
                elb.modify_rule().rule_arn(arn).actions(action).send().await.map(drop).unwrap();
            } else {
                elb.modify_listener().listener_arn(arn).default_actions(action).send().await.map(drop).unwrap();
            }
        });
    }

    /// Creates a task set in a group, as another tool or a build that knows nothing of this one would; its ARN.
    pub(crate) fn stray_task_set(&self, deployment: Option<&str>, group: &str) -> String {
        self.ecs(async |ecs| {
            let balancer = LoadBalancer::builder()
                .target_group_arn(group)
                .container_name(self.text("containerName"))
                .container_port(8080)
                .build();
            let network = AwsVpcConfiguration::builder()
                .set_subnets(Some(self.list("subnets")))
                .set_security_groups(Some(self.list("securityGroups")))
                .build()
                .unwrap();
            let created = ecs
                .create_task_set()
                .cluster(self.text("cluster"))
                .service(self.text("service"))
                .task_definition(self.text("taskDefinitionArn"))
                .set_external_id(deployment.map(str::to_owned))
                .launch_type(if self.awsvpc { LaunchType::Fargate } else { LaunchType::Ec2 })
                .set_network_configuration(
                    self.awsvpc.then(|| NetworkConfiguration::builder().awsvpc_configuration(network).build()),
                )
                .load_balancers(balancer)
                .scale(Scale::builder().value(100.0).unit(ScaleUnit::Percent).build())
                .send()
                .await
                .unwrap();
            created.task_set.unwrap().task_set_arn.unwrap()
        })
    }

    /// Deletes a task set by hand.
    pub(crate) fn delete_task_set(&self, task_set: &str) {
        self.ecs(async |ecs| {
            ecs.delete_task_set()
                .cluster(self.text("cluster"))
                .service(self.text("service"))
                .task_set(task_set)
                .send()
                .await
                .map(drop)
                .unwrap();
        });
    }

    /// Sets the service's desired count, as auto scaling does.
    pub(crate) fn set_desired_count(&self, count: i32) {
        self.ecs(async |ecs| {
            ecs.update_service()
                .cluster(self.text("cluster"))
                .service(self.text("service"))
                .desired_count(count)
                .send()
                .await
                .map(drop)
                .unwrap();
        });
    }
}
