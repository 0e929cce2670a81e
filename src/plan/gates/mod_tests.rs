use std::time::Duration;

use serde_json::json;

use super::*;

fn told(verdict: Verdict, dry_run: bool) -> Judgement {
    Judgement { dry_run, ..Judgement::plain("errors", verdict, "so") }
}

#[test]
fn the_worst_decides_and_a_dry_run_never() {
    let (pass, open, fail) = (Verdict::Pass, Verdict::Inconclusive, Verdict::Fail);
    for (why, judgements, expected) in [
        ("nothing is asked for", vec![], pass),
        ("all pass", vec![told(pass, false), told(pass, false)], pass),
        ("one is not to be known", vec![told(pass, false), told(open, false)], open),
        ("one fails", vec![told(fail, false), told(open, false), told(pass, false)], fail),
        ("one would fail", vec![told(fail, true), told(pass, false)], pass),
        ("one would fail, and one is not to be known", vec![told(fail, true), told(open, false)], open),
        ("all only report", vec![told(fail, true), told(open, true)], pass),
    ] {
        assert_eq!(decided(&judgements), expected, "{why}");
    }
}

#[test]
fn an_answer_is_json() {
    let at = |minute| SystemTime::UNIX_EPOCH + Duration::from_mins(minute);
    let window = Window { from: at(1), to: at(9), readings: 9 };
    let judged = Judgement { window: Some(window), ..Judgement::unreadable("latency", "throttled") };
    assert_eq!(
        serde_json::to_value(judged).unwrap(),
        json!({
            "gate": "latency", "verdict": "inconclusive", "dryRun": false, "words": "throttled",
            "window": { "from": "1970-01-01T00:01:00Z", "to": "1970-01-01T00:09:00Z", "readings": 9 },
            "readings": null, "threshold": null, "notes": [],
        })
    );
    for verdict in [Verdict::Pass, Verdict::Inconclusive, Verdict::Fail] {
        assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.name());
    }
}
