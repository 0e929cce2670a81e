//! The contract of every action: the envelope, exit codes, dry runs, help, precedence.

use crate::support::{World, json};

/// Every action, with what it needs beside the service's parameters.
const ACTIONS: [&str; 12] = [
    "status",
    "register-task-definition",
    "create-task-set",
    "wait-stable",
    "enable-test-listener",
    "shift-weights",
    "swap-live",
    "set-primary",
    "scale-task-set",
    "rollback",
    "delete-task-set",
    "deregister-task-definition",
];

/// A call of any action that would have something to do in this world.
fn call<'a>(world: &'a World, action: &str) -> crate::support::Call<'a> {
    let call = world.of(action, "new");
    match action {
        "register-task-definition" => call.param("image", world.image("v9")),
        "create-task-set" => world.creation("newer"),
        "shift-weights" => call.param("weights", json!({ "blue": 90, "green": 10 })),
        "scale-task-set" => call.param("scale", 50),
        "deregister-task-definition" => {
            call.param("taskDefinitionArn", world.text("taskDefinitionArn")).flags(&["--allow", "not-ours"])
        }
        _ => call,
    }
}

#[test]
fn a_dry_run_of_any_action_changes_nothing() {
    let world = World::new();
    call(&world, "create-task-set").dry();
    world.deploy("new");
    world.set_weights(&world.text("listeners/test"), 100, 0);
    for action in ACTIONS {
        if action == "create-task-set" || action == "set-primary" {
            continue;
        }
        call(&world, action).dry();
    }
    world.of("swap-live", "new").ok();
    call(&world, "set-primary").dry();
    assert_eq!(world.statuses(), ["ACTIVE", "PRIMARY"]);
    let given = world.of("rollback", "new").param("dryRun", true);
    world.forget_calls();
    assert_eq!(given.ok().json["dryRun"], true);
    assert!(world.mutations().is_empty());
}

#[test]
fn a_dry_run_tells_what_would_be() {
    let world = World::new();
    let dry = world.creation("new").dry();
    assert_eq!((dry.at("/result/taskSetArn"), dry.at("/result/colour")), (&json!(null), &json!("green")));
    world.deploy("new");
    let dry = world.of("swap-live", "new").dry();
    let live = dry.at("/result/after/weights/0");
    assert_eq!((&live["blue"], &live["green"]), (&json!(0), &json!(100)));
}

#[test]
fn with_exit_zero_a_failure_is_in_the_json_alone() {
    let world = World::new();
    let failed = world.of("swap-live", "never").flags(&["--exit-zero"]).fails("notFound", "task-set-not-found");
    assert_eq!(failed.exit, 0);
    let usage = world.call("swap-live").flags(&["--exit-zero", "--clustr", "x"]).run();
    assert_eq!((usage.exit, usage.at("/error/kind")), (0, &json!("usage")));
}

#[test]
fn help_and_version_are_plain_text_and_need_nothing() {
    let world = World::new();
    for action in std::iter::once("").chain(ACTIONS) {
        let (exit, text, log) = world.bare(action).flags(&["--help"]).text();
        assert_eq!(exit, 0, "{action}: {log}");
        assert!(text.contains("--exit-zero") && log.is_empty(), "{action}: {text}{log}");
    }
    let (exit, text, _) = world.bare("--version").text();
    assert_eq!((exit, text.as_str()), (0, concat!("ecs-bg ", env!("CARGO_PKG_VERSION"), "\n")));
}

#[test]
fn a_usage_error_without_an_action_is_json_too() {
    let world = World::new();
    for action in ["", "no-such-action", "--no-such-flag"] {
        let failed = world.bare(action).run();
        assert_eq!(
            (failed.exit, failed.at("/error/kind"), &failed.json["action"]),
            (2, &json!("usage"), &json!(null)),
            "{action}"
        );
    }
    let near = world.bare("swap-liv").run();
    assert!(near.message().contains("swap-live"), "{near}");
}

#[test]
fn flags_win_over_json_and_json_over_files() {
    let world = World::new();
    world.file("team.yml", format!("cluster: nowhere\nservice: nobody\nregion: {}\n", world.text("region")));
    world.bare("status").flags(&["--config", "team.yml"]).ok();
    let asked = world
        .bare("status")
        .flags(&["--config", "team.yml", "--service", "flagged"])
        .fails("notFound", "service-not-found");
    assert!(asked.message().contains("flagged"), "{asked}");
    world.bare("status").param("config", json!(["team.yml"])).ok();
}

#[test]
fn everything_can_be_given_as_flags() {
    let world = World::new();
    world.deploy("new");
    let mut call = world.bare("swap-live").without("cluster").without("service").without("region").flags(&[
        "--cluster",
        &world.text("cluster"),
        "--service",
        &world.text("service"),
        "--region",
        &world.text("region"),
    ]);
    for (flag, value) in [
        ("--target-groups-blue", world.text("targetGroups/blue")),
        ("--target-groups-green", world.text("targetGroups/green")),
        ("--listeners-live", world.text("listeners/live")),
        ("--listeners-test", world.text("listeners/test")),
        ("--deployment-id", "new".to_owned()),
        ("--endpoint-url", world.url().to_owned()),
    ] {
        call = call.flags(&[flag, &value]);
    }
    call.no_env("ECS_BG_PARAMS").twice();
}

#[test]
fn the_answer_says_who_and_where() {
    let world = World::new();
    let status = world.status();
    assert_eq!(status.json["account"], json!(world.account_id()));
    assert_eq!(status.json["region"], json!("eu-west-1"));
}

#[test]
fn a_role_of_another_account_is_assumed() {
    let theirs = World::new();
    let ours = World::new();
    let role = theirs.account["roleArn"].clone();
    let status = crate::support::Call::new(&ours, "status", theirs.params()).param("roleArn", role).ok();
    assert_eq!(status.json["account"], json!(theirs.account_id()));
    assert_eq!(status.text("/result/state"), "settled");
}

#[test]
fn verbose_shows_no_secret_and_no_variable() {
    let world = World::new();
    world.create("new");
    let log = world.of("wait-stable", "new").flags(&["--verbose"]).ok().log;
    assert!(log.len() > 200, "{log}");
}

#[test]
fn no_action_leaves_the_contract_when_the_service_does_not_exist() {
    let world = World::new();
    for action in ACTIONS {
        if matches!(action, "deregister-task-definition") {
            continue;
        }
        call(&world, action).param("service", "nobody").fails("notFound", "service-not-found");
        call(&world, action).param("cluster", "nowhere").fails("notFound", "cluster-not-found");
    }
}

#[test]
fn aws_that_is_down_is_unavailable_and_retryable_in_every_action() {
    let world = World::new();
    world.deploy("new");
    world.faults(json!([{ "operation": "*", "kind": "503", "times": 100_000 }]));
    for action in ACTIONS {
        if action == "wait-stable" {
            continue;
        }
        let failed = call(&world, action).param("maxAttempts", 1).fails("unavailable", "unavailable");
        assert_eq!(failed.at("/error/retryable"), &json!(true));
        assert_eq!(failed.json["changed"], false, "{failed}");
    }
    let failed = call(&world, "wait-stable").param("maxAttempts", 1).param("timeout", 1).run();
    assert_eq!(failed.exit, 8, "{failed}");
}

#[test]
fn throttling_is_retried_in_both_protocols() {
    let world = World::new();
    world.deploy("new");
    world.faults(json!([
        { "operation": "DescribeServices", "kind": "throttle" },
        { "operation": "ModifyListener", "kind": "throttle" },
        { "operation": "ModifyListener", "kind": "throttle-new", "nth": 2 },
    ]));
    world.of("swap-live", "new").twice();
}
