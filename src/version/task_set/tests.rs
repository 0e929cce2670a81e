use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::config::CapacityProvider;

const IDLE: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/web-green/2";

fn settings() -> Settings {
    Settings { cluster: Some("prod".into()), service: Some("web".into()), ..Settings::default() }
}

fn primary() -> sdk::TaskSet {
    let vpc = sdk::AwsVpcConfiguration::builder()
        .subnets("subnet-1")
        .subnets("subnet-2")
        .security_groups("sg-1")
        .assign_public_ip(sdk::AssignPublicIp::Disabled)
        .build()
        .unwrap();
    sdk::TaskSet::builder()
        .id("ecs-svc/1")
        .status("PRIMARY")
        .task_definition("arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7")
        .launch_type(sdk::LaunchType::Fargate)
        .platform_version("1.4.0")
        .platform_family("Linux")
        .network_configuration(sdk::NetworkConfiguration::builder().awsvpc_configuration(vpc).build())
        .load_balancers(
            sdk::LoadBalancer::builder()
                .target_group_arn("arn:blue")
                .container_name("web")
                .container_port(9000)
                .build(),
        )
        .scale(sdk::Scale::builder().value(50.0).unit(sdk::ScaleUnit::Percent).build())
        .external_id("other")
        .build()
}

fn content(value: Value) -> Map<String, Value> {
    let Value::Object(content) = value else { panic!("not an object: {value}") };
    content
}

fn from_template(value: Value, settings: &Settings) -> Result<Value> {
    build(settings, Source::Template("ts.json", content(value)), IDLE, Some("web:8")).map(|new| new.plan())
}

#[test]
fn what_primary_has_is_not_judged_and_what_is_given_is() {
    let mut odd = primary();
    odd.tags = None;
    let group = |at: usize| format!("sg-{at}");
    odd.network_configuration.as_mut().unwrap().awsvpc_configuration.as_mut().unwrap().security_groups =
        Some((0..6).map(group).collect());
    build(&settings(), Source::Primary(&odd), IDLE, Some("web:8")).unwrap();
    let mut given = settings();
    given.task_set.security_groups = (0..7).map(group).collect();
    let error = build(&given, Source::Primary(&odd), IDLE, Some("web:8")).unwrap_err();
    assert_eq!(&*error.code, "invalid-value");
    let error = from_template(
        json!({ "scale": { "value": 150 }, "loadBalancers": [{ "containerName": "web", "containerPort": 80 }] }),
        &settings(),
    )
    .unwrap_err();
    assert_eq!(error.message, "ts.json: $.scale.value is 150");
}

#[test]
fn a_set_like_primary_goes_into_the_idle_group_at_full_scale() {
    let new = build(&settings(), Source::Primary(&primary()), IDLE, Some("web:8")).unwrap();
    assert_eq!(
        new.plan(),
        json!({
            "networkConfiguration": { "awsvpcConfiguration":
                { "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "DISABLED" } },
            "loadBalancers": [{ "targetGroupArn": IDLE, "containerName": "web", "containerPort": 9000 }],
            "launchType": "FARGATE",
            "platformVersion": "LATEST",
            "taskDefinition": "web:8",
            "scale": { "value": 100.0, "unit": "PERCENT" },
        })
    );
    assert!(!new.has_registries());
}

#[test]
fn parameters_override_what_primary_has() {
    let mut settings = settings();
    settings.scale = Some(0.0);
    settings.version.container_name = Some("api".into());
    settings.task_set = TaskSetOverrides {
        container_port: Some(80),
        subnets: vec!["subnet-9".into()],
        assign_public_ip: Some(true),
        capacity_providers: vec![CapacityProvider { name: "own".into(), weight: 1, base: 0 }],
        ..TaskSetOverrides::default()
    };
    let plan = build(&settings, Source::Primary(&primary()), IDLE, Some("web:8")).unwrap().plan();
    let vpc = &plan["networkConfiguration"]["awsvpcConfiguration"];
    assert_eq!(*vpc, json!({ "subnets": ["subnet-9"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED" }));
    assert_eq!(
        plan["loadBalancers"][0],
        json!({ "targetGroupArn": IDLE, "containerName": "api", "containerPort": 80 })
    );
    assert_eq!(plan["capacityProviderStrategy"], json!([{ "capacityProvider": "own", "weight": 1, "base": 0 }]));
    assert_eq!((plan.get("launchType"), plan.get("platformVersion")), (None, None));
    assert_eq!(plan["scale"]["value"], 0.0);

    settings.task_set = TaskSetOverrides {
        launch_type: Some("FARGATE".into()),
        platform_version: Some("1.4.0".into()),
        ..TaskSetOverrides::default()
    };
    let plan = build(&settings, Source::Primary(&primary()), IDLE, Some("web:8")).unwrap().plan();
    assert_eq!((&plan["launchType"], &plan["platformVersion"]), (&json!("FARGATE"), &json!("1.4.0")));
}

#[test]
fn a_set_on_capacity_providers_is_copied_with_them() {
    let strategy =
        sdk::CapacityProviderStrategyItem::builder().capacity_provider("FARGATE_SPOT").weight(1).build().unwrap();
    let mut primary = primary();
    primary.capacity_provider_strategy = Some(vec![strategy]);
    primary.service_registries = Some(vec![sdk::ServiceRegistry::builder().registry_arn("arn:registry").build()]);
    let new = build(&settings(), Source::Primary(&primary), IDLE, Some("web:8")).unwrap();
    let plan = new.plan();
    assert_eq!(plan["capacityProviderStrategy"][0]["capacityProvider"], "FARGATE_SPOT");
    assert_eq!((plan.get("launchType"), &plan["platformVersion"]), (None, &json!("LATEST")));
    assert!(new.has_registries());
}

#[test]
fn a_template_is_taken_whole_and_says_nothing_that_is_not_its_to_say() {
    let example: Value = serde_json::from_str(include_str!("../../../examples/deploy/taskset.json")).unwrap();
    let plan = from_template(example, &settings()).unwrap();
    assert_eq!(
        plan["loadBalancers"],
        json!([{ "containerName": "web", "containerPort": 9000, "targetGroupArn": IDLE }])
    );
    assert_eq!(plan["scale"]["value"], 100.0);

    let balancer = json!([{ "containerName": "web", "containerPort": 1, "targetGroupArn": "arn:blue" }]);
    let plan =
        from_template(json!({ "loadBalancers": balancer, "cluster": "arn:x/prod", "service": "web" }), &settings());
    assert_eq!(plan.unwrap()["loadBalancers"][0]["targetGroupArn"], IDLE);

    for (template, code) in [
        (json!({ "loadBalancers": balancer, "cluster": "test" }), "template-elsewhere"),
        (json!({ "loadBalancers": balancer, "externalId": "x" }), "template-not-yours"),
        (json!({ "loadBalancers": balancer, "clientToken": "x" }), "template-not-yours"),
        (json!({ "loadBalancers": [balancer[0], balancer[0]] }), "template-load-balancer"),
        (json!({ "loadBalancers": [{ "loadBalancerName": "classic" }] }), "template-load-balancer"),
        (json!({ "loadBalancers": [{ "containerName": "web" }] }), "missing-parameter"),
        (json!({}), "missing-parameter"),
        (json!({ "loadBalancers": balancer, "tags": [{ "key": "ecs-bg:blue", "value": "x" }] }), "reserved-tag"),
    ] {
        assert_eq!(from_template(template.clone(), &settings()).expect_err(code).code, code, "{template}");
    }
    let undefined =
        build(&settings(), Source::Template("ts.json", content(json!({ "loadBalancers": balancer }))), IDLE, None);
    assert_eq!(undefined.expect_err("no task definition").code, "missing-parameter");
}

#[test]
fn a_first_deployment_names_all_that_is_missing_and_asks_the_task_definition() {
    let error = build(&settings(), Source::Nothing(Told::default()), IDLE, Some("web:1")).expect_err("nothing given");
    assert!(
        error.message.ends_with("`containerName`, `containerPort`, `subnets`, `securityGroups`"),
        "{}",
        error.message
    );

    let definition: Value = serde_json::from_str(include_str!("../../../examples/deploy/taskdef.json")).unwrap();
    let told = Told::by(&content(definition));
    let error = build(&settings(), Source::Nothing(told.clone()), IDLE, Some("web:1")).expect_err("no network given");
    assert!(error.message.ends_with("missing: `subnets`, `securityGroups`"), "{}", error.message);

    let mut settings = settings();
    settings.task_set.subnets = vec!["subnet-1".into()];
    settings.task_set.security_groups = vec!["sg-1".into()];
    let plan = build(&settings, Source::Nothing(told), IDLE, Some("web:1")).unwrap().plan();
    assert_eq!(plan["launchType"], "FARGATE");
    assert_eq!(
        plan["loadBalancers"][0],
        json!({ "containerName": "web", "containerPort": 9000, "targetGroupArn": IDLE })
    );

    let bridge = Told::by(&content(json!({ "networkMode": "bridge", "containerDefinitions": [
        { "name": "a", "portMappings": [{ "containerPort": 1 }] }, { "name": "b" }] })));
    assert_eq!(bridge, Told { no_awsvpc: true, ..Told::default() });
}

#[test]
fn a_request_carries_the_deployment_and_a_token_of_its_own() {
    let mut settings = settings();
    settings.version.tags = BTreeMap::from([("team".to_owned(), "a".to_owned())]);
    let new = build(&settings, Source::Primary(&primary()), IDLE, Some("web:8")).unwrap();
    let ours = [("ecs-bg:deployment".to_owned(), "job-1".to_owned())];
    let request = |new: &NewTaskSet, id: &str, attempt| new.request("arn:c", "arn:s", id, attempt, &ours).unwrap();
    let first = request(&new, "job-1", 1);
    assert_eq!((first.cluster(), first.service(), first.external_id()), (Some("arn:c"), Some("arn:s"), Some("job-1")));
    let tags: Vec<_> = first.tags().iter().map(|tag| (tag.key().unwrap(), tag.value().unwrap())).collect();
    assert_eq!(tags, [("team", "a"), ("ecs-bg:deployment", "job-1")]);
    let token = first.client_token().unwrap();
    assert!(token.len() == 36 && token.chars().all(|c| c.is_ascii_hexdigit()), "{token}");
    assert_eq!(request(&new, "job-1", 1), first);
    let other = build(&settings, Source::Primary(&primary()), IDLE, Some("web:9")).unwrap();
    let tokens = [request(&new, "job-1", 2), request(&new, "job-2", 1), request(&other, "job-1", 1)];
    for changed in tokens {
        assert_ne!(changed.client_token().unwrap(), token);
    }
}

#[test]
fn the_same_deployment_with_other_content_is_told() {
    let arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:7";
    let same = |task_definition| build(&settings(), Source::Primary(&primary()), IDLE, Some(task_definition)).unwrap();
    assert_eq!(same(arn).differences(&primary()).unwrap(), Vec::<String>::new());
    assert_eq!(same("web:7").differences(&primary()).unwrap(), Vec::<String>::new());
    let found = same("web:8").differences(&primary()).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("taskDefinition: it has \"arn:"), "{found:?}");

    let mut settings = settings();
    settings.task_set.subnets = vec!["subnet-2".into(), "subnet-1".into()];
    settings.task_set.security_groups = vec!["sg-2".into()];
    settings.task_set.container_port = Some(1);
    let found =
        build(&settings, Source::Primary(&primary()), IDLE, Some(arn)).unwrap().differences(&primary()).unwrap();
    assert_eq!(found.len(), 2, "{found:?}");
}
