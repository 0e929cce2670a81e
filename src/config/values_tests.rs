use serde_json::json;

use super::*;
use crate::actions::table;

fn good(kind: Kind, value: &Value) -> Value {
    normalise(kind, value).unwrap_or_else(|fault| panic!("{value}: {fault:?}"))
}

fn fault(kind: Kind, value: &Value) -> Fault {
    normalise(kind, value).expect_err(&value.to_string())
}

const BLUE: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-blue/0123456789abcdef";
const LIVE: &str =
    "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/23456789abcdef01/3456789abcdef012";
const RULE: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/2/3/4";

#[test]
fn values_take_one_form() {
    for (kind, value, canonical) in [
        (Kind::Text, json!("a b"), json!("a b")),
        (Kind::Text, json!(20_260_101), json!("20260101")),
        (Kind::DeploymentId, json!("jenkins-a%2Fb-3"), json!("jenkins-a%2Fb-3")),
        (Kind::Files, json!("a.yml, b.yml"), json!(["a.yml", "b.yml"])),
        (Kind::Codes, json!(["is-live"]), json!(["is-live"])),
        (Kind::People, json!(["ops", "lead"]), json!("ops,lead")),
        (Kind::People, json!("ops"), json!("ops")),
        (Kind::Ids("sg-", 5), json!("sg-1,sg-2"), json!(["sg-1", "sg-2"])),
        (Kind::Account, json!("012345678901"), json!("012345678901")),
        (Kind::Account, json!(111_122_223_333_u64), json!("111122223333")),
        (Kind::Url, json!("http://127.0.0.1:4566"), json!("http://127.0.0.1:4566")),
        (Kind::Url, json!("https://[::1]:1/"), json!("https://[::1]:1/")),
        (Kind::Cluster, json!("prod"), json!("prod")),
        (
            Kind::Service,
            json!("arn:aws:ecs:eu-west-1:111122223333:service/web"),
            json!("arn:aws:ecs:eu-west-1:111122223333:service/web"),
        ),
        (Kind::TargetGroup, json!(BLUE), json!(BLUE)),
        (Kind::Listeners, json!(LIVE), json!([LIVE])),
        (Kind::Listeners, json!([LIVE, RULE]), json!([LIVE, RULE])),
        (Kind::TaskDefinition, json!("web:41"), json!("web:41")),
        (Kind::Image, json!("web:1"), json!("web:1")),
        (Kind::Images, json!({"web": "web:1", "log": null}), json!({"web": "web:1"})),
        (Kind::Variables, json!({"A": 1, "B": true, "C": "", "D": null}), json!({"A": "1", "B": "true", "C": ""})),
        (Kind::Variables, json!({"web": {"A": "x"}}), json!({"web": {"A": "x"}})),
        (Kind::Tags, json!({"team": "a"}), json!({"team": "a"})),
        (Kind::OneOf(&["delete", "keep"]), json!("Keep"), json!("keep")),
        (Kind::Enabled, json!(true), json!("ENABLED")),
        (Kind::Enabled, json!("disabled"), json!("DISABLED")),
        (Kind::Enabled, json!("false"), json!("DISABLED")),
        (Kind::Duration(0), json!("1h30m"), json!(5400)),
        (Kind::Integer(1, 65535), json!("9000"), json!(9000)),
        (Kind::Integer(1, 65535), json!(9000.0), json!(9000)),
        (Kind::Percent, json!("12.5"), json!(12.5)),
        (Kind::Percent, json!(100.0), json!(100)),
        (Kind::Time, json!("2026-01-31T12:00:00Z"), json!("2026-01-31T12:00:00Z")),
        (Kind::Bool, json!("true"), json!(true)),
        (Kind::Hook, json!(true), json!(true)),
        (Kind::Agent, json!(true), json!(true)),
        (Kind::Agent, json!("linux && arm"), json!("linux && arm")),
        (
            Kind::Providers,
            json!(["FARGATE", "FARGATE_SPOT:3", {"name": "own", "weight": 2, "base": 1}, {"capacityProvider": "x"}]),
            json!([
                {"name": "FARGATE", "weight": 1, "base": 0},
                {"name": "FARGATE_SPOT", "weight": 3, "base": 0},
                {"name": "own", "weight": 2, "base": 1},
                {"name": "x", "weight": 1, "base": 0},
            ]),
        ),
    ] {
        let once = good(kind, &value);
        assert_eq!(once, canonical, "{kind:?} {value}");
        assert_eq!(good(kind, &once), canonical, "what is canonical stays: {kind:?} {value}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let long = "x".repeat(256);
    for (kind, value, code, problem) in [
        (Kind::Text, json!(""), "invalid-value", "is empty"),
        (Kind::Text, json!("  "), "invalid-value", "is empty"),
        (Kind::Text, json!(1.10), "invalid-value", "fraction"),
        (Kind::Text, json!(true), "invalid-value", "true or false"),
        (Kind::Text, json!(["a"]), "invalid-value", "list"),
        (Kind::Text, json!({"a": 1}), "invalid-value", "map"),
        (Kind::Text, json!("a\0b"), "invalid-value", "NUL"),
        (Kind::DeploymentId, json!(long), "invalid-value", "255"),
        (Kind::DeploymentId, json!("a\nb"), "invalid-value", "control"),
        (Kind::Codes, json!([]), "invalid-value", "empty list"),
        (Kind::Codes, json!("a,,b"), "invalid-value", "empty item"),
        (Kind::Region, json!("Ireland"), "invalid-value", "'Ireland' is not a region"),
        (Kind::Account, json!(12_345), "invalid-value", "12 digits"),
        (Kind::Account, json!("12345"), "invalid-value", "not an account"),
        (Kind::Url, json!("localhost:4566"), "invalid-endpoint", "scheme"),
        (Kind::Url, json!("ftp://x"), "invalid-endpoint", "scheme"),
        (Kind::Url, json!("http://"), "invalid-endpoint", "URL"),
        (Kind::Url, json!("http://a b"), "invalid-endpoint", "URL"),
        (Kind::Cluster, json!("a/b"), "invalid-value", "neither a name nor an ARN"),
        (Kind::Cluster, json!("$(id)"), "invalid-value", "neither a name nor an ARN"),
        (Kind::Cluster, json!("arn:aws:ecs:eu-west-1:1:cluster/a"), "malformed-arn", "account"),
        (Kind::TargetGroup, json!(LIVE), "arn-of-another-kind", "is the ARN of a listener; a target group is needed"),
        (Kind::Listeners, json!([LIVE, BLUE]), "arn-of-another-kind", "a target group; a listener or a rule"),
        (Kind::Listeners, json!([LIVE, LIVE]), "duplicate-listener", "twice"),
        (Kind::TaskDefinition, json!("web"), "invalid-value", "no revision"),
        (Kind::TaskDefinition, json!("web:0"), "invalid-value", "no revision"),
        (Kind::TaskDefinition, json!("deploy/taskdef.json"), "invalid-value", "no revision"),
        (
            Kind::TaskDefinition,
            json!("arn:aws:ecs:eu-west-1:111122223333:task-definition/web"),
            "invalid-value",
            "no revision",
        ),
        (Kind::Image, json!("Web"), "malformed-image", "repository"),
        (Kind::Repository, json!("web:1"), "invalid-value", "tag"),
        (Kind::ImageTag, json!("a b"), "invalid-value", "tag"),
        (Kind::Tags, json!({"ecs-bg:live": "x"}), "reserved-tag", "this tool"),
        (Kind::Tags, json!({"aws:x": "x"}), "reserved-tag", "AWS"),
        (Kind::OneOf(&["a"]), json!("b"), "invalid-value", "choice"),
        (Kind::Integer(1, 3), json!(4), "invalid-value", "4 is out of range"),
        (Kind::Integer(1, 3), json!(1.5), "invalid-value", "whole"),
        (Kind::Integer(1, 3), json!(u64::MAX), "invalid-value", "whole"),
        (Kind::Percent, json!(-1), "invalid-value", "range"),
        (Kind::Percent, json!("NaN"), "invalid-value", "range"),
        (Kind::Percent, json!("all"), "invalid-value", "number"),
        (Kind::Time, json!("yesterday"), "invalid-value", "not a time"),
        (Kind::Bool, json!("yes"), "invalid-value", "neither"),
        (Kind::Hook, json!("x"), "invalid-value", "closure"),
        (Kind::Duration(0), json!("soon"), "invalid-value", "'soon' is not a duration"),
        (Kind::Ids("subnet-", 16), json!("vpc-1"), "invalid-value", "`subnet-`"),
        (Kind::Providers, json!([{"wieght": 1}]), "unknown-key", "wieght"),
        (Kind::Providers, json!([{"weight": 1}]), "invalid-value", "without a name"),
        (Kind::Providers, json!("a:b"), "invalid-value", "whole"),
        (Kind::Providers, json!("a:1:2:3"), "invalid-value", "too many"),
    ] {
        let fault = fault(kind, &value);
        assert_eq!(fault.code, code, "{kind:?} {value}");
        assert!(fault.problem.contains(problem), "{kind:?} {value}: {}", fault.problem);
        assert!(!fault.expected.is_empty());
    }
}

#[test]
fn variables_and_urls_are_not_repeated() {
    for (kind, value) in [
        (Kind::Variables, json!({"A": ["hunter2"]})),
        (Kind::Variables, json!({"A": {"B": {"C": "hunter2"}}})),
        (Kind::Variables, json!("hunter2")),
        (Kind::Variables, json!({"A": "hunter2\0"})),
        (Kind::Variables, json!({"A": 31_337.5, "B": "hunter2"})),
        (Kind::Url, json!("ftp://me:hunter2@host")),
        (Kind::Url, json!("http://me:hunter2@ho st")),
    ] {
        let fault = fault(kind, &value);
        let text = format!("{fault:?}");
        assert!(!text.contains("hunter2") && !text.contains("31337"), "{text}");
    }
}

#[test]
fn an_entry_is_named() {
    assert_eq!(fault(Kind::Images, &json!({"web": "X"})).entry.as_deref(), Some("web"));
    assert_eq!(fault(Kind::Variables, &json!({"": "x"})).entry, None);
}

#[test]
fn a_long_or_dirty_value_is_cut_and_shown() {
    let fault = fault(Kind::Region, &json!(format!("\u{1b}[31m{}", "x".repeat(1 << 20))));
    assert!(fault.problem.len() < 200 && !fault.problem.contains('\u{1b}'), "{}", fault.problem);
}

fn any_json() -> impl proptest::strategy::Strategy<Value = Value> {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,24}".prop_map(Value::from),
        "(arn:aws:[a-z]{0,20}:eu-west-1:111122223333:[a-z-]{0,14}/?[a-z0-9/:]{0,10}|[0-9a-z:., -]{0,12})"
            .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-zA-Z]{0,8}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest::proptest! {
    #[test]
    fn any_value_of_any_parameter_is_canonical_or_a_fault(value in any_json(), at in 0..table().parameters().count()) {
        if let Some((_, key)) = table().parameters().nth(at)
            && let Ok(canonical) = normalise(key.kind, &value)
        {
            proptest::prop_assert_eq!(normalise(key.kind, &canonical), Ok(canonical));
        }
    }
}

fn step(weight: f64, bake: u64) -> Value {
    let weight = whole(weight).map_or_else(|| weight.into(), Value::from);
    json!({"weight": weight, "bake": bake, "scale": null, "approve": false})
}

#[test]
fn a_canary_is_its_steps_or_a_name_for_them() {
    let linear = (1..=3).map(|n| step(f64::from(n) * 30.0, 60)).collect::<Vec<_>>();
    for (value, steps) in [
        (
            json!([{"weight": 5, "bake": "10m"}, {"weight": "12.5 %", "bake": 60}]),
            json!([step(5.0, 600), step(12.5, 60)]),
        ),
        (json!([{"weight": "5", "bake": "0", "scale": null}]), json!([step(5.0, 0)])),
        (json!("Canary10Percent5Minutes"), json!([step(10.0, 300)])),
        (json!("CodeDeployDefault.ECSCanary10Percent15Minutes"), json!([step(10.0, 900)])),
        (json!("Canary1Percent1Minute"), json!([step(1.0, 60)])),
        (json!("Linear30PercentEvery1Minutes"), json!(linear)),
        (json!("Linear50PercentEvery2Minutes"), json!([step(50.0, 120)])),
        (json!("AllAtOnce"), json!([])),
        (json!([]), json!([])),
        (json!(false), json!([])),
    ] {
        assert_eq!(good(Kind::Canary, &value), steps, "{value}");
    }
    let asks =
        good(Kind::Canary, &json!([{"weight": 5, "bake": 1, "scale": "60", "approve": {"submitter": ["ops", "qa"]}}]));
    let approval = json!({"message": "Go on with the canary?", "submitter": "ops,qa", "submitterParameter": null, "timeout": 86400});
    assert_eq!((&asks[0]["scale"], &asks[0]["approve"]), (&json!(60), &approval));
    assert_eq!(good(Kind::Canary, &json!([{"weight": 5, "bake": 1, "approve": true}]))[0]["approve"]["timeout"], 86400);
}

#[test]
fn a_canary_that_means_nothing_names_its_step() {
    for (value, entry, problem) in [
        (json!("Canary10Percent"), None, "is wrong: 'Canary10Percent' is no canary"),
        (json!("Canary100Percent5Minutes"), None, "is wrong: 'Canary100Percent5Minutes' is no canary"),
        (json!("Linear0PercentEvery1Minutes"), None, "is wrong: 'Linear0PercentEvery1Minutes' is no canary"),
        (
            json!("Canary10Percent99999999999999999999Minutes"),
            None,
            "is wrong: 'Canary10Percent99999999999999999999Minutes' is no canary",
        ),
        (json!("Canary10Percent999999Minutes"), None, "is wrong: 'Canary10Percent999999Minutes' is longer than 7 days"),
        (json!({"weight": 5}), None, "is one map"),
        (json!([5]), Some("1"), "is no step"),
        (json!([{"weight": 5}]), Some("1"), "has no `bake`"),
        (json!([{"bake": 5}]), Some("1"), "has no `weight`"),
        (json!([{"weight": 5, "bake": 1, "pause": 1}]), Some("1"), "has the unknown key `pause`"),
        (json!([{"weight": 0, "bake": 1}]), Some("1.weight"), "is wrong: 0 is out of range"),
        (json!([{"weight": 100, "bake": 1}]), Some("1.weight"), "is wrong: 100 is out of range"),
        (json!([{"weight": 5.05, "bake": 1}]), Some("1.weight"), "is wrong: 5.05 is out of range"),
        (json!([{"weight": 5, "bake": "soon"}]), Some("1.bake"), "is wrong: 'soon' is not a duration"),
        (json!([{"weight": 5, "bake": 1, "scale": 0}]), Some("1.scale"), "is 0: nothing would serve"),
        (json!([{"weight": 5, "bake": 1, "approve": 7}]), Some("1.approve"), "is no approval"),
        (json!([{"weight": 5, "bake": 1, "approve": {"who": "x"}}]), Some("1.approve"), "has the unknown key `who`"),
        (
            json!([{"weight": 5, "bake": 1, "approve": {"timeout": 0}}]),
            Some("1.approve.timeout"),
            "is wrong: 0 is shorter than 1s",
        ),
        (json!([{"weight": 5, "bake": 1}, {"weight": 5, "bake": 1}]), Some("2"), "has 5 % after 5 %"),
    ] {
        let fault = fault(Kind::Canary, &value);
        assert_eq!((fault.entry.as_deref(), fault.problem.as_str()), (entry, problem), "{value}");
    }
}

#[test]
fn what_gates_take_is_what_cloudwatch_takes() {
    assert_eq!(good(Kind::Alarms, &json!(["a, b", "c"])), json!(["a, b", "c"]), "a name in a list may hold commas");
    assert_eq!(good(Kind::Alarms, &json!("a, b")), json!(["a", "b"]));
    for value in
        [json!(["a", "a"]), json!("arn:aws:cloudwatch:eu-west-1:1:alarm:a"), json!(["x".repeat(256)]), json!(["a\nb"])]
    {
        fault(Kind::Alarms, &value);
    }
    fault(Kind::Alarms, &(0..101).map(|n| n.to_string()).collect());
    for (value, seconds) in [(json!("1m"), 60), (json!(1), 1), (json!("30s"), 30), (json!("1h"), 3600)] {
        assert_eq!(good(Kind::Period, &value), json!(seconds));
    }
    for value in [json!("90s"), json!(2), json!(0), json!("1500ms"), json!("2h")] {
        fault(Kind::Period, &value);
    }
    assert_eq!(good(Kind::Factor, &json!("1.5")), json!(1.5));
    for value in [json!(0.5), json!("2%"), json!("NaN"), json!("inf"), json!([2])] {
        fault(Kind::Factor, &value);
    }
}
