//! `delete-task-set`: what it refuses, what it waits for, and that gone is gone.

use std::time::{Duration, Instant};

use crate::support::{World, json};

/// Returns when a deletion has looked at everything and drains.
fn drains(world: &World) {
    world.until("it has looked", || world.operations().iter().any(|name| name == "DescribeRules"));
    std::thread::sleep(Duration::from_secs(1));
}

#[test]
fn the_live_and_the_primary_set_are_refused() {
    let world = World::new();
    let blue = world.text("taskSetArn");
    world.call("delete-task-set").param("taskSetArn", blue.as_str()).refused("is-primary");
    world.deploy("new");
    world.of("shift-weights", "new").param("weights", json!({ "blue": 90, "green": 10 })).ok();
    world.of("delete-task-set", "new").refused("is-live");
    world.of("swap-live", "new").ok();
    world.call("delete-task-set").param("taskSetArn", blue.as_str()).refused("is-primary");
    world.of("delete-task-set", "new").refused("is-live");
}

#[test]
fn both_styles_of_deletion_end_with_the_set_gone() {
    for style in ["plain", "at-zero"] {
        let world = World::new();
        world.knobs(json!({ "deleteStyle": style }));
        world.release("new");
        let deleted = world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).twice();
        assert_eq!(deleted.at("/result/deletion"), &json!("gone"), "{style}");
        assert_eq!(world.task_sets().len(), 1, "{style}");
    }
}

#[test]
fn gone_already_is_success() {
    let world = World::new();
    let never = world.of("delete-task-set", "never").nothing_to_do();
    assert_eq!(never.at("/result/deletion"), &json!("gone"));
}

#[test]
fn a_set_that_is_going_already_is_waited_for() {
    let world = World::new();
    world.knobs(json!({ "drainSeconds": 1 }));
    world.release("new");
    let blue = world.text("taskSetArn");
    world.delete_task_set(&blue);
    world.call("delete-task-set").param("taskSetArn", blue).nothing_to_do();
    assert_eq!(world.task_sets().len(), 1);
}

#[test]
fn the_drain_is_waited_out_from_the_moment_the_traffic_left() {
    let world = World::new();
    world.deploy("new");
    let idle_since = world.of("swap-live", "new").ok().text("/result/idleSince");
    world.of("set-primary", "new").ok();
    let delete = world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).param("drain", 3);
    let dry = delete.dry();
    assert_eq!(dry.at("/result/drainSeconds"), &json!(3.0));
    assert_eq!(world.task_sets().len(), 2);
    let delete = world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).param("drain", 60);
    world.forget_calls();
    // As if the traffic had left twenty seconds ago.
    let since = humantime::parse_rfc3339(&idle_since).unwrap() - Duration::from_secs(20);
    let waiting = delete.clone().param("idleSince", humantime::format_rfc3339(since).to_string()).start();
    drains(&world);
    waiting.signal("TERM");
    let log = waiting.end().log;
    let seconds = log.split("waiting ").nth(1).and_then(|rest| rest.split(' ').next()?.parse::<u32>().ok());
    assert!(seconds.is_some_and(|seconds| (10..=40).contains(&seconds)), "what has passed counts: {log}");
    let begun = Instant::now();
    delete.param("idleSince", "2020-01-01T00:00:00Z").ok();
    assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
}

#[test]
fn traffic_that_comes_back_while_it_drains_ends_the_deletion() {
    let world = World::new();
    world.release("new");
    let blue = world.text("taskSetArn");
    world.forget_calls();
    let deleting = world.call("delete-task-set").param("taskSetArn", blue).param("drain", 3).start();
    drains(&world);
    world.set_weights(&world.text("listeners/live"), 50, 50);
    let refused = deleting.end();
    assert_eq!((refused.exit, refused.at("/error/code")), (3, &json!("is-live")), "{refused}");
    assert_eq!((refused.json["changed"].as_bool(), world.task_sets().len()), (Some(false), 2));
}

#[test]
fn cookies_that_outlive_the_drain_are_refused_unless_that_is_allowed() {
    let world = World::with(json!({ "stickinessSeconds": 7200 }));
    world.release("new");
    let delete = || world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn"));
    delete().without("drain").refused("sticky-sessions");
    let refused = delete().refused("sticky-sessions");
    assert!(refused.message().contains("--allow sticky-sessions"), "{refused}");
    let deleted = delete().flags(&["--allow", "sticky-sessions"]).ok();
    assert_eq!(deleted.warnings(), ["sticky-sessions"]);
    assert_eq!(world.task_sets().len(), 1);
}

#[test]
fn a_rule_that_nobody_named_keeps_the_set_it_sends_traffic_to() {
    let world = World::with(json!({ "extraListeners": 1 }));
    world.release("new");
    let delete = world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn"));
    let refused = delete.refused("unnamed-rule");
    assert!(
        refused.message().contains(&world.list("extraListeners")[0].replace(":listener/", ":listener-rule/")),
        "{refused}"
    );
}

#[test]
fn the_deadline_of_a_deletion_is_told_and_it_goes_on_by_itself() {
    let world = World::new();
    world.knobs(json!({ "drainSeconds": 3 }));
    world.release("new");
    let delete = || world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn"));
    let late = delete().param("timeout", 1).fails("timeout", "timeout");
    assert_eq!(late.json["changed"], true);
    delete().nothing_to_do();
}

#[test]
fn sigterm_while_it_drains_changes_nothing() {
    let world = World::new();
    world.release("new");
    world.forget_calls();
    let deleting =
        world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).param("drain", 60).start();
    drains(&world);
    deleting.signal("TERM");
    let ended = deleting.end();
    assert_eq!((ended.exit, &ended.json["changed"]), (143, &json!(false)), "{ended}");
    assert_eq!(world.task_sets().len(), 2);
}

#[test]
fn sigint_ends_it_with_130() {
    let world = World::new();
    world.release("new");
    world.forget_calls();
    let deleting =
        world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).param("drain", 60).start();
    drains(&world);
    deleting.signal("INT");
    assert_eq!(deleting.end().exit, 130);
}
