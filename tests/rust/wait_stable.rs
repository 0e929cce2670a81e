//! `wait-stable`: what it waits for, and how it ends when that does not come.

use std::time::{Duration, Instant};

use crate::support::{Call, Running, Value, World, json};

fn with_outcome(outcome: &str) -> World {
    let world = World::new();
    world.knobs(json!({ "outcome": { "web": outcome } }));
    world
}

/// Starts a wait; it has looked when this returns.
fn looking(world: &World, call: &Call<'_>) -> Running {
    world.forget_calls();
    let waiting = call.start();
    world.until("it has looked", || world.operations().iter().any(|name| name == "DescribeServices"));
    std::thread::sleep(Duration::from_millis(200));
    waiting
}

fn array<'a>(value: &'a Value, why: &str) -> &'a Vec<Value> {
    value.as_array().filter(|all| !all.is_empty()).unwrap_or_else(|| panic!("no {why}"))
}

#[test]
fn it_ends_when_the_tasks_run_and_their_targets_are_healthy() {
    let world = World::new();
    world.knobs(json!({ "startSeconds": 1.5 }));
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

#[test]
fn an_image_that_cannot_be_pulled_ends_it() {
    let world = with_outcome("pull-error");
    world.create("new");
    let failed = world.of("wait-stable", "new").fails("failed", "image-pull");
    assert!(failed.message().contains("CannotPullContainerError"), "{failed}");
    assert_eq!(array(failed.at("/result/stoppedTasks"), "stopped tasks")[0]["stopCode"], "TaskFailedToStart");
}

#[test]
fn failing_health_checks_end_it_with_the_targets_reasons() {
    let world = with_outcome("unhealthy");
    world.create("new");
    let failed = world.of("wait-stable", "new").fails("failed", "failing-health-checks");
    assert!(failed.message().contains("ELB health checks"), "{failed}");
    assert!(failed.log.contains("is unhealthy in"), "{}", failed.log);
    assert_eq!(failed.at("/result/colour"), &json!("green"));
}

#[test]
fn tasks_that_find_no_place_end_it() {
    let world = with_outcome("placement");
    world.create("new");
    let failed = world.of("wait-stable", "new").param("timeout", "20s").fails("failed", "placement");
    assert!(failed.message().contains("was unable to place a task"), "{failed}");
    assert_eq!(failed.at("/result/stoppedTasks"), &json!([]));
}

#[test]
fn targets_that_cannot_be_used_end_it() {
    for outcome in ["not-in-use", "ip-unusable"] {
        let world = with_outcome(outcome);
        world.create("new");
        let failed = world.of("wait-stable", "new").fails("failed", "targets-unusable");
        let target = &array(failed.at("/result/targets"), "targets")[0];
        assert_eq!(target["state"], "unused");
        assert!(failed.message().contains(target["reason"].as_str().unwrap()), "{failed}");
    }
}

#[test]
fn the_deadline_ends_it_with_the_last_state() {
    let world = with_outcome("stuck");
    let arn = world.create("new");
    world.forget_calls();
    let late = world.of("wait-stable", "new").param("timeout", "2s").fails("timeout", "not-stable-in-time");
    assert_eq!(late.at("/result/taskSetArn"), &json!(arn));
    assert_eq!(late.at("/result/observed/pending"), &json!(2));
    assert_eq!(late.at("/error/retryable"), &json!(true));
    assert!(late.message().contains("within 2 s"), "{late}");
    let asked = world.operations();
    assert_eq!(asked.iter().filter(|name| *name == "DescribeTargetHealth").count(), 1, "only at the end: {asked:?}");
    assert_eq!(asked.iter().filter(|name| *name == "ListTasks").count(), 1, "only at the end: {asked:?}");
}

#[test]
fn healthy_tasks_are_not_enough_while_ecs_does_not_call_them_steady() {
    let world = with_outcome("never-steady");
    world.create("new");
    let late = world.of("wait-stable", "new").param("timeout", "3s").fails("timeout", "not-stable-in-time");
    assert_eq!(late.at("/result/observed/stability"), &json!("STABILIZING"));
    assert_eq!(late.at("/result/health/healthy"), &json!(2));
    assert!(late.message().contains("steady"), "{late}");
}

#[test]
fn a_grace_period_does_not_hide_a_crash_loop() {
    let world = World::with(json!({ "gracePeriod": 600 }));
    world.knobs(json!({ "outcome": { "web": "crash" } }));
    world.create("new");
    world.of("wait-stable", "new").fails("failed", "crash-loop");
}

#[test]
fn within_the_grace_period_unhealthy_targets_are_not_taken_for_a_stable_set() {
    let world = World::with(json!({ "gracePeriod": 600 }));
    world.knobs(json!({ "outcome": { "web": "unhealthy" } }));
    world.create("new");
    let late = world.of("wait-stable", "new").param("timeout", "3s").fails("timeout", "not-stable-in-time");
    assert_eq!(late.at("/result/observed/stability"), &json!("STEADY_STATE"), "as AWS has it: {late}");
    assert_eq!(late.at("/result/health/unhealthy"), &json!(2));
}

#[test]
fn steady_with_zero_tasks_is_refused() {
    let world = World::new();
    world.creation("new").param("scale", 0).ok();
    world.of("wait-stable", "new").refused("no-capacity");
}

#[test]
fn ten_percent_of_one_task_is_one_task() {
    let world = World::with(json!({ "desiredCount": 1 }));
    world.creation("new").param("scale", 10).ok();
    assert_eq!(world.of("wait-stable", "new").ok().at("/result/desired"), &json!(1));
}

#[test]
fn the_desired_count_is_read_anew_at_each_look() {
    let world = World::new();
    world.knobs(json!({ "startSeconds": 1.5 }));
    world.create("new");
    let waiting = looking(&world, &world.of("wait-stable", "new"));
    world.set_desired_count(4);
    let done = waiting.end();
    assert_eq!((done.at("/result/desired"), done.at("/result/running")), (&json!(4), &json!(4)), "{done}");
}

#[test]
fn a_set_that_somebody_deletes_meanwhile_ends_it() {
    let world = with_outcome("stuck");
    let arn = world.create("new");
    let waiting = looking(&world, &world.of("wait-stable", "new"));
    world.delete_task_set(&arn);
    let failed = waiting.end();
    assert_eq!((failed.exit, failed.at("/error/code")), (6, &json!("task-set-deleted")), "{failed}");
    assert_eq!(failed.at("/result/taskSetArn"), &json!(arn));
}

#[test]
fn sigterm_ends_it_at_once_with_the_json() {
    let world = with_outcome("stuck");
    let arn = world.create("new");
    let waiting = looking(&world, &world.of("wait-stable", "new").param("pollInterval", "30s"));
    let begun = Instant::now();
    waiting.signal("TERM");
    let ended = waiting.end();
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!((ended.exit, ended.at("/error/kind")), (143, &json!("interrupted")), "{ended}");
    assert_eq!(ended.at("/result/taskSetArn"), &json!(arn));
    assert_eq!(ended.at("/result/observed/pending"), &json!(2));
}

#[test]
fn reads_that_are_throttled_or_fail_are_tried_again_and_that_is_said() {
    let world = World::new();
    world.create("new");
    world.faults(json!([
        { "operation": "DescribeServices", "kind": "throttle", "nth": 2, "times": 2 },
        { "operation": "DescribeTargetHealth", "kind": "500", "times": 2 },
    ]));
    let done = world.of("wait-stable", "new").param("maxAttempts", 1).ok();
    assert!(done.log.contains("trying on"), "{}", done.log);
}

#[test]
fn another_set_of_the_same_group_keeps_it_waiting_until_its_tasks_are_gone() {
    let world = World::new();
    let other = world.stray_task_set(Some("other"), &world.text("targetGroups/green"));
    let ours = world.stray_task_set(Some("new"), &world.text("targetGroups/green"));
    world.until("both run", || world.task_sets().iter().all(|set| set["running"] == 2));
    let waiting = looking(&world, &world.of("wait-stable", "new"));
    world.delete_task_set(&other);
    let done = waiting.end();
    assert_eq!(done.at("/result/taskSetArn"), &json!(ours), "{done}");
    assert!(done.log.contains("other") && done.log.contains("same target group"), "{}", done.log);
}

#[test]
fn targets_that_the_last_deployment_left_draining_do_not_count() {
    let world = World::new();
    world.knobs(json!({ "lingerSeconds": 60 }));
    let last = world.deploy("last");
    world.delete_task_set(&last);
    world.until("it is gone", || world.task_sets().len() == 1);
    world.create("new");
    let done = world.of("wait-stable", "new").ok();
    assert_eq!(done.at("/result/health/healthy"), &json!(2), "{done}");
}

#[test]
fn it_needs_only_cluster_service_region_and_the_deployment() {
    let world = World::new();
    world.create("new");
    let done = world.bare("wait-stable").param("deploymentId", "new").param("pollInterval", "100ms").ok();
    assert_eq!(done.at("/result/colour"), &json!("green"), "the tags tell the colour: {done}");
}

#[test]
fn a_version_that_does_not_exist_is_not_found() {
    let world = World::new();
    world.of("wait-stable", "nobody").fails("notFound", "task-set-not-found");
    let gone = format!("arn:aws:ecs:eu-west-1:{}:task-set/prod/web/ecs-svc/1", world.account_id());
    world.call("wait-stable").param("taskSetArn", gone).fails("notFound", "task-set-not-found");
    world.call("wait-stable").fails("usage", "missing-parameter");
}

#[test]
fn a_dry_run_looks_once() {
    let world = with_outcome("stuck");
    world.create("new");
    let looked = world.of("wait-stable", "new").dry();
    assert_eq!(looked.at("/result/polls"), &json!(1));
}

#[test]
fn tasks_with_ipv6_addresses_alone_are_told_from_other_targets_of_their_group() {
    let world = World::with(json!({ "ipv6": true }));
    world.elb(async |elb| {
        let foreign =
            aws_sdk_elasticloadbalancingv2::types::TargetDescription::builder().id("2001:db8:f::1").port(8080);
        let group = world.text("targetGroups/green");
        elb.register_targets().target_group_arn(group).targets(foreign.build()).send().await.map(drop).unwrap();
    });
    world.create("new");
    let done = world.of("wait-stable", "new").param("timeout", "8s").nothing_to_do();
    assert_eq!(done.at("/result/health/healthy"), &json!(2), "{done}");
    world.of("swap-live", "new").ok();
}
