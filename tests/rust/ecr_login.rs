//! `ecr-login`: with a recording program in docker's place.

use std::os::unix::fs::PermissionsExt;

use crate::support::call::Call;
use crate::support::{Value, World, json};

/// Notes its arguments and how long the password is; it prints what a real one would.
const DOCKER: &str = r#"#!/bin/sh
echo "$*" >> docker.log
[ "$1" = login ] && read -r password || true
echo "${#password}" > password.length
printf %s "$password" > password
echo "Login Succeeded"
"#;

/// A call that finds that docker, and what else is on the PATH.
fn login(world: &World) -> Call<'_> {
    let docker = world.file("docker", DOCKER);
    std::fs::set_permissions(&docker, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:{}", world.dir().display(), std::env::var("PATH").unwrap());
    world.bare("ecr-login").env("PATH", path)
}

fn ran(world: &World) -> String {
    std::fs::read_to_string(world.dir().join("docker.log")).unwrap_or_default()
}

#[test]
fn the_token_goes_into_dockers_input_and_nowhere_else() {
    let world = World::new();
    let done = login(&world).param("image", world.text("image")).nothing_to_do();
    let registry = world.text("image").split('/').next().unwrap().to_owned();
    assert_eq!(done.at("/result/registry"), &json!(registry));
    assert_eq!(done.at("/result/account"), &json!(world.account_id()));
    assert_eq!(done.at("/result/image/found"), &json!(true));
    assert!(done.text("/result/image/digest").starts_with("sha256:"));
    assert_eq!(ran(&world), format!("login --username AWS --password-stdin {registry}\n"));
    let password = std::fs::read_to_string(world.dir().join("password")).unwrap();
    assert!(password.len() > 5 && !done.to_string().contains(&password), "{done}");
    // What docker printed is for the log: stdout is the JSON alone.
    assert!(done.log.contains("Login Succeeded"), "{done}");
    assert_eq!(login(&world).ok().at("/result/image"), &Value::Null);
}

#[test]
fn a_command_runs_only_where_the_image_is_missing() {
    let world = World::new();
    let there = login(&world)
        .param("repository", "web")
        .param("tag", "v1")
        .flags(&["--", "sh", "-c", "echo > ran"])
        .nothing_to_do();
    assert_eq!(there.at("/result/image/commandRun"), &json!(false));
    assert!(!world.dir().join("ran").exists());

    let script =
        r#"echo "$ECS_BG_IMAGE $REGISTRY $REPO_NAME $GIT_COMMIT $AWS_ACCOUNT_NUMBER $REGION" > ran; echo said"#;
    let built =
        login(&world).param("repository", "web").param("tag", "abc").flags(&["--", "sh", "-c", script]).nothing_to_do();
    let image = built.at("/result/image");
    assert_eq!((&image["commandRun"], &image["found"], &image["digest"]), (&json!(true), &json!(false), &Value::Null));
    let registry = built.text("/result/registry");
    let told = std::fs::read_to_string(world.dir().join("ran")).unwrap();
    assert_eq!(told, format!("{registry}/web:abc {registry} web abc {} eu-west-1\n", world.account_id()));
    assert!(built.log.contains("said"), "{built}");

    let push = login(&world).param("repository", "web").param("tag", "abc").flags(&["--", "sh", "-c", "exit 4"]);
    let failed = push.fails("unexpected", "command-failed");
    assert_eq!(failed.at("/changed"), &json!(true), "a push that failed may have pushed: {failed}");
    let dry = login(&world)
        .param("repository", "web")
        .param("tag", "abc")
        .flags(&["--dry-run", "--", "sh", "-c", "exit 4"])
        .ok();
    assert_eq!(dry.at("/result/plan/command"), &json!(true));
}

#[test]
fn without_a_tag_it_is_the_commit() {
    let world = World::new();
    let call = login(&world).param("repository", "web");
    assert!(call.fails("usage", "no-tag").message().contains("git"));
    let script =
        "git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m a && git rev-parse HEAD";
    let git = std::process::Command::new("sh").args(["-c", script]).current_dir(world.dir()).output().unwrap();
    let commit = String::from_utf8(git.stdout).unwrap();
    let done = login(&world).param("repository", "web").ok();
    assert!(done.text("/result/image/reference").ends_with(&format!("/web:{}", commit.trim())), "{done}");
}

#[test]
fn where_git_cannot_name_the_commit_its_own_words_are_said_or_jenkins_commit_is_taken() {
    let world = World::new();
    let init = "git init -q . && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m a";
    assert!(std::process::Command::new("sh").args(["-c", init]).current_dir(world.dir()).status().unwrap().success());
    // git's own way to be tried out as if the checkout were another user's
    let call = || login(&world).param("repository", "web").env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1");
    let commit = "0123456789abcdef0123456789abcdef01234567";

    let refused = call().fails("usage", "no-tag");
    for part in ["fatal: detected dubious ownership in repository at ", "safe.directory"] {
        assert!(refused.message().contains(part), "{refused}");
    }
    assert!(!refused.text("/error/message").contains('\n'), "{refused}");

    let taken = call().env("GIT_COMMIT", format!(" {commit}\n")).ok();
    assert!(taken.text("/result/image/reference").ends_with(&format!("/web:{commit}")), "{taken}");
    assert!(taken.log.contains("dubious ownership") && taken.log.contains("GIT_COMMIT"), "it is said: {taken}");

    for other in ["main", "0123456", "latest", &"g".repeat(40), &format!("{commit}0"), "a\u{1b}[31m"] {
        let none = call().env("GIT_COMMIT", other).fails("usage", "no-tag");
        assert!(none.message().contains("GIT_COMMIT of the environment is none either"), "{none}");
        assert!(!none.message().contains('\u{1b}'), "{none}");
    }
    // where git answers, it is right
    let answered = login(&world).param("repository", "web").env("GIT_COMMIT", commit).ok();
    assert!(!answered.text("/result/image/reference").ends_with(commit), "{answered}");
    let without = login(&world).param("repository", "web").env("PATH", world.dir()).fails("usage", "no-tag");
    assert!(without.message().contains("it cannot be run"), "{without}");
}

#[test]
fn what_cannot_be_done_is_said() {
    let world = World::new();
    world.bare("ecr-login").env("PATH", "/nowhere").fails("usage", "cannot-run");
    let command = ["--", "true"];
    login(&world).param("image", "nginx:1").fails("usage", "not-ecr");
    login(&world).param("repository", "no-such").param("tag", "1").fails("notFound", "repository-not-found");
    login(&world).flags(&command).fails("usage", "missing-parameter");
    login(&world).param("image", world.image("latest")).flags(&command).refused("mutable-tag");
    let missing = login(&world).param("repository", "web").param("tag", "abc").flags(&["--", "no-such-program"]);
    missing.fails("usage", "cannot-run");
}

#[test]
fn a_signal_reaches_what_was_started() {
    let world = World::new();
    let script = "trap 'echo > terminated; exit 1' TERM; echo > started; sleep 20 & wait";
    let running =
        login(&world).param("repository", "web").param("tag", "abc").flags(&["--", "sh", "-c", script]).start();
    world.until("the command runs", || world.dir().join("started").exists());
    running.signal("TERM");
    let ended = running.end();
    assert_eq!(ended.exit, 143, "{ended}");
    assert!(world.dir().join("terminated").exists());
}
