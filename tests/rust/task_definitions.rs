//! `register-task-definition` and `deregister-task-definition`.

use crate::support::call::Call;
use crate::support::{Value, World, json};

const CANARY: &str = "canary-of-a-variable";

/// A registration from a template file of the test's own.
fn from_template<'a>(world: &'a World, family: &str) -> Call<'a> {
    let template = json!({
        "family": family, "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [{
            "name": "web", "image": "placeholder", "memoryReservation": 128,
            "environment": [{ "name": "PASSWORD", "value": CANARY }],
        }],
    });
    world.file("taskdef.json", template.to_string());
    world.bare("register-task-definition").param("taskDefinition", "taskdef.json").param("image", world.image("v2"))
}

fn revisions(world: &World, family: &str) -> Vec<String> {
    world.ecs(async |ecs| {
        let found = ecs.list_task_definitions().family_prefix(family).send().await.unwrap();
        found.task_definition_arns.unwrap_or_default()
    })
}

#[test]
fn a_template_becomes_a_revision_once() {
    let world = World::new();
    let first = from_template(&world, "api").twice();
    assert_eq!(first.at("/result/registered"), &json!(true));
    assert_eq!(first.at("/result/revision"), &json!(1));
    assert_eq!(first.at("/result/images/web"), &json!(world.image("v2")));
    assert_eq!(first.at("/result/before/taskDefinitionArn"), &Value::Null);
    let again = from_template(&world, "api").nothing_to_do();
    assert_eq!(again.at("/result/taskDefinitionArn"), first.at("/result/taskDefinitionArn"));
    assert_eq!(again.at("/result/registered"), &json!(false));
    let other = from_template(&world, "api").param("image", world.image("v3")).twice();
    assert_eq!(other.at("/result/revision"), &json!(2));
    assert_ne!(other.at("/result/fingerprint"), first.at("/result/fingerprint"));
}

#[test]
fn without_a_template_it_is_primarys_with_the_new_image() {
    let world = World::new();
    let call = world
        .call("register-task-definition")
        .param("image", world.image("v2"))
        .param("build", "https://ci/job/a%2Fb/7/");
    let done = call.twice();
    assert_eq!(done.at("/result/family"), &json!("web"));
    assert_eq!(done.at("/result/before/taskDefinitionArn"), &json!(world.text("taskDefinitionArn")));
    let tags = world.ecs(async |ecs| {
        let call = ecs.describe_task_definition().task_definition(done.text("/result/taskDefinitionArn"));
        call.include(aws_sdk_ecs::types::TaskDefinitionField::Tags).send().await.unwrap().tags.unwrap()
    });
    let tag = |key: &str| tags.iter().find(|tag| tag.key() == Some(key)).and_then(|tag| tag.value().map(str::to_owned));
    assert_eq!(tag("ecs-bg:fingerprint"), Some(done.text("/result/fingerprint")));
    assert_eq!(tag("ecs-bg:build").as_deref(), Some("https://ci/job/a=2Fb/7/"));
    // PRIMARY's own image: its own revision, though this tool did not register it.
    let same = world.call("register-task-definition").param("image", world.text("image")).nothing_to_do();
    assert_eq!(same.at("/result/taskDefinitionArn"), &json!(world.text("taskDefinitionArn")));
}

#[test]
fn a_plan_shows_what_changes_and_no_value_of_a_variable() {
    let world = World::new();
    from_template(&world, "api").ok();
    let plan = from_template(&world, "api").param("environment", json!({ "PASSWORD": "canary-two" })).dry();
    assert_eq!(
        plan.at("/result/plan/changes/0/path"),
        &json!("$.containerDefinitions[web].environment[PASSWORD].value")
    );
    assert!(!plan.to_string().contains("canary"), "{plan}");
    assert_eq!(revisions(&world, "api").len(), 1);
}

#[test]
fn an_existing_revision_is_taken_as_it_is() {
    let world = World::new();
    let call = world.call("register-task-definition").param("taskDefinitionArn", "web:1");
    let taken = call.nothing_to_do();
    assert_eq!(taken.at("/result/taskDefinitionArn"), &json!(world.text("taskDefinitionArn")));
    assert_eq!(taken.at("/result/fingerprint"), &Value::Null);
    let another =
        world.call("register-task-definition").param("taskDefinitionArn", "web:1").param("image", world.image("v2"));
    another.fails("usage", "contradicting-image");
    world
        .call("register-task-definition")
        .param("taskDefinitionArn", "web:9")
        .fails("notFound", "task-definition-not-found");
}

#[test]
fn images_that_can_change_behind_their_name_are_refused_unless_allowed() {
    let world = World::new();
    for tag in ["latest", ""] {
        let image = world.image(tag);
        from_template(&world, "api").param("image", image.trim_end_matches(':')).refused("mutable-tag");
    }
    let allowed =
        from_template(&world, "api").param("image", world.image("latest")).flags(&["--allow", "mutable-tag"]).ok();
    assert_eq!(allowed.warnings(), ["mutable-tag"]);
    let digest = format!("{}@sha256:{}", world.image("x").trim_end_matches(":x"), "0a".repeat(32));
    from_template(&world, "api").param("image", digest).ok();
}

#[test]
fn an_image_that_can_change_is_allowed_for_one_container_alone() {
    let world = World::new();
    let container = |name: &str, image: &str| json!({ "name": name, "image": image, "memory": 128, "portMappings": [{ "containerPort": 8080 }] });
    // As CDK writes it.
    let template = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [container("web", "placeholder"), container("log-router", "fluent-bit:latest")],
    });
    world.file("taskdef.json", template.to_string());
    for action in ["register-task-definition", "preflight"] {
        let call = |tag: &str, allow: &str| {
            let call = world.of(action, "new").param("taskDefinition", "taskdef.json").param("containerName", "web");
            let call = call.param("image", world.image(tag));
            if allow.is_empty() { call } else { call.param("allow", json!([allow, "image-not-found"])) }
        };
        let refused = call("v1", "").refused("mutable-tag");
        assert!(refused.message().contains("--allow mutable-tag:log-router does it"), "{refused}");
        assert!(call("v1", "mutable-tag:log-router").ok().warnings().contains(&"mutable-tag".to_owned()), "{action}");
        let refused = call("latest", "mutable-tag:log-router").refused("mutable-tag");
        assert!(refused.message().contains("the container web can change"), "{refused}");
        call("latest", "mutable-tag").ok();
        let misspelt = call("v1", "mutable-tag:log-ruoter").refused("mutable-tag");
        assert!(misspelt.warnings().contains(&"allow-unused".to_owned()), "{misspelt}");
    }
    world.call("status").param("allow", "mutable-tag:").fails("usage", "invalid-value");
    world.call("status").param("allow", "is-live:web").fails("usage", "invalid-value");
}

#[test]
fn bad_templates_are_one_error_and_nothing_is_sent() {
    let world = World::new();
    for (text, code) in [
        ("", "template-syntax"),
        ("{\"family\":", "template-syntax"),
        ("\u{feff}[]", "template-syntax"),
        (r#"{"famly":"a"}"#, "template-unknown-key"),
        (r#"{"cpu":256}"#, "template-wrong-type"),
        (r#"{"taskDefinitionArn":"x"}"#, "template-output-only"),
        (r#"{"family":"a","containerDefinitions":[]}"#, "incomplete-container"),
    ] {
        world.file("bad.json", text);
        world.forget_calls();
        let call = world.bare("register-task-definition").param("taskDefinition", "bad.json");
        let failed = call.fails("usage", code);
        assert!(failed.message().starts_with("bad.json"), "{failed}");
        assert_eq!(world.mutations(), Vec::<String>::new());
    }
    let missing = world.bare("register-task-definition").param("taskDefinition", "no.json");
    missing.fails("usage", "template-unreadable");
    World::with(json!({ "blue": false })).call("register-task-definition").fails("usage", "no-source");
}

#[test]
fn whatever_happens_to_the_call_there_is_one_revision() {
    for kind in ["throttle", "500", "503", "refused", "reset-before", "lost-reply", "truncate", "html"] {
        let world = World::new();
        world.faults(json!([{ "operation": "RegisterTaskDefinition", "kind": kind }]));
        from_template(&world, "api").twice();
        assert_eq!(revisions(&world, "api").len(), 1, "{kind}");
    }
}

#[test]
fn a_lost_reply_is_found_below_what_others_registered_meanwhile() {
    let world = World::new();
    from_template(&world, "api").ok();
    world.faults(json!([{ "operation": "RegisterTaskDefinition", "kind": "lost-reply" }]));
    let registration = from_template(&world, "api").param("image", world.image("v3"));
    // Only the first call is held.
    let done = registration.held_while(json!({ "operation": "RegisterTaskDefinition", "when": "after" }), || {
        from_template(&world, "api").param("image", world.image("v4")).ok();
    });
    assert_eq!(done.at("/result/images/web"), &json!(world.image("v3")), "{done}");
    assert_eq!(revisions(&world, "api").len(), 3);
}

#[test]
fn attempts_are_bounded() {
    let world = World::new();
    world.faults(json!([{ "operation": "RegisterTaskDefinition", "kind": "503", "times": 99 }]));
    world.forget_calls();
    from_template(&world, "api").param("maxAttempts", 2).fails("unavailable", "unavailable");
    assert_eq!(world.mutations().len(), 2);
}

#[test]
fn what_is_only_throttled_ends_with_the_time_for_it() {
    let world = World::new();
    world.faults(json!([{ "operation": "RegisterTaskDefinition", "kind": "throttle", "times": 99 }]));
    let call = from_template(&world, "api").param("maxAttempts", 2).param("operationTimeout", "3s");
    call.fails("unavailable", "throttled");
    assert!(world.mutations().len() > 2, "not counted");
}

#[test]
fn only_a_revision_that_nothing_uses_is_deregistered() {
    let world = World::new();
    let used = world.call("deregister-task-definition").param("taskDefinitionArn", "web:1").nothing_to_do();
    assert!(used.text("/result/skipped").contains("task set"), "{used}");

    let ours =
        world.call("register-task-definition").param("image", world.image("v2")).ok().text("/result/taskDefinitionArn");
    let call = world.call("deregister-task-definition").param("taskDefinitionArn", ours.clone());
    let done = call.twice();
    assert_eq!(done.at("/result/deregistered"), &json!(true));
    let inactive = world.call("register-task-definition").param("taskDefinitionArn", ours);
    inactive.refused("task-definition-inactive");
    world.call("deregister-task-definition").param("taskDefinitionArn", "web").fails("usage", "invalid-value");
}

#[test]
fn a_revision_of_somebody_else_is_deregistered_only_where_that_is_allowed() {
    let world = World::new();
    let theirs = world.ecs(async |ecs| {
        let container = aws_sdk_ecs::types::ContainerDefinition::builder().name("x").image("x:1").memory(64).build();
        let done =
            ecs.register_task_definition().family("theirs").container_definitions(container).send().await.unwrap();
        done.task_definition.unwrap().task_definition_arn.unwrap()
    });
    let call = || world.call("deregister-task-definition").param("taskDefinitionArn", theirs.clone());
    call().refused("not-ours");
    call().flags(&["--allow", "not-ours"]).ok();
    assert!(revisions(&world, "theirs").is_empty());
}
