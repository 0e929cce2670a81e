use aws_sdk_ecs::operation::create_task_set::CreateTaskSetInput;
use aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionInput;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::mutation::mutated;

const TASK_DEFINITION: &str = include_str!("../../../examples/deploy/taskdef.json");
const TASK_SET: &str = include_str!("../../../examples/deploy/taskset.json");

fn read<T: Request>(text: &str) -> Result<T> {
    input("t.json", &parse("t.json", text.as_bytes())?)
}

fn fails<T: Request + std::fmt::Debug>(text: &str) -> Error {
    read::<T>(text).expect_err("this template must be refused")
}

#[test]
fn the_example_templates_become_requests_that_hold_all_of_them() {
    let request: RegisterTaskDefinitionInput = read(TASK_DEFINITION).unwrap();
    let mut back = Value::Object(to_json(&request).unwrap());
    // A number that the SDK's type always has.
    back["containerDefinitions"][0].as_object_mut().unwrap().remove("cpu");
    assert_eq!(back, serde_json::from_str::<Value>(TASK_DEFINITION).unwrap());

    let request: CreateTaskSetInput = read(TASK_SET).unwrap();
    let mut back = Value::Object(to_json(&request).unwrap());
    // The SDK fills what the API requires and a template leaves to us.
    for ours in ["service", "cluster", "taskDefinition"] {
        assert_eq!(back.as_object_mut().unwrap().remove(ours), Some(json!("")));
    }
    back["scale"]["value"] = json!(100);
    assert_eq!(back, serde_json::from_str::<Value>(TASK_SET).unwrap());
}

#[test]
fn a_word_that_the_sdk_does_not_know_is_a_mistake_in_a_file_and_none_in_what_aws_returned() {
    type Td = RegisterTaskDefinitionInput;
    let judged = |text: &str| super::read::<Td>("t.json", &parse("t.json", text.as_bytes()).unwrap(), Values::Judged);
    for (text, message) in [
        (r#"{"networkMode":"AWSVPC"}"#, "t.json: $.networkMode: unknown value `AWSVPC`, did you mean `awsvpc`?"),
        (
            r#"{"requiresCompatibilities":["FARGATE","Fargat"]}"#,
            "t.json: $.requiresCompatibilities[1]: unknown value `Fargat`, did you mean `FARGATE`?",
        ),
        (r#"{"pidMode":"zzzzzzzzzz"}"#, "t.json: $.pidMode: unknown value `zzzzzzzzzz`"),
    ] {
        let error = judged(text).unwrap_err();
        assert_eq!((&*error.code, &*error.message), ("template-unknown-value", message));
        assert!(error.hint.unwrap().contains("newer release"));
        let kept = to_json(&read::<Td>(text).unwrap()).unwrap();
        for (key, value) in parse("t.json", text.as_bytes()).unwrap() {
            assert_eq!(kept[&key], value, "it was changed on the way");
        }
    }
    judged(r#"{"containerDefinitions":[{"portMappings":[{"protocol":"TCP"}]}]}"#).unwrap();
}

#[test]
fn wrong_keys_and_types_are_named_with_their_path() {
    type Td = RegisterTaskDefinitionInput;
    let container = |inside: &str| format!(r#"{{"containerDefinitions":[{{"name":"a"}},{{{inside}}}]}}"#);
    for (text, code, message) in [
        (
            container(r#""memoryReservaton":1"#),
            "template-unknown-key",
            "t.json: $.containerDefinitions[1].memoryReservaton: unknown key, did you mean `memoryReservation`?",
        ),
        (r#"{"Family":"a"}"#.into(), "template-unknown-key", "t.json: $.Family: unknown key, did you mean `family`?"),
        (r#"{"zzzzzzzz":1}"#.into(), "template-unknown-key", "t.json: $.zzzzzzzz: unknown key"),
        (r#"{"a b\n\"":1}"#.into(), "template-unknown-key", r#"t.json: $["a b\n\""]: unknown key"#),
        (r#"{"cpu":256}"#.into(), "template-wrong-type", "t.json: $.cpu: a string is needed, found a number"),
        (r#"{"tags":[null]}"#.into(), "template-wrong-type", "t.json: $.tags[0]: an object is needed, found null"),
        (
            container(r#""memory":1.5"#),
            "template-wrong-type",
            "t.json: $.containerDefinitions[1].memory: a whole number is needed, found a fraction",
        ),
        (
            container(r#""memory":99999999999"#),
            "template-wrong-type",
            "t.json: $.containerDefinitions[1].memory: a whole number is needed, found a number that is too large or too small",
        ),
        (
            container(r#""environment":{"PASSWORD":"canary"}"#),
            "template-wrong-type",
            "t.json: $.containerDefinitions[1].environment: a list is needed, found an object",
        ),
        (
            container(r#""environment":[{"name":"PASSWORD","value":{"x":"canary"}}]"#),
            "template-wrong-type",
            "t.json: $.containerDefinitions[1].environment[0].value: a string is needed, found an object",
        ),
        (
            container(r#""dockerLabels":{"a.b":7}"#),
            "template-wrong-type",
            r#"t.json: $.containerDefinitions[1].dockerLabels["a.b"]: a string is needed, found a number"#,
        ),
        (
            r#"{"cpu":1,"famly":"a"}"#.into(),
            "template-wrong-type",
            "t.json: $.cpu: a string is needed, found a number; $.famly: unknown key, did you mean `family`?",
        ),
    ] {
        let error = fails::<Td>(&text);
        assert_eq!((error.code.as_ref(), error.message.as_str()), (code, message));
        assert_eq!(error.kind, crate::error::Kind::Usage);
        assert!(error.hint.is_some());
        assert!(!format!("{error:?}").contains("canary"), "a value in {error:?}");
    }
}

#[test]
fn keys_that_stand_elsewhere_in_the_api_are_told_so() {
    for key in [
        "taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt",
        "registeredBy", "taskDefinition",
    ] {
        assert_eq!(
            fails::<RegisterTaskDefinitionInput>(&format!(r#"{{"{key}":1}}"#)).code,
            "template-output-only",
            "{key}"
        );
    }
    for key in [
        "enableExecuteCommand",
        "propagateTags",
        "desiredCount",
        "deploymentConfiguration",
        "deploymentController",
        "healthCheckGracePeriodSeconds",
        "placementStrategy",
        "placementConstraints",
        "volumeConfigurations",
        "serviceConnectConfiguration",
        "enableECSManagedTags",
        "schedulingStrategy",
    ] {
        assert_eq!(fails::<CreateTaskSetInput>(&format!(r#"{{"{key}":1}}"#)).code, "template-service-level", "{key}");
    }
    for key in ["id", "taskSetArn", "computedDesiredCount", "stabilityStatus", "taskSets"] {
        assert_eq!(fails::<CreateTaskSetInput>(&format!(r#"{{"{key}":1}}"#)).code, "template-output-only", "{key}");
    }
    // Below the top, a key of that name is only unknown.
    assert_eq!(fails::<CreateTaskSetInput>(r#"{"scale":{"desiredCount":1}}"#).code, "template-unknown-key");
}

#[test]
fn broken_files_are_named_with_line_and_column() {
    for (bytes, code, message) in [
        (&b"{\n  \"family\": \"a\",\n}"[..], "template-syntax", "t.json:3:1: trailing comma"),
        (b"", "template-syntax", "t.json: the file is empty"),
        (b"\xef\xbb\xbf \n", "template-syntax", "t.json: the file is empty"),
        (b"[]", "template-syntax", "t.json: a JSON object is needed at the top, found a list"),
        (b"\"x\"", "template-syntax", "t.json: a JSON object is needed at the top, found a string"),
        (b"{} {}", "template-syntax", "t.json:1:4: something follows after the end of the JSON"),
        (b"\xff\xfe{\0}\0", "template-syntax", "t.json: the file is UTF-16"),
        (b"{\"family\":\"\xff\"}", "template-syntax", "t.json:1:12: invalid unicode code point"),
        (b"{\"a\":1,\n\"a\":2}", "template-syntax", "t.json:2:3: the key `a` is there twice"),
        (b"{\"x\":[{\"a\":1,\"a\":2}]}", "template-syntax", "t.json:1:16: the key `a` is there twice"),
        (b"{\"a\":1e999}", "template-syntax", "t.json:1:10: number out of range"),
    ] {
        let error = parse("t.json", bytes).expect_err("broken");
        assert_eq!((error.code.as_ref(), error.message.as_str()), (code, message));
    }
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let error = parse("t.json", deep.as_bytes()).expect_err("too deep");
    assert!(error.message.ends_with("it is nested too deeply"), "{error:?}");
    let large = vec![b' '; usize::try_from(MAX_BYTES).unwrap() + 1];
    assert_eq!(parse("t.json", &large).expect_err("too large").code, "template-too-large");
    let mark = b"\xef\xbb\xbf{\"family\":\"a\"}";
    assert_eq!(parse("t.json", mark).unwrap().len(), 1);
    assert_eq!(
        parse("t.yml", b"family: a").expect_err("yaml").hint.as_deref(),
        Some("a template is one JSON object, as `aws ecs … --cli-input-json` takes it")
    );
}

#[test]
fn files_are_read_with_a_bound_and_missing_ones_are_named() {
    let missing = load::<CreateTaskSetInput>(Path::new("no/such/file.json")).expect_err("missing");
    assert_eq!(missing.code, "template-unreadable");
    assert!(missing.message.starts_with("no/such/file.json: "), "{missing:?}");
    for no_file in ["/dev/zero", "src"] {
        assert_eq!(load::<CreateTaskSetInput>(Path::new(no_file)).expect_err(no_file).code, "template-unreadable");
    }
    let long = "x".repeat(100_000);
    assert!(load::<CreateTaskSetInput>(Path::new(&long)).expect_err("long").message.len() < 400);
}

#[test]
fn megabytes_in_a_name_do_not_reach_the_message() {
    let error = fails::<RegisterTaskDefinitionInput>(&format!("{{\"{}\":1}}", "x".repeat(500_000)));
    assert!(error.message.len() < 400, "{} bytes", error.message.len());
    let many: Vec<String> = (0..5000).map(|n| format!("\"k{n}\":1")).collect();
    let error = fails::<RegisterTaskDefinitionInput>(&format!("{{{}}}", many.join(",")));
    assert!(error.message.ends_with("and more") && error.message.len() < 2000, "{}", error.message);
}

/// Any JSON, a few levels deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((".{0,12}", inner), 0..4)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// Replaces what stands at the `turn`-th place of a value.
fn graft(value: &mut Value, turn: &mut usize, new: &Value) {
    if *turn == 0 {
        *value = new.clone();
    }
    *turn = turn.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| graft(item, turn, new)),
        Value::Object(object) => object.values_mut().for_each(|item| graft(item, turn, new)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

proptest! {
    #[test]
    fn any_bytes_are_an_object_or_one_error(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(content) = parse("t.json", &bytes) {
            input::<RegisterTaskDefinitionInput>("t.json", &content).ok();
        }
    }

    #[test]
    fn a_mutated_good_template_is_a_request_or_one_error(bytes in mutated(&[TASK_DEFINITION, TASK_SET])) {
        let read = parse("t.json", &bytes).and_then(|content| {
            input::<CreateTaskSetInput>("t.json", &content).ok();
            input::<RegisterTaskDefinitionInput>("t.json", &content)
        });
        if let Err(error) = read {
            prop_assert_eq!(error.kind.name(), "usage");
            prop_assert!(error.hint.is_some() && error.message.len() < 3_000, "{:?}", error);
            prop_assert!(!error.message.contains(|c: char| c.is_control()), "{:?}", error);
        }
    }

    #[test]
    fn a_good_template_with_a_value_replaced_is_kept_whole_or_refused(turn in 0_usize..60, new in any_json()) {
        for text in [TASK_DEFINITION, TASK_SET] {
            let mut value: Value = serde_json::from_str(text).unwrap();
            graft(&mut value, &mut turn.clone(), &new);
            let Value::Object(content) = value else { continue };
            if let Ok(request) = input::<RegisterTaskDefinitionInput>("t.json", &content) {
                let back = to_json(&request).unwrap();
                for (key, value) in &content {
                    prop_assert!(back.contains_key(key) || value.is_null(), "{key} was lost");
                }
            }
            input::<CreateTaskSetInput>("t.json", &content).ok();
        }
    }
}

#[test]
fn a_member_that_is_missing_is_named_as_the_template_has_it() {
    for (container, said) in [
        (json!({"environmentFiles": [{}]}), "t.json: `type` is missing: AWS needs it in each EnvironmentFile"),
        (json!({"logConfiguration": {}}), "t.json: `logDriver` is missing: AWS needs it in each LogConfiguration"),
    ] {
        let content = json!({"family": "a", "containerDefinitions": [container]});
        let error = input::<RegisterTaskDefinitionInput>("t.json", content.as_object().unwrap()).unwrap_err();
        assert_eq!((&*error.code, &*error.message), ("template-invalid", said));
    }
}
