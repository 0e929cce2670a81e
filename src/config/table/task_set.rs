//! The new version's task set.

use crate::rules::{MAX_SECURITY_GROUPS, MAX_SUBNETS};

use super::{Given, Group, Kind, Section, parameter};

/// Where a task set's network and launch type come from otherwise.
const INHERITED: &str = "the template's, PRIMARY's";

pub(crate) const TASK_SET: Group = Group {
    section: Section::TaskSet,
    given: Given::Flag,
    parameters: &[
        parameter(
            "taskSet",
            Kind::Path,
            "Template file: what `aws ecs create-task-set --cli-input-json` takes of a set",
        )
        .otherwise("like PRIMARY"),
        parameter("subnets", Kind::Ids("subnet-", MAX_SUBNETS), "Subnets of the tasks").otherwise(INHERITED),
        parameter("securityGroups", Kind::Ids("sg-", MAX_SECURITY_GROUPS), "Security groups of the tasks")
            .otherwise(INHERITED),
        parameter("assignPublicIp", Kind::Enabled, "Whether tasks get a public address").otherwise(INHERITED),
        parameter(
            "launchType",
            Kind::OneOf(&["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"]),
            "Launch type; not with `capacityProviders`",
        )
        .unit("TYPE")
        .otherwise(INHERITED),
        parameter("capacityProviders", Kind::Providers, "Capacity providers; not with `launchType`")
            .otherwise(INHERITED),
        parameter("platformVersion", Kind::Text, "Fargate platform version").unit("VERSION").otherwise("LATEST"),
    ],
};

pub(crate) const SCALE: Group = Group {
    section: Section::TaskSet,
    given: Given::Flag,
    parameters: &[parameter("scale", Kind::Percent, "Percent of the service's desired count").otherwise("100")],
};
