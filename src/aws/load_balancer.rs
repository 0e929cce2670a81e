//! Target groups, their targets, and the load balancer they hang on.

use std::time::Duration;

use aws_sdk_elasticloadbalancingv2::types as sdk;

use super::forwards::weights_of;
use super::{ARNS_PER_CALL, Aws};
use crate::error::{Error, Result};
use crate::model::load_balancer::{Listener, LoadBalancer, Rule, TargetGroup, listener_of_rule};
use crate::model::{Target, TargetState};
use crate::system::concurrent::all;

/// The largest page there is.
const PAGE: i32 = 400;

/// So many listeners are asked for their rules at once: ELB lets 40 calls through, then 10 a second.
const LISTENERS_AT_ONCE: usize = 10;

impl Aws {
    /// Every target registered in a group. Not paged.
    pub(crate) async fn targets(&self, target_group: &str) -> Result<Vec<Target>> {
        let call = self
            .elb()
            .describe_target_health()
            .target_group_arn(target_group)
            .include(sdk::DescribeTargetHealthInputIncludeEnum::Anomaly)
            .send();
        let reply = self.read("DescribeTargetHealth", call).await?;
        Ok(reply.target_health_descriptions.unwrap_or_default().into_iter().map(target_of).collect())
    }

    /// The target groups of these ARNs, in that order.
    pub(crate) async fn target_groups(&self, arns: &[String]) -> Result<Vec<TargetGroup>> {
        let mut found = Vec::new();
        for some in arns.chunks(ARNS_PER_CALL) {
            let call = self.elb().describe_target_groups().set_target_group_arns(Some(some.to_vec()));
            let mut pages = call.into_paginator().send();
            while let Some(page) = self.read("DescribeTargetGroups", async { pages.next().await.transpose() }).await? {
                found.extend(page.target_groups.unwrap_or_default().into_iter().map(group_of));
            }
        }
        arns.iter()
            .map(|arn| {
                found.iter().find(|group| group.arn == *arn).cloned().ok_or_else(|| {
                    Error::not_found("target-group-not-found", format!("the target group {arn} does not exist"))
                })
            })
            .collect()
    }

    /// How long a target that leaves the group may finish its requests: 300 s unless set otherwise.
    pub(crate) async fn deregistration_delay(&self, target_group: &str) -> Result<Duration> {
        Ok(self
            .target_group_attributes(target_group)
            .await?
            .into_iter()
            .find(|(key, _)| key == "deregistration_delay.timeout_seconds")
            .and_then(|(_, value)| value.parse().ok())
            .map_or(Duration::from_mins(5), Duration::from_secs))
    }

    /// All attributes of a target group.
    pub(crate) async fn target_group_attributes(&self, target_group: &str) -> Result<Vec<(String, String)>> {
        let call = self.elb().describe_target_group_attributes().target_group_arn(target_group).send();
        let reply = self.read("DescribeTargetGroupAttributes", call).await?;
        Ok(reply
            .attributes
            .unwrap_or_default()
            .into_iter()
            .filter_map(|attribute| attribute.key.zip(attribute.value))
            .collect())
    }

    /// A load balancer.
    pub(crate) async fn load_balancer(&self, arn: &str) -> Result<LoadBalancer> {
        let call = self.elb().describe_load_balancers().load_balancer_arns(arn).send();
        let reply = self.read("DescribeLoadBalancers", call).await?;
        let found = reply.load_balancers.unwrap_or_default().into_iter().next().ok_or_else(|| {
            Error::not_found("load-balancer-not-found", format!("the load balancer {arn} does not exist"))
        })?;
        Ok(LoadBalancer {
            arn: found.load_balancer_arn.unwrap_or_default(),
            dns_name: found.dns_name.unwrap_or_default(),
            kind: found.r#type.map(|kind| kind.as_str().to_owned()).unwrap_or_default(),
            vpc: found.vpc_id,
        })
    }

    /// All listeners of a load balancer.
    pub(crate) async fn listeners_of(&self, load_balancer: &str) -> Result<Vec<Listener>> {
        let call = self.elb().describe_listeners().load_balancer_arn(load_balancer).page_size(PAGE);
        let mut pages = call.into_paginator().send();
        let mut listeners = Vec::new();
        while let Some(page) = self.read("DescribeListeners", async { pages.next().await.transpose() }).await? {
            listeners.extend(page.listeners.unwrap_or_default().into_iter().map(listener_of));
        }
        Ok(listeners)
    }

    /// One listener.
    pub(crate) async fn listener(&self, arn: &str) -> Result<Listener> {
        let call = self.elb().describe_listeners().listener_arns(arn).send();
        let reply = self.read("DescribeListeners", call).await?;
        reply
            .listeners
            .unwrap_or_default()
            .into_iter()
            .next()
            .map(listener_of)
            .ok_or_else(|| Error::not_found("listener-not-found", format!("the listener {arn} does not exist")))
    }

    /// All rules of a listener, the default one too.
    pub(crate) async fn rules_of(&self, listener: &str) -> Result<Vec<Rule>> {
        let mut pages = self.elb().describe_rules().listener_arn(listener).page_size(PAGE).into_paginator().send();
        let mut rules = Vec::new();
        while let Some(page) = self.read("DescribeRules", async { pages.next().await.transpose() }).await? {
            rules.extend(page.rules.unwrap_or_default().into_iter().map(|rule| rule_of(listener, rule)));
        }
        Ok(rules)
    }

    /// One rule, by its ARN.
    pub(crate) async fn rule(&self, arn: &str) -> Result<Rule> {
        let reply = self.read("DescribeRules", self.elb().describe_rules().rule_arns(arn).send()).await?;
        let found = reply
            .rules
            .unwrap_or_default()
            .into_iter()
            .next()
            .ok_or_else(|| Error::not_found("rule-not-found", format!("the rule {arn} does not exist")))?;
        Ok(rule_of(&listener_of_rule(arn), found))
    }

    /// Every rule on a load balancer; a default rule stands for its listener. AWS tells them of one listener at a time.
    pub(crate) async fn all_rules(&self, load_balancer: &str) -> Result<Vec<Rule>> {
        let mut rules = Vec::new();
        for some in self.listeners_of(load_balancer).await?.chunks(LISTENERS_AT_ONCE) {
            for read in all(some.iter().map(|listener| self.rules_of(&listener.arn))).await {
                rules.extend(read?);
            }
        }
        Ok(rules)
    }
}

fn target_of(found: sdk::TargetHealthDescription) -> Target {
    let target = found.target;
    let health = found.target_health;
    Target {
        id: target.as_ref().and_then(|target| target.id.clone()).unwrap_or_default(),
        port: target.and_then(|target| target.port),
        state: health.as_ref().and_then(|health| health.state.as_ref()).map_or(TargetState::Unavailable, state_of),
        reason: health.as_ref().and_then(|health| health.reason.as_ref()).map(|reason| reason.as_str().to_owned()),
        description: health.and_then(|health| health.description),
        out_of_service: found
            .administrative_override
            .and_then(|shift| shift.state)
            .is_some_and(|state| state.as_str().starts_with("zonal_shift")),
        anomalous: found.anomaly_detection.and_then(|found| found.result) == Some(sdk::AnomalyResultEnum::Anomalous),
    }
}

#[allow(clippy::wildcard_enum_match_arm, reason = "AWS's enum grows; a state that is not known is not healthy")]
fn state_of(state: &sdk::TargetHealthStateEnum) -> TargetState {
    match state {
        sdk::TargetHealthStateEnum::Healthy => TargetState::Healthy,
        sdk::TargetHealthStateEnum::Initial => TargetState::Initial,
        sdk::TargetHealthStateEnum::Unhealthy => TargetState::Unhealthy,
        sdk::TargetHealthStateEnum::Draining | sdk::TargetHealthStateEnum::UnhealthyDraining => TargetState::Draining,
        sdk::TargetHealthStateEnum::Unused => TargetState::Unused,
        _ => TargetState::Unavailable,
    }
}

fn group_of(found: sdk::TargetGroup) -> TargetGroup {
    TargetGroup {
        arn: found.target_group_arn.unwrap_or_default(),
        name: found.target_group_name.unwrap_or_default(),
        vpc: found.vpc_id,
        protocol: found.protocol.map(|protocol| protocol.as_str().to_owned()),
        protocol_version: found.protocol_version,
        target_type: found.target_type.map(|kind| kind.as_str().to_owned()),
        load_balancers: found.load_balancer_arns.unwrap_or_default(),
    }
}

fn listener_of(found: sdk::Listener) -> Listener {
    Listener {
        arn: found.listener_arn.unwrap_or_default(),
        load_balancer: found.load_balancer_arn.unwrap_or_default(),
        port: found.port,
        protocol: found.protocol.map(|protocol| protocol.as_str().to_owned()),
    }
}

fn rule_of(listener: &str, found: sdk::Rule) -> Rule {
    let values = |field: &str| {
        found
            .conditions()
            .iter()
            .filter(|condition| condition.field() == Some(field))
            .flat_map(|condition| {
                let typed = match field {
                    "host-header" => condition.host_header_config().map(sdk::HostHeaderConditionConfig::values),
                    _ => condition.path_pattern_config().map(sdk::PathPatternConditionConfig::values),
                };
                typed.unwrap_or_else(|| condition.values())
            })
            .find(|value| !value.contains(['*', '?']))
            .cloned()
    };
    Rule {
        listener: listener.to_owned(),
        is_default: found.is_default == Some(true),
        weights: found
            .actions()
            .iter()
            .find(|action| action.r#type() == Some(&sdk::ActionTypeEnum::Forward))
            .map(weights_of)
            .unwrap_or_default(),
        host: values("host-header"),
        path: values("path-pattern"),
        arn: found.rule_arn.unwrap_or_default(),
    }
}
