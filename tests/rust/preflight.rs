//! `preflight`: everything that stands in the way, all at once, before anything is built.

use crate::support::{Call, Output, Value, World, json};

/// A preflight as a deployment of an image begins with.
fn preflight<'a>(world: &'a World, deployment: &str) -> Call<'a> {
    world.of("preflight", deployment).param("image", world.image("v1"))
}

/// The findings' codes of a severity.
fn findings(output: &Output, severity: &str) -> Vec<String> {
    let all = output.at("/result/findings").as_array().unwrap().iter();
    let of = all.filter(|finding| finding["severity"] == severity);
    of.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

/// It must be refused (nothing is changed), with this among what blocks.
fn blocked(call: &Call<'_>, code: &str) -> Output {
    let output = call.run();
    assert_eq!(output.json["ok"], false, "{output}");
    assert!(findings(&output, "blocking").contains(&code.to_owned()), "no {code}: {output}");
    assert_eq!(output.json["changed"], false);
    output
}

#[test]
fn a_service_that_is_ready_has_no_finding() {
    let world = World::new();
    let ready = preflight(&world, "new").nothing_to_do();
    assert_eq!(ready.at("/result/findings"), &json!([]), "{ready}");
    assert_eq!(ready.at("/result/primary/arn"), &json!(world.text("taskSetArn")));
    assert_eq!(ready.at("/result/idle/colour"), &json!("green"));
    assert_eq!(ready.at("/result/previous"), &Value::Null);
    assert_eq!(ready.at("/result/image/found"), &json!(true));
    assert!(ready.text("/result/image/digest").starts_with("sha256:"));
    assert_eq!(ready.at("/result/plan/from/healthy"), &json!(2));
}

#[test]
fn the_settings_come_back_resolved_so_that_nothing_reads_them_again() {
    let world = World::new();
    world.file("team.yml", "cleanup:\n  bake: 10m\napprove:\n  submitter: ops\n  timeout: 2h\n");
    let call = preflight(&world, "new").param("config", "team.yml").param("validate", true).param("agent", "linux");
    let resolved = call.ok();
    let settings = resolved.at("/result/settings");
    assert_eq!(settings["cleanup"]["bake"], 600);
    assert_eq!((&settings["approve"]["submitter"], &settings["approve"]["timeout"]), (&json!("ops"), &json!(7200)));
    assert_eq!(settings["onFailure"], "rollback");
    assert_eq!(settings["targetGroups"], world.fixture["targetGroups"]);
    assert_eq!(settings["listeners"]["live"], json!([world.text("listeners/live")]));
    assert_eq!(settings["config"], Value::Null, "nothing after preflight reads files");
    let mut params = settings.as_object().unwrap().clone();
    params.insert("deploymentId".into(), "new".into());
    params.insert("taskDefinitionArn".into(), world.text("taskDefinitionArn").into());
    Call::new(&world, "create-task-set", params).ok();
}

#[test]
fn the_settings_come_back_also_where_there_is_nothing_to_look_at() {
    let world = World::new();
    world.file("team.yml", "cleanup:\n  bake: 10m\n");
    let call = preflight(&world, "new").param("config", "team.yml");
    let nowhere = call.clone().param("service", "nowhere").fails("notFound", "service-not-found");
    assert_eq!(nowhere.at("/result/settings/service"), &json!("nowhere"));
    assert_eq!(nowhere.at("/result/settings/targetGroups"), &world.fixture["targetGroups"]);
    let elsewhere = call.without("targetGroups").without("listeners").param("accountId", "999999999999");
    let elsewhere = elsewhere.fails("usage", "arn-of-another-account");
    assert_eq!(elsewhere.at("/result/settings/accountId"), &json!("999999999999"));
    for failed in [nowhere, elsewhere] {
        assert_eq!(failed.at("/result/settings/cleanup/bake"), &json!(600), "{failed}");
    }
}

#[test]
fn all_that_stands_in_the_way_is_told_at_once() {
    let world = World::with(json!({ "desiredCount": 0, "serviceRegistries": true }));
    let told = world.of("preflight", "new").param("image", world.image("missing")).run();
    let blocking = findings(&told, "blocking");
    for code in ["zero-desired-count", "service-registries", "image-not-found"] {
        assert!(blocking.contains(&code.to_owned()), "no {code} in {blocking:?}: {told}");
    }
    assert_eq!(told.at("/error/code").as_str(), blocking.first().map(String::as_str), "the first is the error");
}

#[test]
fn each_obstacle_has_its_finding() {
    for (spec, code) in [
        (json!({ "controller": "ECS" }), "not-external"),
        (json!({ "loadBalancerType": "network" }), "network-load-balancer"),
        (json!({ "stickinessSeconds": 7200 }), "sticky-sessions"),
        (json!({ "extraListeners": 1 }), "unnamed-rule"),
    ] {
        let world = World::with(spec.clone());
        let output = preflight(&world, "new").run();
        assert_eq!(output.json["ok"], false, "{spec}: {output}");
        assert!(output.log.contains(code), "no {code} for {spec}: {output}");
    }
}

#[test]
fn a_listener_of_another_load_balancer_is_found() {
    let world = World::new();
    let other = world.control("fixture", &json!({ "name": "api" }));
    blocked(
        &preflight(&world, "new").param("listeners.live", other["listeners"]["live"].clone()),
        "other-load-balancer",
    );
    blocked(
        &preflight(&world, "new").param("targetGroups.green", other["targetGroups"]["green"].clone()),
        "other-load-balancer",
    );
}

#[test]
fn an_image_that_is_not_there_is_found_before_anything_is_built() {
    let world = World::new();
    let refused = blocked(&world.of("preflight", "new").param("image", world.image("missing")), "image-not-found");
    assert_eq!(refused.at("/result/image/found"), &json!(false));
    let mutable = blocked(&world.of("preflight", "new").param("image", world.image("latest")), "mutable-tag");
    assert_eq!(mutable.exit, 3);
}

#[test]
fn the_previous_version_is_what_must_be_deleted_first() {
    let world = World::new();
    world.release("first");
    let ready = preflight(&world, "second").ok();
    assert_eq!(ready.at("/result/previous/arn"), &json!(world.text("taskSetArn")));
    world.call("delete-task-set").param("taskSetArn", ready.text("/result/previous/arn")).ok();
    assert_eq!(preflight(&world, "second").ok().at("/result/previous"), &Value::Null);
}

#[test]
fn another_deployment_under_way_is_found_with_its_id_and_build() {
    let world = World::new();
    world.creation("theirs").param("build", "https://ci.example.com/job/web/7/").ok();
    let refused = blocked(&preflight(&world, "ours"), "other-deployment");
    assert!(refused.message().contains("theirs") && refused.message().contains("job/web/7"), "{refused}");
    preflight(&world, "theirs").ok();
}

#[test]
fn it_knows_every_state() {
    let world = World::new();
    world.deploy("other");
    world.set_weights(&world.text("listeners/live"), 50, 50);
    blocked(&preflight(&world, "new"), "state-shifting");
    world.set_weights(&world.text("listeners/live"), 0, 100);
    blocked(&preflight(&world, "new"), "state-unpromoted");
    world.set_weights(&world.text("listeners/live"), 0, 0);
    blocked(&preflight(&world, "new"), "state-crossed");
}

#[test]
fn a_first_deployment_is_ready_when_the_template_says_everything() {
    let world = World::with(json!({ "blue": false }));
    let network = json!({ "subnets": world.list("subnets"), "securityGroups": world.list("securityGroups") });
    world.file(
        "taskset.json",
        json!({
            "launchType": "FARGATE",
            "networkConfiguration": { "awsvpcConfiguration": network },
            "loadBalancers": [{ "containerName": "web", "containerPort": 8080 }],
        })
        .to_string(),
    );
    let call = world
        .of("preflight", "first")
        .param("taskDefinitionArn", world.text("taskDefinitionArn"))
        .param("taskSet", "taskset.json");
    let ready = call.ok();
    assert_eq!((ready.at("/result/state"), ready.at("/result/primary")), (&json!("first"), &Value::Null));
}

#[test]
fn what_is_refused_by_code_can_be_allowed_by_code() {
    let world = World::with(json!({ "extraListeners": 1 }));
    let refused = preflight(&world, "new").run();
    let code = refused.text("/error/code");
    assert_eq!(code, "unnamed-rule");
    let allowed = preflight(&world, "new").flags(&["--allow", &code]).ok();
    assert!(allowed.warnings().contains(&code), "{allowed}");
    preflight(&world, "new").param("allow", json!([code])).ok();
}

/// A template that the next one may differ from.
fn template(colour: &str) -> String {
    json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [{
            "name": "web", "image": "placeholder", "memory": 256, "portMappings": [{ "containerPort": 8080 }],
            "environment": [{ "name": "COLOUR", "value": colour }],
        }],
    })
    .to_string()
}

#[test]
fn a_deployment_that_is_begun_or_done_with_other_content_is_refused_and_nothing_else_is() {
    for from_template in [false, true] {
        let world = World::new();
        world.file("taskdef.json", template("red"));
        world.file("other.json", template("blue"));
        world.control("images", &json!({ "repository": "web", "tags": ["v2"] }));
        let asked = |action: &str| {
            let call = world.of(action, "new").param("image", world.image("v1"));
            let call = call.param("environment", json!({ "MOOD": "canary-calm" }));
            if from_template { call.param("taskDefinition", "taskdef.json") } else { call }
        };
        let registered = asked("register-task-definition").ok().text("/result/taskDefinitionArn");
        let asked = || asked("preflight");
        let subnets = world.list("subnets");
        let differing: Vec<(&str, Call<'_>, &str)> = vec![
            (
                "another variable",
                asked().param("environment", json!({ "MOOD": "canary-wild" })),
                "environment[MOOD].value",
            ),
            (
                "one more variable",
                asked().param("environment", json!({ "MOOD": "canary-calm", "B": "1" })),
                "environment[B]",
            ),
            (
                "another size",
                asked().param("cpu", "512").param("memory", "1024"),
                "$.cpu: it has \"256\", this would have \"512\"",
            ),
            ("another template", asked().param("taskDefinition", "other.json"), "environment[COLOUR].value"),
            (
                "a revision",
                asked()
                    .without("image")
                    .without("environment")
                    .without("taskDefinition")
                    .param("taskDefinitionArn", "web:1"),
                "task-definition/web:1",
            ),
            ("other subnets", asked().param("subnets", json!([subnets[0]])), "subnets"),
            ("another image", asked().param("image", world.image("v2")), "containerDefinitions[web].image"),
        ];
        let as_it_is = |phase: &str| {
            let same = asked().nothing_to_do();
            assert_eq!(same.at("/result/resume/deploymentId"), &json!("new"), "{phase}");
            let revision = asked().without("image").without("environment").without("taskDefinition");
            revision.param("taskDefinitionArn", registered.clone()).ok();
            asked().param("scale", 50).ok();
            for (why, call, words) in &differing {
                world.forget_calls();
                let refused = blocked(call, "content-differs");
                assert!(refused.message().contains(words), "{phase}: {why}: {words}: {refused}");
                assert!(!refused.to_string().contains("canary-"), "{refused}");
                assert_eq!(world.mutations(), Vec::<String>::new(), "{why}");
            }
        };
        world.of("create-task-set", "new").param("taskDefinitionArn", registered.clone()).ok();
        as_it_is("created");
        world.of("wait-stable", "new").ok();
        world.of("swap-live", "new").ok();
        as_it_is("live");
        world.of("set-primary", "new").ok();
        as_it_is("promoted");
    }
}

#[test]
fn a_first_deployment_is_held_to_its_content_too() {
    let world = World::with(json!({ "blue": false }));
    world.file("taskdef.json", template("red"));
    let asked = |action: &str, mood: &str| {
        let call = world.of(action, "first").param("taskDefinition", "taskdef.json").param("image", world.image("v1"));
        let call = call.param("subnets", json!(world.list("subnets"))).param("launchType", "FARGATE");
        call.param("securityGroups", json!(world.list("securityGroups"))).param("environment", json!({ "MOOD": mood }))
    };
    let registered = asked("register-task-definition", "calm").ok().text("/result/taskDefinitionArn");
    let creation = asked("create-task-set", "calm").without("image").without("environment").without("taskDefinition");
    let creation =
        creation.param("taskDefinitionArn", registered).param("containerPort", 8080).param("containerName", "web");
    creation.ok();
    asked("preflight", "calm").ok();
    blocked(&asked("preflight", "wild"), "content-differs");
    world.of("wait-stable", "first").ok();
    world.of("swap-live", "first").ok();
    asked("preflight", "calm").ok();
    blocked(&asked("preflight", "wild"), "content-differs");
}
