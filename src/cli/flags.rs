//! The flags, in groups, and which groups each action takes. Every flag's name and its parameter's name are the
//! same thing in two spellings: `--target-groups-blue` is `targetGroups.blue`.

#![allow(
    clippy::doc_markdown,
    clippy::struct_field_names,
    reason = "comments here are the text of --help, and fields are named like their flags"
)]

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::Args;
use serde::{Serialize, Serializer};

/// How to reach AWS, and as whom.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "AWS")]
pub(super) struct Connection {
    /// AWS region, as eu-west-1. Default: AWS_REGION, AWS_DEFAULT_REGION, the profile; never guessed
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// Profile of the AWS configuration files; where it is given, the only source of credentials. Default: AWS_PROFILE
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Role to assume with the credentials found. Default: none
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// External id for assuming the role. Default: none
    #[arg(long, value_name = "ID")]
    role_external_id: Option<String>,
    /// Session name for assuming the role. Default: ecs-bg
    #[arg(long, value_name = "NAME")]
    role_session_name: Option<String>,
    /// Endpoint for all AWS services. Default: AWS_ENDPOINT_URL, else AWS's own
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// The account, 12 digits, that this must run in. Default: any, but that of the ARNs given
    #[arg(long, value_name = "ID")]
    account_id: Option<String>,
    /// Attempts for one AWS call; those that AWS throttles are not counted. Default: 8
    #[arg(long, value_name = "N")]
    max_attempts: Option<String>,
    /// Longest time for one attempt; seconds, or as 10s. Default: 10s
    #[arg(long, value_name = "TIME")]
    attempt_timeout: Option<String>,
    /// Longest time for one AWS call with all its attempts, throttled ones too. Default: 5m
    #[arg(long, value_name = "TIME")]
    operation_timeout: Option<String>,
}

/// The service.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Service")]
pub(super) struct Service {
    /// ECS cluster, name or ARN
    #[arg(long, value_name = "NAME")]
    cluster: Option<String>,
    /// ECS service, name or ARN
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
}

/// Where the traffic goes.
#[derive(Debug, Default, Args, Serialize)]
#[command(next_help_heading = "Traffic")]
pub(super) struct Traffic {
    /// Target group called blue
    #[arg(long, value_name = "ARN")]
    #[serde(rename = "targetGroups.blue")]
    target_groups_blue: Option<String>,
    /// Target group called green
    #[arg(long, value_name = "ARN")]
    #[serde(rename = "targetGroups.green")]
    target_groups_green: Option<String>,
    /// Listener or rule with production traffic; a listener means its default rule. Repeatable, or comma separated
    #[arg(long, value_name = "ARN", value_delimiter = ',')]
    #[serde(rename = "listeners.live")]
    listeners_live: Vec<String>,
    /// Listener or rule for tests. Repeatable, or comma separated. Default: none
    #[arg(long, value_name = "ARN", value_delimiter = ',')]
    #[serde(rename = "listeners.test")]
    listeners_test: Vec<String>,
}

/// Which deployment.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Deployment")]
pub(super) struct Deployment {
    /// The deployment's id, 1 to 255 characters: names the task set that `create-task-set` made
    #[arg(long, value_name = "ID")]
    deployment_id: Option<String>,
    /// The task set, where it is not to be found by the deployment's id
    #[arg(long, value_name = "ARN")]
    task_set_arn: Option<String>,
}

/// A new deployment.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Deployment")]
pub(super) struct NewDeployment {
    /// The deployment's id, 1 to 255 characters; becomes the task set's external id
    #[arg(long, value_name = "ID")]
    deployment_id: Option<String>,
    /// URL of the build, kept as a tag. Default: none
    #[arg(long, value_name = "URL")]
    build: Option<String>,
}

/// The image.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Image")]
pub(super) struct Image {
    /// Image of the new version, with a tag that is not `latest`, or a digest
    #[arg(long, value_name = "IMAGE")]
    image: Option<String>,
    /// Its ECR repository, where `image` is not given
    #[arg(long, value_name = "NAME")]
    repository: Option<String>,
    /// Its tag in `repository`. Default: the git commit of the working directory
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
}

/// The task definition's source and what is different from it.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Task definition")]
pub(super) struct Version {
    /// Template file: what `aws ecs register-task-definition --cli-input-json` takes. Default: PRIMARY's definition
    #[arg(long, value_name = "FILE")]
    task_definition: Option<String>,
    /// An existing revision to deploy again: ARN, or family:revision
    #[arg(long, value_name = "REVISION")]
    task_definition_arn: Option<String>,
    /// Image for one of several containers, as web=IMAGE. Repeatable
    #[arg(long, value_name = "CONTAINER=IMAGE", value_parser = pair)]
    #[serde(serialize_with = "map")]
    images: Vec<(String, String)>,
    /// Family. Default: the template's
    #[arg(long, value_name = "NAME")]
    family: Option<String>,
    /// Environment variable of the container, as NAME=VALUE (other users of the machine can read a command line: for
    /// values that matter, use secrets). Repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    #[serde(serialize_with = "map")]
    environment: Vec<(String, String)>,
    /// Secret of the container, as NAME=ARN of the Secrets Manager secret or SSM parameter. Repeatable
    #[arg(long, value_name = "NAME=ARN", value_parser = pair)]
    #[serde(serialize_with = "map")]
    secrets: Vec<(String, String)>,
    /// Role of the task. Default: the template's
    #[arg(long, value_name = "ARN")]
    task_role_arn: Option<String>,
    /// Role that ECS starts the task with. Default: the template's
    #[arg(long, value_name = "ARN")]
    execution_role_arn: Option<String>,
    /// CloudWatch log group of the awslogs driver. Default: the template's
    #[arg(long, value_name = "NAME")]
    log_group: Option<String>,
    /// Region of the log group. Default: the template's
    #[arg(long, value_name = "REGION")]
    log_region: Option<String>,
    /// CPU units of the task, as 256. Default: the template's
    #[arg(long, value_name = "UNITS")]
    cpu: Option<String>,
    /// Memory of the task in MiB, as 512. Default: the template's
    #[arg(long, value_name = "MIB")]
    memory: Option<String>,
}

/// The container behind the load balancer.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Container")]
pub(super) struct Container {
    /// Container behind the target group. Default: the template's, PRIMARY's, or the only one
    #[arg(long, value_name = "NAME")]
    container_name: Option<String>,
    /// Its port, 1 to 65535. Default: the template's, PRIMARY's, or the only one
    #[arg(long, value_name = "PORT")]
    container_port: Option<String>,
    /// Tag for what is created, as KEY=VALUE. Repeatable
    #[arg(long, value_name = "KEY=VALUE", value_parser = pair)]
    #[serde(serialize_with = "map")]
    tags: Vec<(String, String)>,
}

/// The task set's source and what is different from it.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Task set")]
pub(super) struct TaskSet {
    /// Template file: what `aws ecs create-task-set --cli-input-json` takes. Default: PRIMARY's settings
    #[arg(long, value_name = "FILE")]
    task_set: Option<String>,
    /// Subnets of the tasks. Repeatable, or comma separated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    subnets: Vec<String>,
    /// Security groups of the tasks. Repeatable, or comma separated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    security_groups: Vec<String>,
    /// Whether tasks get a public address: ENABLED or DISABLED
    #[arg(long, value_name = "STATE")]
    assign_public_ip: Option<String>,
    /// EC2, FARGATE, EXTERNAL or MANAGED_INSTANCES; not with --capacity-providers
    #[arg(long, value_name = "TYPE")]
    launch_type: Option<String>,
    /// Capacity providers, each NAME, NAME:WEIGHT or NAME:WEIGHT:BASE. Repeatable, or comma separated
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    capacity_providers: Vec<String>,
    /// Fargate platform version. Default: LATEST
    #[arg(long, value_name = "VERSION")]
    platform_version: Option<String>,
}

/// What counts as healthy.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Waiting")]
pub(super) struct Healthy {
    /// Percent, 1 to 100, of the desired tasks that must be healthy before traffic. Default: 100
    #[arg(long, value_name = "PERCENT")]
    min_healthy: Option<String>,
}

/// Deadline and interval of a wait.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Waiting")]
pub(super) struct Timing {
    /// Longest time to wait; seconds, or as 10m, 1h30m. Default: the larger of 10m and the grace period plus 5m
    #[arg(long, value_name = "TIME")]
    timeout: Option<String>,
    /// Time between two looks; seconds, or as 500ms. Default: 2s
    #[arg(long, value_name = "TIME")]
    poll_interval: Option<String>,
}

/// How long traffic waits for a version that scales.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Waiting")]
pub(super) struct Settle {
    /// Longest time to wait for a version that scales at this moment; seconds, or as 10m; 0: not at all. Default: 5m
    #[arg(long, value_name = "TIME")]
    settle: Option<String>,
    /// Time between two looks; seconds, or as 500ms. Default: 2s
    #[arg(long, value_name = "TIME")]
    poll_interval: Option<String>,
}

/// How often a good reading must repeat.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Waiting")]
pub(super) struct Confirm {
    /// Good readings in a row that count as stable. Default: 3
    #[arg(long, value_name = "N")]
    confirmations: Option<String>,
}

/// Time for the last connections.
#[derive(Debug, Default, Args, Serialize)]
#[serde(rename_all = "camelCase")]
#[command(next_help_heading = "Waiting")]
pub(super) struct Drain {
    /// Time between weight 0 and deletion; seconds, or as 5m. Default: the largest of 30s, the deregistration delay
    /// and the stickiness of the group
    #[arg(long, value_name = "TIME")]
    drain: Option<String>,
}

/// Defines an action's flags as the groups that it takes.
macro_rules! action {
    ($name:ident: $($field:ident $group:ident),+ $(; $(#[$meta:meta])* $extra:ident: $type:ty)*) => {
        #[derive(Debug, Default, Args, Serialize)]
        pub(super) struct $name {
            $(#[command(flatten)] #[serde(flatten)] $field: $group,)+
            $($(#[$meta])* pub(super) $extra: $type,)*
        }
    };
}

action!(Status: deployment Deployment, service Service, traffic Traffic, connection Connection);
action!(Preflight: deployment NewDeployment, service Service, traffic Traffic, image Image, version Version,
    container Container, task_set TaskSet, healthy Healthy, timing Timing, confirm Confirm, drain Drain,
    connection Connection;
    /// Percent, 0 to 100, of the service's desired count. Default: 100
    #[arg(long, value_name = "PERCENT")]
    scale: Option<String>;
    /// Longest time to wait before traffic for a version that scales; seconds, or as 10m; 0: not at all. Default: 5m
    #[arg(long, value_name = "TIME")]
    settle: Option<String>);
action!(EcrLogin: image Image, connection Connection;
    /// Run this, with the image's names in its environment, unless the image is in its repository already
    #[arg(last = true, value_name = "COMMAND")]
    #[serde(skip)]
    command: Vec<OsString>);
action!(RegisterTaskDefinition: deployment NewDeployment, service Service, traffic Traffic, image Image,
    version Version, container Container, connection Connection);
action!(CreateTaskSet: deployment NewDeployment, service Service, traffic Traffic, container Container,
    task_set TaskSet, timing Timing, connection Connection;
    /// The revision to run: ARN, or family:revision
    #[arg(long, value_name = "REVISION")]
    #[serde(rename = "taskDefinitionArn")]
    task_definition_arn: Option<String>;
    /// Percent, 0 to 100, of the service's desired count. Default: 100
    #[arg(long, value_name = "PERCENT")]
    scale: Option<String>);
action!(WaitStable: deployment Deployment, service Service, traffic Traffic, healthy Healthy, timing Timing,
    confirm Confirm, connection Connection);
action!(EnableTestListener: deployment Deployment, service Service, traffic Traffic, healthy Healthy, settle Settle,
    connection Connection);
action!(ShiftWeights: deployment Deployment, service Service, traffic Traffic, healthy Healthy, settle Settle,
    connection Connection;
    /// Weight of the blue target group, 0 to 999
    #[arg(long, value_name = "WEIGHT")]
    #[serde(rename = "weights.blue")]
    weights_blue: Option<String>;
    /// Weight of the green target group, 0 to 999
    #[arg(long, value_name = "WEIGHT")]
    #[serde(rename = "weights.green")]
    weights_green: Option<String>);
action!(SwapLive: deployment Deployment, service Service, traffic Traffic, healthy Healthy, settle Settle,
    connection Connection);
action!(SetPrimary: deployment Deployment, service Service, traffic Traffic, healthy Healthy, connection Connection);
action!(ScaleTaskSet: deployment Deployment, service Service, traffic Traffic, connection Connection;
    /// Percent, 0 to 100, of the service's desired count
    #[arg(long, value_name = "PERCENT")]
    scale: Option<String>);
action!(Rollback: deployment Deployment, service Service, traffic Traffic, healthy Healthy, drain Drain,
    connection Connection);
action!(DeleteTaskSet: deployment Deployment, service Service, traffic Traffic, drain Drain, timing Timing,
    connection Connection;
    /// Since when the task set has had no live weight, RFC 3339 in UTC, as `swap-live` said; counts toward --drain
    #[arg(long, value_name = "TIME")]
    #[serde(rename = "idleSince")]
    idle_since: Option<String>);
action!(DeregisterTaskDefinition: service Service, connection Connection;
    /// The revision: ARN, or family:revision
    #[arg(long, value_name = "REVISION")]
    #[serde(rename = "taskDefinitionArn")]
    task_definition_arn: Option<String>);

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("takes NAME=VALUE".to_owned()),
    }
}

#[allow(clippy::ptr_arg, reason = "serde hands over a reference to the field")]
fn map<S: Serializer>(pairs: &Vec<(String, String)>, serializer: S) -> Result<S::Ok, S::Error> {
    pairs.iter().map(|(name, value)| (name, value)).collect::<BTreeMap<_, _>>().serialize(serializer)
}
