//! What AWS tells and this build does not know is never dropped without a word where it is written back: promise 2.

use crate::support::{Call, Output, Value, World, json};

const MODE: &str = "trustedExecutionConfiguration";

/// AWS tells one member more at these places.
fn newer(world: &World, places: Value) {
    world.control("newer", &places);
}

fn allowed<'a>(call: &Call<'a>) -> Call<'a> {
    call.clone().param("allow", "unknown-member")
}

/// It must be refused, naming the member and of which date the API is.
fn refused(call: &Call<'_>, member: &str) -> Output {
    let refused = call.refused("unknown-member");
    for words in [member, "this build knows the API of", "a newer release of ecs-bg", "--allow unknown-member"] {
        assert!(refused.message().contains(words), "{words}: {refused}");
    }
    refused
}

#[test]
fn a_task_definition_is_not_registered_again_without_a_member_of_it() {
    for (path, member) in [
        (format!("taskDefinition.containerDefinitions.0.{MODE}"), format!("containerDefinitions[0].{MODE}")),
        (format!("taskDefinition.{MODE}"), format!("task-definition/web:1 has {MODE}")),
        ("taskDefinition.containerDefinitions.0.portMappings.0.newThing".into(), "portMappings[0].newThing".into()),
    ] {
        let world = World::new();
        world.control("images", &json!({ "repository": "web", "tags": ["v2"] }));
        newer(
            &world,
            json!([{ "operation": "DescribeTaskDefinition", "path": path, "value": { "mode": "STRICT" }, "where": "web:1" }]),
        );
        for action in ["preflight", "register-task-definition"] {
            let call = world.of(action, "new").param("image", world.image("v2"));
            refused(&call, &member);
            refused(&call.clone().flags(&["--dry-run"]), &member);
            assert!(allowed(&call).ok().warnings().contains(&"unknown-member".to_owned()), "{action}");
            // Nothing is registered where the content is PRIMARY's, nor where a revision is named.
            world.of(action, "new").param("image", world.image("v1")).nothing_to_do();
            world.of(action, "new").param("taskDefinitionArn", "web:1").nothing_to_do();
        }
    }
}

#[test]
fn what_says_nothing_is_no_loss() {
    let world = World::new();
    let nothing = [json!(null), json!({}), json!([]), json!({ "mode": null })];
    for (n, value) in nothing.iter().enumerate() {
        let path = format!("taskDefinition.containerDefinitions.0.newThing{n}");
        newer(&world, json!([{ "operation": "DescribeTaskDefinition", "path": path, "value": value }]));
    }
    world.call("register-task-definition").param("image", world.image("v2")).twice();
}

#[test]
fn a_task_set_is_not_made_like_primary_without_a_part_of_it() {
    let awsvpc = "networkConfiguration.awsvpcConfiguration.newThing";
    for (path, member) in [
        (format!("services.0.taskSets.0.{awsvpc}"), awsvpc),
        ("services.0.taskSets.0.loadBalancers.0.newThing".into(), "loadBalancers[0].newThing"),
        ("services.0.taskSets.0.newThing".into(), "has newThing"),
    ] {
        let world = World::new();
        newer(&world, json!([{ "operation": "DescribeServices", "path": path, "value": { "mode": "STRICT" } }]));
        refused(&world.of("preflight", "new").param("image", world.image("v1")), member);
        refused(&world.creation("new"), member);
        refused(&world.creation("new").flags(&["--dry-run"]), member);
        allowed(&world.creation("new")).ok();
        world.until("it is there", || world.task_sets().len() == 2);
        // Nothing is copied where the set is there already.
        world.creation("new").nothing_to_do();
        world.of("preflight", "new").param("image", world.image("v1")).ok();
    }
}

#[test]
fn a_template_of_the_task_set_and_parts_that_are_not_copied_lose_nothing() {
    let world = World::new();
    newer(
        &world,
        json!([
            { "operation": "DescribeServices", "path": "services.0.newThing", "value": 1 },
            { "operation": "DescribeServices", "path": "services.0.taskSets.0.scale.newThing", "value": 1 },
        ]),
    );
    world.creation("new").ok();
    let world = World::new();
    newer(&world, json!([{ "operation": "DescribeServices", "path": "services.0.taskSets.0.newThing", "value": 1 }]));
    let network = json!({ "awsvpcConfiguration": { "subnets": world.list("subnets"), "securityGroups": world.list("securityGroups") } });
    let balancers = json!([{ "targetGroupArn": "chosen by ecs-bg", "containerName": "web", "containerPort": 8080 }]);
    let template = json!({ "loadBalancers": balancers, "launchType": "FARGATE", "networkConfiguration": network });
    world.file("taskset.json", template.to_string());
    world.creation("new").param("taskSet", "taskset.json").ok();
}

/// A listener or rule that has more than this build knows in its forward.
fn forward(world: &World, role: &str) -> Value {
    let arn = world.text(&format!("listeners/{role}"));
    let (operation, path) = if arn.contains(":listener-rule/") {
        ("DescribeRules", "DescribeRulesResult.Rules.0.Actions.0.ForwardConfig.NewThing")
    } else {
        ("DescribeListeners", "DescribeListenersResult.Listeners.0.DefaultActions.0.ForwardConfig.NewThing")
    };
    json!([{ "operation": operation, "path": path, "value": { "Mode": "strict" } }])
}

#[test]
fn a_live_forward_is_not_written_back_without_a_part_of_it() {
    for rule in [false, true] {
        let world = World::with(json!({ "rule": rule }));
        world.deploy("new");
        newer(&world, forward(&world, "live"));
        let member = "actions[0].ForwardConfig.NewThing";
        let of = |action: &str| {
            world.of(action, "new").without("listeners").param("listeners.live", world.text("listeners/live"))
        };
        refused(&world.of("preflight", "next").param("image", world.image("v1")), member);
        let shift = || of("shift-weights").param("weights", json!({ "blue": 90, "green": 10 }));
        refused(&shift(), member);
        refused(&of("swap-live"), member);
        refused(&of("swap-live").flags(&["--dry-run"]), member);
        world.of("status", "new").ok();
        assert!(allowed(&shift()).ok().warnings().contains(&"unknown-member".to_owned()));
        allowed(&of("swap-live")).twice();
        refused(&of("rollback"), member);
        refused(&of("rollback").flags(&["--dry-run"]), member);
        assert_eq!(world.live(), (0, 100));
        allowed(&of("rollback")).ok();
        assert_eq!(world.live(), (100, 0));
    }
}

#[test]
fn a_test_listener_that_would_lose_something_is_left_and_never_holds_up_live() {
    let world = World::new();
    world.deploy("new");
    // Of a call for both listeners it is the second.
    let path = "DescribeListenersResult.Listeners.1.DefaultActions.0.NewThing";
    newer(
        &world,
        json!([{ "operation": "DescribeListeners", "path": path, "value": "on", "where": world.text("listeners/test") }]),
    );
    refused(&world.of("preflight", "next").param("image", world.image("v1")), "actions[0].NewThing");
    world.set_weights(&world.text("listeners/test"), 100, 0);
    refused(&world.of("enable-test-listener", "new"), "actions[0].NewThing");
    // As if it had stood at the new version already, so that the swap would move it.
    world.set_weights(&world.text("listeners/test"), 0, 100);
    let swapped = world.of("swap-live", "new").ok();
    assert_eq!((world.live(), world.test()), ((0, 100), (0, 100)));
    assert_eq!(swapped.warnings(), ["test-listener"]);
    assert!(swapped.log.contains("actions[0].NewThing"), "{swapped}");
}

#[test]
fn the_idle_group_is_not_added_to_a_forward_that_would_lose_something() {
    let world = World::with(json!({ "greenAttached": false }));
    newer(&world, forward(&world, "live"));
    refused(&world.creation("new"), "actions[0].ForwardConfig.NewThing");
    allowed(&world.creation("new")).ok();
}
