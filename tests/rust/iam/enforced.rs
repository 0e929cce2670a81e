//! moto's own enforcement as a second judge. It holds every call against the resource `*` and knows no conditions of these
//! services, so it is given the policies' actions alone: whether an action that is called is missing, it tells.

use crate::iam::policy;
use crate::plain::{plain, register_targets};
use crate::support::{Value, World, json};

/// Lets the world's identity do what a policy of `resources/iam` names, and nothing else.
fn permit(world: &World, name: &str) {
    let statements = policy::text(name)["Statement"].as_array().unwrap().clone();
    let actions: Vec<Value> =
        statements.iter().map(|one| json!({ "Effect": "Allow", "Action": one["Action"], "Resource": "*" })).collect();
    world.control("policy", &json!({ "Version": "2012-10-17", "Statement": actions }));
}

#[test]
fn moto_lets_look_who_may_only_look_and_nothing_more() {
    let world = plain();
    register_targets(&world);
    world.create("new");
    permit(&world, "read-only.json");
    world.status();
    world.bare("status").ok();
    world.of("preflight", "new").param("image", world.image("v1")).ok();
    world.call("register-task-definition").param("image", world.image("v1")).param("memory", "1024").dry();
    let swap = world.of("swap-live", "new");
    swap.dry();
    world.forget_calls();
    assert_eq!(swap.run().json["error"]["kind"], "credentials");
    let refused: Vec<Value> = world.recorded().into_iter().filter(|call| call["status"] == 403).collect();
    assert_eq!(refused.iter().map(|call| &call["operation"]).collect::<Vec<_>>(), ["ModifyListener"]);
}

#[test]
fn moto_lets_deploy_who_may_deploy() {
    let world = plain();
    register_targets(&world);
    permit(&world, "deploy.json");
    let registered =
        world.call("register-task-definition").param("image", world.image("v1")).param("memory", "1024").ok();
    let revision = registered.text("/result/taskDefinitionArn");
    world.of("create-task-set", "new").param("taskDefinitionArn", revision.as_str()).ok();
    world.of("enable-test-listener", "new").ok();
    world.of("scale-task-set", "new").param("scale", 50).ok();
    world.of("scale-task-set", "new").param("scale", 100).ok();
    world.of("shift-weights", "new").param("weights", json!({ "blue": 90, "green": 10 })).ok();
    world.of("swap-live", "new").ok();
    world.of("set-primary", "new").ok();
    world.of("rollback", "new").ok();
    world.call("deregister-task-definition").param("taskDefinitionArn", revision).ok();
}
