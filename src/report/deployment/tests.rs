//! The pictures of the reports in `tests/reports` are files beside them, for a reviewer to open; `make docs` writes them.

use std::path::PathBuf;
use std::sync::OnceLock;

use proptest::prelude::*;
use roxmltree::{Document, ParsingOptions};
use serde_json::{Value, json};

use super::{Archive, Drawn, Load, draw};

const REPORTS: [&str; 10] = [
    "promoted", "rolled-back-by-a-gate", "failed-before-the-swap", "aborted", "kept", "resumed", "first-deployment",
    "version-1", "promoted-under-load", "rolled-back-under-load",
];

/// Of these all files are reviewed.
const WHOLE: [&str; 2] = ["rolled-back-by-a-gate", "rolled-back-under-load"];

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reports").join(name)
}

pub(super) fn report(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(file(&format!("{name}.json"))).unwrap()).unwrap()
}

/// What its users saw, where it has a file of that.
fn load(name: &str) -> Option<Load> {
    let path = file(&format!("{name}.load.json"));
    path.exists().then(|| Load::of(&std::fs::read(path).unwrap()).unwrap())
}

fn read(report: &Value) -> Option<Archive> {
    Archive::of(report.to_string().as_bytes()).unwrap()
}

fn drawn(report: &Value) -> Drawn {
    drawn_with(report, None)
}

pub(super) fn drawn_with(report: &Value, load: Option<&Load>) -> Drawn {
    draw(&read(report).unwrap(), load)
}

fn schema() -> &'static jsonschema::Validator {
    static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| validator("report.schema.json"))
}

pub(super) fn validator(name: &str) -> jsonschema::Validator {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("resources").join(name);
    jsonschema::validator_for(&serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()).unwrap()
}

fn is_as_committed(name: &str, text: &str) {
    let path = file(name);
    if std::env::var_os("ECS_BG_DOCS").is_some_and(|what| what == "write") {
        std::fs::write(path, text).unwrap();
    } else {
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{name} is not what is drawn: run `make docs`, and look at it");
    }
}

/// Holds what was drawn to what Jenkins' Content-Security-Policy lets a browser show, and to XML.
pub(super) fn is_showable(drawn: &Drawn) {
    for (extension, text) in drawn.files.iter().filter(|(extension, _)| *extension != "md") {
        let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let document =
            Document::parse_with_options(text, options).unwrap_or_else(|error| panic!("{extension}: {error}"));
        for node in document.descendants().filter(roxmltree::Node::is_element) {
            let name = node.tag_name().name();
            assert!(
                !["script", "style", "link", "image", "img", "iframe", "foreignObject", "use"].contains(&name),
                "{name}"
            );
            for attribute in node.attributes() {
                let (key, value) = (attribute.name(), attribute.value());
                assert!(key != "style" && !key.starts_with("on") && !key.contains("src"), "{name} {key}");
                assert!(
                    key != "href" || value.starts_with("http://") || value.starts_with("https://"),
                    "{name} {value}"
                );
                assert!(
                    key == "href"
                        || !value.contains("url(")
                        || value.starts_with("url(#ecs-bg-")
                        || *extension == "xml"
                        || key.starts_with("aria"),
                    "{name} {value}"
                );
                assert!(
                    !value.contains("NaN") || key.starts_with("aria") || *extension == "xml",
                    "{name} {key} {value}"
                );
            }
        }
    }
    let is_bare = |c: char| c.is_control() && c != '\n';
    assert!(drawn.files.iter().all(|(_, text)| !text.contains(is_bare)));
    assert!(drawn.lines.iter().chain([&drawn.headline]).all(|line| !line.contains(char::is_control)));
    for (extension, text) in &drawn.files {
        assert!(text.len() < 500_000, "{extension}: {} bytes", text.len());
    }
}

#[test]
fn each_picture_is_as_it_was_reviewed() {
    for name in REPORTS {
        let drawn = drawn_with(&report(name), load(name).as_ref());
        is_showable(&drawn);
        for (extension, text) in &drawn.files {
            if *extension == "svg" || WHOLE.contains(&name) {
                is_as_committed(&format!("{name}.{extension}"), text);
            }
        }
        is_as_committed(&format!("{name}.txt"), &format!("{}\n", drawn.lines.join("\n")));
    }
}

#[test]
fn the_reports_are_as_the_schema_says() {
    let schema = schema();
    for name in REPORTS {
        let wrong: Vec<String> =
            schema.iter_errors(&report(name)).map(|error| format!("{error} at {}", error.instance_path())).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
    }
    let unknown =
        json!({ "outcome": null, "deploymentId": null, "later": 1, "events": [{ "at": 1, "type": "later", "x": {} }] });
    assert!(schema.is_valid(&unknown));
    for wrong in [json!({}), json!([]), json!({ "outcome": 1, "deploymentId": "x" })] {
        assert!(!schema.is_valid(&wrong), "{wrong}");
    }
}

#[test]
fn one_sentence_says_how_it_ended() {
    let failed = json!({ "kind": "failed", "code": "x", "message": "m" });
    let aborted = json!({ "kind": "interrupted", "message": "m" });
    let asked = json!([{ "at": 1, "type": "question", "name": "cleanup", "by": "Ada", "choice": "Roll back", "seconds": 1, "over": false }]);
    for (outcome, error, events, sentence) in [
        ("promoted", json!(null), json!([]), "promoted: web:42 is live"),
        ("promoted", failed.clone(), json!([]), "promoted: web:42 is live; the cleanup ended early"),
        ("unchanged", json!(null), json!([]), "nothing was changed"),
        ("rolledBack", failed.clone(), json!([]), "rolled back: bake failed"),
        ("rolledBack", aborted.clone(), json!([]), "rolled back: aborted in bake"),
        ("rolledBack", json!(null), asked.clone(), "rolled back: Ada asked for it"),
        (
            "rollbackFailed",
            failed.clone(),
            json!([{ "at": 1, "type": "stage", "name": "swap" }, { "at": 2, "type": "failure", "message": "m" }]),
            "the rollback failed: swap failed",
        ),
        ("refused", failed.clone(), json!([]), "nothing was created: bake failed"),
        ("kept", aborted, json!([]), "left as it is (onFailure: keep): aborted in bake"),
        ("unpromoted", failed.clone(), json!([]), "not promoted: bake failed"),
        ("of a later version", failed, json!([]), "of a later version: bake failed"),
    ] {
        let report = json!({
            "schemaVersion": 2, "service": "web", "outcome": outcome, "deploymentId": "x", "phase": "bake", "error": error,
            "taskDefinitionArn": "arn:aws:ecs:eu-west-1:111122223333:task-definition/web:42", "events": events,
        });
        assert_eq!(drawn(&report).headline, format!("web: {sentence}"));
    }
}

#[test]
fn what_is_not_known_is_passed_over_and_what_is_no_report_is_none() {
    let mut newer = report("promoted");
    newer["schemaVersion"] = json!(3);
    newer["later"] = json!({ "a": 1 });
    let events = newer["events"].as_array_mut().unwrap();
    events.insert(3, json!({ "at": 1_795_788_130_456_i64, "type": "telepathy", "x": [1] }));
    events.insert(4, json!({ "at": "noon", "type": "stage", "name": "x" }));
    events.insert(5, json!(null));
    let archive = read(&newer).unwrap();
    assert_eq!((archive.version, archive.unknown), (3, 3));
    let picture = &draw(&archive, None).files[0].1;
    assert!(picture.contains("3 events of a kind that this version of ecs-bg does not know are left out"));
    for other in [json!(null), json!([]), json!("x"), json!({}), json!({ "outcome": "promoted" })] {
        assert!(read(&other).is_none(), "{other}");
    }
    for bare in [
        json!({ "outcome": null, "deploymentId": null }),
        json!({ "schemaVersion": 2, "outcome": 7, "deploymentId": [], "events": {} }),
    ] {
        is_showable(&drawn(&bare));
    }
}

#[test]
fn the_events_order_in_the_file_does_not_matter() {
    let straight = report("promoted");
    let mut turned = straight.clone();
    let looks = |event: &Value| event["type"] == "look";
    let events = turned["events"].as_array_mut().unwrap();
    let (mut last, mut first): (Vec<_>, Vec<_>) = events.drain(..).partition(looks);
    first.append(&mut last);
    events.append(&mut first);
    assert_eq!(drawn(&straight).files, drawn(&turned).files);
}

#[test]
fn nothing_of_a_report_is_markup_and_nothing_in_it_is_obeyed() {
    const HOSTILE: &str = "</text><script>alert(1)</script>\" onload=\"x\u{1b}[2J\u{0}\u{202e}]]>&lt;\r\n| # `<!channel>` \u{fffe}\u{ffff}";
    fn poison(value: &mut Value) {
        match value {
            Value::String(text) if !["type", "role"].contains(&text.as_str()) => *text = format!("{text}{HOSTILE}"),
            Value::Array(items) => items.iter_mut().for_each(poison),
            Value::Object(map) => {
                let kept = ["type", "role", "verdict", "colour"];
                map.iter_mut().filter(|(key, _)| !kept.contains(&key.as_str())).for_each(|(_, value)| poison(value));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    for name in REPORTS {
        let mut poisoned = report(name);
        poison(&mut poisoned);
        let drawn = drawn(&poisoned);
        is_showable(&drawn);
        for (extension, text) in &drawn.files {
            assert!(!text.contains("<script") && !text.contains("<!channel"), "{name}.{extension}");
            assert!(!text.contains(['\u{0}', '\u{1b}', '\u{202e}', '\u{fffe}', '\u{ffff}']), "{name}.{extension}");
        }
        let [(_, svg), ..] = &drawn.files;
        assert!(svg.contains("\\u{1b}[2J\\0\\u{202e}"), "{name}: control characters are shown");
    }
}

/// A canary of three days, with a look each half minute and a gate whose mind changes all the time.
fn three_days(hostile: &str) -> Value {
    let mut report = report("promoted");
    let gates: Vec<Value> = (0..5).map(|at| json!({ "gate": format!("gate {at}") })).collect();
    let mut events = vec![json!({ "at": 0, "type": "stage", "name": "canary 1/1 (5 %)" })];
    for at in 0..10_000_usize {
        let gates: Vec<Value> = gates
            .iter()
            .enumerate()
            .map(|(index, gate)| {
                let verdict = ["pass", "inconclusive", "fail"][(at / (index + 1)) % 3];
                let mut gate = gate.clone();
                gate["verdict"] = json!(verdict);
                gate["words"] = json!(format!("{at} of {at} requests{hostile}"));
                gate["readings"] = json!({ "new": { "requests": at, "p90": 0.2 }, "old": { "requests": at } });
                gate
            })
            .collect();
        events.push(
            json!({ "at": at * 26_000, "type": "look", "step": "1/1", "verdict": "pass", "weight": 5, "gates": gates }),
        );
    }
    report["events"] = json!(events);
    report
}

#[test]
fn ten_thousand_events_stay_readable() {
    is_showable(&drawn(&three_days("")));
    is_showable(&drawn(&three_days(&"&<\"".repeat(60))));
    let each = |event: fn(u64) -> Value| {
        let mut report = report("promoted");
        report["events"] = (0..10_000).map(event).collect();
        drawn(&report)
    };
    for all in [
        each(|at| json!({ "at": at * 1000, "type": "stage", "name": format!("stage {at}") })),
        each(|at| json!({ "at": at * 1000, "type": "action", "name": "a", "seconds": 0.5, "ok": true })),
        each(|at| json!({ "at": at * 1000, "type": "warning", "code": "c", "message": format!("w {at}") })),
        each(
            |at| json!({ "at": at * 1000, "type": "question", "name": "q", "by": "x", "seconds": 0.5, "over": false }),
        ),
        each(
            |at| json!({ "at": at * 1000, "type": "weights", "weights": [{ "arn": format!("a/{}", at % 99), "role": "live", "blue": at % 100, "green": 3, "others": 0 }] }),
        ),
        each(
            |at| json!({ "at": at * 1000, "type": "look", "step": "1", "verdict": "fail", "gates": [{ "gate": format!("g {at}"), "verdict": "fail" }] }),
        ),
    ] {
        is_showable(&all);
    }
}

/// Text with whatever may be in it.
fn text() -> impl Strategy<Value = Value> {
    prop_oneof![any::<String>().prop_map(Value::from), "[ -~]{0,40}".prop_map(Value::from), Just(json!("rollback"))]
}

fn maybe(text: impl Strategy<Value = Value> + 'static) -> BoxedStrategy<Value> {
    prop_oneof![text, Just(Value::Null)].boxed()
}

fn weights() -> impl Strategy<Value = Value> {
    let one = (text(), prop::bool::ANY, 0..1000_u32, 0..1000_u32, 0..9_u32).prop_map(|(arn, live, blue, green, others)| {
        json!({ "arn": arn, "role": if live { "live" } else { "test" }, "blue": blue, "green": green, "others": others })
    });
    prop::collection::vec(one, 0..4).prop_map(Value::from)
}

fn verdict() -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!("pass")), Just(json!("inconclusive")), Just(json!("fail"))]
}

fn event() -> impl Strategy<Value = Value> {
    let at = prop_oneof![
        0..200_000_u64,
        1_795_788_130_000_u64..1_795_798_130_000,
        any::<u32>().prop_map(u64::from),
        0..(1_u64 << 62)
    ];
    let seconds = prop_oneof![0.0..100.0, 0.0..1e300, Just(0.0)];
    let gate = (text(), verdict(), prop::bool::ANY, text())
        .prop_map(|(gate, verdict, dry, words)| json!({ "gate": gate, "verdict": verdict, "dryRun": dry, "words": words, "notes": [words] }));
    let kinds = prop::sample::select(
        &["start", "end", "stage", "action", "weights", "question", "look", "warning", "failure", "rollback", "later"]
            [..],
    );
    (at, kinds, text(), maybe(text()), seconds, prop::bool::ANY, weights(), verdict(), prop::collection::vec(gate, 0..4)).prop_map(
        |(at, kind, name, maybe, seconds, flag, weights, verdict, gates)| {
            json!({
                "at": at, "type": kind, "name": name, "message": name, "by": maybe, "choice": maybe, "note": maybe, "code": maybe,
                "kind": maybe, "hint": maybe, "cause": maybe, "seconds": seconds, "ok": flag, "over": flag, "changed": flag,
                "weights": weights, "step": name, "verdict": verdict, "gates": gates, "weight": seconds, "share": null,
            })
        },
    )
}

pub(super) fn any_report() -> impl Strategy<Value = Value> {
    let outcomes = ["promoted", "unchanged", "rolledBack", "rollbackFailed", "refused", "kept", "unpromoted", "later"];
    let outcome = maybe(prop::sample::select(outcomes.to_vec()).prop_map(Value::from));
    let version = maybe(
        (maybe(text()), maybe(text()), prop::sample::select(vec![json!("blue"), json!("green"), json!(null)]))
            .prop_map(|(arn, id, colour)| json!({ "taskDefinitionArn": arn, "taskSetArn": id, "colour": colour })),
    );
    let events = prop::collection::vec(event(), 0..40);
    (outcome, text(), maybe(text()), version.clone(), version, weights(), events, 1..4_u32).prop_map(
        |(outcome, text, maybe, from, live, weights, events, version)| {
            json!({
                "schemaVersion": version, "outcome": outcome, "phase": maybe, "service": text, "cluster": maybe, "region": maybe,
                "deploymentId": maybe, "build": text, "image": maybe, "images": { "web": text }, "taskDefinitionArn": maybe,
                "taskSetArn": maybe, "from": from, "live": live, "weights": weights, "testUrl": maybe, "approver": maybe,
                "note": maybe, "seconds": { "preflight": 1.5, "approval": 2e9, "x": 0 }, "warnings": [{ "code": maybe, "message": text }],
                "rollback": { "ok": false, "error": { "message": text } }, "error": { "kind": maybe, "message": text, "hint": maybe },
                "byHand": [{ "does": text, "command": text }], "events": events,
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_report_holds_it_is_drawn(report in any_report()) {
        let schema = schema();
        prop_assert!(schema.is_valid(&report), "{}", report);
        let once = drawn(&report);
        is_showable(&once);
        prop_assert_eq!(once.files, drawn(&report).files);
    }

    #[test]
    fn a_value_of_another_type_is_no_reason_to_draw_nothing(
        mut report in any_report(), key in any::<prop::sample::Index>(), value in text(), number in any::<f64>(),
    ) {
        let keys: Vec<String> = report.as_object().unwrap().keys().filter(|key| *key != "outcome" && *key != "deploymentId").cloned().collect();
        for value in [value, json!(number), json!([[]]), json!({ "a": {} }), json!([{}, 1])] {
            report[key.get(&keys)] = value;
            is_showable(&drawn(&report));
        }
    }
}
