//! A version that scales at the moment in which it shall get traffic: it is waited for where its tasks are well.

use std::time::{Duration, Instant};

use crate::support::{Call, Running, World, json};

/// A version that is ready; a task that it starts from now on needs so long.
fn ready(start_seconds: f64) -> World {
    let world = World::new();
    world.deploy("new");
    world.set_weights(&world.text("listeners/test"), 100, 0);
    world.knobs(json!({ "startSeconds": start_seconds }));
    world
}

/// Every action that gives traffic.
fn giving(world: &World) -> [Call<'_>; 3] {
    [
        world.of("enable-test-listener", "new"),
        world.of("shift-weights", "new").param("weights", json!({ "blue": 90, "green": 10 })),
        swap(world),
    ]
}

fn swap(world: &World) -> Call<'_> {
    world.of("swap-live", "new")
}

/// Starts a call that waits: it has looked at everything when this returns.
fn waits(world: &World, call: &Call<'_>) -> Running {
    world.forget_calls();
    let running = call.start();
    world.until("it waits", || world.operations().iter().any(|name| name == "ListTasks"));
    std::thread::sleep(Duration::from_millis(200));
    running
}

/// How many targets of the new version were healthy when it got all live traffic.
fn healthy_at_the_write(world: &World) -> i64 {
    let (live, [blue, green]) =
        (world.text("listeners/live"), ["blue", "green"].map(|c| world.text(&format!("targetGroups/{c}"))));
    let history = world.history();
    let written = history.iter().find(|entry| entry["weights"][&live][&blue] == 0);
    let written = written.unwrap_or_else(|| panic!("live was not written: {history:?}"));
    written["groups"][&green]["healthy"].as_i64().unwrap_or(0)
}

#[test]
fn a_service_that_was_just_scaled_out_is_waited_for_by_every_action_that_gives_traffic() {
    let world = ready(0.7);
    for (call, desired) in giving(&world).iter().zip([3, 4, 8]) {
        world.set_desired_count(desired);
        world.forget_history();
        let given = call.twice();
        assert!(given.log.contains("scales at this moment") && given.log.contains("up to 300 s"), "{}", given.log);
        assert!(given.log.contains(&format!("{desired} of {desired} running")), "progress is told: {}", given.log);
    }
    assert_eq!((world.live(), healthy_at_the_write(&world)), ((0, 100), 8));
}

#[test]
fn a_task_set_that_was_just_scaled_is_waited_for() {
    let world = World::new();
    world.creation("new").param("scale", 50).ok();
    world.of("wait-stable", "new").ok();
    world.knobs(json!({ "startSeconds": 0.7 }));
    world.of("scale-task-set", "new").param("scale", 100).ok();
    swap(&world).twice();
    assert_eq!(healthy_at_the_write(&world), 2);
}

#[test]
fn the_desired_count_is_read_anew_while_it_waits() {
    let world = ready(1.0);
    world.set_desired_count(3);
    let waiting = waits(&world, &swap(&world));
    world.set_desired_count(5);
    let done = waiting.end();
    assert_eq!((done.exit, healthy_at_the_write(&world)), (0, 5), "{done}");
}

#[test]
fn whoever_scales_in_is_not_waited_for_where_enough_healthy_tasks_stay() {
    let world = World::with(json!({ "desiredCount": 4 }));
    world.deploy("new");
    world.knobs(json!({ "steadySeconds": 60, "drainSeconds": 60 }));
    world.set_desired_count(2);
    let begun = Instant::now();
    let swapped = swap(&world).twice();
    assert!(begun.elapsed() < Duration::from_secs(10) && !swapped.log.contains("waiting"), "{swapped}");
    assert_eq!(healthy_at_the_write(&world), 2);
}

#[test]
fn it_is_not_waited_for_where_it_is_told_so() {
    let world = ready(60.0);
    world.set_desired_count(4);
    for call in giving(&world) {
        let refused = call.param("settle", 0).refused("not-stable");
        assert!(refused.message().contains("2 running, 2 pending of 4"), "{refused}");
    }
    assert!(!world.operations().contains(&"ListTasks".to_owned()), "nor asked for more");
}

#[test]
fn tasks_that_have_failed_are_no_scaling() {
    let world = ready(60.0);
    let arn = world.task_sets().last().unwrap()["arn"].clone();
    world.control("tasks", &json!({ "taskSet": arn, "action": "stop", "count": 1, "exitCode": 137 }));
    world.until("its successor is on its way", || world.task_sets().last().unwrap()["running"] == 1);
    for call in giving(&world) {
        let refused = call.refused("not-stable");
        assert!(refused.message().contains("exit code 137"), "{refused}");
        assert_eq!(refused.at("/result/stoppedTasks/0/stopCode"), "EssentialContainerExited");
    }
}

#[test]
fn a_task_that_fails_while_the_others_start_ends_it_at_once() {
    for (action, expected) in [("unhealthy", "health checks"), ("stop", "exit code 1")] {
        let world = ready(60.0);
        let arn = world.task_sets().last().unwrap()["arn"].clone();
        world.set_desired_count(4);
        let waiting = waits(&world, &swap(&world));
        world.control("tasks", &json!({ "taskSet": arn, "action": action, "count": 1, "exitCode": 1 }));
        let refused = waiting.end();
        assert_eq!((refused.exit, refused.at("/error/code")), (3, &json!("not-stable")), "{action}: {refused}");
        assert_eq!(world.mutations(), Vec::<String>::new());
        let is_told = refused.message().contains(expected);
        // Before ECS stops it, a sick task is a sick target.
        assert!(is_told || action == "unhealthy", "{action}: {refused}");
    }
}

#[test]
fn the_deadline_ends_it_with_what_was_last_seen() {
    let world = ready(60.0);
    world.set_desired_count(4);
    for call in giving(&world) {
        world.forget_calls();
        let late = call.param("settle", "500ms").fails("timeout", "not-stable-in-time");
        assert!(late.message().contains("within 0.5 s") && late.message().contains("settle"), "{late}");
        assert!(late.message().contains("2 running, 2 pending of 4; targets: 2 healthy"), "{late}");
        assert_eq!((late.at("/result/observed/desired"), late.at("/result/observed/pending")), (&json!(4), &json!(2)));
        assert_eq!((late.at("/error/retryable"), late.at("/changed")), (&json!(true), &json!(false)));
        assert_eq!(world.mutations(), Vec::<String>::new());
    }
}

#[test]
fn sigterm_ends_it_at_once_and_nothing_is_changed() {
    let world = ready(60.0);
    world.set_desired_count(4);
    let waiting = waits(&world, &swap(&world).param("pollInterval", "30s"));
    let begun = Instant::now();
    waiting.signal("TERM");
    let ended = waiting.end();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!((ended.exit, ended.at("/changed")), (143, &json!(false)), "{ended}");
    assert_eq!((world.mutations(), world.live()), (Vec::new(), (100, 0)));
}

#[test]
fn reads_that_are_throttled_or_fail_while_it_waits_are_tried_again_and_that_is_said() {
    for (operation, kind) in [
        ("DescribeServices", "throttle"),
        ("DescribeTargetHealth", "500"),
        ("DescribeListeners", "throttle"),
        ("ListTasks", "503"),
    ] {
        let world = ready(1.0);
        world.set_desired_count(3);
        let waiting = waits(&world, &swap(&world).param("maxAttempts", 1));
        world.faults(json!([{ "operation": operation, "kind": kind, "times": 2 }]));
        let done = waiting.end();
        assert_eq!(done.exit, 0, "{operation}: {done}");
        assert_eq!(done.log.matches("trying on").count(), 1, "{operation}: {}", done.log);
    }
}

#[test]
fn everything_is_looked_at_anew_after_it() {
    let world = ready(1.0);
    world.set_desired_count(3);
    let waiting = waits(&world, &swap(&world));
    world.stray_task_set(Some("stray"), &world.text("targetGroups/green"));
    let refused = waiting.end();
    assert_eq!((refused.exit, refused.at("/error/code")), (3, &json!("other-deployment")), "{refused}");

    let world = ready(1.0);
    world.set_desired_count(3);
    let waiting = waits(&world, &swap(&world));
    world.delete_task_set(world.task_sets().last().unwrap()["arn"].as_str().unwrap());
    let refused = waiting.end();
    assert!([3, 4].contains(&refused.exit), "it is being deleted, or gone: {refused}");
    assert_eq!(world.live(), (100, 0));

    let world = ready(1.0);
    world.set_desired_count(3);
    let waiting = waits(&world, &swap(&world));
    world.set_weights(&world.text("listeners/live"), 0, 100);
    world.forget_calls();
    let done = waiting.end();
    assert_eq!((done.exit, world.mutations().len()), (0, 0), "somebody else has done it meanwhile: {done}");
}

#[test]
fn a_dry_run_says_what_it_would_wait_for() {
    let world = ready(60.0);
    world.set_desired_count(4);
    for call in giving(&world) {
        let dry = call.dry();
        assert_eq!(dry.warnings(), ["settling"]);
        assert!(dry.log.contains("2 running, 2 pending of 4") && dry.log.contains("up to 300 s"), "{}", dry.log);
    }
}

#[test]
fn a_rollback_waits_for_nobody_who_scales() {
    let world = World::new();
    world.release("new");
    world.knobs(json!({ "startSeconds": 60 }));
    world.set_desired_count(4);
    let begun = Instant::now();
    let back = world.of("rollback", "new").ok();
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert_eq!((world.live(), back.warnings()), ((100, 0), vec!["previous-not-full".to_owned()]), "{back}");
}

#[test]
fn a_slow_start_within_the_grace_period_is_no_illness() {
    let world = World::with(json!({ "gracePeriod": 8 }));
    let begun = Instant::now();
    let arn = world.deploy("new");
    // The older tasks are out of it.
    std::thread::sleep(Duration::from_secs(9).saturating_sub(begun.elapsed()));
    world.knobs(json!({ "replaceSeconds": 60 }));
    world.set_desired_count(4);
    world.until("the new ones run", || world.task_sets().last().unwrap()["running"] == 4);
    world.control("tasks", &json!({ "taskSet": arn, "action": "unhealthy" }));
    world.control("tasks", &json!({ "taskSet": arn, "action": "healthy", "count": 2 }));
    let waiting = waits(&world, &swap(&world));
    world.control("tasks", &json!({ "taskSet": arn, "action": "healthy" }));
    let done = waiting.end();
    assert!(done.exit == 0 && done.log.contains("2 healthy, 2 unhealthy"), "{done}");
    assert_eq!(healthy_at_the_write(&world), 4);
}
