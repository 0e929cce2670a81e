//! Untouched moto, which checks every signature: an independent judge of what is sent. All actions but `wait-stable`,
//! which needs tasks that live; targets are registered by hand.

use crate::support::{Mode, World, json};

pub(crate) fn plain() -> World {
    World::on(Mode::Plain, json!({ "signatures": true }), json!({}))
}

/// Two healthy targets in the green group, as tasks would register them.
pub(crate) fn register_targets(world: &World) {
    world.elb(async |elb| {
        for n in 1..=2 {
            let target = aws_sdk_elasticloadbalancingv2::types::TargetDescription::builder()
                .id(format!("10.0.0.{n}"))
                .port(8080)
                .build();
            elb.register_targets()
                .target_group_arn(world.text("targetGroups/green"))
                .targets(target)
                .send()
                .await
                .unwrap();
        }
    });
}

fn actions(world: &World, arn: &str) -> (Option<i32>, Option<i32>) {
    let found = world.elb(async |elb| {
        let found = elb.describe_listeners().listener_arns(arn).send().await.unwrap();
        found.listeners.unwrap().remove(0).default_actions.unwrap()
    });
    let groups = found.last().unwrap().forward_config.clone().unwrap().target_groups.unwrap();
    let of = |colour: &str| {
        let arn = world.text(&format!("targetGroups/{colour}"));
        groups.iter().find(|group| group.target_group_arn() == Some(&*arn)).and_then(|group| group.weight)
    };
    (of("blue"), of("green"))
}

#[test]
fn a_deployment_in_signed_calls_that_moto_has_verified() {
    let world = plain();
    let (live, test) = (world.text("listeners/live"), world.text("listeners/test"));
    assert_eq!(world.status().text("/result/state"), "settled");
    let registered =
        world.call("register-task-definition").param("image", world.image("v1")).param("memory", "1024").ok();
    let revision = registered.text("/result/taskDefinitionArn");
    let create = world.of("create-task-set", "new").param("taskDefinitionArn", revision.as_str());
    let created = create.twice();
    assert_eq!(created.at("/result/colour"), &json!("green"));
    register_targets(&world);
    world.of("enable-test-listener", "new").ok();
    world.of("scale-task-set", "new").param("scale", 50).twice();
    world.of("scale-task-set", "new").param("scale", 100).twice();
    world.of("shift-weights", "new").param("weights", json!({ "blue": 90, "green": 10 })).twice();
    assert_eq!(actions(&world, &live), (Some(90), Some(10)));
    world.of("swap-live", "new").twice();
    assert_eq!((actions(&world, &live), actions(&world, &test)), ((Some(0), Some(100)), (Some(100), Some(0))));
    world.of("set-primary", "new").twice();
    assert_eq!(world.status().text("/result/state"), "settled");
    world.of("rollback", "new").ok();
    assert_eq!(actions(&world, &live), (Some(100), Some(0)));
    world.of("rollback", "new").nothing_to_do();
    world.of("delete-task-set", "new").nothing_to_do();
    let deregister = |arn: &str| world.call("deregister-task-definition").param("taskDefinitionArn", arn);
    let kept = deregister(&revision).nothing_to_do();
    assert!(kept.text("/result/skipped").contains("running task"), "moto leaves its tasks behind: {kept}");
    let unused = world.call("register-task-definition").param("image", world.image("v1")).param("memory", "2048").ok();
    deregister(&unused.text("/result/taskDefinitionArn")).twice();
    world.of("preflight", "next").param("image", world.image("v1")).ok();
    world.of("create-task-set", "next").param("taskDefinitionArn", world.text("taskDefinitionArn")).ok();
    world.of("delete-task-set", "next").twice();
}

#[test]
fn a_wrong_secret_is_a_credentials_error() {
    let world = plain();
    let call = world.call("status").env("AWS_SECRET_ACCESS_KEY", "wrong").without("listeners");
    let failed = call.fails("credentials", "credentials-invalid");
    assert_eq!(failed.exit, 7);
    world.of("swap-live", "new").env("AWS_SECRET_ACCESS_KEY", "wrong").fails("credentials", "credentials-invalid");
}

#[test]
fn a_role_is_assumed_with_a_signed_call() {
    let theirs = plain();
    let ours = plain();
    let call =
        crate::support::Call::new(&ours, "status", theirs.params()).param("roleArn", theirs.account["roleArn"].clone());
    assert_eq!(call.ok().json["account"], json!(theirs.account_id()));
}
