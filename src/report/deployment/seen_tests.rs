//! What users saw, in all that is drawn of a report.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::tests::{any_report, drawn_with, is_showable, report, validator};
use super::{Drawn, Load, Totals, Unfit};

/// When the report `promoted-under-load` begins, in seconds; it ends 66.6 later.
const BEGAN: f64 = 1_795_788_130.456;

fn load(value: &Value) -> Load {
    Load::of(value.to_string().as_bytes()).unwrap()
}

fn seconds(began: f64, seconds: impl IntoIterator<Item = Value>) -> Load {
    load(&json!({ "began": began, "bySecond": seconds.into_iter().collect::<Vec<_>>() }))
}

fn under(load: &Load) -> Drawn {
    drawn_with(&report("promoted-under-load"), Some(load))
}

fn text<'a>(drawn: &'a Drawn, extension: &str) -> &'a str {
    drawn.files.iter().find(|(name, _)| *name == extension).map(|(_, text)| text.as_str()).unwrap()
}

/// What the log says of it.
fn told(drawn: &Drawn) -> &str {
    drawn.lines.iter().find_map(|line| line.strip_prefix("  users saw ")).unwrap()
}

#[test]
fn a_sentence_says_how_many_failed_whose_they_were_and_from_when_to_when() {
    let second =
        |second: u64, requests: u64, failed: u64| json!({ "second": second, "requests": requests, "failed": failed });
    let of = |second: u64, failed: u64, versions: Value| json!({ "second": second, "requests": 1200, "failed": failed, "failedVersions": versions });
    for (counted, sentence) in [
        (vec![], "no requests"),
        (vec![second(1, 0, 0)], "no requests"),
        (vec![second(1, 1, 0)], "1 request, none failed"),
        (vec![second(1, 506, 0), second(2, 506, 0)], "1,012 requests, none failed"),
        (vec![second(1, 1000, 1)], "1,000 requests, 1 failed (0.10 %), at 14:02:11"),
        (vec![second(1, 1, 1)], "1 request, 1 failed (100 %), at 14:02:11"),
        (vec![second(2, 100_000, 1), second(9, 0, 0)], "100,000 requests, 1 failed (under 0.01 %), at 14:02:12"),
        (
            vec![of(1, 20, json!({ "b71e0d4": 20 })), of(31, 3, json!({ "9f3c21a": 2 }))],
            "2,400 requests, 23 failed (0.96 %): 20 of the new version, 2 of the old version, 1 of no known version, from 14:02:11 to 14:02:42 (31 s)",
        ),
        (
            vec![of(1, 20, json!({ "b71e0d4": 20 })), of(2, 0, json!({}))],
            "2,400 requests, 20 failed (0.83 %): all of the new version, at 14:02:11",
        ),
        (vec![of(1, 20, json!({ "unheard": 20 }))], "1,200 requests, 20 failed (1.7 %), at 14:02:11"),
        (
            vec![second(1, 10, 0), second(67, 7, 0), second(100, 7, 1)],
            "24 requests, 1 failed (4.2 %), at 14:03:50; not drawn: 14 (1 failed) before or after the deployment",
        ),
        (
            vec![second(100, 7, 0)],
            "7 requests, none failed; not drawn: all before or after the deployment, the first at 2026-11-27 14:03:50 UTC",
        ),
    ] {
        let drawn = under(&seconds(BEGAN, counted));
        assert_eq!(told(&drawn), sentence);
        // The picture has it in lines.
        let start: String = sentence.chars().take(40).collect();
        for (extension, text) in &drawn.files {
            assert!(text.contains(&start), "{extension}: {start}");
        }
        is_showable(&drawn);
    }
}

#[test]
fn without_a_load_generator_nothing_is_said_of_users() {
    let drawn = drawn_with(&report("promoted-under-load"), None);
    assert!(drawn.seen.is_none() && drawn.files.iter().all(|(_, text)| !text.contains("users")));
}

#[test]
fn requests_outside_of_the_deployment_are_counted_and_not_drawn() {
    let second = |second: u64| json!({ "second": second, "requests": 10, "failed": 1 });
    for (began, drawn, outside) in [
        (BEGAN - 60.0, 0, 600),
        (BEGAN - 59.5, 10, 590),
        (BEGAN - 1.0, 590, 10),
        (BEGAN, 600, 0),
        (BEGAN + 66.0, 10, 590),
        (BEGAN + 67.0, 0, 600),
        (0.0, 0, 600),
        (1e12, 0, 600),
    ] {
        let made = under(&seconds(began, (0..60).map(second)));
        assert_eq!(made.seen, Some(Totals { requests: 600, failed: 60, outside }), "{began}");
        let picture = text(&made, "svg");
        assert_eq!(picture.contains("seen by users"), drawn > 0, "{began}");
        assert_eq!(picture.contains(&format!(">{drawn} requests<")), drawn > 0, "{began}");
        is_showable(&made);
    }
}

#[test]
fn a_report_without_times_has_no_place_for_them_and_says_so() {
    let counted = seconds(BEGAN, [json!({ "second": 0, "requests": 3, "failed": 1 })]);
    let mut without_events = report("promoted-under-load");
    without_events["events"] = json!([]);
    for (report, when) in [(report("version-1"), ""), (without_events, ", at 14:02:10")] {
        let drawn = drawn_with(&report, Some(&counted));
        assert_eq!(told(&drawn), format!("3 requests, 1 failed (33.3 %){when}; not drawn: the report has no times"));
        assert_eq!(drawn.seen, Some(Totals { requests: 3, failed: 1, outside: 3 }));
    }
}

#[test]
fn an_answer_is_of_a_version_by_its_images_tag_the_image_or_the_revision() {
    const IMAGE: &str = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web";
    let mut report = report("promoted-under-load");
    report["images"]["proxy"] = json!("registry.example.com:5000/nginx:1.27@sha256:0123456789abcdef");
    report["from"]["images"]["proxy"] = json!("registry.example.com:5000/nginx:1.27");
    for (name, colour) in [
        ("b71e0d4".to_owned(), "green"),
        (format!("{IMAGE}:b71e0d4"), "green"),
        ("web:42".to_owned(), "green"),
        ("9f3c21a".to_owned(), "blue"),
        (format!("{IMAGE}:9f3c21a"), "blue"),
        ("web:41".to_owned(), "blue"),
        // Both have it.
        ("1.27".to_owned(), "grey"),
        ("5000/nginx".to_owned(), "grey"),
        ("b71".to_owned(), "grey"),
        (String::new(), "grey"),
    ] {
        let mut versions = Map::new();
        versions.insert(name.clone(), json!(7));
        let counted = seconds(BEGAN, [json!({ "second": 1, "requests": 7, "failed": 0, "versions": versions })]);
        let drawn = drawn_with(&report, Some(&counted));
        let page = text(&drawn, "html");
        let row = match colour {
            "green" => "<td>7</td><td>0</td><td>0</td>",
            "blue" => "<td>0</td><td>7</td><td>0</td>",
            _ => "<td>0</td><td>0</td><td>7</td>",
        };
        assert!(page.contains(row), "{name} is {colour}");
    }
}

#[test]
fn where_no_answer_says_its_version_no_part_of_the_new_one_is_claimed() {
    let second = |versions: Value| json!({ "second": 40, "requests": 9, "failed": 1, "versions": versions });
    for (versions, is_known) in [(json!({}), false), (json!({ "unheard": 9 }), false), (json!({ "9f3c21a": 9 }), true)]
    {
        let drawn = under(&seconds(BEGAN, [second(versions)]));
        let has = |label: &str| drawn.lines.iter().any(|line| line.contains(label));
        assert_eq!(has("seen by users, new part"), is_known);
        assert!(has("seen by users, failed"));
    }
}

#[test]
fn how_long_answers_took_is_in_words_that_fit() {
    for (p95, words) in [
        (0.0, "0 ms"),
        (0.42, "0.4 ms"),
        (9.8, "9.8 ms"),
        (64.4, "64 ms"),
        (999.4, "999 ms"),
        (999.9, "1.0 s"),
        (61_000.0, "1m 1s"),
    ] {
        let one = json!({ "second": 1, "requests": 1, "failed": 0, "milliseconds": { "p95": p95 } });
        let drawn = under(&seconds(BEGAN, [one]));
        assert!(text(&drawn, "html").contains(&format!("<td>{words}</td>")), "{p95}");
        assert!(text(&drawn, "svg").contains(&format!(">up to {words}<")), "{p95}");
    }
}

#[test]
fn beside_the_picture_stands_a_whole_number() {
    for (requests, words) in
        [(1, "1 request"), (999_999, "999,999 requests"), (2_274_065, "2,274,065"), (u64::MAX, "18,446,744")]
    {
        let drawn = under(&seconds(BEGAN, [json!({ "second": 1, "requests": requests, "failed": 0 })]));
        assert!(text(&drawn, "svg").contains(&format!(">{words}")), "{requests}");
    }
}

#[test]
fn the_order_of_the_seconds_does_not_matter_and_one_that_comes_twice_is_added_up() {
    let second = |second: u64, requests: u64| json!({ "second": second, "requests": requests, "failed": 1, "milliseconds": { "p95": 3 } });
    let straight = under(&seconds(BEGAN, [second(1, 5), second(2, 7), second(3, 9)]));
    for other in [
        vec![second(3, 9), second(1, 5), second(2, 7)],
        vec![
            second(3, 9),
            second(1, 5),
            json!({ "second": 2, "requests": 3, "failed": 0 }),
            json!({ "second": 2, "requests": 4, "failed": 1, "milliseconds": { "p95": 3 } }),
        ],
        // One without a request is as one that is left out.
        vec![
            second(1, 5),
            second(2, 7),
            second(3, 9),
            json!({ "second": 4, "requests": 0, "failed": 0, "milliseconds": { "p95": 0 } }),
        ],
    ] {
        assert_eq!(under(&seconds(BEGAN, other)).files, straight.files);
    }
}

#[test]
fn a_file_that_is_none_of_a_load_generator_is_told_what_is_wrong() {
    let one = |second: Value| json!({ "began": BEGAN, "bySecond": [second] }).to_string();
    for (text, words) in [
        ("{}".to_owned(), "missing field `began`"),
        ("[]".to_owned(), "invalid length 0"),
        ("7".to_owned(), "invalid type"),
        (json!({ "began": BEGAN }).to_string(), "missing field `bySecond`"),
        (json!({ "began": null, "bySecond": [] }).to_string(), "invalid type: null"),
        (json!({ "began": -1, "bySecond": [] }).to_string(), "began is -1"),
        (json!({ "began": 1e13, "bySecond": [] }).to_string(), "began is 10000000000000"),
        (json!({ "began": BEGAN, "bySecond": {} }).to_string(), "invalid type: map"),
        (one(json!({ "requests": 1, "failed": 0 })), "missing field `second`"),
        (one(json!({ "second": 1, "failed": 0 })), "missing field `requests`"),
        // That none failed is not what a file says that does not speak of it.
        (one(json!({ "second": 1, "requests": 1 })), "missing field `failed`"),
        (one(json!({ "second": -1, "requests": 1, "failed": 0 })), "invalid value: integer `-1`"),
        (one(json!({ "second": 1.5, "requests": 1, "failed": 0 })), "floating point `1.5`"),
        (
            one(json!({ "second": u64::MAX, "requests": 1, "failed": 0 })),
            "second 18446744073709551615 of bySecond is none",
        ),
        (
            one(json!({ "second": 4, "requests": 1, "failed": 2 })),
            "second 4 of bySecond has 2 in failed, more than its 1 requests",
        ),
        (
            one(json!({ "second": 4, "requests": 3, "failed": 0, "versions": { "a": 2, "b": 2 } })),
            "has 4 in versions, more than its 3 requests",
        ),
        (
            one(json!({ "second": 4, "requests": 9, "failed": 0, "versions": { "a": u64::MAX, "b": u64::MAX } })),
            "more than its 9 requests",
        ),
        (
            one(json!({ "second": 4, "requests": 3, "failed": 1, "failedVersions": { "a": 2 } })),
            "has 2 in failedVersions, more than its 1 failed",
        ),
        (
            one(json!({ "second": 4, "requests": 3, "failed": 0, "milliseconds": { "p95": -0.5 } })),
            "second 4 of bySecond has a p95 of -0.5 ms",
        ),
    ] {
        match Load::of(text.as_bytes()) {
            Err(Unfit::Wrong(why)) => assert!(why.contains(words), "{text}: {why}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    for text in ["", "{", "{\"began\": NaN, \"bySecond\": []}", "{\"began\": 1e999, \"bySecond\": []}"] {
        assert!(matches!(Load::of(text.as_bytes()), Err(Unfit::NotJson(_))), "{text}");
    }
}

#[test]
fn the_schema_says_what_is_read() {
    let schema = validator("seen.schema.json");
    let second = |second: Value| json!({ "began": 1.5, "bySecond": [second] });
    for good in [
        json!({ "began": 0, "bySecond": [] }),
        second(json!({ "second": 0, "requests": 0, "failed": 0 })),
        second(
            json!({ "second": 3, "requests": 2, "failed": 1, "versions": { "a": 1 }, "later": [1], "milliseconds": { "p95": null } }),
        ),
        second(json!({ "second": 3, "requests": 2, "failed": 0, "milliseconds": null })),
    ] {
        assert!(schema.is_valid(&good) && Load::of(good.to_string().as_bytes()).is_ok(), "{good}");
    }
    for wrong in [
        json!({}),
        json!({ "began": "now", "bySecond": [] }),
        second(json!({ "requests": 1, "failed": 0 })),
        second(json!({ "second": 1, "requests": 1 })),
        second(json!({ "second": 1_000_000_000_001_u64, "requests": 1, "failed": 0 })),
        json!({ "began": 1_000_000_000_001_u64, "bySecond": [] }),
        second(json!({ "second": 1, "requests": -1, "failed": 0 })),
        second(json!({ "second": 1, "requests": 1, "failed": 0, "versions": { "a": "b" } })),
        second(json!({ "second": 1, "requests": 1, "failed": 0, "milliseconds": { "p95": -1 } })),
    ] {
        assert!(!schema.is_valid(&wrong) && Load::of(wrong.to_string().as_bytes()).is_err(), "{wrong}");
    }
    for name in ["promoted-under-load.load", "rolled-back-under-load.load"] {
        assert!(schema.is_valid(&report(name)), "{name}");
    }
}

#[test]
fn ten_thousand_seconds_stay_readable() {
    let mut long = report("promoted");
    long["events"] = json!([
        { "at": 0, "type": "stage", "name": "canary 1/1 (5 %)" },
        { "at": 9_000_000, "type": "question", "name": "q", "by": "x", "seconds": 9_000, "over": false },
        { "at": 20_000_000, "type": "end" },
    ]);
    let hostile = "&<\"".repeat(60);
    let each = |second: fn(u64, &str) -> Value| seconds(0.0, (0..20_000).map(|at| second(at, &hostile)));
    for load in [
        each(
            |at, _| json!({ "second": at, "requests": at % 7, "failed": at % 7 / 6, "milliseconds": { "p95": at % 11 } }),
        ),
        each(|at, _| json!({ "second": at * 3 % 20_000, "requests": 1 + at % 2, "failed": at % 2 })),
        each(
            |at, name| json!({ "second": at, "requests": 3, "failed": 1, "versions": { format!("{}{name}", at % 50): 1 }, "statuses": { name: 3 } }),
        ),
    ] {
        let drawn = drawn_with(&long, Some(&load));
        is_showable(&drawn);
        assert!(text(&drawn, "svg").len() < 100_000, "{}", text(&drawn, "svg").len());
    }
}

#[test]
fn of_a_few_failures_among_many_requests_each_place_is_marked() {
    let drawn = under(&seconds(
        BEGAN,
        (0..60).map(|at| json!({ "second": at, "requests": 1_000_000, "failed": u64::from([3, 40].contains(&at)) })),
    ));
    let picture = text(&drawn, "svg");
    assert_eq!(picture.matches("1 of 1,000,000 failed").count(), 2);
    assert_eq!(drawn.lines.iter().filter(|line| line.matches('✕').count() >= 2).count(), 1, "{:?}", drawn.lines);
}

/// Counts with names of any kind, which fit together.
fn any_load() -> impl Strategy<Value = Value> {
    let name = || {
        prop_oneof![any::<String>(), Just("b71e0d4".to_owned()), Just("</text><script>\u{1b}[2J\u{202e}".to_owned())]
    };
    let count = || prop_oneof![0..100_u64, Just(u64::MAX), any::<u64>()];
    let second = (
        prop_oneof![0..200_u64, 0..1_000_000_000_000_u64],
        count(),
        count(),
        name(),
        prop_oneof![0.0..1000.0, 0.0..1e308],
    )
        .prop_map(|(second, requests, failed, name, p95)| {
            let failed = failed.min(requests);
            let [mut versions, mut bad] = [Map::new(), Map::new()];
            versions.insert(name.clone(), json!(requests));
            bad.insert(name.clone(), json!(failed));
            json!({
                "second": second, "requests": requests, "failed": failed, "versions": versions, "failedVersions": bad,
                "statuses": versions, "milliseconds": { "p95": p95 },
            })
        });
    let began = prop_oneof![Just(BEGAN), 0.0..1e12, Just(1_795_788_000.0)];
    (began, prop::collection::vec(second, 0..40))
        .prop_map(|(began, seconds)| json!({ "began": began, "bySecond": seconds }))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_a_load_generator_counts_it_is_drawn_and_is_no_markup(
        report in prop_oneof![any_report(), Just(report("promoted-under-load"))], counted in any_load(),
    ) {
        let counted = load(&counted);
        let once = drawn_with(&report, Some(&counted));
        is_showable(&once);
        for (extension, text) in &once.files {
            prop_assert!(!text.contains("<script") && !text.contains(['\u{1b}', '\u{202e}']), "{}", extension);
        }
        prop_assert_eq!(once.files, drawn_with(&report, Some(&counted)).files);
    }
}
