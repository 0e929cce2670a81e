use serde_json::json;

use super::*;

fn read(text: &str) -> Layer {
    parse("Makefile.env", text).unwrap()
}

#[test]
fn the_samples_names_are_parameters() {
    let text = include_str!("../../examples/Makefile.env");
    let mut layer = read(text);
    fill_in(&mut layer, Some("eu-west-1"), Some("111122223333")).unwrap();
    let elb = "arn:aws:elasticloadbalancing:eu-west-1:111122223333";
    let expected = json!({
        "containerName": "web",
        "containerPort": "9000",
        "region": "eu-west-1",
        "repository": "web",
        "logGroup": "/ecs/web",
        "subnets": "subnet-0aaaaaaaaaaaaaaaa,subnet-0bbbbbbbbbbbbbbbb",
        "securityGroups": "sg-0cccccccccccccccc",
        "service": "arn:aws:ecs:eu-west-1:111122223333:service/web/web",
        "cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/web",
        "taskRoleArn": "arn:aws:iam::111122223333:role/web-task",
        "executionRoleArn": "arn:aws:iam::111122223333:role/web-execution",
        "targetGroups": {
            "blue": format!("{elb}:targetgroup/web-blue/0123456789abcdef"),
            "green": format!("{elb}:targetgroup/web-green/123456789abcdef0"),
        },
        "listeners": {
            "live": format!("{elb}:listener/app/web/23456789abcdef01/3456789abcdef012"),
            "test": format!("{elb}:listener/app/web/23456789abcdef01/456789abcdef0123"),
        },
        "taskDefinition": "deploy/taskdef.json",
        "taskSet": "deploy/taskset.json",
        "logRegion": "eu-west-1",
    });
    assert_eq!(Value::Object(layer.map), expected);
    assert_eq!(layer.extras.families, Some(Pair { blue: "web".to_owned(), green: "web".to_owned() }));
    assert_eq!(layer.extras.next_env, None);
}

#[test]
fn a_makefiles_own_variables_and_empty_ones_are_ignored() {
    let layer = read(
        "SHELL = /bin/bash\nCREATE_TASK_SET_OUTPUT=out.json\nLOG_GROUP=\nAPP_NAME = web \nall: build\n\techo hi\n",
    );
    assert_eq!(Value::Object(layer.map), json!({"containerName": "web"}));
}

#[test]
fn only_whole_words_are_replaced() {
    for (text, replaced) in [
        ("arn:aws:ecs:REGION:x", Some("arn:aws:ecs:R:x")),
        ("REGION", Some("R")),
        ("REGIONREGION", None),
        ("AWS_REGION", None),
        ("REGION_A REGION", Some("REGION_A R")),
        ("éREGIONé", Some("éRé")),
        ("region", None),
    ] {
        assert_eq!(replace_word(text, "REGION", "R").as_deref(), replaced, "{text}");
    }
}

#[test]
fn a_word_without_its_value_is_an_error() {
    let mut layer = read("CLUSTER_ARN=arn:aws:ecs:REGION:AWS_ACCOUNT_NUMBER:cluster/x\n");
    let error = fill_in(&mut layer, Some("eu-west-1"), None).unwrap_err();
    assert_eq!(error.code, "missing-parameter");
    assert!(error.message.contains("AWS_ACCOUNT_NUMBER") && error.message.contains("accountId"), "{}", error.message);
}

#[test]
fn a_colour_is_a_colour() {
    assert_eq!(read("NEXT_ENV=Green").extras.next_env, Some(Colour::Green));
    assert_eq!(read("NEXT_ENV = blue").extras.next_env, Some(Colour::Blue));
    let error = parse("Makefile.env", "\nNEXT_ENV=Gren\n").unwrap_err();
    assert_eq!(error.message, "NEXT_ENV (Makefile.env:2) is wrong: 'Gren' is no colour");
}

#[test]
fn what_is_not_ascii_stays() {
    assert_eq!(Value::Object(read("APP_NAME=wéb-日\n").map), json!({"containerName": "wéb-日"}));
}

proptest::proptest! {
    #[test]
    fn any_text_is_a_layer_or_one_error(text in "([A-Z_]{0,12}[=: ]?\\PC{0,20}\\n?){0,8}") {
        if let Ok(mut layer) = parse("Makefile.env", &text) {
            drop(fill_in(&mut layer, Some("eu-west-1"), None));
        }
    }

    #[test]
    fn replacing_needs_no_second_time(text in "[A-Z_: ]{0,30}(REGION){0,2}[A-Z: ]{0,5}") {
        if let Some(replaced) = replace_word(&text, "REGION", "eu-west-1") {
            proptest::prop_assert_eq!(replace_word(&replaced, "REGION", "x"), None);
        }
    }
}
