//! Which service, where its traffic goes, and which deployment.

use super::{Given, Group, Kind, Section, parameter};

pub(crate) const SERVICE: Group = Group {
    section: Section::Service,
    given: Given::Flag,
    parameters: &[
        parameter("cluster", Kind::Cluster, "ECS cluster; a service's ARN names it too").required(),
        parameter("service", Kind::Service, "ECS service").required(),
    ],
};

pub(crate) const TRAFFIC: Group = Group {
    section: Section::Traffic,
    given: Given::Flag,
    parameters: &[
        parameter("targetGroups", Kind::Group, "The two target groups"),
        parameter(
            "targetGroups.blue",
            Kind::TargetGroup,
            "Target group called blue; `status` and `rollback` need none",
        )
        .required(),
        parameter("targetGroups.green", Kind::TargetGroup, "Target group called green; the same").required(),
        parameter("listeners", Kind::Group, "The listeners or rules"),
        parameter(
            "listeners.live",
            Kind::Listeners,
            "Listeners or rules of live traffic; a listener means its default rule",
        )
        .required(),
        parameter("listeners.test", Kind::Listeners, "Listeners or rules of test traffic"),
    ],
};

pub(crate) const WEIGHTS: Group = Group {
    section: Section::Traffic,
    given: Given::Flag,
    parameters: &[
        parameter("weights", Kind::Group, "The weights of the two target groups, relative; not both 0; or `weight`"),
        parameter("weights.blue", Kind::Integer(0, 999), "Weight of the blue target group").unit("WEIGHT"),
        parameter("weights.green", Kind::Integer(0, 999), "Weight of the green target group; not both are 0")
            .unit("WEIGHT"),
    ],
};

pub(crate) const DEPLOYMENT: Group = Group {
    section: Section::Deployment,
    given: Given::Flag,
    parameters: &[parameter(
        "deploymentId",
        Kind::DeploymentId,
        "Id of the deployment, by which later actions name its version",
    )
    .otherwise("in Jenkins BUILD_TAG")],
};

pub(crate) const BUILD: Group = Group {
    section: Section::Deployment,
    given: Given::Flag,
    parameters: &[parameter("build", Kind::Text, "URL of the build, kept in the tag `ecs-bg:build`")
        .unit("URL")
        .otherwise("in Jenkins BUILD_URL")],
};

pub(crate) const TASK_SET_ARN: Group = Group {
    section: Section::Deployment,
    given: Given::Flag,
    parameters: &[parameter("taskSetArn", Kind::TaskSet, "The task set, where no deployment's id names it")],
};
