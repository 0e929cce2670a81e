//! Brings worlds into a state quickly: thousands of them are made, so these calls need neither the SDK nor signatures,
//! which the stateful stand-in does not check.

use std::sync::OnceLock;
use std::time::Duration;

use crate::support::{Value, World, json};

/// Long enough for everything that is under way in the stand-in.
const SETTLED: u64 = 60;

fn agent() -> &'static ureq::Agent {
    static AGENT: OnceLock<ureq::Agent> = OnceLock::new();
    AGENT.get_or_init(|| {
        ureq::Agent::config_builder()
            .timeout_global(Some(Duration::from_mins(1)))
            .max_idle_connections(0)
            .build()
            .new_agent()
    })
}

fn credential(world: &World, service: &str) -> String {
    let key = world.account["accessKeyId"].as_str().unwrap();
    format!("AWS4-HMAC-SHA256 Credential={key}/20250101/{}/{service}/aws4_request", world.text("region"))
}

/// A call of ECS.
pub(crate) fn ecs(world: &World, operation: &str, body: &Value) -> Value {
    let reply = agent()
        .post(format!("{}/", world.url()))
        .header("Authorization", credential(world, "ecs"))
        .header("X-Amz-Target", format!("AmazonEC2ContainerServiceV20141113.{operation}"))
        .header("Content-Type", "application/x-amz-json-1.1")
        .send(body.to_string());
    let mut reply = reply.unwrap_or_else(|error| panic!("{operation}: {error}"));
    reply.body_mut().read_json().unwrap()
}

/// Sets the weights of blue and green in a listener's or rule's forward.
pub(crate) fn weigh(world: &World, arn: &str, blue: u32, green: u32) {
    let (operation, name, actions) = if arn.contains(":listener-rule/") {
        ("ModifyRule", "RuleArn", "Actions")
    } else {
        ("ModifyListener", "ListenerArn", "DefaultActions")
    };
    let group = |at: u32, colour: &str, weight: u32| {
        let tuple = format!("{actions}.member.1.ForwardConfig.TargetGroups.member.{at}");
        [
            (format!("{tuple}.TargetGroupArn"), world.text(&format!("targetGroups/{colour}"))),
            (format!("{tuple}.Weight"), weight.to_string()),
        ]
    };
    let form = [
        ("Action".to_owned(), operation.to_owned()),
        ("Version".to_owned(), "2015-12-01".to_owned()),
        (name.to_owned(), arn.to_owned()),
        (format!("{actions}.member.1.Type"), "forward".to_owned()),
    ]
    .into_iter()
    .chain(group(1, "blue", blue))
    .chain(group(2, "green", green));
    let reply = agent()
        .post(format!("{}/", world.url()))
        .header("Authorization", credential(world, "elasticloadbalancing"))
        .send_form(form);
    reply.unwrap_or_else(|error| panic!("{operation}: {error}"));
}

/// The live listeners or rules that the fixture has: the first, and the extra ones.
pub(crate) fn live(world: &World) -> Vec<String> {
    let mut all = vec![world.text("listeners/live")];
    all.extend(world.list("extraListeners"));
    all
}

/// Sets the weights of all live listeners.
pub(crate) fn weigh_live(world: &World, blue: u32, green: u32) {
    for arn in live(world) {
        weigh(world, &arn, blue, green);
    }
}

/// A task set of a deployment, as this tool creates it; it still starts. Its ARN.
pub(crate) fn create(world: &World, deployment: &str, colour: &str) -> String {
    let tags = [
        ("ecs-bg:deployment", deployment.to_owned()),
        ("ecs-bg:blue", world.text("targetGroups/blue")),
        ("ecs-bg:green", world.text("targetGroups/green")),
        ("ecs-bg:live", world.text("listeners/live")),
        ("ecs-bg:test", world.text("listeners/test")),
    ];
    let created = ecs(
        world,
        "CreateTaskSet",
        &json!({
            "cluster": world.text("cluster"),
            "service": world.text("service"),
            "externalId": deployment,
            "taskDefinition": world.text("taskDefinitionArn"),
            "launchType": "FARGATE",
            "networkConfiguration": {
                "awsvpcConfiguration": {
                    "subnets": world.list("subnets"),
                    "securityGroups": world.list("securityGroups"),
                    "assignPublicIp": "ENABLED",
                },
            },
            "loadBalancers": [{
                "targetGroupArn": world.text(&format!("targetGroups/{colour}")),
                "containerName": world.text("containerName"),
                "containerPort": 8080,
            }],
            "scale": { "value": 100.0, "unit": "PERCENT" },
            "tags": tags.map(|(key, value)| json!({ "key": key, "value": value })),
        }),
    );
    created["taskSet"]["taskSetArn"].as_str().unwrap().to_owned()
}

/// Makes a task set PRIMARY.
pub(crate) fn promote(world: &World, task_set: &str) {
    let service = json!({
        "cluster": world.text("cluster"), "service": world.text("service"), "primaryTaskSet": task_set,
    });
    ecs(world, "UpdateServicePrimaryTaskSet", &service);
}

/// The deployment `new` in the green group, steady and healthy. Its ARN.
pub(crate) fn deployed(world: &World) -> String {
    let arn = create(world, "new", "green");
    settle(world);
    arn
}

/// The same, with all live traffic.
pub(crate) fn swapped(world: &World) -> String {
    let arn = deployed(world);
    weigh_live(world, 0, 100);
    weigh(world, &world.text("listeners/test"), 100, 0);
    arn
}

/// The same, and PRIMARY.
pub(crate) fn promoted(world: &World) {
    promote(world, &swapped(world));
}

/// Lets everything that is under way come to its end.
pub(crate) fn settle(world: &World) {
    world.control("clock", &json!({ "advance": SETTLED }));
}
