//! The new version: its image, its task definition.

use crate::rules::Format;

use super::{Given, Group, Kind, Section, parameter};

pub(crate) const IMAGE: Group = Group {
    section: Section::Image,
    given: Given::Flag,
    parameters: &[parameter(
        "image",
        Kind::Image,
        "Image of the container that serves, with a digest or a tag that is not `latest`",
    )
    .otherwise("the template's; for building `repository`")],
};

pub(crate) const REPOSITORY: Group = Group {
    section: Section::Image,
    given: Given::Flag,
    parameters: &[
        parameter(
            "repository",
            Kind::Repository,
            "ECR repository in the caller's account and region, where `image` is not given",
        ),
        parameter("tag", Kind::ImageTag, "Tag of the image in it").otherwise("the git commit, else GIT_COMMIT"),
    ],
};

pub(crate) const REVISION: Group = Group {
    section: Section::TaskDefinition,
    given: Given::Flag,
    parameters: &[parameter("taskDefinitionArn", Kind::TaskDefinition, "An existing revision of the task definition")],
};

pub(crate) const TEMPLATE: Group = Group {
    section: Section::TaskDefinition,
    given: Given::Flag,
    parameters: &[
        parameter(
            "taskDefinition",
            Kind::Path,
            "Template file: what `aws ecs register-task-definition --cli-input-json` takes",
        )
        .otherwise("PRIMARY's task definition"),
        parameter("images", Kind::Images, "Images, for several containers").otherwise("the template's"),
        parameter("family", Kind::Format(Format::Name), "Family of the task definition")
            .unit("NAME")
            .otherwise("the template's"),
        parameter(
            "environment",
            Kind::Variables,
            "Variables of the container that serves, or by container, added to the template's; others can read a command line",
        ),
        parameter("secrets", Kind::Variables, "The same for secrets: ARNs of Secrets Manager or SSM").unit("NAME=ARN"),
        parameter("taskRoleArn", Kind::Role, "Role of the task").otherwise("the template's"),
        parameter("executionRoleArn", Kind::Role, "Role that ECS starts the task with").otherwise("the template's"),
        parameter("logGroup", Kind::Format(Format::LogGroup), "CloudWatch log group of the `awslogs` containers")
            .unit("NAME")
            .otherwise("the template's"),
        parameter("logRegion", Kind::Region, "Region of that log group").otherwise("the template's"),
        parameter("cpu", Kind::Cpu, "CPU of the task, as 256").otherwise("the template's"),
        parameter("memory", Kind::Memory, "Memory of the task, as 512").otherwise("the template's"),
    ],
};

pub(crate) const CONTAINER: Group = Group {
    section: Section::TaskSet,
    given: Given::Flag,
    parameters: &[
        parameter("containerName", Kind::Format(Format::Name), "Container that the load balancer sends to")
            .unit("NAME")
            .otherwise("the template's, PRIMARY's, the only one"),
        parameter("containerPort", Kind::Integer(1, 65535), "Its port")
            .unit("PORT")
            .otherwise("the template's, PRIMARY's, the only one"),
        parameter("tags", Kind::Tags, "Tags of what is created, added to the template's"),
    ],
};
