//! Whole deployments, action by action: each does its work once, and nothing when it is called again.

use crate::support::{World, json};

/// All actions of a deployment, each of them called twice. Returns the new task set.
fn deploy_step_by_step(world: &World, deployment: &str, image_tag: &str) -> String {
    let image = world.image(image_tag);
    world.control("images", &json!({ "repository": "web", "tags": [image_tag] }));
    let registered = world.call("register-task-definition").param("image", image.as_str()).twice();
    let revision = registered.text("/result/taskDefinitionArn");
    assert_eq!(registered.at("/result/images/web"), &json!(image));

    let created = world
        .of("create-task-set", deployment)
        .param("taskDefinitionArn", revision.as_str())
        .param("build", "https://ci.example.com/job/web%2Fmain/12/")
        .twice();
    let arn = created.text("/result/taskSetArn");
    assert_eq!(created.at("/result/taskDefinitionArn"), &json!(revision));
    assert_eq!(created.at("/result/scale"), &json!(100.0));

    world.of("wait-stable", deployment).nothing_to_do();
    // Outside a deployment it points at the idle group already.
    world.of("enable-test-listener", deployment).nothing_to_do();
    world.of("swap-live", deployment).twice();
    world.of("set-primary", deployment).twice();
    arn
}

#[test]
fn three_versions_follow_one_another_and_nobody_names_a_colour() {
    let world = World::new();
    let blue = world.text("taskSetArn");

    let green = deploy_step_by_step(&world, "build-1", "v2");
    assert_eq!((world.live(), world.test()), ((0, 100), (100, 0)), "test points at the previous version");
    assert_eq!(world.state(), "settled");
    let gone = world.call("delete-task-set").param("taskSetArn", blue.as_str()).twice();
    assert_eq!(gone.at("/result/deletion"), &json!("gone"));
    let old = gone.text("/result/taskDefinitionArn");
    world
        .call("deregister-task-definition")
        .param("taskDefinitionArn", old.as_str())
        .flags(&["--allow", "not-ours"])
        .twice();

    let second = deploy_step_by_step(&world, "build-2", "v3");
    assert_eq!((world.live(), world.test()), ((100, 0), (0, 100)));
    world.of("delete-task-set", "build-1").twice();
    assert_eq!(world.task_sets().len(), 1);
    assert_ne!(green, second);

    let third = deploy_step_by_step(&world, "build-3", "v4");
    assert_eq!(world.live(), (0, 100));
    let status = world.status();
    assert_eq!(status.at("/result/live/taskSetArn"), &json!(third));
    assert_eq!(status.at("/result/live/colour"), &json!("green"));
    assert_eq!(world.statuses(), ["ACTIVE", "PRIMARY"]);
}

#[test]
fn live_traffic_is_on_a_healthy_version_at_every_instant_of_a_deployment() {
    let world = World::new();
    deploy_step_by_step(&world, "build-1", "v2");
    world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).ok();
    let live = world.text("listeners/live");
    for entry in world.history() {
        let weights = entry["weights"][&live].as_object().unwrap();
        assert!(weights.values().any(|weight| weight.as_i64() > Some(0)), "{entry:#}");
        for (group, weight) in weights {
            if weight.as_i64() > Some(0) {
                assert!(entry["groups"][group]["healthy"].as_i64() >= Some(2), "{entry:#}");
            }
        }
    }
}

#[test]
fn the_first_deployment_has_no_primary_and_nothing_to_go_back_to() {
    let world = World::with(json!({ "blue": false }));
    assert_eq!(world.state(), "first");
    let created = world.creation("first").twice();
    assert_eq!(created.at("/result/colour"), &json!("green"), "the group without live weight");
    world.of("wait-stable", "first").ok();
    world.of("enable-test-listener", "first").ok();
    let swapped = world.of("swap-live", "first").twice();
    assert_eq!(swapped.at("/result/previous"), &json!(null));
    world.of("rollback", "first").refused("nothing-to-go-back-to");
    world.of("set-primary", "first").twice();
    assert_eq!((world.live(), world.state()), ((0, 100), "settled".to_owned()));
    world.of("rollback", "first").refused("nothing-to-go-back-to");
}

#[test]
fn a_first_deployment_before_its_swap_can_be_rolled_back() {
    let world = World::with(json!({ "blue": false }));
    world.creation("first").ok();
    let undone = world.of("rollback", "first").ok();
    assert_eq!(undone.at("/result/deletion"), &json!("requested"));
    world.until("it is gone", || world.task_sets().is_empty());
    world.of("rollback", "first").nothing_to_do();
    assert_eq!(world.state(), "first");
}

#[test]
fn five_calls_of_preflight_to_primary_need_no_listener_for_tests() {
    let world = World::with(json!({ "test": false }));
    world.deploy("new");
    let tested = world.of("enable-test-listener", "new").nothing_to_do();
    assert_eq!(tested.warnings(), ["no-test-listener"]);
    assert_eq!(tested.at("/result/testUrl"), &json!(null));
    world.of("swap-live", "new").twice();
    world.of("set-primary", "new").twice();
}

#[test]
fn listeners_may_be_rules() {
    let world = World::with(json!({ "rule": true }));
    assert!(world.text("listeners/live").contains(":listener-rule/"));
    world.deploy("new");
    world.set_weights(&world.text("listeners/test"), 100, 0);
    let tested = world.of("enable-test-listener", "new").twice();
    assert!(tested.text("/result/testUrl").contains(":9000"), "{tested}");
    world.of("swap-live", "new").twice();
    assert_eq!((world.live(), world.test()), ((0, 100), (100, 0)));
    world.of("set-primary", "new").ok();
    world.of("rollback", "new").ok();
    assert_eq!((world.live(), world.test()), ((100, 0), (0, 100)));
}

#[test]
fn tasks_on_instances_are_followed_too() {
    let world = World::with(json!({ "networkMode": "bridge" }));
    world.of("create-task-set", "new").param("taskDefinitionArn", world.text("taskDefinitionArn")).twice();
    world.of("wait-stable", "new").ok();
    world.of("swap-live", "new").twice();
    world.of("set-primary", "new").twice();
}

#[test]
fn the_test_url_is_where_the_test_listener_answers() {
    let world = World::new();
    world.deploy("new");
    world.set_weights(&world.text("listeners/test"), 100, 0);
    let tested = world.of("enable-test-listener", "new").twice();
    assert_eq!(tested.text("/result/testUrl"), format!("http://{}:9000", world.text("loadBalancerDns")));
    assert_eq!(world.test(), (0, 100));
}
