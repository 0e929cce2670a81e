//! Weights: what is written, what survives, and what is refused traffic.

use crate::support::{Value, World, json};

/// The default actions of the live listener as the load balancer has them.
fn live_actions(world: &World) -> Vec<aws_sdk_elasticloadbalancingv2::types::Action> {
    world.elb(async |elb| {
        let arn = world.text("listenerArns/live");
        let found = elb.describe_listeners().listener_arns(arn).send().await.unwrap();
        found.listeners.unwrap().remove(0).default_actions.unwrap()
    })
}

#[test]
fn weights_are_shifted_step_by_step() {
    let world = World::new();
    world.deploy("new");
    for (blue, green) in [(90, 10), (50, 50), (0, 100)] {
        world.of("shift-weights", "new").param("weights", json!({ "blue": blue, "green": green })).twice();
        assert_eq!(world.live(), (blue, green));
    }
    world.of("shift-weights", "new").param("weights", json!({ "blue": 0, "green": 1 })).nothing_to_do();
    world.of("swap-live", "new").param("listeners.test", Value::Null).nothing_to_do();
    world.of("set-primary", "new").twice();
}

#[test]
fn both_weights_zero_are_refused() {
    let world = World::new();
    world.deploy("new");
    world.of("shift-weights", "new").param("weights", json!({ "blue": 0, "green": 0 })).refused("both-zero");
}

#[test]
fn authentication_order_and_stickiness_survive_a_swap() {
    let world = World::with(json!({ "authenticate": true, "stickinessSeconds": 300 }));
    let before = live_actions(&world);

    world.deploy("new");
    world.of("swap-live", "new").ok();
    let written = world.calls().into_iter().find(|call| call.operation == "ModifyListener").unwrap();
    let after = live_actions(&world);
    assert_eq!(after.len(), 2);
    assert_eq!(after[0].authenticate_oidc_config.as_ref().unwrap().client_id.as_deref(), Some("client"));
    assert_eq!(after.iter().map(|action| action.order).collect::<Vec<_>>(), [Some(1), Some(2)]);
    let sticky = |actions: &[aws_sdk_elasticloadbalancingv2::types::Action]| {
        actions[1].forward_config.clone().unwrap().target_group_stickiness_config.unwrap()
    };
    assert_eq!(sticky(&after), sticky(&before));
    let secret = &written.params["DefaultActions"][0]["AuthenticateOidcConfig"];
    assert_eq!((&secret["UseExistingClientSecret"], &secret["ClientSecret"]), (&json!("true"), &Value::Null));
}

#[test]
fn a_group_of_somebody_else_keeps_its_share() {
    let world = World::with(json!({ "foreignGroup": true, "foreignWeight": 40 }));
    let (live, foreign) = (world.text("listeners/live"), world.text("foreignGroup"));
    world.deploy("new");
    world.of("shift-weights", "new").param("weights", json!({ "blue": 1, "green": 3 })).twice();
    assert_eq!(world.live(), (25, 75), "ours keep their sum");
    world.of("swap-live", "new").twice();
    assert_eq!(world.live(), (0, 100));
    assert_eq!(world.now()["weights"][&live][&foreign], json!(40));
}

#[test]
fn a_missing_idle_group_is_added_at_weight_zero_before_the_task_set() {
    for spec in [json!({ "greenAttached": false }), json!({ "bare": true })] {
        let world = World::with(spec);
        let created = world.creation("new").ok();
        assert!(created.log.contains("at weight 0"), "{}", created.log);
        let (blue, green) = world.live();
        assert!(blue > 0 && green == 0, "{blue} {green}");
        world.of("wait-stable", "new").ok();
        world.of("swap-live", "new").twice();
        assert_eq!(world.live(), (0, 100));
    }
}

#[test]
fn a_default_rules_arn_means_its_listener() {
    let world = World::new();
    let default = world.elb(async |elb| {
        let found = elb.describe_rules().listener_arn(world.text("listeners/live")).send().await.unwrap();
        found.rules.unwrap().into_iter().find(|rule| rule.is_default == Some(true)).unwrap().rule_arn.unwrap()
    });
    world.deploy("new");
    world.of("swap-live", "new").param("listeners.live", default.as_str()).twice();
    assert_eq!(world.live(), (0, 100));
}

#[test]
fn several_live_listeners_move_together() {
    let world = World::with(json!({ "extraListeners": 2 }));
    let mut live = vec![world.text("listeners/live")];
    live.extend(world.list("extraListeners"));
    world.deploy("new");
    let swapped = world.of("swap-live", "new").param("listeners.live", json!(live)).twice();
    assert_eq!(swapped.at("/result/after/weights").as_array().unwrap().len(), 4);
    for arn in &live {
        assert_eq!(world.weights(arn), (0, 100), "{arn}");
    }
}

#[test]
fn a_swap_that_fails_half_way_is_put_back_and_said() {
    let world = World::with(json!({ "extraListeners": 2 }));
    let mut live = vec![world.text("listeners/live")];
    live.extend(world.list("extraListeners"));
    world.deploy("new");
    let swap = world.of("swap-live", "new").param("listeners.live", json!(live)).param("maxAttempts", 1);
    world.faults(json!([{ "operation": "ModifyListener", "nth": 3, "kind": "access-denied" }]));
    let failed = swap.fails("credentials", "access-denied");
    assert!(failed.message().contains("put back"), "{failed}");
    assert_eq!(failed.at("/result/compensated"), &json!(true));
    assert_eq!(failed.json["changed"], true);
    for arn in &live {
        assert_eq!(world.weights(arn), (100, 0), "{arn}");
    }
    assert_eq!(world.test(), (0, 100), "the test listener comes last");
    swap.twice();
}

#[test]
fn a_swap_that_cannot_be_put_back_leaves_uneven_listeners_that_a_second_run_repairs() {
    let world = World::with(json!({ "extraListeners": 1 }));
    let live = vec![world.text("listeners/live"), world.list("extraListeners").remove(0)];
    world.deploy("new");
    let swap = world.of("swap-live", "new").param("listeners.live", json!(live)).param("maxAttempts", 1);
    world.faults(json!([{ "operation": "ModifyListener", "nth": 2, "times": 2, "kind": "access-denied" }]));
    let failed = swap.fails("credentials", "access-denied");
    assert!(failed.message().contains("differ"), "{failed}");
    assert_eq!(failed.at("/result/compensated"), &json!(false));
    let status = world.call("status").param("listeners.live", json!(live)).ok();
    assert_eq!(status.text("/result/state"), "uneven");
    swap.twice();
    world.set_weights(&live[1], 100, 0);
    world.of("rollback", "new").param("listeners.live", json!(live)).ok();
    assert_eq!((world.weights(&live[0]), world.weights(&live[1])), ((100, 0), (100, 0)), "a rollback repairs them too");
}

#[test]
fn a_test_listener_that_cannot_be_moved_is_a_warning_and_live_stays() {
    let world = World::new();
    world.deploy("new");
    world.of("enable-test-listener", "new").ok();
    world.faults(json!([{ "operation": "ModifyListener", "nth": 2, "kind": "access-denied" }]));
    let swapped = world.of("swap-live", "new").ok();
    assert_eq!(swapped.warnings(), ["test-listener"]);
    assert_eq!((world.live(), world.test()), ((0, 100), (0, 100)));
    world.of("swap-live", "new").twice();
    assert_eq!(world.test(), (100, 0));
}

#[test]
fn a_version_that_is_not_ready_in_that_moment_gets_no_traffic() {
    let world = World::new();
    world.knobs(json!({ "outcome": { "web": "stuck" } }));
    world.create("new");
    world.set_weights(&world.text("listeners/test"), 100, 0);
    for action in ["enable-test-listener", "swap-live"] {
        world.of(action, "new").refused("not-stable");
    }
    world.of("shift-weights", "new").param("weights", json!({ "blue": 90, "green": 10 })).refused("not-stable");
    assert_eq!(world.live(), (100, 0));
}

#[test]
fn an_hour_old_approval_does_not_make_sick_targets_healthy() {
    let world = World::with(json!({ "gracePeriod": 3600 }));
    let arn = world.deploy("new");
    world.control("tasks", &json!({ "taskSet": arn, "action": "unhealthy", "count": 1 }));
    let refused = world.of("swap-live", "new").refused("not-healthy");
    assert!(refused.message().contains("1 healthy targets of 2"), "{refused}");
    world.of("swap-live", "new").param("minHealthy", 50).twice();
}

#[test]
fn a_second_set_in_the_same_group_would_get_the_traffic_too() {
    let world = World::new();
    world.deploy("new");
    world.stray_task_set(Some("stray"), &world.text("targetGroups/green"));
    let refused = world.of("swap-live", "new").refused("other-deployment");
    assert!(refused.message().contains("stray"), "{refused}");
}

#[test]
fn a_canary_to_an_empty_group_is_refused() {
    let world = World::new();
    let blue = world.text("taskSetArn");
    let shift =
        world.call("shift-weights").param("taskSetArn", blue).param("weights", json!({ "blue": 90, "green": 10 }));
    shift.refused("no-task-set");
}

#[test]
fn the_scale_changes_but_never_shrinks_live_traffic() {
    let world = World::new();
    world.creation("new").param("scale", 50).ok();
    world.of("wait-stable", "new").ok();
    let scaled = world.of("scale-task-set", "new").param("scale", 100).twice();
    assert_eq!(scaled.at("/result/before/scale"), &json!(50.0));
    assert_eq!(scaled.at("/result/desired"), &json!(2));
    world.of("wait-stable", "new").ok();
    world.of("swap-live", "new").ok();
    world.of("scale-task-set", "new").param("scale", 50).refused("is-live");
    let blue = world.text("taskSetArn");
    world.call("scale-task-set").param("taskSetArn", blue).param("scale", 0).twice();
}

#[test]
fn set_primary_follows_the_traffic_only() {
    let world = World::new();
    world.deploy("new");
    world.of("set-primary", "new").refused("state-settled");
    world.of("shift-weights", "new").param("weights", json!({ "blue": 50, "green": 50 })).ok();
    world.of("set-primary", "new").refused("state-shifting");
    world.of("swap-live", "new").ok();
    world.of("set-primary", "new").twice();
}

#[test]
fn many_rules_on_a_listener_cost_pages_and_nothing_else() {
    let world = World::with(json!({ "extraRules": 90, "rule": true }));
    world.knobs(json!({ "pageSize": 20 }));
    world.deploy("new");
    world.forget_calls();
    world.of("swap-live", "new").ok();
    let writes = world.mutations();
    assert_eq!(writes, ["ModifyRule", "ModifyRule"]);
    let status = world.bare("status").ok();
    assert_eq!(status.text("/result/state"), "unpromoted");
}

#[test]
fn a_version_that_is_deleted_while_it_gets_the_traffic_loses_it_again() {
    let world = World::new();
    let arn = world.deploy("new");
    let failed = world.of("swap-live", "new").held_while(json!({ "operation": "ModifyListener" }), || {
        world.delete_task_set(&arn);
    });
    assert_eq!(
        (failed.at("/error/code"), failed.at("/result/compensated")),
        (&json!("task-set-deleted"), &json!(true))
    );
    assert_eq!(world.live(), (100, 0));
}

#[test]
fn weights_that_somebody_else_writes_meanwhile_are_told() {
    let world = World::new();
    world.deploy("new");
    let refused =
        world.of("swap-live", "new").held_while(json!({ "operation": "ModifyListener", "when": "after" }), || {
            world.set_weights(&world.text("listeners/live"), 90, 10);
        });
    assert_eq!((refused.exit, refused.at("/error/code")), (3, &json!("weights-changed-meanwhile")), "{refused}");
    assert_eq!(refused.at("/result/observed/weights/0/green"), &json!(10), "{refused}");
}
