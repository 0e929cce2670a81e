//! What is wrong is one error that says what, and where it was given.

use super::*;

#[test]
fn unknown_keys_are_named_with_place_and_nearest() {
    for (params, key, nearest) in [
        (json!({"clustr": "x"}), "clustr", "cluster"),
        (json!({"targetGroups": {"bleu": "x"}}), "targetGroups.bleu", "targetGroups.blue"),
        (json!({"approve": {"submiter": null}}), "approve.submiter", "approve.submitter"),
        (json!({"cleanup": {"aprove": false}}), "cleanup.aprove", "cleanup.approve"),
        (json!({"targetGroups.blue": "x"}), "targetGroups.blue", "targetGroups.blue"),
        (json!({"task_set": "x"}), "task_set", "taskSet"),
    ] {
        let error = World::new(&params).bad();
        assert_eq!((error.code.as_ref(), error.kind.name()), ("unknown-key", "usage"));
        assert_eq!(error.message, format!("`{key}` (ECS_BG_PARAMS) is not a parameter"));
        assert_eq!(error.hint, Some(format!("did you mean `{nearest}`?")));
    }
    let error = World::new(&json!({})).file("a.yml", "cluster: x\nlisteners:\n  lvie: x\n").config(&["a.yml"]).bad();
    assert_eq!(error.message, "`listeners.lvie` (a.yml:3) is not a parameter");
    let error = World::new(&json!({"qqqqqqqqqq": 1})).bad();
    assert!(error.hint.unwrap().contains("docs/configuration.md"));
}

#[test]
fn wrong_values_are_named_with_their_place() {
    let error = World::new(&json!({})).file("a.yml", "cluster: x\ntimeout: soon\n").config(&["a.yml"]).bad();
    assert_eq!(error.message, "`timeout` (a.yml:2) is wrong: 'soon' is not a duration");
    assert!(error.hint.unwrap().contains("'1h30m'"));
    let error = World::new(&json!({})).flags(&json!({"listeners.live": ["web"]})).bad();
    assert!(error.message.starts_with("`listeners.live` (flag --listeners-live) is wrong: 'web'"), "{}", error.message);
    let error = World::new(&json!({"images": {"web": "X"}})).bad();
    assert!(error.message.starts_with("`images.web` (ECS_BG_PARAMS)"), "{}", error.message);
    let error = World::new(&json!({"targetGroups": "x"})).bad();
    assert_eq!(error.message, "`targetGroups` (ECS_BG_PARAMS) is not a map");
    assert_eq!(error.hint.as_deref(), Some("a map with blue, green"));
    let error = World::new(&json!({"approve": "no"})).bad();
    assert_eq!(error.hint.as_deref(), Some("a map with message, submitter, submitterParameter, timeout, or false"));
}

#[test]
fn params_must_be_one_json_object() {
    for text in ["{", "[]", "3", "\"x\"", "{} {}", "{'a': 1}"] {
        let error = World::new(&json!({})).env(PARAMS, text).bad();
        assert_eq!(error.code, "params-not-json", "{text}");
    }
    assert!(World::new(&json!({})).env(PARAMS, " ").load().is_ok());
    let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    assert_eq!(World::new(&json!({})).env(PARAMS, &deep).bad().code, "params-not-json");
}

#[cfg(unix)]
#[test]
fn params_that_are_no_text_are_a_usage_error() {
    use std::os::unix::ffi::OsStringExt;
    let env = |name: &str| (name == PARAMS).then(|| OsString::from_vec(vec![b'{', 0xff, b'}']));
    let read = |_: &Path| Err(io::Error::from(io::ErrorKind::NotFound));
    let error = load(&table(), table().action("status").unwrap(), Map::new(), Vec::new(), env, read).unwrap_err();
    assert_eq!(error.code, "invalid-utf8");
}

#[test]
fn config_files_name_no_config_files() {
    let error = World::new(&json!({"config": "a.yml"})).file("a.yml", "config: b.yml\n").bad();
    assert_eq!(error.message, "`config` (a.yml:1) is in a config file");
    assert_eq!(World::new(&json!({"config": "gone.yml"})).bad().code, "config-not-found");
    assert_eq!(World::new(&json!({"config": {}})).bad().code, "invalid-value");
}

#[test]
fn places_must_agree() {
    let blue = target_group("blue");
    let elsewhere = blue.replace("eu-west-1", "us-east-1");
    let foreign = blue.replace("111122223333", "999999999999");
    for (params, code, message) in [
        (json!({"targetGroups": {"blue": blue, "green": blue}}), "same-target-group", "are the same group"),
        (json!({"targetGroups": {"blue": blue, "green": elsewhere}}), "arn-of-another-region", "`targetGroups.green`"),
        (json!({"targetGroups": {"blue": blue, "green": foreign}}), "arn-of-another-account", "999999999999"),
        (json!({"region": "us-east-1", "listeners": {"live": listener(1)}}), "arn-of-another-region", "`region`"),
        (
            json!({"accountId": "999999999999", "listeners": {"live": listener(1)}}),
            "arn-of-another-account",
            "`accountId`",
        ),
        (json!({"targetGroups": {"blue": blue}}), "missing-parameter", "`targetGroups.green` is missing"),
        (json!({"weights": {"green": 1}}), "missing-parameter", "`weights.blue` is missing"),
        (
            json!({"listeners": {"live": listener(1), "test": [listener(2), listener(1)]}}),
            "duplicate-listener",
            "names too",
        ),
        (
            json!({"cluster": "a", "service": "arn:aws:ecs:eu-west-1:111122223333:service/b/web"}),
            "service-of-another-cluster",
            "in the cluster b",
        ),
        (
            json!({"roleArn": "arn:aws-cn:iam::111122223333:role/x", "listeners": {"live": listener(1)}}),
            "arn-of-another-partition",
            "aws-cn",
        ),
    ] {
        let error = World::new(&params).bad();
        assert_eq!(error.code, code, "{}", error.message);
        assert!(error.message.contains(message), "{}", error.message);
        assert!(error.hint.is_some());
    }
    let error = World::new(&json!({"listeners": {"live": listener(1)}})).env("AWS_REGION", "us-east-1").bad();
    assert!(error.message.contains("environment variable AWS_REGION"), "{}", error.message);
}

#[test]
fn what_an_arn_names_is_told_up_to_the_length_of_a_name() {
    let service = format!("arn:aws:ecs:eu-west-1:111122223333:service/{}/web", "b".repeat(9000));
    let error = World::new(&json!({"cluster": "a", "service": service})).bad();
    assert_eq!(error.code, "service-of-another-cluster");
    assert!(error.message.len() < 500, "{}", error.message);
}

#[test]
fn endpoints_of_the_environment_are_checked() {
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_ECS", "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2"] {
        let error = World::new(&json!({})).env(variable, "localhost:1").bad();
        assert_eq!(error.code, "invalid-endpoint");
        assert!(error.message.contains(variable));
    }
    assert!(World::new(&json!({})).env("AWS_ENDPOINT_URL", "http://127.0.0.1:4566").load().is_ok());
}

#[test]
fn the_environments_region_does_not_silently_win_over_a_wrong_one() {
    assert_eq!(World::new(&json!({})).env("AWS_REGION", "Ireland").bad().code, "invalid-value");
    assert_eq!(World::new(&json!({})).env("AWS_REGION", "").good().connection.region, None);
}

#[test]
fn variables_values_never_show_in_an_error() {
    for params in [
        json!({"environment": {"A": ["hunter2"]}}),
        json!({"environment": "hunter2"}),
        json!({"secrets": {"web": {"A": {"b": "hunter2"}}}}),
        json!({"environment": {"A": "hunter2"}, "clustr": "x"}),
        json!({"environment": {"A": "hunter2"}, "timeout": "soon"}),
    ] {
        let error = World::new(&params).bad();
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_params_are_settings_or_one_usage_error(text in "\\PC{0,80}") {
        if let Err(error) = World::new(&json!({})).env(PARAMS, &text).load() {
            proptest::prop_assert_eq!(error.kind.name(), "usage");
        }
    }

    #[test]
    fn mutated_good_params_are_settings_or_one_usage_error(at in 0..400_usize, cut in 0..20_usize, put in "[\\\\\"{}\\[\\],:a-z0-9\\PC]{0,5}") {
        let good = json!({"cluster": "prod", "service": "web", "region": "eu-west-1", "deploymentId": "b",
            "targetGroups": {"blue": target_group("blue"), "green": target_group("green")},
            "listeners": {"live": [listener(1)]}, "timeout": "10m", "approve": {"timeout": 5}, "environment": {"A": "x"}})
            .to_string();
        let mut characters: Vec<char> = good.chars().collect();
        let start = at.min(characters.len());
        let end = (start + cut).min(characters.len());
        characters.splice(start..end, put.chars());
        let text: String = characters.into_iter().collect();
        if let Err(error) = World::new(&json!({})).env(PARAMS, &text).load() {
            proptest::prop_assert_eq!(error.kind.name(), "usage");
            proptest::prop_assert!(error.hint.is_some() && error.message.len() < 1500);
        }
    }
}
