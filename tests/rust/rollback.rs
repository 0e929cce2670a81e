//! `rollback`: undoes exactly one deployment, from wherever it stands.

use std::time::{Duration, Instant};

use crate::support::{Output, World, json};

fn gone(world: &World, left: usize) {
    world.until("the set is gone", || world.task_sets().len() == left);
}

#[test]
fn before_the_swap_only_the_new_set_goes() {
    let world = World::new();
    world.deploy("new");
    world.of("enable-test-listener", "new").ok();
    let undone = world.of("rollback", "new").ok();
    assert_eq!(undone.at("/result/deletion"), &json!("requested"));
    assert_eq!(undone.at("/result/restored"), &json!(null));
    assert_eq!((world.live(), world.test()), ((100, 0), (0, 100)), "test stays at the idle group, even if empty");
    world.of("rollback", "new").nothing_to_do();
    gone(&world, 1);
    world.of("rollback", "new").nothing_to_do();
    assert_eq!(world.state(), "settled");
}

#[test]
fn in_a_canary_the_traffic_goes_back_first() {
    let world = World::new();
    world.deploy("new");
    world.of("shift-weights", "new").param("weights", json!({ "blue": 90, "green": 10 })).ok();
    world.forget_calls();
    world.of("rollback", "new").ok();
    assert_eq!(world.mutations(), ["ModifyListener", "DeleteTaskSet"]);
    assert_eq!(world.live(), (100, 0));
    gone(&world, 1);
}

#[test]
fn after_the_promotion_traffic_primary_test_and_set_go_back_in_this_order() {
    let world = World::new();
    world.release("new");
    world.forget_calls();
    let undone = world.of("rollback", "new").ok();
    assert_eq!(world.mutations(), ["ModifyListener", "UpdateServicePrimaryTaskSet", "ModifyListener", "DeleteTaskSet"]);
    assert_eq!(undone.at("/result/before/state"), &json!("settled"));
    assert_eq!(undone.at("/result/restored"), &json!(world.text("taskSetArn")));
    assert_eq!((world.live(), world.test()), ((100, 0), (0, 100)));
    gone(&world, 1);
    assert_eq!(world.statuses(), ["PRIMARY"]);
    world.of("rollback", "new").nothing_to_do();
}

#[test]
fn traffic_and_primary_are_back_within_twenty_seconds_and_the_deletion_is_not_awaited() {
    let world = World::new();
    world.release("new");
    world.knobs(json!({ "drainSeconds": 120 }));
    let begun = Instant::now();
    world.of("rollback", "new").without("drain").ok();
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(world.statuses(), ["DRAINING", "PRIMARY"]);
}

#[test]
fn a_rollback_that_was_cut_off_is_finished_by_the_next() {
    let world = World::new();
    world.release("new");
    world.set_weights(&world.text("listeners/live"), 100, 0);
    assert_eq!(world.state(), "reverted");
    world.of("rollback", "new").ok();
    gone(&world, 1);
    assert_eq!((world.state().as_str(), world.statuses()), ("settled", vec!["PRIMARY".to_owned()]));
}

#[test]
fn no_set_of_that_id_is_nothing_to_do() {
    let world = World::new();
    let undone = world.of("rollback", "never").nothing_to_do();
    assert_eq!(undone.at("/result/taskSetArn"), &json!(null));
}

#[test]
fn a_younger_deployment_is_not_taken_down_with_it() {
    let world = World::new();
    world.release("first");
    world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).ok();
    world.release("second");
    let refused = world.of("rollback", "first").refused("newer-deployment");
    assert!(refused.message().contains("second"), "{refused}");
}

#[test]
fn a_previous_version_without_healthy_targets_gets_no_traffic() {
    let world = World::with(json!({ "gracePeriod": 7200 }));
    world.release("new");
    let blue = world.text("taskSetArn");
    world.control("tasks", &json!({ "taskSet": blue, "action": "unhealthy" }));
    world.of("rollback", "new").refused("not-healthy");
    assert_eq!(world.live(), (0, 100));
    world.control("tasks", &json!({ "taskSet": blue, "action": "healthy", "count": 1 }));
    let undone = world.of("rollback", "new").ok();
    assert_eq!(undone.warnings(), ["previous-not-full"], "somebody asked to go back: the better of two");
    assert_eq!(world.live(), (100, 0));
}

#[test]
fn a_previous_version_that_is_gone_cannot_come_back() {
    let world = World::new();
    world.release("new");
    world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).ok();
    world.of("rollback", "new").refused("nothing-to-go-back-to");
    assert_eq!(world.live(), (0, 100));
}

#[test]
fn with_sticky_sessions_the_undone_set_stays_for_its_clients() {
    let world = World::with(json!({ "stickinessSeconds": 120 }));
    world.deploy("new");
    world.of("swap-live", "new").ok();
    let undone = world.of("rollback", "new").ok();
    assert_eq!(
        (undone.at("/result/deletion"), undone.warnings()),
        (&json!("kept"), vec!["sticky-sessions".to_owned()])
    );
    assert_eq!(world.live(), (100, 0));
    assert_eq!(world.statuses(), ["ACTIVE", "PRIMARY"]);
}

#[test]
fn a_set_that_aws_deletes_only_at_zero_is_scaled_down_first() {
    let world = World::new();
    world.knobs(json!({ "deleteStyle": "at-zero" }));
    world.deploy("new");
    world.forget_calls();
    let undone = world.of("rollback", "new").ok();
    assert_eq!(undone.at("/result/deletion"), &json!("requested"));
    assert_eq!(world.mutations()[..3], ["DeleteTaskSet", "UpdateTaskSet", "DeleteTaskSet"]);
    gone(&world, 1);
}

#[test]
fn nothing_is_ever_deleted_by_force() {
    let world = World::new();
    world.release("new");
    world.of("rollback", "new").ok();
    gone(&world, 1);
    world.deploy("next");
    world.of("rollback", "next").ok();
    for call in world.calls().iter().filter(|call| call.operation == "DeleteTaskSet") {
        assert!(call.params["force"].is_null() || call.params["force"] == json!(false), "{call:?}");
    }
}

#[test]
fn cluster_service_region_and_the_id_are_enough_for_status_and_rollback() {
    for spec in [json!({}), json!({ "rule": true }), json!({ "extraListeners": 1 })] {
        let world = World::with(spec.clone());
        let mut live = vec![world.text("listeners/live")];
        live.extend(world.list("extraListeners"));
        let lists = |call: crate::support::Call<'_>| call.param("listeners.live", json!(live)).ok();
        lists(world.creation("new"));
        lists(world.of("wait-stable", "new"));
        lists(world.of("swap-live", "new"));
        lists(world.of("set-primary", "new"));
        let status = world.bare("status").ok();
        assert_eq!(status.text("/result/state"), "settled");
        assert_eq!(status.at("/result/listeners/live"), &json!(live), "{spec}");
        assert_eq!(status.at("/result/listeners/test"), &json!([world.text("listeners/test")]));
        let undone = world.bare("rollback").param("deploymentId", "new").ok();
        assert_eq!(undone.at("/result/restored"), &json!(world.text("taskSetArn")));
        for arn in &live {
            assert_eq!(world.weights(arn), (100, 0), "{spec}");
        }
    }
}

#[test]
fn without_any_tag_the_weights_tell_live_from_test() {
    let world = World::new();
    let status = world.bare("status").ok();
    assert_eq!(status.text("/result/state"), "settled", "{status}");
    assert_eq!(status.at("/result/listeners/live"), &json!([world.text("listeners/live")]));
    assert_eq!(status.at("/result/targetGroups"), &world.fixture["targetGroups"]);
}

/// Undoes the deployment `new`; something else is done right before its first call of an operation is applied.
fn undone_while(world: &World, operation: &str, meanwhile: impl FnOnce()) -> Output {
    world.of("rollback", "new").held_while(json!({ "operation": operation }), meanwhile)
}

#[test]
fn a_promotion_that_comes_between_is_undone_too() {
    let world = World::new();
    world.deploy("new");
    world.of("swap-live", "new").ok();
    let undone = undone_while(&world, "ModifyListener", || {
        world.of("set-primary", "new").ok();
    });
    assert_eq!(undone.json["ok"], true, "{undone}");
    gone(&world, 1);
    assert_eq!((world.state().as_str(), world.live()), ("settled", (100, 0)));
}

#[test]
fn traffic_that_comes_to_the_set_while_it_is_deleted_goes_back() {
    let world = World::new();
    world.deploy("new");
    let undone = undone_while(&world, "DeleteTaskSet", || {
        world.of("swap-live", "new").ok();
    });
    assert_eq!(undone.json["ok"], true, "{undone}");
    assert_eq!(world.live(), (100, 0));
    gone(&world, 1);
    assert_eq!(world.state(), "settled");
}

#[test]
fn a_set_that_is_promoted_right_before_its_deletion_is_undone_all_the_same() {
    let world = World::new();
    let arn = world.deploy("new");
    world.of("swap-live", "new").ok();
    let undone = undone_while(&world, "DeleteTaskSet", || {
        crate::faults::prepare::promote(&world, &arn);
    });
    assert_eq!(undone.json["ok"], true, "{undone}");
    gone(&world, 1);
    assert_eq!((world.state().as_str(), world.live()), ("settled", (100, 0)));
}

#[test]
fn a_previous_version_that_is_deleted_before_it_is_primary_loses_the_traffic_again() {
    let world = World::new();
    world.release("new");
    let failed = undone_while(&world, "UpdateServicePrimaryTaskSet", || {
        world.delete_task_set(&world.text("taskSetArn"));
    });
    assert_eq!(
        (failed.at("/error/code"), failed.at("/result/compensated")),
        (&json!("task-set-deleted"), &json!(true))
    );
    assert_eq!((world.live(), world.state().as_str()), ((0, 100), "settled"));
}

#[test]
fn a_previous_version_that_is_deleted_meanwhile_loses_the_traffic_again() {
    let world = World::new();
    world.release("new");
    let failed = undone_while(&world, "ModifyListener", || {
        world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).ok();
    });
    assert_eq!(
        (failed.at("/error/code"), failed.at("/result/compensated")),
        (&json!("task-set-deleted"), &json!(true))
    );
    assert_eq!((world.live(), world.state().as_str()), ((0, 100), "settled"));
}
