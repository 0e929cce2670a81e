//! No credential, token or value of a container's variable is printed, whatever is turned on and whatever goes wrong: promise 12. Each
//! output of the whole suite is held to that (`Running::ended`); here are the calls that are most likely to break it.

use std::os::unix::fs::PermissionsExt;

use crate::support::{Call, World, json};

/// With everything on that might make a program talk.
fn loud(call: Call<'_>) -> Call<'_> {
    ["RUST_LOG", "AWS_LOG", "AWS_LOG_LEVEL", "SMITHY_LOG", "LOG_LEVEL", "DEBUG"]
        .iter()
        .fold(call, |call, name| call.env(name, "trace"))
        .env("RUST_BACKTRACE", "full")
        .flags(&["--verbose"])
}

/// A template with a secret in it, and what a team adds to it.
fn registration(world: &World) -> Call<'_> {
    let canary = world.text("canary");
    let definition = json!({
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": world.text("executionRoleArn"),
        "containerDefinitions": [{
            "name": "web",
            "image": world.image("v1"),
            "essential": true,
            "portMappings": [{ "containerPort": 8080 }],
            "environment": [{ "name": "PASSWORD", "value": format!("{canary}-new") }],
        }],
    });
    world.file("taskdef.json", definition.to_string());
    world
        .call("register-task-definition")
        .param("taskDefinition", "taskdef.json")
        .param("environment", variables(world))
}

fn variables(world: &World) -> serde_json::Value {
    json!({ "web": { "TOKEN": format!("{}-given", world.text("canary")), "A": "b" } })
}

/// Every action, in the order of a deployment that is undone in the end.
fn deployment(world: &World) -> Vec<Call<'_>> {
    let docker = world.file("docker", "#!/bin/sh\nread -r password\necho Login Succeeded\n");
    std::fs::set_permissions(docker, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", world.dir().display(), std::env::var("PATH").unwrap());
    let of = |action: &str| world.of(action, "new");
    let stray = "web:1";
    vec![
        world.call("status"),
        of("preflight").param("image", world.text("image")).param("environment", variables(world)),
        world.bare("ecr-login").param("image", world.text("image")).env("PATH", path),
        registration(world),
        world.creation("new"),
        of("wait-stable"),
        of("enable-test-listener"),
        of("shift-weights").param("weights", json!({ "blue": 1, "green": 1 })),
        of("swap-live"),
        of("set-primary"),
        of("scale-task-set").param("scale", 100),
        of("rollback"),
        of("delete-task-set"),
        world.call("deregister-task-definition").param("taskDefinitionArn", stray),
        world.call("status"),
    ]
}

#[test]
fn a_whole_deployment_with_all_logging_on_prints_no_secret() {
    let world = World::new();
    for call in deployment(&world) {
        let log = loud(call).ok().log;
        assert!(log.contains("aws: "), "--verbose names the calls: {log}");
    }
}

#[test]
fn failing_actions_with_all_logging_on_print_no_secret() {
    let world = World::new();
    for (operation, kind) in [("*", "access-denied"), ("*", "500"), ("DescribeServices", "truncate"), ("*", "html")] {
        world.faults(json!([{ "operation": operation, "kind": kind, "times": 1000 }]));
        for call in deployment(&world) {
            let failed = loud(call.param("maxAttempts", 1).param("timeout", "1s")).run();
            assert!(failed.json["ok"] == false || operation != "*", "{failed}");
        }
        world.no_faults();
    }
    loud(registration(&world).param("environment", json!({ "web": [world.text("canary")] })))
        .fails("usage", "invalid-value");
}

/// AWS repeats the request whose signature does not match, and the session token is a part of it.
#[test]
fn the_session_token_that_aws_repeats_is_not_printed() {
    let world = World::new();
    let token = world.account["sessionToken"].as_str().unwrap();
    let message = format!(
        "The request signature we calculated does not match the signature you provided.\n\nThe Canonical String for this \
         request should have been\n'POST\n/\n\nhost:ecs\nx-amz-date:20260101T000000Z\nx-amz-security-token:{token}\n\n\
         host;x-amz-date;x-amz-security-token\n0f'"
    );
    let fault = |operation: &str| {
        let code = "SignatureDoesNotMatch";
        json!([{ "operation": operation, "kind": "error", "status": 403, "code": code, "message": message, "times": 100 }])
    };
    for operation in ["DescribeServices", "DescribeListeners"] {
        world.faults(fault(operation));
        let failed = loud(world.call("status")).fails("credentials", "credentials-invalid");
        assert!(failed.message().contains("x-amz-security-token:(redacted)"), "{failed}");
        world.no_faults();
    }
    world.faults(fault("AssumeRole"));
    let other = World::new();
    let role = other.account["roleArn"].as_str().unwrap();
    loud(world.bare("status").param("roleArn", role)).fails("credentials", "assume-role-failed");
}

#[test]
fn files_with_credentials_are_not_quoted_where_they_are_wrong() {
    let world = World::new();
    let secret = world.account["secretAccessKey"].as_str().unwrap();
    std::fs::create_dir_all(world.dir().join(".aws")).unwrap();
    let bad_json = format!("echo '{{\"Version\": 1, \"SecretAccessKey\": \"{secret}\", '");
    for text in [
        format!("[default]\naws_access_key_id = AKIA\naws_secret_access_key {secret}\n"),
        format!("[default\naws_secret_access_key = {secret}\n"),
        format!("aws_secret_access_key = {secret}\n[default]\n"),
        format!("[default]\naws_secret_access_key = {secret}\n"),
        format!("[default]\ncredential_process = sh -c \"{}\"\n", bad_json.replace('"', "\\\"")),
    ] {
        world.file(".aws/credentials", &text);
        let call = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
            .iter()
            .fold(loud(world.call("status")), |call, name| call.no_env(name));
        call.fails("credentials", "no-credentials");
    }
}
