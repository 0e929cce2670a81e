//! Configuration from files, as teams have it: preflight resolves it, and every later action works from its answer.

use serde_json::Map;

use crate::support::{Call, Value, World, json};

const CONTAINER: &str = "web";

/// Writes the templates of a team; the container's environment is in one of them.
fn templates(world: &World) {
    let definition = json!({
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": world.text("executionRoleArn"),
        "containerDefinitions": [{
            "name": CONTAINER,
            "image": "placeholder:1",
            "essential": true,
            "memoryReservation": 128,
            "portMappings": [{ "containerPort": 8080 }],
            "environment": [{ "name": "GREETING", "value": "hello" }],
        }],
    });
    let set = json!({
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "networkConfiguration": { "awsvpcConfiguration": {
            "subnets": world.list("subnets"), "securityGroups": world.list("securityGroups"), "assignPublicIp": "DISABLED",
        } },
        "loadBalancers": [{ "containerName": CONTAINER, "containerPort": 8080 }],
        "scale": { "value": 100, "unit": "PERCENT" },
    });
    world.file("taskdef.json", definition.to_string());
    world.file("taskset.json", set.to_string());
}

/// A whole deployment as the pipeline runs it: after preflight nothing but its settings.
fn deploy(world: &World, given: Map<String, Value>, deployment: &str) {
    let given = Call::new(world, "preflight", given).param("deploymentId", deployment);
    let checked = given.param("pollInterval", "100ms").param("confirmations", 1).ok();
    let mut settings = checked.at("/result/settings").as_object().unwrap().clone();
    settings.insert("config".into(), Value::Null);
    let act = |action: &str| Call::new(world, action, settings.clone());
    if let Some(previous) = checked.at("/result/previous")["arn"].as_str() {
        act("delete-task-set").param("taskSetArn", previous).param("deploymentId", Value::Null).param("drain", 0).ok();
    }
    let registered = act("register-task-definition").ok();
    let arn = registered.text("/result/taskDefinitionArn");
    act("create-task-set").param("taskDefinitionArn", arn).twice();
    act("wait-stable").ok();
    act("enable-test-listener").ok();
    act("swap-live").twice();
    act("set-primary").twice();
}

fn config(name: &str, world: &World, image: &str) -> Map<String, Value> {
    let params = json!({ "config": name, "image": image, "endpointUrl": world.url() });
    params.as_object().unwrap().clone()
}

#[test]
fn a_team_deploys_from_yaml_files_of_which_the_later_wins() {
    let world = World::new();
    templates(&world);
    let team = format!(
        "cluster: {}\nservice: nobody\nregion: {}\ntaskDefinition: taskdef.json\ntaskSet: taskset.json\n\
         approve:\n  submitter: ops\ncleanup:\n  bake: 5m\n  approve: false\n",
        world.text("cluster"),
        world.text("region"),
    );
    world.file("ecs.yml", team);
    let production = format!(
        "service: {}\ntargetGroups:\n  blue: {}\n  green: {}\nlisteners:\n  live: {}\n  test:\n    - {}\n",
        world.text("service"),
        world.text("targetGroups/blue"),
        world.text("targetGroups/green"),
        world.text("listeners/live"),
        world.text("listeners/test"),
    );
    world.file("prod.yml", production);
    world.control("images", &json!({ "repository": "web", "tags": ["v2", "v3"] }));
    let mut params = config("", &world, &world.image("v2"));
    params.insert("config".into(), json!(["ecs.yml", "prod.yml"]));
    deploy(&world, params.clone(), "build-1");
    assert_eq!(world.live(), (0, 100));
    params.insert("image".into(), world.image("v3").into());
    deploy(&world, params, "build-2");
    assert_eq!(world.live(), (100, 0));
    assert_eq!(world.statuses(), ["ACTIVE", "PRIMARY"]);
}

#[test]
fn a_container_gets_what_is_written_in_the_file() {
    let world = World::new();
    world.file(
        "team.yml",
        "x-log: &log {LOG: 1.10}\nfamily: 12e4567\nenvironment: {<<: *log, COLOR: 0xFF00FF, MODE: 0o755, YES: yes, FLAG: True}\n\
         tags: {release: 2.50}\n",
    );
    let done =
        world.call("register-task-definition").param("config", "team.yml").param("image", world.image("v2")).ok();
    assert_eq!(done.at("/result/family"), &json!("12e4567"));
    let found = world.ecs(async |ecs| {
        let call = ecs.describe_task_definition().task_definition(done.text("/result/taskDefinitionArn"));
        call.include(aws_sdk_ecs::types::TaskDefinitionField::Tags).send().await.unwrap()
    });
    let container = &found.task_definition.as_ref().unwrap().container_definitions()[0];
    let value =
        |name: &str| container.environment().iter().find(|one| one.name() == Some(name)).and_then(|one| one.value());
    for (name, written) in [("COLOR", "0xFF00FF"), ("MODE", "0o755"), ("LOG", "1.10"), ("YES", "yes"), ("FLAG", "True")]
    {
        assert_eq!(value(name), Some(written), "{name}");
    }
    assert!(found.tags().iter().any(|tag| tag.key() == Some("release") && tag.value() == Some("2.50")));
}

/// The sample's file, with this world's names; the account and region stand as words in it.
fn makefile_env(world: &World, more: &str) -> String {
    let sample = |arn: String| arn.replace("eu-west-1", "REGION").replace(&world.account_id(), "AWS_ACCOUNT_NUMBER");
    format!(
        "REGION=eu-west-1\nAPP_NAME={CONTAINER}\nAPP_PORT=8080\nREPO_NAME=web\n\
         GREEN_TASK_FAMILY_PREFIX=web-green\nBLUE_TASK_FAMILY_PREFIX=web-blue\n\
         TASK_SUBNETS={}\nTASK_SECURITY_GROUPS={}\nSERVICE_ARN={}\nCLUSTER_ARN={}\n\
         BLUE_TARGET_GROUP_ARN={}\nGREEN_TARGET_GROUP_ARN={}\nLIVE_LISTENER_ARN={}\nTEST_LISTENER_ARN={}\n\
         TASK_DEF_TEMPLATE=taskdef.json\nTASK_SET_TEMPLATE_FILE=taskset.json\nTASK_SET_FILE=ignored.json\n{more}",
        world.list("subnets").join(","),
        world.list("securityGroups").join(","),
        sample(world.text("serviceArn")),
        sample(world.text("clusterArn")),
        sample(world.text("targetGroups/blue")),
        sample(world.text("targetGroups/green")),
        sample(world.text("listeners/live")),
        sample(world.text("listeners/test")),
    )
}

#[test]
fn the_samples_makefile_env_is_a_configuration() {
    let world = World::new();
    templates(&world);
    world.file("Makefile.env", makefile_env(&world, "NEXT_ENV=Green\n"));
    let mut params = config("Makefile.env", &world, &world.image("v1"));
    params.insert("accountId".into(), world.account_id().into());
    deploy(&world, params.clone(), "build-1");
    let status = world.status();
    let live = status.at("/result/taskSets").as_array().unwrap().iter().find(|set| set["status"] == "PRIMARY").unwrap();
    assert!(live["taskDefinitionArn"].as_str().unwrap().contains("/web-green:"), "the idle colour's family: {live}");

    let told = Call::new(&world, "preflight", params).param("deploymentId", "build-2").run();
    assert_eq!(told.json["ok"], false, "NEXT_ENV is the live colour now: {told}");
    assert!(told.message().contains("NEXT_ENV"), "{told}");
    world.file("Makefile.env", makefile_env(&world, ""));
    let mut params = config("Makefile.env", &world, &world.image("v1"));
    params.insert("accountId".into(), world.account_id().into());
    deploy(&world, params, "build-2");
    assert_eq!(world.live(), (100, 0));
}
