//! Killed or terminated at any instant, or with a reply that was lost: the next run repairs it, and nothing is double.

use std::path::Path;

use crate::support::{Call, World, json};

/// Every mutating action of a deployment, with the call that it is held at and how to make the world ready for it.
const HELD: [(&str, &str); 7] = [
    ("create-task-set", "CreateTaskSet"),
    ("shift-weights", "ModifyListener"),
    ("swap-live", "ModifyListener"),
    ("set-primary", "UpdateServicePrimaryTaskSet"),
    ("scale-task-set", "UpdateTaskSet"),
    ("rollback", "DeleteTaskSet"),
    ("delete-task-set", "DeleteTaskSet"),
];

fn ready(action: &str) -> World {
    let world = World::new();
    if action != "create-task-set" {
        world.deploy("new");
    }
    if action == "set-primary" {
        world.of("swap-live", "new").ok();
    }
    world
}

fn call<'a>(world: &'a World, action: &str) -> Call<'a> {
    match action {
        "create-task-set" => world.creation("new"),
        "shift-weights" => world.of(action, "new").param("weights", json!({ "blue": 90, "green": 10 })),
        "scale-task-set" => world.of(action, "new").param("scale", 50),
        other => world.of(other, "new"),
    }
}

/// What matters of a world in the end.
fn outcome(world: &World) -> (usize, (i64, i64), (i64, i64), Vec<String>) {
    world.until("what goes is gone", || world.statuses().iter().all(|status| status != "DRAINING"));
    (world.task_sets().len(), world.live(), world.test(), world.statuses())
}

/// Holds an action at its call, does something to the process, lets the call go on, and runs the action again.
fn held(action: &str, operation: &str, when: &str, signal: &str) {
    let undisturbed = ready(action);
    call(&undisturbed, action).ok();
    let expected = outcome(&undisturbed);

    let world = ready(action);
    let file = world.dir().join("held").to_str().unwrap().to_owned();
    world.control("hooks", &json!([{ "operation": operation, "when": when, "file": file }]));
    let running = call(&world, action).start();
    world.until("it is held", || Path::new(&file).exists());
    running.signal(signal);
    if signal == "KILL" {
        running.killed();
        std::fs::write(format!("{file}.go"), "").unwrap();
    } else {
        std::fs::write(format!("{file}.go"), "").unwrap();
        let ended = running.end();
        assert!(ended.exit == 143 || ended.exit == 0, "{action} {when}: {ended}");
        assert_eq!(ended.json["changed"], true, "{action} {when}: {ended}");
    }
    let again = call(&world, action).ok();
    assert_eq!(outcome(&world), expected, "{action} {when} {signal}: {again}");
}

#[test]
fn killed_before_its_call_was_applied_it_is_repaired_by_the_next_run() {
    for (action, operation) in HELD {
        held(action, operation, "before", "KILL");
    }
}

#[test]
fn killed_after_its_call_was_applied_it_is_repaired_by_the_next_run() {
    for (action, operation) in HELD {
        held(action, operation, "after", "KILL");
    }
}

#[test]
fn a_call_in_flight_may_finish_after_sigterm() {
    for (action, operation) in HELD {
        held(action, operation, "after", "TERM");
    }
}

#[test]
fn a_lost_reply_in_any_action_is_repaired_by_the_next_run() {
    for (action, operation) in HELD {
        let undisturbed = ready(action);
        call(&undisturbed, action).ok();
        let expected = outcome(&undisturbed);

        let world = ready(action);
        world.faults(json!([{ "operation": operation, "kind": "lost-reply" }]));
        let first = call(&world, action).param("maxAttempts", 1).run();
        assert_eq!(first.json["changed"], true, "it may have changed: {first}");
        call(&world, action).ok();
        assert_eq!(outcome(&world), expected, "{action}");
    }
}

#[test]
fn a_swap_that_is_terminated_between_two_listeners_is_put_back() {
    let world = World::with(json!({ "extraListeners": 1 }));
    let live = vec![world.text("listeners/live"), world.list("extraListeners").remove(0)];
    world.deploy("new");
    let file = world.dir().join("held").to_str().unwrap().to_owned();
    world.control("hooks", &json!([{ "operation": "ModifyListener", "when": "after", "file": file }]));
    let swap = world.of("swap-live", "new").param("listeners.live", json!(live));
    let running = swap.start();
    world.until("the first listener is written", || Path::new(&file).exists());
    running.signal("TERM");
    std::thread::sleep(std::time::Duration::from_millis(200));
    std::fs::write(format!("{file}.go"), "").unwrap();
    let ended = running.end();
    assert_eq!(ended.exit, 143, "{ended}");
    assert_eq!((world.weights(&live[0]), world.weights(&live[1])), ((100, 0), (100, 0)), "{ended}");
    swap.twice();
}

#[test]
fn a_second_signal_does_not_lose_the_json() {
    let world = World::new();
    world.knobs(json!({ "outcome": { "web": "stuck" } }));
    world.create("new");
    world.forget_calls();
    let waiting = world.of("wait-stable", "new").start();
    world.until("it has looked", || world.operations().iter().any(|name| name == "DescribeServices"));
    std::thread::sleep(std::time::Duration::from_millis(200));
    waiting.signal("TERM");
    waiting.signal("TERM");
    assert_eq!(waiting.end().exit, 143);
}
