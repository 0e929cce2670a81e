//! From the swap to the promotion: a deployment is live, can go back, and nobody else takes that away.

use std::process::Command;

use crate::support::{Output, World, json};

/// A deployment in its bake.
fn baking() -> World {
    let world = World::new();
    world.creation("build-1").param("build", "https://ci.example.com/job/web/1/").ok();
    world.of("wait-stable", "build-1").ok();
    world.of("swap-live", "build-1").ok();
    world
}

/// Runs a command line that a message gives, as somebody does who copies it.
fn by_hand(world: &World, command: &str) {
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_ecs-bg"));
    let path = format!("{}:{}", binary.parent().unwrap().display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .current_dir(world.dir())
        .env_clear()
        .env("PATH", path)
        .env("AWS_ENDPOINT_URL", world.url());
    for (name, key) in [
        ("AWS_ACCESS_KEY_ID", "accessKeyId"),
        ("AWS_SECRET_ACCESS_KEY", "secretAccessKey"),
        ("AWS_SESSION_TOKEN", "sessionToken"),
    ] {
        shell.env(name, world.account[key].as_str().unwrap());
    }
    let ended = shell.output().unwrap();
    assert!(ended.status.success(), "{command}: {}", String::from_utf8_lossy(&ended.stderr));
}

/// The command lines of an action in a text.
fn commands(text: &str, action: &str) -> Vec<String> {
    let begins = format!("ecs-bg {action} ");
    let ends = |rest: &str| rest.find(|c| "\n;".contains(c)).unwrap_or(rest.len());
    text.match_indices(&begins).map(|(at, _)| text[at..at + ends(&text[at..])].to_owned()).collect()
}

fn one(text: &str, action: &str) -> String {
    let found = commands(text, action);
    assert_eq!(found.len(), 1, "{action}: {text}");
    found[0].clone()
}

#[test]
fn another_deployment_is_refused_by_preflight_and_by_its_creation_with_both_ways_out() {
    let world = baking();
    let revision = world.text("taskDefinitionArn");
    world.forget_calls();
    for call in [world.of("preflight", "build-2").param("taskDefinitionArn", revision), world.creation("build-2")] {
        let refused = call.refused("other-deployment");
        let message = refused.message();
        for part in [
            "live and not PRIMARY yet",
            "(deployment build-1)",
            "s old",
            "https://ci.example.com/job/web/1/",
            "deploymentId: 'build-1'",
        ] {
            assert!(message.contains(part), "{part}: {message}");
        }
        let hint = refused.text("/error/hint");
        assert!(one(&hint, "set-primary").contains("--deployment-id build-1 --cluster "), "{hint}");
        assert!(one(&hint, "rollback").contains("--deployment-id build-1 --cluster "), "{hint}");
    }
    assert_eq!(world.mutations(), Vec::<String>::new());
    assert_eq!((world.live(), world.state().as_str()), ((0, 100), "unpromoted"));
}

#[test]
fn a_deployment_whose_build_is_dead_is_kept_or_undone_by_the_commands_that_the_refusal_gives() {
    for (action, live, primary) in [("set-primary", (0, 100), "build-1"), ("rollback", (100, 0), "blue-0")] {
        let world = baking();
        let refused = world.creation("build-2").refused("other-deployment");
        by_hand(&world, &one(&refused.text("/error/hint"), action));
        assert_eq!((world.live(), world.state().as_str()), (live, "settled"), "{action}");
        let sets = world.task_sets();
        let promoted = sets.iter().find(|set| set["status"] == "PRIMARY").unwrap();
        assert_eq!(promoted["externalId"], primary, "{action}");
    }
}

#[test]
fn status_says_what_an_unpromoted_deployment_waits_for_and_how_it_is_ended() {
    let world = baking();
    let status: Output = world.bare("status").ok();
    assert_eq!(status.text("/result/state"), "unpromoted");
    assert!(
        status.log.contains("is live and not PRIMARY until its bake and the question after it are over"),
        "{status}"
    );
    by_hand(&world, &one(&status.log, "rollback"));
    assert_eq!((world.live(), world.state().as_str()), ((100, 0), "settled"));
    assert_eq!(commands(&world.bare("status").ok().log, "rollback"), Vec::<String>::new());
}

/// AWS itself keeps what is PRIMARY: another reason to promote late.
#[test]
fn what_it_goes_back_to_is_protected_until_it_is_promoted() {
    let world = baking();
    world.call("delete-task-set").param("taskSetArn", world.text("taskSetArn")).refused("is-primary");
    world.of("enable-test-listener", "build-1").refused("state-unpromoted");
    world.of("swap-live", "build-1").nothing_to_do();
    world.of("wait-stable", "build-1").nothing_to_do();
    world.forget_calls();
    world.of("rollback", "build-1").ok();
    assert_eq!(world.mutations(), ["ModifyListener", "ModifyListener", "DeleteTaskSet"], "PRIMARY never moved");
    assert_eq!((world.live(), world.state().as_str()), ((100, 0), "settled"));
}

#[test]
fn the_previous_version_goes_after_the_promotion_its_drain_counted_from_the_swap() {
    let world = World::new();
    world.deploy("new");
    let swapped = world.of("swap-live", "new").ok();
    world.of("set-primary", "new").ok();
    let begun = std::time::Instant::now();
    let gone = world
        .call("delete-task-set")
        .param("taskSetArn", world.text("taskSetArn"))
        .param("idleSince", swapped.text("/result/idleSince"))
        .param("drain", "1s")
        .ok();
    assert!(begun.elapsed().as_secs() < 20, "{gone}");
    assert_eq!(gone.at("/result/deletion"), &json!("gone"));
    assert_eq!((world.live(), world.state().as_str()), ((0, 100), "settled"));
}

#[test]
fn what_cannot_be_promoted_says_what_is_live() {
    let world = baking();
    world.set_weights(&world.text("listeners/live"), 100, 0);
    let refused = world.of("set-primary", "build-1").refused("state-settled");
    assert!(refused.message().contains("all live weight is on blue, where PRIMARY"), "{refused}");
    assert!(refused.message().contains("blue-0"), "{refused}");

    let world = World::with(json!({ "blue": false }));
    world.creation("first").ok();
    let refused = world.of("set-primary", "first").refused("not-live");
    assert!(refused.message().contains("all of it is on blue, where no task set is"), "{refused}");
}
