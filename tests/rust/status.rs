//! `status`: it answers in every state, also where something is wrong.

use crate::support::{World, json};

#[test]
fn it_tells_all_there_is_from_cluster_service_and_region_alone() {
    let world = World::new();
    world.creation("new").param("build", "https://ci.example.com/job/team%2Fweb/12/").ok();
    world.of("wait-stable", "new").ok();
    world.forget_calls();
    let status = world.bare("status").nothing_to_do();
    assert_eq!(status.text("/result/state"), "settled");
    assert_eq!(status.at("/result/live/taskSetArn"), &json!(world.text("taskSetArn")));
    assert_eq!(status.at("/result/idle/colour"), &json!("green"));
    let sets = status.at("/result/taskSets").as_array().unwrap();
    let new = sets.iter().find(|set| set["deploymentId"] == "new").unwrap();
    assert_eq!((&new["running"], &new["health"]["healthy"], &new["colour"]), (&json!(2), &json!(2), &json!("green")));
    assert_eq!(new["images"]["web"], json!(world.image("v1")));
    assert_eq!(new["build"], "https://ci.example.com/job/team%2Fweb/12/");
    for words in ["settled", "DEPLOYMENT", "new", "blue 100, green 0"] {
        assert!(status.log.contains(words), "a person reads {words}: {}", status.log);
    }
}

#[test]
fn targets_are_told_apart_by_address_and_on_instances_by_host_port() {
    for (mode, ipv6) in [("awsvpc", false), ("awsvpc", true), ("bridge", false)] {
        let world = World::with(json!({ "networkMode": mode, "ipv6": ipv6, "gracePeriod": 7200 }));
        let (one, other) = (world.text("targetGroups/green"), world.text("targetGroups/green"));
        world.stray_task_set(Some("one"), &one);
        let sick = world.stray_task_set(Some("other"), &other);
        world.until("both run", || world.task_sets().iter().all(|set| set["running"] == 2));
        world.until("both are healthy", || world.now()["groups"][&one]["healthy"] == 4);
        world.control("tasks", &json!({ "taskSet": sick, "action": "unhealthy", "count": 1 }));
        let status = world.call("status").ok();
        let sets = status.at("/result/taskSets").as_array().unwrap();
        let healthy =
            |id: &str| sets.iter().find(|set| set["deploymentId"] == id).unwrap()["health"]["healthy"].clone();
        assert_eq!((healthy("one"), healthy("other")), (json!(2), json!(1)), "{mode}, {ipv6}: {status}");
    }
}

#[test]
fn a_deployment_is_followed_through_its_phases() {
    let world = World::new();
    world.deploy("new");
    let phase = || world.of("status", "new").ok().text("/result/deployment/phase");
    let mut phases = vec![phase()];
    world.of("shift-weights", "new").param("weights", json!({ "blue": 90, "green": 10 })).ok();
    phases.push(phase());
    world.of("swap-live", "new").ok();
    phases.push(phase());
    world.of("set-primary", "new").ok();
    phases.push(phase());
    assert_eq!(phases, ["idle", "shifting", "live", "live"], "PRIMARY or not is told by the state");
    assert_eq!(world.of("status", "never").ok().at("/result/deployment"), &json!(null));
}

#[test]
fn it_answers_where_something_is_wrong() {
    let world = World::new();
    world.deploy("new");
    world.set_weights(&world.text("listeners/live"), 0, 0);
    let crossed = world.call("status").nothing_to_do();
    assert_eq!(crossed.text("/result/state"), "crossed");
    assert!(crossed.text("/result/reason").contains("no weight"), "{crossed}");
    world.set_weights(&world.text("listeners/live"), 100, 0);
    world.faults(json!([{ "operation": "DescribeTargetHealth", "kind": "access-denied", "times": 100 }]));
    let partly = world.call("status").nothing_to_do();
    assert!(!partly.warnings().is_empty(), "what could not be read is a warning: {partly}");
    assert_eq!(partly.text("/result/state"), "settled");
}

#[test]
fn a_service_without_any_task_set_is_first() {
    let world = World::with(json!({ "blue": false }));
    assert_eq!(world.bare("status").nothing_to_do().text("/result/state"), "first");
}

#[test]
fn a_set_in_a_third_group_makes_it_crossed() {
    let world = World::with(json!({ "foreignGroup": true }));
    world.stray_task_set(None, &world.text("foreignGroup"));
    let status = world.call("status").ok();
    assert_eq!(status.text("/result/state"), "crossed");
    assert!(status.text("/result/reason").contains("neither blue nor green"), "{status}");
}

#[test]
fn five_sets_a_thousand_targets_and_many_listeners_are_told() {
    let world = World::with(json!({ "extraListeners": 18, "desiredCount": 200 }));
    let mut live = vec![world.text("listeners/live")];
    live.extend(world.list("extraListeners"));
    world.knobs(json!({ "pageSize": 50, "goneSeconds": 60 }));
    for n in 0..3 {
        let arn = world.create(&format!("gone-{n}"));
        world.delete_task_set(&arn);
    }
    world.create("new");
    world.forget_calls();
    let status = world.call("status").param("listeners.live", json!(live)).ok();
    assert_eq!(status.at("/result/taskSets").as_array().unwrap().len(), 5);
    assert_eq!(status.at("/result/weights").as_array().unwrap().len(), 20);
    assert_eq!(status.at("/result/live/taskSetArn"), &json!(world.text("taskSetArn")));
    let calls = world.operations();
    assert!(calls.len() < 40, "calls grow by pages only: {calls:?}");
}
