use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::config::VersionSource;
use crate::report::output::Warning;

fn object(value: Value) -> Map<String, Value> {
    let Value::Object(object) = value else { panic!("not an object: {value}") };
    object
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn one() -> Map<String, Value> {
    object(json!({
        "family": "web",
        "containerDefinitions": [{ "name": "web", "image": "web:1", "portMappings": [{ "containerPort": 80, "hostPort": 80 }] }],
    }))
}

fn two() -> Map<String, Value> {
    object(json!({
        "family": "web",
        "containerDefinitions": [
            { "name": "web", "image": "web:1", "environment": [{ "name": "A", "value": "1" }, { "name": "B", "value": "2" }] },
            { "name": "proxy", "image": "proxy:1", "secrets": [{ "name": "KEY", "valueFrom": "arn:1" }],
              "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "old" } } },
        ],
    }))
}

fn applied(content: Map<String, Value>, version: &VersionSource) -> Value {
    Value::Object(apply("t.json", content, version, None).unwrap().0)
}

fn refused(content: Map<String, Value>, version: &VersionSource) -> Error {
    apply("t.json", content, version, None).expect_err("this override must be refused")
}

#[test]
fn a_template_is_held_to_awss_rules_and_of_an_existing_revision_what_is_changed() {
    let odd = || {
        object(
            json!({ "family": "web", "memory": "512", "containerDefinitions": [{ "name": "w b", "image": "web:1" }] }),
        )
    };
    let image = VersionSource { image: Some("web:2".into()), ..VersionSource::default() };
    let error = revise("t.json", Base::Template(odd()), &image, None).unwrap_err();
    assert_eq!(error.message, "t.json: $.containerDefinitions[0].name `w b` has ` ` in it");
    revise("arn", Base::Existing(odd()), &image, None).unwrap();
    let family = VersionSource { family: Some("a b".into()), ..image };
    let error = revise("arn", Base::Existing(odd()), &family, None).unwrap_err();
    assert_eq!(error.message, "arn: $.family `a b` has ` ` in it");
}

#[test]
fn an_image_goes_to_the_container_that_was_meant() {
    let image = VersionSource { image: Some("web:2".into()), ..VersionSource::default() };
    assert_eq!(applied(one(), &image)["containerDefinitions"][0]["image"], "web:2");

    let error = refused(two(), &image);
    assert_eq!(error.code, "ambiguous-container");
    assert!(error.hint.unwrap().contains("`web`, `proxy`"));

    let named = VersionSource { container_name: Some("proxy".into()), ..image.clone() };
    let content = applied(two(), &named);
    assert_eq!(content["containerDefinitions"][0]["image"], "web:1");
    assert_eq!(content["containerDefinitions"][1]["image"], "web:2");

    let images = VersionSource { images: map(&[("web", "web:3"), ("proxy", "proxy:3")]), ..VersionSource::default() };
    let content = applied(two(), &images);
    assert_eq!(content["containerDefinitions"][0]["image"], "web:3");
    assert_eq!(content["containerDefinitions"][1]["image"], "proxy:3");
}

#[test]
fn an_override_that_fits_nothing_is_refused_with_what_there_is() {
    for (version, code) in [
        (VersionSource { container_name: Some("app".into()), ..VersionSource::default() }, "unknown-container"),
        (VersionSource { images: map(&[("app", "x:1")]), ..VersionSource::default() }, "unknown-container"),
        (
            VersionSource { image: Some("x:1".into()), images: map(&[("web", "x:2")]), ..VersionSource::default() },
            "contradicting-image",
        ),
        (
            VersionSource {
                environment: map(&[("A", "canary")]),
                secrets: map(&[("A", "canary")]),
                ..VersionSource::default()
            },
            "bad-variable",
        ),
        (VersionSource { tags: map(&[("aws:x", "1")]), ..VersionSource::default() }, "reserved-tag"),
        (VersionSource { tags: map(&[("ecs-bg:build", "1")]), ..VersionSource::default() }, "reserved-tag"),
    ] {
        let error = refused(one(), &version);
        assert_eq!(error.code, code);
        assert!(!format!("{error:?}").contains("canary"));
    }
    let several = VersionSource { environment: map(&[("A", "1")]), ..VersionSource::default() };
    assert_eq!(refused(two(), &several).code, "ambiguous-container");
}

#[test]
fn variables_are_merged_by_name_and_a_name_has_one_source() {
    let version = VersionSource {
        container_name: Some("web".into()),
        environment: map(&[("B", "3"), ("C", "4")]),
        container_environment: BTreeMap::from([("proxy".to_owned(), map(&[("KEY", "plain")]))]),
        secrets: map(&[("A", "arn:2")]),
        ..VersionSource::default()
    };
    let content = applied(two(), &version);
    let web = &content["containerDefinitions"][0];
    assert_eq!(web["environment"], json!([{ "name": "B", "value": "3" }, { "name": "C", "value": "4" }]));
    assert_eq!(web["secrets"], json!([{ "name": "A", "valueFrom": "arn:2" }]));
    let proxy = &content["containerDefinitions"][1];
    assert_eq!(proxy["environment"], json!([{ "name": "KEY", "value": "plain" }]));
    assert_eq!(proxy["secrets"], json!([]));
}

#[test]
fn roles_sizes_logging_and_tags_are_overridden() {
    let version = VersionSource {
        family: Some("api".into()),
        task_role_arn: Some("arn:task".into()),
        execution_role_arn: Some("arn:execution".into()),
        cpu: Some("512".into()),
        memory: Some("1024".into()),
        log_group: Some("new".into()),
        log_region: Some("eu-west-1".into()),
        tags: map(&[("team", "a")]),
        ..VersionSource::default()
    };
    let content = applied(two(), &version);
    for (key, value) in [
        ("family", "api"),
        ("taskRoleArn", "arn:task"),
        ("executionRoleArn", "arn:execution"),
        ("cpu", "512"),
        ("memory", "1024"),
    ] {
        assert_eq!(content[key], value);
    }
    let options = &content["containerDefinitions"][1]["logConfiguration"]["options"];
    assert_eq!(*options, json!({ "awslogs-group": "new", "awslogs-region": "eu-west-1" }));
    assert_eq!(content["tags"], json!([{ "key": "team", "value": "a" }]));

    let (_, warnings) = apply("t.json", one(), &version, None).unwrap();
    let null = object(json!({ "family": "a", "containerDefinitions": [
        { "name": "a", "image": "a:1", "logConfiguration": { "logDriver": "awslogs", "options": null } }] }));
    let content = applied(null, &version);
    assert_eq!(content["containerDefinitions"][0]["logConfiguration"]["options"]["awslogs-group"], "new");
    assert!(matches!(&warnings[..], [Warning { code, .. }] if code == "override-unused"), "{warnings:?}");
}

#[test]
fn the_port_replaces_an_only_one_and_must_be_among_several() {
    let none = VersionSource::default();
    let ports = |content, port| {
        let content = apply("t.json", content, &none, Some(port)).map(|(content, _)| Value::Object(content));
        content.map(|content| content["containerDefinitions"][0]["portMappings"].clone())
    };
    assert_eq!(ports(one(), 80).unwrap(), json!([{ "containerPort": 80, "hostPort": 80 }]));
    assert_eq!(ports(one(), 9000).unwrap(), json!([{ "containerPort": 9000 }]));
    let mut without = one();
    containers::all_mut(&mut without).for_each(|container| drop(container.remove("portMappings")));
    assert_eq!(ports(without, 9000).unwrap(), json!([{ "containerPort": 9000, "protocol": "tcp" }]));
    let mut several = one();
    containers::all_mut(&mut several)
        .for_each(|c| drop(c.insert("portMappings".into(), json!([{ "containerPort": 1 }, { "containerPort": 2 }]))));
    assert_eq!(ports(several.clone(), 2).unwrap(), json!([{ "containerPort": 1 }, { "containerPort": 2 }]));
    assert_eq!(ports(several, 3).expect_err("none of them").code, "unknown-port");
    // Several containers, none named: create-task-set will say so, if its template does not.
    assert!(apply("t.json", two(), &none, Some(80)).is_ok());
}

#[test]
fn an_existing_revision_becomes_a_request_without_what_only_aws_writes() {
    let described = object(json!({
        "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7",
        "family": "web", "revision": 7, "status": "ACTIVE",
        "requiresAttributes": [{ "name": "x" }], "compatibilities": ["EC2", "FARGATE"],
        "registeredAt": 1_700_000_000.0, "registeredBy": "arn:x", "placementConstraints": [], "cpu": "256",
        "containerDefinitions": [{ "name": "web", "image": "web:1", "cpu": 0, "environment": [] }],
    }));
    let tags =
        [("team", "a"), ("ecs-bg:fingerprint", "f"), ("ecs-bg:build", "b"), ("aws:cloudformation:stack-id", "s")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()));
    let content = from_existing(&described, &tags);
    let mut keys: Vec<&str> = content.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["containerDefinitions", "cpu", "family", "placementConstraints", "tags"]);
    assert_eq!(content["tags"], json!([{ "key": "team", "value": "a" }]));
    let revision = Revision::new("web:7", content).unwrap();
    assert_eq!(revision.images, map(&[("web", "web:1")]));
    let request = revision.request(Some("https://ci/job/a%2Fb/1/")).unwrap();
    let sent: Vec<_> = request.tags().iter().map(|tag| (tag.key().unwrap(), tag.value().unwrap())).collect();
    assert_eq!(
        sent,
        [("team", "a"), ("ecs-bg:fingerprint", &revision.fingerprint), ("ecs-bg:build", "https://ci/job/a=2Fb/1/")]
    );
}

#[test]
fn what_aws_would_refuse_is_refused_here() {
    for (content, code) in [
        (json!({ "containerDefinitions": [{ "name": "web", "image": "web:1" }] }), "missing-family"),
        (json!({ "family": "web" }), "incomplete-container"),
        (json!({ "family": "web", "containerDefinitions": [{ "image": "web:1" }] }), "incomplete-container"),
        (json!({ "family": "web", "containerDefinitions": [{ "name": "web" }] }), "incomplete-container"),
        (json!({ "family": "web", "containerDefinitions": [{ "name": "web", "image": "${IMAGE}" }] }), "bad-image"),
        (
            json!({ "family": "web", "containerDefinitions": [{ "name": "a", "image": "i" }, { "name": "a", "image": "i" }] }),
            "incomplete-container",
        ),
        (
            json!({ "family": "web", "containerDefinitions": [{ "name": "a", "image": "i" }],
                    "tags": (0..49).map(|n| json!({ "key": format!("k{n}"), "value": "" })).collect::<Vec<_>>() }),
            "too-many-tags",
        ),
    ] {
        assert_eq!(Revision::new("t.json", object(content)).expect_err(code).code, code);
    }
}

#[test]
fn mutable_images_are_found() {
    let mut content = two();
    containers::all_mut(&mut content).for_each(|c| drop(c.insert("image".into(), json!("web:latest"))));
    let revision = Revision::new("t.json", content).unwrap();
    assert_eq!(revision.mutable_images(), [("proxy", "web:latest"), ("web", "web:latest")]);
    assert!(Revision::new("t.json", two()).unwrap().mutable_images().is_empty());
}

#[test]
fn the_fingerprint_is_fixed_and_differs_with_the_content() {
    let print = |content| Revision::new("t.json", content).unwrap().fingerprint;
    // A constant: a new version of this tool must find what an old one registered.
    assert_eq!(print(one()), "c3653f697d4a689d5c00a62686826a03d8e3a30a6123118a7d7bea50fcd33744");
    assert_eq!(print(one()), print(one()));
    let mut explicit = one();
    explicit.insert("volumes".into(), json!([]));
    explicit.insert("cpu".into(), Value::Null);
    explicit.insert("tags".into(), json!([{ "key": "ecs-bg:build", "value": "1" }]));
    assert_eq!(print(one()), print(explicit));
    for (key, value) in
        [("cpu", json!("256")), ("family", json!("api")), ("tags", json!([{ "key": "a", "value": "b" }]))]
    {
        let mut other = one();
        other.insert(key.into(), value);
        assert_ne!(print(one()), print(other), "{key}");
    }
}

#[test]
fn a_plans_differences_show_no_secret_and_no_noise_of_aws() {
    let before = json!({ "family": "web", "containerDefinitions": [
        { "name": "web", "image": "web:1", "cpu": 0, "essential": true, "command": ["run", "canary"],
          "portMappings": [{ "containerPort": 80, "hostPort": 80, "protocol": "tcp" }],
          "environment": [{ "name": "A", "value": "canary" }, { "name": "GONE", "value": "canary" }],
          "logConfiguration": { "logDriver": "splunk", "options": { "splunk-token": "canary" } } }] });
    let after = json!({ "family": "web", "cpu": "256", "containerDefinitions": [
        { "name": "web", "image": "web:2", "command": ["run", "canary2"],
          "portMappings": [{ "containerPort": 80 }],
          "environment": [{ "name": "A", "value": "canary2" }, { "name": "NEW", "value": "canary" }],
          "logConfiguration": { "logDriver": "splunk", "options": { "splunk-token": "canary2" } } },
        { "name": "side", "image": "side:1" }] });
    let found = differences(&before, &after);
    assert!(!format!("{found:?}").contains("canary"), "{found:?}");
    let paths: Vec<&str> = found.iter().map(|difference| difference.path.as_str()).collect();
    assert!(paths.contains(&"$.containerDefinitions[web].image"), "{paths:?}");
    assert!(paths.contains(&"$.containerDefinitions[web].environment[A].value"), "{paths:?}");
    assert!(paths.contains(&"$.containerDefinitions[side].image"), "{paths:?}");
    assert!(!paths.iter().any(|path| path.contains("essential") || path.ends_with("web].cpu")), "{paths:?}");
    assert!(differences(&before, &before).is_empty());
}

/// The same JSON with the keys of every object in another order.
fn shuffled(value: &Value, turn: usize) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<(String, Value)> =
                object.iter().map(|(key, value)| (key.clone(), shuffled(value, turn + 1))).collect();
            let len = entries.len().max(1);
            entries.rotate_left(turn % len);
            if turn.is_multiple_of(2) {
                entries.reverse();
            }
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(|item| shuffled(item, turn + 1)).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

proptest! {
    #[test]
    fn the_fingerprint_does_not_know_the_order_of_keys_and_sets(
        turn in 0_usize..50,
        variables in prop::collection::btree_map("[A-Z]{1,4}", ".{0,8}", 0..6),
        labels in prop::collection::hash_map("[a-z]{1,4}", ".{0,8}", 0..6),
    ) {
        let mut content = two();
        let environment: Vec<Value> = variables.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let mut turned = environment.clone();
        turned.rotate_left(turn.min(environment.len()));
        let first = Value::Object(content.clone());
        containers::all_mut(&mut content).for_each(|c| {
            c.insert("environment".into(), Value::Array(environment.clone()));
            c.insert("dockerLabels".into(), json!(labels));
        });
        let mut other = object(shuffled(&Value::Object(content.clone()), turn));
        containers::all_mut(&mut other).for_each(|c| drop(c.insert("environment".into(), Value::Array(turned.clone()))));
        let prints = [content, other].map(|content| Revision::new("t.json", content).unwrap().fingerprint);
        prop_assert_eq!(&prints[0], &prints[1]);
        prop_assert!(first.is_object());
    }
    #[test]
    fn overriding_any_template_that_was_accepted_never_panics(
        at in any::<prop::sample::Index>(),
        piece in prop::sample::select(vec!["null", "[]", "{}", "\"\"", "0", "[null]", "[{}]", "{\"name\":null}", ""]),
    ) {
        let text = Value::Object(two()).to_string();
        // Replaces one value by another: from a colon to the next comma or bracket.
        let colons: Vec<usize> = text.match_indices(':').map(|(at, _)| at).collect();
        let from = colons[at.index(colons.len())] + 1;
        let to = text[from..].find([',', '}', ']']).map_or(text.len(), |end| from + end);
        let changed = format!("{}{piece}{}", &text[..from], &text[to..]);
        let version = VersionSource {
            container_name: Some("web".into()),
            image: Some("web:2".into()),
            environment: map(&[("A", "1")]),
            secrets: map(&[("S", "arn:1")]),
            log_group: Some("g".into()),
            tags: map(&[("t", "1")]),
            ..VersionSource::default()
        };
        let Ok(content) = template::parse("t.json", changed.as_bytes()) else { return Ok(()) };
        if template::input::<RegisterTaskDefinitionInput>("t.json", &content).is_ok()
            && let Ok((content, _)) = apply("t.json", content, &version, Some(80))
            && let Ok(revision) = Revision::new("t.json", content)
        {
            prop_assert!(revision.request(None).is_ok());
            differences(&Value::Null, &revision.canonical());
        }
    }
}
