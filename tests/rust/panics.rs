//! A panic, of this program or of a library, ends in the one JSON object and the exit code of its kind. Builds for tests
//! panic where `ECS_BG_TEST_PANIC` says; `Running::end` holds each output to the contract.

use crate::support::{World, json};

#[test]
fn a_panic_ends_in_the_one_json_object_wherever_it_is() {
    let world = World::new();
    for place in ["at the start", "at the start in a thread", "at the end", "at the end with a value"] {
        let call = world.call("status").env("ECS_BG_TEST_PANIC", place).env("RUST_BACKTRACE", "full");
        let failed = call.fails("unexpected", "panic");
        assert_eq!((failed.exit, &failed.json["changed"]), (1, &json!(false)), "{place}");
        assert!(failed.message().contains("src/last_words.rs:"), "{failed}");
        // A text that was made at that moment may hold what nobody may read.
        assert!(!failed.to_string().contains("hunter2") && !failed.log.contains("backtrace"), "{failed}");
        // As for every other failure: it was printed, and Jenkins reads it.
        assert_eq!(call.flags(&["--exit-zero"]).fails("unexpected", "panic").exit, 0);
    }
}

#[test]
fn a_panic_after_a_change_says_that_something_may_have_changed_and_the_same_call_again_goes_on() {
    let world = World::new();
    let call = world.creation("new");
    let failed = call.clone().env("ECS_BG_TEST_PANIC", "after a change").fails("unexpected", "panic");
    assert_eq!(failed.json["changed"], true, "{failed}");
    assert_eq!(world.mutations().last().map(String::as_str), Some("CreateTaskSet"));
    call.ok();
    assert_eq!(world.task_sets().len(), 2, "the set that was there already is the deployment's");
}

#[test]
fn what_was_said_already_stays_said() {
    let world = World::new();
    for place in ["after the JSON", "after the JSON in a thread"] {
        let ended = world.call("status").env("ECS_BG_TEST_PANIC", place).ok();
        assert_eq!(ended.exit, 0, "{ended}");
        assert!(ended.log.contains("[panic]"), "{ended}");
        let failed = world.call("status").param("service", "none").env("ECS_BG_TEST_PANIC", place);
        failed.fails("notFound", "service-not-found");
    }
}

/// The SDK's own: what a profile's source gives is used there before anybody here sees it.
#[test]
fn a_panic_of_a_library_is_no_other() {
    let world = World::new();
    let answer =
        json!({ "Version": 1, "AccessKeyId": "AKIA\nCANARY", "SecretAccessKey": "CANARY", "SessionToken": "x" });
    let file = world.file("answer.json", answer.to_string());
    std::fs::create_dir_all(world.dir().join(".aws")).unwrap();
    world.file(
        ".aws/config",
        format!(
            "[profile source]\ncredential_process = cat {file}\n[profile role]\nrole_arn = {}\nsource_profile = source\n",
            world.account["roleArn"].as_str().unwrap()
        ),
    );
    let failed = world.bare("status").param("profile", "role").run();
    assert!(["unexpected", "credentials"].contains(&&*failed.text("/error/kind")), "{failed}");
    assert!(!failed.to_string().contains("CANARY"), "{failed}");
}
