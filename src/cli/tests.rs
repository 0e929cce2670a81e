use super::*;
use serde_json::json;

use crate::actions::table;

fn line(arguments: &[&str]) -> Parsed {
    parse(&table(), std::iter::once("ecs-bg").chain(arguments.iter().copied()).map(OsString::from))
}

fn run(arguments: &[&str]) -> Invocation {
    match line(arguments) {
        Parsed::Run(invocation) => *invocation,
        other @ (Parsed::Text(_) | Parsed::Wrong { .. }) => panic!("{other:?}"),
    }
}

fn wrong(arguments: &[&str]) -> (Error, Option<&'static Action>, bool) {
    match line(arguments) {
        Parsed::Wrong { error, action, exit_zero } => (error, action, exit_zero),
        other @ (Parsed::Text(_) | Parsed::Run(_)) => panic!("{other:?}"),
    }
}

#[test]
fn clap_finds_no_fault_in_the_definition() {
    command(&table()).debug_assert();
}

#[test]
fn every_action_is_a_subcommand_of_its_name() {
    let all = command(&table());
    let names = all.get_subcommands().map(clap::Command::get_name).filter(|name| table().action(name).is_some());
    assert!(names.eq(table().actions.iter().map(|action| action.name)));
    for action in table().actions {
        assert_eq!(run(&[action.name]).action.name, action.name);
    }
}

#[test]
fn every_flag_is_documented_and_named_after_a_known_key() {
    for command in command(&table()).get_subcommands() {
        for flag in command.get_arguments() {
            assert!(flag.get_help().is_some(), "{} {}", command.get_name(), flag.get_id());
            if let Some(long) = flag.get_long() {
                let known = table().is_flag(&format!("--{long}")) || [build::EXIT_ZERO, build::VERBOSE].contains(&long);
                assert!(known, "{} --{long}", command.get_name());
            }
        }
    }
}

#[test]
fn every_key_of_an_action_is_a_flag_somewhere() {
    let mut command = command(&table());
    command.build();
    let flags: std::collections::BTreeSet<String> = command
        .get_subcommands()
        .flat_map(clap::Command::get_arguments)
        .filter_map(|flag| flag.get_long().map(|long| format!("--{long}")))
        .collect();
    for (group, parameter) in table().parameters() {
        let flag = format!("--{}", parameter.flag());
        let is_flag = !matches!(group.given, Given::Step(_)) && parameter.kind.has_flag();
        assert_eq!(flags.contains(&flag), is_flag, "{flag}");
    }
}

#[test]
fn flags_become_nested_parameters() {
    let invocation = run(&[
        "create-task-set", "--cluster", "prod", "--target-groups-blue=b", "--listeners-live", "x,y",
        "--listeners-live=z", "--tags", "a=1=2", "--timeout", "10m", "--dry-run", "--allow", "p,q",
    ]);
    let expected = json!({
        "targetGroups": {"blue": "b"}, "cluster": "prod", "listeners": {"live": ["x", "y", "z"]},
        "tags": {"a": "1=2"}, "timeout": "10m", "allow": ["p", "q"], "dryRun": true,
    });
    assert_eq!(Value::Object(invocation.flags), expected);
    assert!(!invocation.exit_zero);
}

#[test]
fn ecr_login_takes_a_command() {
    let invocation = run(&["ecr-login", "--image", "i", "--", "make", "--exit-zero", "push"]);
    assert_eq!(invocation.command, ["make", "--exit-zero", "push"]);
    assert_eq!(Value::Object(invocation.flags), json!({"image": "i"}));
    assert!(!invocation.exit_zero);
}

#[test]
fn a_flag_of_another_action_says_so() {
    let (error, action, exit_zero) = wrong(&["status", "--scale", "3", "--exit-zero"]);
    assert_eq!((error.code.as_ref(), action.unwrap().name, exit_zero), ("unknown-flag", "status", true));
    assert!(error.hint.unwrap().contains("`status` does not use --scale"));
}

#[test]
fn mistakes_name_the_nearest() {
    let (error, ..) = wrong(&["status", "--clustr", "x"]);
    assert!(error.hint.unwrap().contains("--cluster"));
    let (error, action, exit_zero) = wrong(&["swap-life"]);
    assert_eq!((error.code.as_ref(), action.is_none(), exit_zero), ("unknown-action", true, false));
    assert!(error.hint.unwrap().contains("swap-live"));
}

#[test]
fn nothing_at_all_is_a_usage_error_with_the_actions() {
    let (error, ..) = wrong(&[]);
    assert_eq!(error.code, "no-action");
    assert!(error.hint.unwrap().contains("deregister-task-definition"));
}

#[test]
fn a_missing_value_or_a_flag_twice_is_a_usage_error() {
    assert_eq!(wrong(&["status", "--cluster"]).0.code, "invalid-value");
    assert_eq!(wrong(&["status", "--cluster", "a", "--cluster", "b"]).0.code, "flag-given-twice");
    assert_eq!(wrong(&["register-task-definition", "--tags", "x"]).0.code, "invalid-value");
}

#[test]
fn a_malformed_variable_is_not_repeated() {
    let (error, ..) = wrong(&["register-task-definition", "--environment", "hunter2"]);
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
}

#[test]
fn help_and_version_are_text() {
    for arguments in [&["--help"][..], &["--version"], &["status", "--help"]] {
        assert!(matches!(line(arguments), Parsed::Text(text) if text.contains("ecs-bg")), "{arguments:?}");
    }
}

#[test]
fn megabytes_and_control_characters_are_cut() {
    let (error, ..) = wrong(&["status", &format!("--{}\u{1b}[31m\n", "x".repeat(100_000))]);
    assert!(error.message.len() < 1000);
}

#[cfg(unix)]
#[test]
fn invalid_utf8_is_a_usage_error() {
    use std::os::unix::ffi::OsStringExt;
    let arguments = ["ecs-bg".into(), "status".into(), "--cluster".into(), OsString::from_vec(vec![0xff])];
    assert!(matches!(parse(&table(), arguments), Parsed::Wrong { error, .. } if error.code == "invalid-utf8"));
}

proptest::proptest! {
    #[test]
    fn any_command_line_is_run_help_or_one_usage_error(arguments in proptest::collection::vec("[-a-z=,\\PC]{0,20}", 0..6)) {
        let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
        if let Parsed::Wrong { error, .. } = line(&arguments) {
            proptest::prop_assert_eq!(error.kind.name(), "usage");
        }
    }
}
