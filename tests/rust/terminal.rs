//! What people at a terminal ask for: entries of the table, the manual, completions, JSON that can be read.

use std::fs::File;
use std::io::Read;
use std::process::{Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;

use crate::support::{World, json};

fn asked(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_ecs-bg")).args(arguments).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn help_prints_a_parameters_whole_entry_by_any_of_its_names() {
    let entry = asked(&["help", "minHealthy"]);
    for part in ["minHealthy, --min-healthy PERCENT", "must be healthy", "1 to 100", "Default:  100", "swap-live"] {
        assert!(entry.contains(part), "{part}: {entry}");
    }
    for name in ["min-healthy", "--min-healthy"] {
        assert_eq!(asked(&["help", name]), entry);
    }
    assert_eq!(asked(&["help", "swap-live"]), asked(&["swap-live", "--help"]));
    assert_eq!(asked(&["help"]), asked(&["--help"]));
    assert!(asked(&["help", "approve"]).contains("Keys:     message, submitter, submitterParameter, timeout"));
}

#[test]
fn help_for_what_is_not_there_is_one_usage_error_that_names_the_nearest() {
    let world = World::new();
    let failed = world.bare("help").flags(&["clustr"]).run();
    assert_eq!((failed.exit, failed.at("/error/code")), (2, &json!("unknown-key")));
    assert_eq!(failed.text("/error/hint"), "did you mean `cluster`?");
    let failed = world.bare("man").flags(&["minHealthy"]).run();
    assert_eq!((failed.exit, failed.at("/error/code")), (2, &json!("unknown-action")));
    assert_eq!(world.bare("completions").flags(&["tcsh"]).run().exit, 2);
}

#[test]
fn completions_and_the_manual_know_every_action_and_its_flags() {
    for shell in ["bash", "zsh", "fish"] {
        let script = asked(&["completions", shell]);
        for word in ["deregister-task-definition", "target-groups-blue", "exit-zero"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let bash = Command::new("bash").args(["-c", &completed()]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&bash.stdout).trim(), "--min-healthy", "{bash:?}");
    assert!(asked(&["man"]).contains(".SH SUBCOMMANDS"));
    assert!(asked(&["man", "swap-live"]).contains("min\\-healthy"));
}

/// What bash makes of `ecs-bg swap-live --min-h`.
fn completed() -> String {
    let script = asked(&["completions", "bash"]);
    format!(
        "{script}\nCOMP_WORDS=(ecs-bg swap-live --min-h)\nCOMP_CWORD=2\n_ecs__bg ecs-bg --min-h swap-live\necho \"${{COMPREPLY[@]}}\""
    )
}

#[test]
fn the_json_is_indented_for_a_person_and_one_line_for_a_program() {
    let call = || {
        let mut call = Command::new(env!("CARGO_BIN_EXE_ecs-bg"));
        call.args(["status", "--clustr", "x"]).stdin(Stdio::null()).stderr(Stdio::null());
        call
    };
    let piped = String::from_utf8(call().output().unwrap().stdout).unwrap();
    assert_eq!(piped.lines().count(), 1, "{piped}");

    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let mut running = {
        let screen = File::options().read(true).write(true).open(name).unwrap();
        call().stdout(screen).spawn().unwrap()
    };
    let mut shown = Vec::new();
    // Where nobody writes any more, reading fails: that is a terminal's end of file.
    File::from(terminal).read_to_end(&mut shown).ok();
    assert_eq!(running.wait().unwrap().code(), Some(2));
    let shown = String::from_utf8(shown).unwrap();
    assert!(shown.lines().count() > 10 && shown.contains("\n  \"ok\": false"), "{shown}");
    assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), serde_json::from_str::<Value>(&piped).unwrap());
}
