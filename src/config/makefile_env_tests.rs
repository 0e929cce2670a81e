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
        "SHELL = /bin/bash\nCREATE_TASK_SET_OUTPUT='out.json'\nLOG_GROUP=\nAPP_NAME = web \nGIT := $(shell git rev-parse HEAD)\n",
    );
    assert_eq!(Value::Object(layer.map), json!({"containerName": "web"}));
}

#[test]
fn what_make_takes_away_is_not_in_the_value_and_what_it_adds_is() {
    for (text, key, value) in [
        ("LOG_GROUP=/ecs/x   # logs", "logGroup", "/ecs/x"),
        ("LOG_GROUP = /ecs/x\t#logs", "logGroup", "/ecs/x"),
        ("LOG_GROUP=/ecs/a\\#b", "logGroup", "/ecs/a#b"),
        ("APP_NAME=web\nLOG_GROUP=/ecs/$(APP_NAME)-$${x}", "logGroup", "/ecs/web-${x}"),
        ("LOG_GROUP=/ecs/${APP_NAME}\nAPP_NAME=web", "logGroup", "/ecs/web"),
        (
            "export TASK_ROLE_ARN=arn:aws:iam::AWS_ACCOUNT_NUMBER:role/x",
            "taskRoleArn",
            "arn:aws:iam::111122223333:role/x",
        ),
        ("override export APP_NAME := web", "containerName", "web"),
        ("export APP_NAME\nexport\nunexport APP_NAME\nAPP_NAME ::= web", "containerName", "web"),
        ("APP_NAME=web\nAPP_NAME?=api", "containerName", "web"),
        ("REGION ?= us-east-1\nLOG_GROUP=$(REGION)a", "logGroup", "eu-west-1a"),
        ("LOG_GROUP=x_$(AWS_ACCOUNT_NUMBER)_REGION", "logGroup", "x_111122223333_REGION"),
        (
            "CLUSTER_ARN=arn:aws:ecs:$(REGION):${AWS_ACCOUNT_NUMBER}:cluster/x",
            "cluster",
            "arn:aws:ecs:eu-west-1:111122223333:cluster/x",
        ),
        (
            "TASK_SUBNETS = subnet-a,\\\n   subnet-b\nTASK_SUBNETS += ,subnet-c",
            "subnets",
            "subnet-a, subnet-b ,subnet-c",
        ),
        ("E=prod\nAPP_NAME=web-$E", "containerName", "web-prod"),
        (
            "TEMPLATE_BASE_PATH=deploy/ # templates\nTASK_DEF_TEMPLATE=$(APP).json\nAPP=web",
            "taskDefinition",
            "deploy/web.json",
        ),
    ] {
        let mut layer = read(text);
        fill_in(&mut layer, Some("eu-west-1"), Some("111122223333")).unwrap();
        assert_eq!(layer.map.get(key), Some(&json!(value)), "{text}");
    }
}

#[test]
fn what_cannot_be_known_or_is_hardly_meant_is_one_error_with_its_place() {
    for (text, message) in [
        ("\nLOG_GROUP=\"/ecs/x\"", "LOG_GROUP (m.env:2) has quotes or a backslash in it"),
        ("LOG_GROUP='/ecs/x' # logs", "LOG_GROUP (m.env:1) has quotes or a backslash in it"),
        ("CLUSTER_ARN=arn\\:aws", "CLUSTER_ARN (m.env:1) has quotes or a backslash in it"),
        ("TASK_SUBNETS=subnet-a subnet-b", "TASK_SUBNETS (m.env:1) has blanks in it"),
        ("N=web # its name\nLOG_GROUP=/ecs/$(N)/x", "LOG_GROUP (m.env:2) has blanks in it"),
        (
            "APP_NAME=$(shell hostname)",
            "APP_NAME (m.env:1) cannot be known here: it needs `$(shell…)`, which only make can work out",
        ),
        (
            "N=$(shell hostname)\nAPP_NAME=$(N)",
            "APP_NAME (m.env:2) cannot be known here: it needs `$(shell…)`, which only make can work out (line 1)",
        ),
        (
            "APP_NAME != hostname",
            "APP_NAME (m.env:1) cannot be known here: it is what a program prints (`!=`), which only make runs",
        ),
        (
            "APP_NAME=$(N:a=b)\nN=a",
            "APP_NAME (m.env:1) cannot be known here: it needs `$(N…)`, which only make can work out",
        ),
        (
            "APP_NAME=$($(N))\nN=a",
            "APP_NAME (m.env:1) cannot be known here: it needs `$(…)`, which only make can work out",
        ),
        (
            "APP_NAME=$(JOB_NAME)",
            "APP_NAME (m.env:1) cannot be known here: it needs `$(JOB_NAME)`, which this file does not assign",
        ),
        (
            "APP_NAME:=$(N)\nN=web",
            "APP_NAME (m.env:1) cannot be known here: it needs `$(N)`, which this file does not assign",
        ),
        (
            "APP_NAME=$(APP_NAME)x",
            "APP_NAME (m.env:1) cannot be known here: it needs `$(APP_NAME)`, which refers to itself",
        ),
        (
            "A=$(B)\nB=$(A)\nAPP_NAME=$(A)",
            "APP_NAME (m.env:3) cannot be known here: it needs `$(A)`, which refers to itself (line 2)",
        ),
        ("REGION:=$(REGION)", "REGION (m.env:1) refers to itself"),
        (
            "LOG_GROUP=/ecs/$NAME",
            "LOG_GROUP (m.env:1) cannot be known here: it needs `$(N)`, which this file does not assign",
        ),
        ("LOG_GROUP=/ecs/$(NAME", "LOG_GROUP (m.env:1) cannot be known here: it has a reference that does not end"),
        ("LOG_GROUP=/ecs/$-", "LOG_GROUP (m.env:1) cannot be known here: it has a `$` that names nothing"),
        ("A=1\nifeq ($(A),1)\nAPP_NAME=x\nendif", "m.env:2: this is a conditional"),
        ("ifdef CI", "m.env:1: this is a conditional"),
        ("-include other.mk", "m.env:1: this includes another file"),
        ("define APP_NAME\nx\nendef", "m.env:1: this defines more than a line"),
        ("export define APP_NAME\nx\nendef", "m.env:1: this defines more than a line"),
        ("undefine APP_NAME", "m.env:1: this is a directive that is not read here"),
        ("unexport APP_NAME = x", "m.env:1: this is a directive that is not read here"),
        ("all: build\n\techo hi", "m.env:1: this is a rule"),
        ("web: APP_NAME = x", "m.env:1: this is a rule"),
        ("$(eval APP_NAME = x)", "m.env:1: this is for make to expand"),
        ("$(N)_X = x", "m.env:1: this has an assignment whose name is not written out"),
        ("= x", "m.env:1: this has an assignment whose name is not written out"),
        ("just words", "m.env:1: this is no assignment"),
        ("export A B = c", "m.env:1: this is no assignment"),
        ("A\\\n B\n = c", "m.env:1: this is no assignment"),
    ] {
        let error = parse("m.env", text).expect_err(text);
        assert_eq!((error.message.as_str(), error.kind.name()), (message, "usage"), "{text}");
        assert!(error.hint.is_some(), "{text}");
    }
}

#[test]
fn a_file_that_doubles_itself_is_one_error() {
    use std::fmt::Write as _;
    let mut recursive = "A0=web\n".to_owned();
    let mut empty = "A0=\n".to_owned();
    let mut simple = "A0:=web\n".to_owned();
    let mut many = format!("A0:={}\n", "x".repeat(60_000));
    let mut deep = "A0=web\n".to_owned();
    for n in 1..5_000 {
        let before = n - 1;
        writeln!(many, "A{n}:=$(A0)").unwrap();
        writeln!(deep, "A{n}=$(A{before})").unwrap();
        if n < 60 {
            for text in [&mut recursive, &mut empty] {
                writeln!(text, "A{n}=$(A{before})$(A{before})").unwrap();
            }
            writeln!(simple, "A{n}:=$(A{before})$(A{before})").unwrap();
        }
    }
    let appended = "A59:=xx\n".to_owned() + &"A59+=$(A59)\n".repeat(60);
    for (text, last) in [(recursive, 59), (empty, 59), (simple, 59), (appended, 59), (deep, 4_999), (many, 1)] {
        assert!(parse("m.env", &format!("{text}APP_NAME=$(A{last})\n")).is_err());
    }
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
