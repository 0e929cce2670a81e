use serde_json::{Map, Value, json};

use super::*;
use crate::version::template;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("not an object: {value}") };
    object
}

fn paths(broken: &[Broken]) -> Vec<&str> {
    broken.iter().map(|one| one.path.as_str()).collect()
}

#[test]
fn the_example_templates_break_no_rule() {
    for text in [include_str!("../../examples/deploy/taskdef.json"), include_str!("../../examples/deploy/taskset.json")]
    {
        let content = template::parse("example", text.as_bytes()).unwrap();
        assert_eq!(task_definition::broken(&content), [], "{text}");
        assert_eq!(task_set::broken(&content), [], "{text}");
    }
}

#[test]
fn all_that_is_broken_is_one_error_with_what_is_right() {
    let content = object(json!({ "family": "a b", "tags": [{ "key": "a", "value": "(b)" }, { "key": "#" }] }));
    let error = check("t.json", task_definition::broken(&content), &[]).unwrap_err();
    assert_eq!(error.code, "invalid-value");
    assert_eq!(
        error.message,
        "t.json: $.family `a b` has ` ` in it; $.tags[0].value `(b)` has `(` in it; $.tags[1].key `#` has `#` in it"
    );
    let hint = error.hint.unwrap();
    assert!(hint.contains("letters, digits, `-` and `_`") && hint.contains("a tag's value"), "{hint}");
}

#[test]
fn a_file_that_is_wrong_throughout_is_a_short_error() {
    let tags: Vec<Value> = (0..40).map(|n| json!({ "key": format!("#{n}") })).collect();
    let error = check("t.json", task_definition::broken(&object(json!({ "tags": tags }))), &[]).unwrap_err();
    assert!(error.message.ends_with("; and more"), "{}", error.message);
    assert!(error.message.len() < 1000 && error.hint.unwrap().len() < 200);
}

#[test]
fn what_aws_has_taken_before_is_not_judged_again() {
    let before = object(json!({ "family": "a b", "cpu": "300" }));
    let accepted = task_definition::broken(&before);
    assert_eq!(paths(&accepted), ["$.family"]);
    check("arn", accepted.clone(), &accepted).unwrap();
    let after = object(json!({ "family": "a b", "cpu": "lots" }));
    let error = check("arn", task_definition::broken(&after), &accepted).unwrap_err();
    assert_eq!(error.message, "arn: $.cpu `lots` is no such number");
}

#[test]
fn what_stands_behind_a_name_is_shown_nowhere() {
    let content = object(json!({ "containerDefinitions": [{ "name": "web", "memory": 128,
        "environment": [{ "name": "PASSWORD=canary", "value": "canary" }, { "name": "KEY", "value": "canary" }],
        "secrets": [{ "name": "KEY", "valueFrom": "canary" }, { "name": "PASSWORD=canary" }] }] }));
    let broken = task_definition::broken(&content);
    assert_eq!(broken.len(), 4, "{broken:?}");
    assert!(!format!("{broken:?}").contains("canary"), "{broken:?}");
}

#[test]
fn fargate_is_asked_of_a_definition_that_does_not_say_what_it_is_for() {
    let plain = json!({ "family": "web", "networkMode": "awsvpc" });
    let error = task_definition::check_for_fargate("t.json", &object(plain.clone())).unwrap_err();
    assert_eq!(error.message, "the task set is to run on Fargate, and t.json: $.cpu is missing; $.memory is missing");
    let mut known = object(plain);
    known.insert("compatibilities".into(), json!(["EC2", "FARGATE"]));
    task_definition::check_for_fargate("web:1", &known).unwrap();
}

#[test]
fn where_the_tasks_run_is_told_by_launch_type_or_capacity_providers() {
    for (set, on_fargate, has_version) in [
        (json!({}), false, true),
        (json!({ "launchType": "FARGATE" }), true, true),
        (json!({ "launchType": "EC2" }), false, false),
        (json!({ "launchType": "MANAGED_INSTANCES" }), false, false),
        (json!({ "capacityProviderStrategy": [{ "capacityProvider": "FARGATE_SPOT" }] }), true, true),
        (json!({ "capacityProviderStrategy": [{ "capacityProvider": "own" }] }), false, false),
    ] {
        let mut content = object(set.clone());
        assert_eq!(task_set::is_on_fargate(&content), on_fargate, "{set}");
        content.insert("platformVersion".into(), json!("LATEST"));
        assert_eq!(paths(&task_set::broken(&content)).is_empty(), has_version, "{set}");
    }
}
