//! What AWS refuses by its own documentation is told before anything is sent: promise 11. The table is the stand-in's as well
//! (`tests/aws/rules.json`): it refuses each of these, so neither believes less than the other.

use crate::support::stand_in::root;
use crate::support::{Call, Output, Value, World, json};

fn table() -> Value {
    let text = std::fs::read_to_string(root().join("tests/aws/rules.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The base request with a row's changes: paths to values, null takes out.
fn request(table: &Value, row: &Value) -> Value {
    let mut request = table["bases"][row["request"].as_str().unwrap()].clone();
    for (path, value) in row["set"].as_object().unwrap() {
        let (parent, key) = path.rsplit_once('/').unwrap();
        let parent = request.pointer_mut(parent).unwrap().as_object_mut().unwrap();
        if value.is_null() {
            parent.remove(key);
        } else {
            parent.insert(key.to_owned(), value.clone());
        }
    }
    request
}

/// The action that would send a row's request, and the file that it reads it from.
fn sending<'a>(world: &'a World, table: &Value, row: &Value) -> (Call<'a>, &'static str) {
    let content = request(table, row).to_string();
    if row["request"] == "RegisterTaskDefinition" {
        world.file("definition.json", content);
        return (world.bare("register-task-definition").param("taskDefinition", "definition.json"), "definition.json");
    }
    world.file("set.json", content);
    (world.creation("new").param("taskSet", "set.json"), "set.json")
}

/// The preflight of the same.
fn preflight<'a>(world: &'a World, row: &Value) -> Call<'a> {
    let call = world.of("preflight", "new");
    match row["request"].as_str() {
        Some("RegisterTaskDefinition") => call.param("taskDefinition", "definition.json"),
        _ => call.param("image", world.image("v1")).param("taskSet", "set.json"),
    }
}

fn findings(output: &Output) -> Vec<String> {
    let all = output.at("/result/findings").as_array().unwrap().iter();
    let blocking = all.filter(|finding| finding["severity"] == "blocking");
    blocking
        .map(|finding| format!("{}: {}", finding["code"].as_str().unwrap(), finding["message"].as_str().unwrap()))
        .collect()
}

/// A message names what is wrong by its path, not only by a part of it.
fn names(message: &str, path: &str) -> bool {
    let end = |at: usize| message[at + path.len()..].chars().next();
    message.match_indices(path).any(|(at, _)| matches!(end(at), Some(' ' | ':')))
}

#[test]
fn what_aws_refuses_of_a_template_is_told_before_anything_is_sent() {
    let (world, table) = (World::new(), table());
    let mut wrong = Vec::new();
    for row in table["refused"].as_array().unwrap() {
        let (call, file) = sending(&world, &table, row);
        world.forget_calls();
        let output = call.run();
        let told = output.exit == 2
            && output.text("/error/code") == code(row)
            && names(&output.message(), row["path"].as_str().unwrap())
            && output.message().starts_with(file)
            && output.at("/error/hint").is_string()
            && world.operations().is_empty();
        if !told {
            wrong.push(format!("{}\n  {output}", row["rule"]));
        }
    }
    assert!(wrong.is_empty(), "{} rows:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn preflight_finds_the_same_by_the_same_words() {
    let (world, table) = (World::new(), table());
    // It asks the same functions, with more calls before: some rows of each kind do.
    for row in table["refused"].as_array().unwrap().iter().step_by(9) {
        let (_, file) = sending(&world, &table, row);
        let found = preflight(&world, row).run();
        let start = format!("{}: {file}: ", code(row));
        let path = row["path"].as_str().unwrap();
        let is_found = findings(&found).iter().any(|finding| finding.starts_with(&start) && names(finding, path));
        assert!(is_found, "{}: {found}", row["rule"]);
    }
}

fn code(row: &Value) -> &str {
    row["code"].as_str().unwrap_or("invalid-value")
}

#[test]
fn what_aws_takes_of_a_template_is_not_refused() {
    let (world, table) = (World::new(), table());
    for row in table["taken"].as_array().unwrap() {
        let mut call = sending(&world, &table, row).0;
        if row["request"] == "CreateTaskSet" {
            call = call.flags(&["--dry-run"]);
        }
        let output = call.run();
        assert_eq!(output.exit, 0, "{}: {output}", row["rule"]);
    }
}

#[test]
fn all_that_is_wrong_with_both_templates_is_told_in_one_preflight() {
    let world = World::new();
    let definition = json!({
        "family": "web.v2", "cpu": "300", "memory": "512", "networkMode": "bridge", "requiresCompatibilities": ["FARGATE"],
        "tags": [{ "key": "feature/#46", "value": "(prod)" }],
        "containerDefinitions": [{ "name": "web 1", "image": world.image("v1"), "essential": false }],
    });
    world.file("definition.json", definition.to_string());
    world.file(
        "set.json",
        json!({ "scale": { "value": 150, "unit": "PERCENT" }, "launchType": "FARGATE",
        "capacityProviderStrategy": [{ "capacityProvider": "FARGATE" }],
        "loadBalancers": [{ "containerName": "web", "containerPort": 8080 }] })
        .to_string(),
    );
    let call = world.of("preflight", "new").param("taskDefinition", "definition.json").param("taskSet", "set.json");
    let found = findings(&call.run()).join("\n");
    for path in [
        "$.family",
        "$.memory",
        "$.networkMode",
        "$.tags[0].key",
        "$.tags[0].value",
        "$.containerDefinitions[0].name",
        "$.containerDefinitions",
        "$.scale.value",
        "$.launchType",
    ] {
        assert!(names(&found, path), "no {path} in:\n{found}");
    }
}

#[test]
fn what_aws_refuses_of_a_parameter_is_told_wherever_it_was_given() {
    let world = World::new();
    let long = "x".repeat(70);
    for (key, value, problem) in [
        ("roleSessionName", json!(long), "has 70 characters"),
        ("roleSessionName", json!("team/web"), "has `/` in it"),
        ("roleSessionName", json!("web#46"), "has `#` in it"),
        ("roleExternalId", json!("a b"), "has ` ` in it"),
        ("roleExternalId", json!("x"), "has 1 characters"),
        ("logGroup", json!("/ecs/web:x"), "has `:` in it"),
        ("logGroup", json!("\"/ecs/web\""), "in it"),
        ("family", json!("web.v2"), "has `.` in it"),
        ("containerName", json!("web 1"), "has ` ` in it"),
        ("cpu", json!("lots"), "is no CPU of a task"),
        ("memory", json!("512 MB"), "is no memory of a task"),
        ("launchType", json!("LAMBDA"), "is not a choice"),
        ("scale", json!(150), "is out of range"),
        ("subnets", json!((0..17).map(|n| format!("subnet-{n}")).collect::<Vec<_>>()), "has 17 items"),
        ("securityGroups", json!((0..6).map(|n| format!("sg-{n}")).collect::<Vec<_>>()), "has 6 items"),
        ("tags", json!({ "feature/#46": "x" }), "has `#` in it"),
        ("tags", json!({ "stage": "(prod)" }), "has `(` in it"),
        ("tags", json!({ "k".repeat(129): "x" }), "has 129 characters"),
    ] {
        let by_param = world.call("create-task-set").param(key, value.clone());
        world.file("team.json", json!({ key: value }).to_string());
        let by_file = world.call("preflight").flags(&["--config", "team.json"]);
        let mut calls = vec![("ECS_BG_PARAMS", by_param), ("team.json:1", by_file)];
        let flag = format!("--{}", kebab(key));
        if let Some(text) = value.as_str() {
            calls.push((&flag, world.call("preflight").flags(&[&flag, text])));
        }
        for (place, call) in calls {
            world.forget_calls();
            let failed = call.fails("usage", "invalid-value");
            assert!(failed.message().contains(problem) && failed.message().contains(key), "{key} {problem}: {failed}");
            assert!(failed.message().contains(place), "{key} by {place}: {failed}");
            assert_eq!(world.operations(), Vec::<String>::new(), "something was sent: {failed}");
        }
    }
}

fn kebab(key: &str) -> String {
    key.chars().flat_map(|c| if c.is_ascii_uppercase() { vec!['-', c.to_ascii_lowercase()] } else { vec![c] }).collect()
}

#[test]
fn parameters_that_do_not_go_together_are_told_before_anything_is_sent() {
    let world = World::new();
    for (params, path) in [
        (json!({ "launchType": "EC2", "platformVersion": "1.4.0" }), "$.platformVersion"),
        (json!({ "capacityProviders": "own", "platformVersion": "LATEST" }), "$.platformVersion"),
        (json!({ "capacityProviders": ["a:1:1", "b:1:1"] }), "$.capacityProviderStrategy"),
        (json!({ "capacityProviders": ["a:0", "b:0"] }), "$.capacityProviderStrategy"),
    ] {
        let given = params.as_object().unwrap().iter();
        let call = given.fold(world.creation("new"), |call, (key, value)| call.param(key, value.clone()));
        world.forget_calls();
        let failed = call.fails("usage", "invalid-value");
        assert!(names(&failed.message(), path), "{params}: {failed}");
        assert_eq!(world.operations(), Vec::<String>::new(), "something was sent: {failed}");
    }
    // A size that Fargate does not have, of PRIMARY's definition and a parameter.
    let failed = world.bare("register-task-definition").param("cpu", 300).fails("usage", "invalid-value");
    assert!(names(&failed.message(), "$.memory"), "{failed}");
    assert_eq!(world.mutations(), Vec::<String>::new());
}

#[test]
fn a_version_that_fargate_cannot_run_is_found_before_it_is_registered() {
    let world = World::new();
    let definition = json!({ "family": "web", "networkMode": "awsvpc", "containerDefinitions": [
        { "name": "web", "image": world.image("v1"), "memory": 128, "portMappings": [{ "containerPort": 8080 }] }] });
    world.file("definition.json", definition.to_string());
    let call = world.of("preflight", "new").param("taskDefinition", "definition.json");
    let found = findings(&call.run()).join("\n");
    assert!(names(&found, "$.cpu") && names(&found, "$.memory") && found.contains("Fargate"), "{found}");
    let found = findings(&call.param("launchType", "EC2").run()).join("\n");
    assert!(!found.contains("Fargate"), "{found}");
}

#[test]
fn a_word_that_aws_has_learnt_since_is_told_apart_from_a_slip() {
    let world = World::new();
    world.file("set.json", json!({ "launchType": "fargate" }).to_string());
    let slip = world.creation("new").param("taskSet", "set.json").fails("usage", "template-unknown-value");
    assert!(slip.message().contains("did you mean `FARGATE`?"), "{slip}");
    assert!(slip.text("/error/hint").contains("newer release"), "{slip}");
}
