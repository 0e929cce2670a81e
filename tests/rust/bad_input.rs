//! Bad input and bad surroundings: one clear error, with a hint and the right exit code, and nothing changed: promise 11.

use std::io::{Read, Write};
use std::net::TcpListener;

use crate::support::{Call, Output, World, json};

/// A usage error: nothing is sent at all.
fn usage(world: &World, call: &Call<'_>, code: &str) -> Output {
    world.forget_calls();
    let failed = call.fails("usage", code);
    assert_eq!(world.operations(), Vec::<String>::new(), "something was sent: {failed}");
    failed
}

#[test]
fn a_missing_file_is_named() {
    let world = World::new();
    let failed = usage(&world, &world.call("status").flags(&["--config", "missing.yml"]), "config-not-found");
    assert!(failed.message().contains("missing.yml"), "{failed}");
    let failed = world.call("register-task-definition").param("taskDefinition", "missing.json").run();
    assert_eq!((failed.exit, failed.message().contains("missing.json")), (2, true), "{failed}");
    let failed = world.creation("new").param("taskSet", "missing.json").run();
    assert_eq!((failed.exit, failed.message().contains("missing.json")), (2, true), "{failed}");
}

#[test]
fn a_syntax_error_is_named_with_its_line() {
    let world = World::new();
    for (name, text, line) in [
        ("bad.yml", "cluster: a\nservice: [b\nregion: c\n", "bad.yml:"),
        ("bad.json", "{\n  \"cluster\": \"a\",\n  \"service\" \"b\"\n}\n", "bad.json:3"),
    ] {
        world.file(name, text);
        let failed = usage(&world, &world.call("status").flags(&["--config", name]), "config-syntax");
        assert!(failed.message().contains(line), "{failed}");
    }
    world.file("bad-template.json", "{\n\"family\": \"web\",\n\"containerDefinitions\": [}\n");
    let failed = world.call("register-task-definition").param("taskDefinition", "bad-template.json").run();
    assert!(failed.exit == 2 && failed.message().contains('3'), "{failed}");
    let failed = usage(&world, &world.bare("status").env("ECS_BG_PARAMS", "{\"cluster\": }"), "params-not-json");
    assert!(failed.message().contains("ECS_BG_PARAMS"), "{failed}");
}

#[test]
fn an_unknown_key_is_told_with_the_nearest() {
    let world = World::new();
    for (key, nearest) in [("clustr", "cluster"), ("targetGroup", "targetGroups"), ("deploymentID", "deploymentId")] {
        let failed = usage(&world, &world.call("status").param(key, "x"), "unknown-key");
        assert!(failed.message().contains(&format!("`{nearest}`")), "{failed}");
    }
    world.file("team.yml", "cluster: a\n\nservise: b\n");
    let failed = usage(&world, &world.call("status").flags(&["--config", "team.yml"]), "unknown-key");
    assert!(failed.message().contains("team.yml:3") && failed.message().contains("`service`"), "{failed}");
    world.file(
        "taskdef.json",
        r#"{"family": "web", "containerDefinitions": [{"name": "web", "image": "x:1", "memoryReservaton": 5}]}"#,
    );
    let failed = world.call("register-task-definition").param("taskDefinition", "taskdef.json").run();
    assert!(failed.exit == 2 && failed.message().contains("memoryReservaton"), "{failed}");
}

#[test]
fn a_known_key_of_another_action_is_ignored_in_json_and_an_error_as_a_flag() {
    let world = World::new();
    world.call("status").param("weights", json!({ "blue": 1, "green": 1 })).param("cleanup.bake", "10m").ok();
    let failed = usage(&world, &world.call("status").flags(&["--weights-blue", "1"]), "unknown-flag");
    assert!(failed.message().contains("weights-blue"), "{failed}");
}

#[test]
fn values_of_the_wrong_form_are_told() {
    let world = World::new();
    for (key, value) in [
        ("cluster", json!("")),
        ("service", json!("")),
        ("region", json!("nowhere")),
        ("pollInterval", json!("soon")),
        ("pollInterval", json!(-1)),
        ("settle", json!("a while")),
        ("minHealthy", json!(101)),
        ("confirmations", json!(0)),
        ("weights.blue", json!(1000)),
        ("scale", json!(101)),
        ("deploymentId", json!("")),
        ("targetGroups.blue", json!("web-blue")),
        ("targetGroups.blue", json!("arn:aws:ecs:eu-west-1:1:service/web")),
        ("listeners.live", json!("arn:aws:elasticloadbalancing:eu-west-1:100000000001:targetgroup/web/0123")),
        ("taskSetArn", json!("ecs-svc/1")),
        ("endpointUrl", json!("not a url")),
        ("accountId", json!("12")),
    ] {
        let failed = world.call("status").param(key, value.clone()).run();
        assert_eq!(failed.exit, 2, "{key} {value}: {failed}");
        assert!(failed.message().contains(key) && failed.at("/error/hint").is_string(), "{key} {value}: {failed}");
    }
}

#[test]
fn a_bad_endpoint_never_falls_back_to_the_real_aws() {
    let world = World::new();
    for url in ["localhost:1", "http//x", "ftp://x", "http://"] {
        let failed = world.call("status").env("AWS_ENDPOINT_URL", url).run();
        assert_eq!((failed.exit, failed.at("/error/kind")), (2, &json!("usage")), "{url}: {failed}");
    }
}

#[test]
fn both_colours_the_same_group_are_refused() {
    let world = World::new();
    let call = world.call("status").param("targetGroups.green", world.text("targetGroups/blue"));
    usage(&world, &call, "same-target-group");
}

#[test]
fn arns_of_another_region_or_account_are_told() {
    let world = World::new();
    let elsewhere = world.text("targetGroups/blue").replace("eu-west-1", "us-east-1");
    let failed = world.call("status").param("targetGroups.blue", elsewhere).run();
    assert!(failed.exit == 2 && failed.message().contains("us-east-1"), "{failed}");
    let theirs = world.text("listeners/live").replace(&world.account_id(), "999999999999");
    let failed = world.call("status").param("listeners.live", theirs).run();
    assert!(failed.exit == 2 && failed.message().contains("999999999999"), "{failed}");
    let failed = world.call("status").param("accountId", "999999999999").run();
    assert!(failed.exit == 2 && failed.message().contains("999999999999"), "{failed}");
    // All ARNs agree with each other, but not with the credentials.
    let theirs = World::new();
    let failed = Call::new(&world, "create-task-set", theirs.params()).param("deploymentId", "new").run();
    assert!(failed.exit == 2 && failed.message().contains(&world.account_id()), "{failed}");
}

#[test]
fn a_missing_region_is_never_guessed() {
    let world = World::new();
    usage(
        &world,
        &world.call("status").without("region").without("targetGroups").without("listeners"),
        "missing-region",
    );
    world.call("status").without("region").env("AWS_REGION", "eu-west-1").ok();
}

#[test]
fn a_listener_of_another_load_balancer_is_refused_at_the_create() {
    let world = World::new();
    let other = world.control("fixture", &json!({ "name": "api" }));
    let failed = world.of("preflight", "new").param("listeners.live", other["listeners"]["live"].clone()).run();
    assert_eq!(failed.json["ok"], false, "{failed}");
    let failed = world.creation("new").param("listeners.live", other["listeners"]["live"].clone()).run();
    assert_eq!(failed.json["ok"], false, "{failed}");
}

#[test]
fn a_service_that_is_not_external_is_refused() {
    let world = World::with(json!({ "controller": "ECS" }));
    for action in ["status", "swap-live", "rollback", "wait-stable", "set-primary"] {
        let refused = world.of(action, "new").refused("not-external");
        assert!(refused.message().contains("EXTERNAL"), "{refused}");
    }
}

#[test]
fn without_credentials_there_is_one_clear_error() {
    let world = World::new();
    let call = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        .iter()
        .fold(world.call("status"), |call, name| call.no_env(name));
    call.fails("credentials", "no-credentials");
}

#[test]
fn expired_unknown_and_unpermitted_credentials_are_told_apart() {
    let world = World::new();
    for (kind, code) in [
        ("expired", "credentials-expired"),
        ("invalid-token", "credentials-invalid"),
        ("access-denied", "access-denied"),
    ] {
        world.faults(json!([{ "operation": "DescribeServices", "kind": kind, "times": 100 }]));
        let failed = world.call("status").fails("credentials", code);
        assert_eq!(failed.at("/error/retryable"), &json!(false));
        world.no_faults();
    }
    // The stand-in's STS knows every key; ECS does not.
    world.bare("status").env("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN").fails("credentials", "credentials-invalid");
}

#[test]
fn an_endpoint_where_nobody_listens_is_unreachable() {
    let world = World::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let call = world.call("status").param("endpointUrl", format!("http://{free}")).param("maxAttempts", 2);
    call.fails("unavailable", "unreachable");
}

#[test]
fn an_endpoint_that_never_answers_is_given_up() {
    let world = World::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let call = world.call("status").param("endpointUrl", url).param("maxAttempts", 1).param("attemptTimeout", "300ms");
    call.fails("unavailable", "unreachable");
}

#[test]
fn a_web_page_instead_of_aws_is_named_so() {
    let world = World::new();
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in server.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; 65536];
            let _read = stream.read(&mut request).unwrap_or(0);
            let page = "<html><body>Please log in to the proxy</body></html>";
            let reply = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{page}",
                page.len()
            );
            stream.write_all(reply.as_bytes()).ok();
        }
    });
    world.call("status").param("endpointUrl", url).param("maxAttempts", 1).fails("unavailable", "bad-reply");
}

#[test]
fn a_web_page_in_the_middle_of_an_action_changes_nothing() {
    let world = World::new();
    world.deploy("new");
    world.faults(json!([{ "operation": "DescribeListeners", "kind": "html", "times": 100 }]));
    world.forget_calls();
    let failed = world.of("swap-live", "new").param("maxAttempts", 2).fails("unavailable", "bad-reply");
    assert_eq!(failed.json["changed"], false);
    assert!(world.mutations().is_empty());
}

#[test]
fn a_listener_that_does_not_exist_or_does_not_forward_is_told() {
    let world = World::with(json!({ "rule": true }));
    world.deploy("new");
    let listener = world.text("listenerArns/live");
    world.of("swap-live", "new").param("listeners.live", listener.as_str()).refused("no-forward");
    let missing = format!("{}0", world.text("listenerArns/live"));
    world.of("swap-live", "new").param("listeners.live", missing).fails("notFound", "listener-not-found");
}

#[test]
fn a_version_must_be_named_and_only_once() {
    let world = World::new();
    world.deploy("new");
    for action in ["swap-live", "set-primary", "rollback", "delete-task-set", "enable-test-listener"] {
        world.call(action).fails("usage", "missing-parameter");
    }
    world.of("swap-live", "new").param("taskSetArn", world.text("taskSetArn")).fails("usage", "contradicting-version");
}

#[test]
fn hostile_names_are_data_and_one_error() {
    let world = World::new();
    for name in ["$(touch pwned)", "`id`", "a\nb", "a\"b'c", "x\u{1b}[31m", "..", "/etc/passwd", &"x".repeat(100_000)] {
        for key in ["cluster", "service", "taskSetArn", "endpointUrl", "taskDefinitionArn"] {
            let failed = world.of("status", "new").param(key, name).run();
            assert!(failed.exit != 0 && failed.exit != 1, "{key} {name:?}: {failed}");
            assert!(!failed.log.contains('\u{1b}'), "{key}: a control character reached the log");
            assert!(failed.log.len() < 5_000, "{key}: {} bytes of log", failed.log.len());
        }
    }
    assert!(!world.dir().join("pwned").exists());
    let id = "it's $(x) \"quoted\"";
    let created = world.creation(id).run();
    if created.exit == 0 {
        world.of("wait-stable", id).ok();
    } else {
        assert_eq!(created.at("/error/kind"), &json!("usage"), "{created}");
    }
}
