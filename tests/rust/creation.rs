//! `create-task-set`: where it goes, what it refuses, and what happens when two meet or a reply is lost.

use crate::support::{World, json};

#[test]
fn it_is_like_primary_in_the_idle_group_and_says_what_it_is() {
    let world = World::new();
    let created = world.creation("new").param("build", "https://ci.example.com/job/web/12/").twice();
    assert_eq!(created.at("/result/colour"), &json!("green"));
    assert_eq!(created.at("/result/targetGroupArn"), &json!(world.text("targetGroups/green")));
    let sent = world.ecs(async |ecs| {
        let found = ecs
            .describe_task_sets()
            .cluster(world.text("cluster"))
            .service(world.text("service"))
            .task_sets(created.text("/result/taskSetArn"))
            .include(aws_sdk_ecs::types::TaskSetField::Tags)
            .send()
            .await
            .unwrap();
        found.task_sets.unwrap().remove(0)
    });
    let network = sent.network_configuration.unwrap().awsvpc_configuration.unwrap();
    assert_eq!((network.subnets, network.security_groups), (world.list("subnets"), Some(world.list("securityGroups"))));
    assert_eq!(sent.external_id.as_deref(), Some("new"));
    let tag =
        |key: &str| sent.tags.iter().flatten().find(|tag| tag.key() == Some(key)).and_then(|tag| tag.value()).unwrap();
    assert_eq!(tag("ecs-bg:deployment"), "new");
    assert_eq!(tag("ecs-bg:build"), "https://ci.example.com/job/web/12/");
    assert_eq!(tag("ecs-bg:live"), world.text("listeners/live"));
    assert_eq!(tag("ecs-bg:test"), world.text("listeners/test"));
    assert_eq!(
        (tag("ecs-bg:blue"), tag("ecs-bg:green")),
        (&*world.text("targetGroups/blue"), &*world.text("targetGroups/green"))
    );
}

#[test]
fn an_id_of_any_characters_makes_a_set_that_is_found_by_it() {
    for (id, tag) in [
        (
            "jenkins-\u{924}\u{948}\u{928}\u{93e}\u{924}\u{940}-7",
            Some("jenkins-\u{924}==E0==A5==88\u{928}==E0==A4==BE\u{924}==E0==A5==80-7"),
        ),
        ("jenkins-shop (prod)/feature%2F#46-7", Some("jenkins-shop ==28prod==29/feature=2F==2346-7")),
        (&"\u{948}".repeat(255), None),
    ] {
        let world = World::new();
        world.creation(id).param("build", "https://ci/job/\u{948}(1)/?a=b").ok();
        let sent = world.calls().into_iter().find(|call| call.operation == "CreateTaskSet").unwrap();
        assert_eq!(sent.params["externalId"], id);
        let sent = sent.params["tags"].as_array().unwrap().clone();
        let value = |key: &str| sent.iter().find(|tag| tag["key"] == key).unwrap()["value"].as_str().unwrap();
        assert!(tag.is_none_or(|tag| tag == value("ecs-bg:deployment")), "{}", value("ecs-bg:deployment"));
        for text in [value("ecs-bg:deployment"), value("ecs-bg:build")] {
            assert!(
                text.chars().count() <= 256 && !text.contains(['\u{948}', '\u{93e}', '\u{940}', '(', '#', '%', '?']),
                "{text}"
            );
        }
        world.creation(id).nothing_to_do();
        let status = world.status();
        let sets = status.at("/result/taskSets").as_array().unwrap();
        let ours = sets.iter().find(|set| set["deploymentId"] == id).unwrap();
        assert_eq!(ours["build"], "https://ci/job/\u{948}(1)/?a=b");
    }
}

#[test]
fn the_scale_is_always_sent() {
    let world = World::new();
    world.create("new");
    let sent = world.calls().into_iter().find(|call| call.operation == "CreateTaskSet").unwrap();
    assert_eq!(sent.params["scale"], json!({ "unit": "PERCENT", "value": 100.0 }));
    assert!(sent.params["clientToken"].as_str().is_some_and(|token| token.len() <= 36));
}

#[test]
fn a_set_of_another_deployment_in_the_idle_group_is_refused_with_the_way_to_go_on() {
    let world = World::new();
    world.creation("theirs").param("build", "https://ci.example.com/job/web/7/").ok();
    let refused = world.creation("ours").refused("other-deployment");
    for part in
        ["theirs", "https://ci.example.com/job/web/7/", "deploymentId: 'theirs'", "rollback --deployment-id theirs"]
    {
        assert!(refused.message().contains(part), "{part}: {refused}");
    }
}

#[test]
fn the_previous_version_must_be_removed_first() {
    let world = World::new();
    world.release("first");
    let refused = world.creation("second").refused("previous-stands");
    assert!(
        refused.message().contains(&format!("delete-task-set --task-set-arn {}", world.text("taskSetArn"))),
        "{refused}"
    );
    world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).ok();
    world.creation("second").twice();
}

#[test]
fn the_same_id_with_other_content_is_refused() {
    let world = World::new();
    world.create("new");
    let other = world.call("register-task-definition").param("image", world.image("v2")).ok();
    let arn = other.text("/result/taskDefinitionArn");
    world.of("create-task-set", "new").param("taskDefinitionArn", arn).refused("content-differs");
    world.creation("new").param("scale", 100).nothing_to_do();
}

#[test]
fn a_set_that_is_live_already_is_returned_when_its_creation_is_repeated() {
    let world = World::new();
    let arn = world.deploy("new");
    world.of("swap-live", "new").ok();
    assert_eq!(world.creation("new").nothing_to_do().text("/result/taskSetArn"), arn);
    world.of("set-primary", "new").ok();
    assert_eq!(world.creation("new").nothing_to_do().text("/result/taskSetArn"), arn);
}

#[test]
fn a_sixth_set_is_refused_and_all_five_are_named() {
    let world = World::new();
    world.knobs(json!({ "drainSeconds": 60 }));
    for n in 0..4 {
        let arn = world.deploy(&format!("gone-{n}"));
        world.delete_task_set(&arn);
    }
    let refused = world.creation("new").refused("set-limit");
    for n in 0..4 {
        assert!(refused.message().contains(&format!("gone-{n}")), "{refused}");
    }
}

#[test]
fn the_limit_that_comes_between_is_refused_in_both_of_awss_words() {
    for style in ["invalid", "limit"] {
        let world = World::new();
        world.knobs(json!({ "limitStyle": style, "taskSetLimit": 1 }));
        let refused = world.creation("new").run();
        assert_eq!(refused.json["ok"], false, "{refused}");
        assert_eq!(world.task_sets().len(), 1);
        assert_eq!(world.operations().iter().filter(|name| *name == "CreateTaskSet").count(), 1, "not retried");
    }
}

#[test]
fn a_lost_reply_makes_one_set_only() {
    let world = World::new();
    world.faults(json!([{ "operation": "CreateTaskSet", "kind": "lost-reply" }]));
    let created = world.creation("new").ok();
    assert_eq!(world.operations().iter().filter(|name| *name == "CreateTaskSet").count(), 2, "sent again");
    assert_eq!(world.task_sets().len(), 2, "PRIMARY and the new one");
    assert_eq!(world.creation("new").nothing_to_do().text("/result/taskSetArn"), created.text("/result/taskSetArn"));
}

#[test]
fn a_lost_reply_without_another_attempt_is_repaired_by_the_next_run() {
    let world = World::new();
    world.faults(json!([{ "operation": "CreateTaskSet", "kind": "lost-reply" }]));
    let failed = world.creation("new").param("maxAttempts", 1).fails("unavailable", "unreachable");
    assert_eq!((&failed.json["changed"], failed.at("/error/retryable")), (&json!(true), &json!(true)));
    world.creation("new").nothing_to_do();
    assert_eq!(world.task_sets().len(), 2);
}

#[test]
fn a_token_that_aws_replays_for_a_dead_set_makes_a_new_one() {
    for style in ["replay", "forget"] {
        let world = World::new();
        world.knobs(json!({ "deadTokens": style }));
        let first = world.create("new");
        world.delete_task_set(&first);
        world.until("it is gone", || world.task_sets().len() == 1);
        let second = world.creation("new").ok().text("/result/taskSetArn");
        assert_ne!(first, second);
        assert_eq!(world.task_sets().len(), 2, "{style}");
    }
}

#[test]
fn a_set_that_reads_do_not_show_yet_is_waited_for() {
    let world = World::new();
    world.knobs(json!({ "staleSeconds": 1 }));
    let created = world.creation("new").ok();
    assert!(!created.at("/result/after/taskSets").as_array().unwrap().is_empty());
    assert_eq!(world.task_sets().len(), 2);
}

#[test]
fn of_two_that_meet_the_elder_goes_on_and_the_younger_withdraws() {
    let world = World::new();
    // The first is held right before its set is created, after it has looked; the second comes and goes meanwhile.
    let at_creation = json!({ "operation": "CreateTaskSet", "when": "before" });
    let refused = world.creation("younger").held_while(at_creation, || {
        world.creation("elder").ok();
    });
    assert_eq!((refused.exit, refused.at("/error/code")), (3, &json!("other-deployment")), "{refused}");
    assert_eq!(refused.at("/result/withdrawn"), &json!(true));
    assert!(refused.message().contains("elder"), "{refused}");
    world.until("it is gone", || world.task_sets().len() == 2);
    world.of("wait-stable", "elder").ok();
    world.of("swap-live", "elder").ok();
}

#[test]
fn the_elder_waits_for_the_younger_to_withdraw() {
    let world = World::new();
    let file = world.dir().join("meet").to_str().unwrap().to_owned();
    // Held right after its creation, before it looks again.
    world.control("hooks", &json!([{ "operation": "CreateTaskSet", "when": "after", "file": file }]));
    let elder = world.creation("elder").start();
    world.until("the first is created", || std::path::Path::new(&file).exists());
    let stray = world.stray_task_set(Some("younger"), &world.text("targetGroups/green"));
    std::fs::write(format!("{file}.go"), "").unwrap();
    std::thread::sleep(std::time::Duration::from_millis(600));
    world.delete_task_set(&stray);
    let done = elder.end();
    assert_eq!(done.json["ok"], true, "{done}");
    assert!(done.log.contains("has to give way"), "{}", done.log);
}

#[test]
fn live_weight_that_comes_to_the_group_meanwhile_withdraws_the_set() {
    let world = World::new();
    let refused = world.creation("new").held_while(json!({ "operation": "CreateTaskSet", "when": "after" }), || {
        world.set_weights(&world.text("listeners/live"), 50, 50);
    });
    assert_eq!((refused.exit, refused.at("/error/code")), (3, &json!("idle-group-live")), "{refused}");
    world.until("it is gone", || world.task_sets().len() == 1);
}

#[test]
fn a_set_that_goes_live_while_its_creation_is_repeated_is_never_withdrawn() {
    let world = World::new();
    world.deploy("new");
    // The second look is for others in the group.
    let at_second_look = json!({ "operation": "DescribeListeners", "nth": 2, "when": "before" });
    let done = world.creation("new").held_while(at_second_look, || {
        world.set_weights(&world.text("listeners/live"), 0, 100);
        world.forget_calls();
    });
    assert_eq!((&done.json["ok"], &done.json["changed"]), (&json!(true), &json!(false)), "{done}");
    assert_eq!(world.mutations(), Vec::<String>::new());
    assert_eq!(world.statuses(), ["ACTIVE", "PRIMARY"]);
}

#[test]
fn a_template_is_taken_and_what_is_the_services_is_an_error() {
    let world = World::new();
    let network = json!({ "awsvpcConfiguration": { "subnets": world.list("subnets"), "securityGroups": world.list("securityGroups") } });
    let balancers = json!([{ "targetGroupArn": "chosen by ecs-bg", "containerName": "web", "containerPort": 8080 }]);
    let good = json!({ "loadBalancers": balancers, "launchType": "FARGATE", "networkConfiguration": network, "platformVersion": "1.4.0" });
    world.file("taskset.json", good.to_string());
    world.creation("new").param("taskSet", "taskset.json").twice();

    let world = World::new();
    let mut bad = good;
    bad["healthCheckGracePeriodSeconds"] = json!(30);
    world.file("bad.json", bad.to_string());
    let failed = world.creation("other").param("taskSet", "bad.json").fails("usage", "template-service-level");
    assert!(failed.message().contains("healthCheckGracePeriodSeconds"), "{failed}");
}

#[test]
fn not_yet_is_tried_again() {
    let world = World::new();
    world.faults(json!([{ "operation": "CreateTaskSet", "kind": "not-associated" }]));
    world.creation("new").twice();
}
