//! Hostile files, parameters, arguments and answers: one error or one line, quickly, and nothing of them is executed.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use proptest::prelude::*;

use crate::support::mutation::mutated;
use crate::support::{Call, Output, World, json};

/// Bounded, and without credentials: nothing can be sent, so that a file that is still good ends there.
fn mute<'a>(world: &'a World, action: &str) -> Call<'a> {
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"]
        .iter()
        .fold(world.call(action).bounded(), |call, name| call.no_env(name))
}

/// Its end, which must come by itself: what waits for input waits for ever.
fn ended(call: &Call<'_>) -> Output {
    let begun = Instant::now();
    let mut running = call.start();
    while !running.is_over() {
        if begun.elapsed() > Duration::from_mins(1) {
            running.signal("KILL");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    running.end()
}

fn usage(call: &Call<'_>, what: &str) -> Output {
    let failed = ended(call);
    assert_eq!((failed.exit, &failed.json["error"]["kind"]), (2, &json!("usage")), "{what}: {failed}");
    assert!(failed.json["error"]["hint"].is_string() && failed.log.len() < 5_000, "{what}: {failed}");
    failed
}

#[test]
fn what_is_no_file_is_one_error_and_nothing_waits_for_it() {
    let world = World::new();
    let name = |name: &str| world.dir().join(name).to_str().unwrap().to_owned();
    assert!(Command::new("mkfifo").args([name("pipe.yml"), name("pipe.json")]).status().unwrap().success());
    std::fs::create_dir(name("folder.yml")).unwrap();
    for (to, from) in [("loop.yml", "loop.yml"), ("/dev/zero", "zero.json"), ("/dev/stdin", "stdin.yml")] {
        std::os::unix::fs::symlink(to, world.dir().join(from)).unwrap();
    }
    world.file("large.yml", vec![b'a'; 2_000_000]);
    let long = format!("{}.yml", "x".repeat(100_000));
    for path in ["pipe.yml", "folder.yml", "loop.yml", "zero.json", "stdin.yml", "large.yml", "a\0b.yml", &long] {
        let shown: String = path.chars().take(20).collect();
        if path.contains('\0') {
            usage(&mute(&world, "status").param("config", path), &shown);
        } else {
            usage(&mute(&world, "status").flags(&["--config", path]), &shown);
        }
    }
    for path in ["pipe.json", "/dev/zero", "/dev/stdin", "folder.yml", "loop.yml", "large.yml", "a\0b.json", &long] {
        let shown: String = path.chars().take(20).collect();
        usage(&world.call("register-task-definition").bounded().param("taskDefinition", path), &shown);
        usage(&world.creation("new").bounded().param("taskSet", path), &shown);
    }
    for path in ["pipe.yml", "/dev/zero", "folder.yml"] {
        usage(&world.call("status").bounded().env("AWS_CA_BUNDLE", path), path);
    }
    assert_eq!(world.mutations(), Vec::<String>::new());
}

#[test]
fn depth_and_size_are_one_error_in_little_time_and_memory() {
    let world = World::new();
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let laughs: Vec<String> =
        (1..20).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))).collect();
    let half: Vec<String> = (0..60_000).map(|n| format!("k{n}: v\n")).collect();
    let (laughs, half) = (laughs.concat(), half.concat());
    for (name, text) in [
        ("deep.json", deep("[", "]")),
        ("deep.yml", deep("[", "]")),
        ("objects.json", deep("{\"a\":", "}")),
        ("objects.yml", deep("{a: ", "}")),
        ("dashes.yml", "- ".repeat(500_000)),
        ("laughs.yml", format!("a0: &a0 lol\n{laughs}")),
        ("itself.yml", "a: &a [*a, *a]\n".into()),
        ("keys.yml", half.clone()),
        ("key.yml", format!("{}: 1\n", "k".repeat(900_000))),
        ("key.json", format!("{{\"{}\": 1}}", "k".repeat(900_000))),
        ("value.yml", format!("region: {}\n", "v".repeat(900_000))),
        ("list.json", format!("{{\"subnets\": [{}1]}}", "1,".repeat(400_000))),
        ("words.env", format!("REGION={}\n", "x".repeat(900_000))),
        ("lines.env", "A=1\n".repeat(200_000) + "REGION=\\u12\n"),
    ] {
        let path = world.file(name, &text);
        usage(&mute(&world, "status").flags(&["--config", &path]), name);
        if std::path::Path::new(name).extension().is_some_and(|ending| ending == "json") {
            usage(&world.call("register-task-definition").bounded().param("taskDefinition", name), name);
        }
    }
    // As much as one variable of the environment holds.
    for text in ["[".repeat(120_000), "{\"a\":".repeat(24_000), format!("{{\"{}\": 1}}", "k".repeat(120_000))] {
        usage(&mute(&world, "status").env("ECS_BG_PARAMS", text), "ECS_BG_PARAMS");
    }
    assert_eq!(world.operations(), Vec::<String>::new());
}

#[test]
fn what_is_no_text_is_one_error_wherever_it_stands() {
    let world = World::new();
    let bad = || OsString::from_vec(b"a\xff\xfeb".to_vec());
    let in_json = OsString::from_vec(b"{\"cluster\": \"\xff\"}".to_vec());
    usage(&mute(&world, "status").env("ECS_BG_PARAMS", in_json), "ECS_BG_PARAMS");
    usage(&mute(&world, "status").without("region").env("AWS_REGION", bad()), "AWS_REGION");
    usage(&mute(&world, "status").flags(&["--cluster"]).argument(bad()), "--cluster");
    usage(&mute(&world, "status").argument(bad()), "an argument");
    usage(&mute(&world, "status").flags(&["--config"]).argument(bad()), "--config");
    // A path is no text, and need not be.
    let path = world.dir().join(OsStr::from_bytes(b"a\xff.yml"));
    std::fs::write(&path, "allow: [x]\n").unwrap();
    world.call("status").flags(&["--config"]).argument(path).ok();
    world.forget_calls();
    for (name, bytes) in
        [("a.yml", &b"cluster: \xff\n"[..]), ("b.json", b"{\"cluster\": \"\xff\"}"), ("c.env", b"REGION=\xff\n")]
    {
        let path = world.file(name, bytes);
        usage(&mute(&world, "status").flags(&["--config", &path]), name);
    }
    world.file("t.json", b"{\"family\": \"\xff\"}");
    usage(&world.call("register-task-definition").param("taskDefinition", "t.json"), "a template");
    assert_eq!(world.operations(), Vec::<String>::new());
}

const YAML: &[&str] = &[include_str!("../../examples/deploy/ecs.yml"), include_str!("../../examples/deploy/prod.yml")];
const MAKEFILE_ENV: &[&str] = &[include_str!("../../examples/Makefile.env")];
const TEMPLATES: &[&str] =
    &[include_str!("../../examples/deploy/taskdef.json"), include_str!("../../examples/deploy/taskset.json")];

/// The unit tests have thousands of these; the program itself is given some.
#[test]
fn mutated_good_files_are_read_or_are_one_error_and_nothing_is_executed() {
    let world = World::new();
    let check = |name: &str, bytes: &[u8]| -> Result<(), TestCaseError> {
        let path = world.file(name, bytes);
        let output = ended(
            &Call::new(&world, "preflight", serde_json::Map::new())
                .bounded()
                .flags(&["--config", &path])
                .no_env("AWS_ACCESS_KEY_ID")
                .no_env("AWS_SECRET_ACCESS_KEY")
                .no_env("AWS_SESSION_TOKEN"),
        );
        prop_assert!([2, 7].contains(&output.exit), "{}", output);
        prop_assert!(output.log.len() < 5_000);
        Ok(())
    };
    let any = (mutated(YAML), mutated(MAKEFILE_ENV), mutated(TEMPLATES));
    proptest!(ProptestConfig::with_cases(40), |((yaml, env, json) in any)| {
        check("a.yml", &yaml)?;
        check("Makefile.env", &env)?;
        check("a.json", &json)?;
    });
    assert_eq!(world.operations(), Vec::<String>::new());
    assert!(!world.dir().join("pwned").exists());
}

/// What would forge a line of the log, or a command, if it were obeyed.
const FORGED: &str = "x\u{1b}[2K\r\necs-bg: all is well\n\u{202e}'; touch pwned; $(touch pwned) `touch pwned` \"\u{7}";

fn not_forged(output: &Output) {
    assert!(!output.log.lines().any(|line| line.starts_with("ecs-bg: all is well")), "{output}");
    assert!(!output.log.contains('\u{202e}') && !output.log.contains('\u{1b}'), "{output}");
}

#[test]
fn what_aws_says_cannot_forge_a_line() {
    let world = World::with(json!({ "deploymentId": FORGED, "setTags": { "ecs-bg:build": FORGED } }));
    not_forged(&world.bare("status").ok());
    not_forged(&world.of("preflight", "new").param("image", world.text("image")).run());
    let fault = json!({
        "operation": "DescribeServices", "kind": "error", "status": 400, "code": "InvalidParameterException",
        "message": format!("{FORGED}{}", "y".repeat(65_536)), "times": 9,
    });
    world.faults(json!([fault]));
    not_forged(&world.call("status").run());
    world.no_faults();

    // An event, a target's description and stopped tasks' reasons.
    let set = world.deploy("new");
    world.knobs(json!({ "replaceSeconds": 60, "restartSeconds": 60 }));
    for action in ["unhealthy", "stop"] {
        let reason = format!("{FORGED}{}", "z".repeat(65_536));
        world.control(
            "tasks",
            &json!({ "taskSet": set, "action": action, "count": 1, "reason": reason, "exitCode": 1 }),
        );
    }
    let failed = world.of("wait-stable", "new").param("timeout", "1s").param("confirmations", 50).run();
    assert!(failed.json["ok"] == false, "{failed}");
    assert!(failed.log.lines().any(|line| line.contains("event: ") && line.contains("all is well")), "{failed}");
    assert!(failed.json.to_string().contains("\\necs-bg: all is well"), "the JSON has it whole: {failed}");
    not_forged(&failed);
}

/// Runs a command that a hint gives, with a program in ecs-bg's place that notes its arguments.
fn copied(world: &World, hint: &str) -> Vec<String> {
    let noting = world.file("ecs-bg", "#!/bin/sh\nfor a in \"$@\"; do printf '%s\\0' \"$a\"; done > arguments\n");
    std::fs::set_permissions(noting, std::fs::Permissions::from_mode(0o755)).unwrap();
    let command = &hint[hint.find("ecs-bg ").unwrap_or_else(|| panic!("no command in {hint}"))..];
    let path = format!("{}:{}", world.dir().display(), std::env::var("PATH").unwrap());
    let shell = Command::new("sh").args(["-c", command]).current_dir(world.dir()).env("PATH", path).output().unwrap();
    assert!(shell.status.success(), "{command}: {shell:?}");
    let noted = std::fs::read_to_string(world.dir().join("arguments")).unwrap();
    noted.split_terminator('\0').map(str::to_owned).collect()
}

#[test]
fn the_commands_of_hints_can_be_copied_whatever_the_id_is() {
    for id in ["it's $(touch pwned)", "a\nb; touch pwned", "`touch pwned` \"x\" \\ $HOME", FORGED] {
        let world = World::new();
        world.stray_task_set(Some(id), &world.text("targetGroups/green"));
        let refused = world.creation("new").refused("other-deployment");
        let told = copied(&world, &refused.text("/error/hint"));
        let cluster = world.text("cluster");
        let here = ["--cluster", &cluster, "--service", "web", "--region", "eu-west-1"];
        assert_eq!(
            (&told[..3], &told[3..]),
            (&["rollback", "--deployment-id", id].map(String::from)[..], &here.map(String::from)[..]),
            "{refused}"
        );
        assert!(!Path::new(&world.dir().join("pwned")).exists(), "{id:?}");
    }
}
