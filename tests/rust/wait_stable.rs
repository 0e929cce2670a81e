//! `wait-stable`: what it waits for, and how it ends when that does not come.

use std::time::{Duration, Instant};

use crate::support::{Value, World, json};

fn with_outcome(outcome: &str) -> World {
    let world = World::new();
    world.knobs(json!({ "outcome": { "web": outcome } }));
    world
}

fn array<'a>(value: &'a Value, why: &str) -> &'a Vec<Value> {
    value.as_array().filter(|all| !all.is_empty()).unwrap_or_else(|| panic!("no {why}"))
}

#[test]
fn it_ends_when_the_tasks_run_and_their_targets_are_healthy() {
    let world = World::new();
    let arn = world.create("new");
    let done = world.of("wait-stable", "new").nothing_to_do();
    assert_eq!(done.at("/result/taskSetArn"), &json!(arn));
    assert_eq!(done.at("/result/deploymentId"), &json!("new"));
    assert_eq!(done.at("/result/colour"), &json!("green"));
    assert_eq!((done.at("/result/desired"), done.at("/result/running")), (&json!(2), &json!(2)));
    assert_eq!(done.at("/result/health/healthy"), &json!(2));
    assert!(done.log.contains("has started 2 tasks"), "the set's events are told: {}", done.log);
    assert!(done.log.contains("0 of 2 running") && done.log.contains("2 of 2 running"), "{}", done.log);
}

#[test]
fn a_steady_set_is_found_within_two_seconds_and_confirmed_so_many_times() {
    let world = World::new();
    world.deploy("new");
    let begun = Instant::now();
    let done = world.of("wait-stable", "new").param("confirmations", 3).param("pollInterval", "2s").nothing_to_do();
    assert_eq!(done.at("/result/polls"), &json!(3));
    assert!(begun.elapsed() < Duration::from_secs(4), "two pauses of one second: {:?}", begun.elapsed());
}

#[test]
fn crashing_tasks_end_it_with_their_exit_codes() {
    let world = with_outcome("crash");
    world.create("new");
    let failed = world.of("wait-stable", "new").fails("failed", "crash-loop");
    assert!(failed.message().contains("exit code 1"), "{failed}");
    let stopped = array(failed.at("/result/stoppedTasks"), "stopped tasks");
    assert_eq!(stopped[0]["stopCode"], "EssentialContainerExited");
    assert_eq!(stopped[0]["containers"][0]["exitCode"], 1);
    assert!(failed.text("/result/taskSetArn").contains(":task-set/"));
    array(failed.at("/result/events"), "events");
}
