//! `report`: it needs a file and nothing else, writes beside it, and says clearly where it cannot.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::stand_in::root;
use crate::support::{Call, Value, World, figure, json};

const EXTENSIONS: [&str; 4] = ["svg", "html", "md", "xml"];

/// A call that knows no region, no credentials and no endpoint that answers.
fn call<'a>(world: &'a World, file: &str) -> Call<'a> {
    let call = world.bare("report").flags(&["--report", file]).env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"]
        .into_iter()
        .fold(call, Call::no_env)
}

fn give(world: &World, name: &str, from: &str) {
    fs::copy(root().join("tests/reports").join(from), world.dir().join(name)).unwrap();
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_report_is_drawn_beside_it_without_aws() {
    let world = World::new();
    fs::create_dir(world.dir().join("ecs-bg")).unwrap();
    give(&world, "ecs-bg/web-17.json", "rolled-back-by-a-gate.json");
    world.forget_calls();
    let drawn = call(&world, "ecs-bg/web-17.json").ok();
    assert_eq!(drawn.json["changed"], false);
    assert_eq!(drawn.at("/result/outcome"), "rolledBack");
    assert_eq!(drawn.at("/result/summary"), "web: rolled back: gate errors failed in canary 2/2 (25 %)");
    assert_eq!(drawn.at("/result/files"), &json!(EXTENSIONS.map(|extension| format!("ecs-bg/web-17.{extension}"))));
    let folder = world.dir().join("ecs-bg");
    for extension in EXTENSIONS {
        let written = fs::read(folder.join(format!("web-17.{extension}"))).unwrap();
        let reviewed = fs::read(root().join(format!("tests/reports/rolled-back-by-a-gate.{extension}"))).unwrap();
        assert!(written == reviewed, "{extension}");
    }
    assert_eq!(names(&folder).len(), 5, "{:?}", names(&folder));
    assert!(drawn.log.contains("✕ canary 2/2 (25 %)"), "{drawn}");
    let again = world.bare("report").param("report", "ecs-bg/web-17.json").no_env("AWS_REGION").ok();
    assert_eq!(again.at("/result"), drawn.at("/result"));
    assert_eq!(names(&folder).len(), 5);
}

#[test]
fn a_dry_run_draws_it_in_the_log_alone() {
    let world = World::new();
    give(&world, "web.json", "kept.json");
    let before = names(&world.dir());
    let dry = call(&world, "web.json").flags(&["--dry-run"]).ok();
    assert!(dry.log.contains("ecs-bg rollback --cluster prod"), "{dry}");
    assert_eq!(names(&world.dir()), before);
}

#[test]
fn a_file_that_is_not_called_json_is_never_written_over() {
    let world = World::new();
    for name in ["report.xml", "report", "REPORT.JSON", "a.b"] {
        give(&world, name, "promoted.json");
        let before = fs::read(world.dir().join(name)).unwrap();
        let drawn = call(&world, name).ok();
        assert_eq!(fs::read(world.dir().join(name)).unwrap(), before, "{drawn}");
    }
    assert!(world.dir().join("report.xml.svg").exists() && world.dir().join("REPORT.svg").exists());
}

#[test]
fn a_report_of_a_build_that_could_not_go_on_says_what_to_do() {
    let world = World::new();
    for (outcome, phase, commands) in [
        ("rollbackFailed", "bake", vec!["rollback"]),
        ("kept", "prepare", vec!["rollback"]),
        ("kept", "bake", vec!["rollback", "set-primary"]),
        ("unpromoted", "cleanup", vec!["set-primary", "rollback"]),
        ("promoted", "cleanup", vec![]),
    ] {
        let report = json!({
            "outcome": outcome, "phase": phase, "cluster": "prod", "service": "web", "region": "eu-west-1",
            "deploymentId": "it's 'mine'",
        });
        world.file("web.json", report.to_string());
        call(&world, "web.json").ok();
        let note = fs::read_to_string(world.dir().join("web.md")).unwrap();
        let lines = note.lines().filter_map(|line| line.strip_prefix("    ecs-bg "));
        let named: Vec<&str> = lines.clone().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(named, commands, "{outcome} in {phase}: {note}");
        assert!(lines.clone().all(|line| line.ends_with(r"--deployment-id 'it'\''s '\''mine'\'''")), "{note}");
    }
}

#[test]
fn what_is_no_report_is_one_clear_error() {
    let world = World::new();
    let report = fs::read_to_string(root().join("tests/reports/promoted.json")).unwrap();
    for (text, code, words) in [
        ("{\"outcome\": }", "report-not-json", "line 1, column 13"),
        (&report[..report.len() / 2], "report-not-json", "line"),
        ("", "report-not-json", "line"),
        ("\u{0}\u{1}", "report-not-json", "line"),
        ("[]", "not-a-report", "no outcome"),
        ("{\"schemaVersion\": 1, \"ok\": true, \"result\": {}}", "not-a-report", "no outcome"),
    ] {
        world.file("web.json", text);
        let failed = call(&world, "web.json").fails("usage", code);
        assert!(failed.message().contains("web.json") && failed.message().contains(words), "{failed}");
        assert!(!world.dir().join("web.svg").exists());
    }
    call(&world, "no/such.json").fails("usage", "report-unreadable");
    call(&world, ".").fails("usage", "report-unreadable");
    world.bare("report").fails("usage", "missing-parameter");
}

#[test]
fn what_users_saw_is_drawn_with_it() {
    let world = World::new();
    give(&world, "web.json", "rolled-back-under-load.json");
    give(&world, "load.json", "rolled-back-under-load.load.json");
    let without = call(&world, "web.json").ok();
    assert_eq!(without.at("/result/seen"), &Value::Null);
    let drawn = call(&world, "web.json").flags(&["--seen", "load.json"]).ok();
    assert_eq!(drawn.at("/result/seen"), &json!({ "requests": 3000, "failed": 45, "outside": 600 }));
    assert!(drawn.log.contains("users saw 3,000 requests, 45 failed (1.5 %)"), "{drawn}");
    for extension in EXTENSIONS {
        let written = fs::read(world.dir().join(format!("web.{extension}"))).unwrap();
        let reviewed = fs::read(root().join(format!("tests/reports/rolled-back-under-load.{extension}"))).unwrap();
        assert!(written == reviewed, "{extension}");
    }
}

#[test]
fn what_the_load_generator_of_the_tests_counts_is_as_the_schema_says_and_is_drawn() {
    let world = World::new();
    let out = world.dir().join("load.json");
    // The stand-in knows no version and no such page; nobody listens at the other address.
    let ended = Command::new(root().join("tests/aws/.venv/bin/python"))
        .args(["-m", "standin.load", world.url(), "http://127.0.0.1:1", "--rate", "40", "--seconds", "0.5", "--json"])
        .arg(&out)
        .env("PYTHONPATH", root().join("tests/aws"))
        .stdin(Stdio::piped())
        .output()
        .unwrap();
    let counted = fs::read_to_string(&out).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&ended.stderr)));
    let counted: Value = serde_json::from_str(&counted).unwrap();
    let schema = fs::read_to_string(root().join("resources/seen.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    let wrong: Vec<String> = schema.iter_errors(&counted).map(|error| error.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    let second = &counted["bySecond"][0];
    for key in ["failed", "versions", "failedVersions", "statuses"] {
        assert!(second.get(key).is_some(), "{key}: {second}");
    }
    assert!(second["milliseconds"]["p95"].is_number(), "{second}");
    give(&world, "web.json", "promoted-under-load.json");
    let drawn = call(&world, "web.json").flags(&["--seen", "load.json"]).ok();
    assert_eq!(drawn.at("/result/seen/requests"), 20);
    assert_eq!(drawn.at("/result/seen/failed"), &counted["failed"]);
    // The deployment was another day.
    assert_eq!(drawn.at("/result/seen/outside"), 20);
    assert!(drawn.log.contains("not drawn: all before or after the deployment"), "{drawn}");
}

#[test]
fn what_no_load_generator_counts_is_one_clear_error() {
    let world = World::new();
    give(&world, "web.json", "promoted-under-load.json");
    for (text, code, words) in [
        ("", "seen-not-json", "line 1, column 0"),
        ("{\"began\": 1,\n\"bySecond\": NaN}", "seen-not-json", "line 2, column 13"),
        ("{\"outcome\": \"promoted\", \"deploymentId\": \"x\"}", "seen-invalid", "missing field `began`"),
        (
            "{\"began\": 1, \"bySecond\": [{\"second\": 7, \"requests\": 1, \"failed\": 2}]}",
            "seen-invalid",
            "second 7 of bySecond has 2 in failed, more than its 1 requests",
        ),
        ("{\"began\": \"\u{1b}[2J\", \"bySecond\": []}", "seen-not-json", "control character"),
        ("{\"began\": \"\\u001b[2J\", \"bySecond\": []}", "seen-invalid", "\\u{1b}[2J"),
    ] {
        world.file("load.json", text);
        let failed = call(&world, "web.json").flags(&["--seen", "load.json"]).fails("usage", code);
        assert!(failed.message().contains("load.json") && failed.message().contains(words), "{failed}");
        assert!(failed.json["error"]["hint"].as_str().unwrap().contains("seen.schema.json"), "{failed}");
        assert!(!world.dir().join("web.svg").exists());
    }
    for missing in ["no/such.json", "."] {
        call(&world, "web.json").flags(&["--seen", missing]).fails("usage", "seen-unreadable");
    }
}

#[test]
fn what_cannot_be_written_is_one_clear_error_and_nothing_is_half_there() {
    let world = World::new();
    fs::create_dir_all(world.dir().join("web.html/taken")).unwrap();
    give(&world, "web.json", "promoted.json");
    let failed = call(&world, "web.json").fails("unexpected", "report-not-written");
    assert!(failed.message().contains("web.html"), "{failed}");
    assert!(!names(&world.dir()).iter().any(|name| name.contains(".part")), "{:?}", names(&world.dir()));
    let closed = world.dir().join("closed");
    fs::create_dir(&closed).unwrap();
    give(&world, "closed/web.json", "promoted.json");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o555)).unwrap();
    // Root may write wherever it likes.
    if fs::write(closed.join("probe"), "").is_err() {
        call(&world, "closed/web.json").fails("unexpected", "report-not-written");
    }
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
}

/// A canary with so many looks.
fn canary(looks: usize) -> Value {
    let text = fs::read_to_string(root().join("tests/reports/rolled-back-by-a-gate.json")).unwrap();
    let mut report: Value = serde_json::from_str(&text).unwrap();
    let events = report["events"].as_array_mut().unwrap();
    let look = events.iter().find(|event| event["type"] == "look").unwrap().clone();
    let begin = look["at"].as_u64().unwrap();
    for at in 0..looks as u64 {
        let mut next = look.clone();
        next["at"] = json!(begin + at * 1000);
        events.push(next);
    }
    report
}

#[test]
fn a_canary_with_a_thousand_looks_is_drawn_at_once() {
    let world = World::new();
    world.file("web.json", canary(1000).to_string());
    let fastest = (0..3)
        .map(|_| {
            let began = Instant::now();
            call(&world, "web.json").ok();
            began.elapsed()
        })
        .min()
        .unwrap();
    figure(format_args!("report: 1000 looks drawn in {} ms, without optimisation", fastest.as_millis()));
    // The bar is 50 ms, of the released binary on an idle machine; this one is several times as slow, and not alone.
    assert!(fastest < Duration::from_secs(3), "{fastest:?}");
}
