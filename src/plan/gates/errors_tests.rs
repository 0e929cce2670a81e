use std::time::SystemTime;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::model::cloudwatch::Side;

const GATE: Errors = Errors { times: 2.0, max: None, min_requests: 100, dry_run: false };

const BOUND: Errors = Errors { max: Some(1.0), ..GATE };

/// So many readings of requests and errors of the new version, and of the old one.
fn of(minutes: usize, new: (f64, f64), old: (f64, f64)) -> Vec<Reading> {
    let side = |(requests, errors)| Side { requests, errors, latency: None };
    (0..minutes).map(|_| Reading { at: SystemTime::UNIX_EPOCH, new: side(new), old: side(old) }).collect()
}

fn verdict(gate: &Errors, readings: &[Reading]) -> Verdict {
    errors(gate, readings, 0.0).verdict
}

#[test]
fn a_version_that_fails_more_often_fails_as_soon_as_that_is_sure_and_matters() {
    let good = || of(10, (500.0, 0.0), (9500.0, 10.0));
    // Of the others 0.4 % fail, against 0.1 %.
    let hardly = |worst| [of(9, (500.0, 2.0), (9500.0, 9.5)), of(1, (500.0, worst), (9500.0, 9.5))].concat();
    for (why, readings, expected) in [
        ("nothing was read", vec![], Verdict::Inconclusive),
        ("nothing fails", of(10, (50.0, 0.0), (950.0, 0.0)), Verdict::Pass),
        ("both fail alike", of(10, (50.0, 5.0), (950.0, 95.0)), Verdict::Pass),
        ("all fails on both: trouble downstream", of(10, (50.0, 50.0), (950.0, 950.0)), Verdict::Pass),
        ("the other fails more", of(10, (50.0, 0.0), (950.0, 95.0)), Verdict::Pass),
        ("ten times the other's", of(10, (500.0, 5.0), (9500.0, 10.0)), Verdict::Fail),
        ("all fails, in the first minute", of(1, (500.0, 500.0), (9500.0, 10.0)), Verdict::Pass),
        ("all fails, for two minutes", of(2, (500.0, 500.0), (9500.0, 10.0)), Verdict::Fail),
        ("the last minutes only", [good(), of(6, (500.0, 50.0), (9500.0, 10.0))].concat(), Verdict::Fail),
        ("one bad minute among good ones", [good(), of(1, (500.0, 400.0), (9500.0, 10.0))].concat(), Verdict::Pass),
        ("one bad minute, and the others hardly matter", hardly(60.0), Verdict::Pass),
        ("bad in each minute", of(10, (500.0, 3.0), (9500.0, 9.5)), Verdict::Fail),
        ("sure, and a hundredth of a percent", of(60, (1e6, 200.0), (1e6, 100.0)), Verdict::Pass),
        ("sure, and not twice as often", of(60, (1e4, 150.0), (1e4, 100.0)), Verdict::Pass),
        ("four errors", of(4, (25.0, 1.0), (1e5, 1.0)), Verdict::Pass),
        ("five errors", of(5, (25.0, 1.0), (1e5, 1.0)), Verdict::Fail),
        ("at half the traffic", of(10, (500.0, 10.0), (500.0, 1.0)), Verdict::Fail),
    ] {
        assert_eq!(verdict(&GATE, &readings), expected, "{why}: {:?}", errors(&GATE, &readings, 0.0));
    }
}

#[test]
fn what_is_known_too_little_of_does_not_pass() {
    let alone = || of(10, (500.0, 0.0), (0.0, 0.0));
    let broken = |number| of(1, (number, 0.0), (950.0, 0.0));
    for (why, gate, readings, expected) in [
        ("99 requests", GATE, of(1, (99.0, 0.0), (950.0, 0.0)), Verdict::Inconclusive),
        ("100 requests", GATE, of(1, (100.0, 0.0), (950.0, 0.0)), Verdict::Pass),
        ("few of the other version", GATE, of(1, (500.0, 0.0), (99.0, 0.0)), Verdict::Inconclusive),
        ("less is asked for", Errors { min_requests: 50, ..GATE }, of(1, (50.0, 0.0), (50.0, 0.0)), Verdict::Pass),
        ("few, and it is sure", GATE, of(10, (9.0, 3.0), (950.0, 1.0)), Verdict::Fail),
        ("no requests", GATE, of(10, (0.0, 0.0), (950.0, 0.0)), Verdict::Inconclusive),
        ("no requests, but failed connections", GATE, of(10, (0.0, 20.0), (950.0, 0.0)), Verdict::Fail),
        ("the other has none, and there is no bound", GATE, alone(), Verdict::Inconclusive),
        ("the other has none, and the bound holds", BOUND, alone(), Verdict::Pass),
        ("not a number", GATE, [of(9, (50.0, 0.0), (950.0, 0.0)), broken(f64::NAN)].concat(), Verdict::Inconclusive),
        ("negative", GATE, [of(9, (50.0, 0.0), (950.0, 0.0)), broken(-1.0)].concat(), Verdict::Inconclusive),
        (
            "without end",
            GATE,
            [of(9, (50.0, 0.0), (950.0, 0.0)), broken(f64::INFINITY)].concat(),
            Verdict::Inconclusive,
        ),
        ("huge", GATE, [of(9, (50.0, 0.0), (950.0, 0.0)), broken(1e300)].concat(), Verdict::Inconclusive),
        (
            "not a number beside plain failure",
            GATE,
            [of(9, (50.0, 25.0), (950.0, 0.0)), broken(f64::NAN)].concat(),
            Verdict::Fail,
        ),
    ] {
        assert_eq!(verdict(&gate, &readings), expected, "{why}: {:?}", errors(&gate, &readings, 0.0));
    }
}

/// At most 1 %, over the last five readings.
#[test]
fn the_bound_is_broken_when_it_is_so_for_two_readings_in_a_row() {
    let (good, bad) = ((500.0, 0.0), (500.0, 100.0));
    // The other version fails as often, so that it is the bound that decides.
    let told = |minutes: &[(f64, f64)]| -> Vec<Reading> {
        minutes.iter().flat_map(|minute| of(1, *minute, *minute)).collect()
    };
    for (why, readings, expected) in [
        ("fewer than five readings", told(&[good; 4]), Verdict::Inconclusive),
        ("it holds", told(&[good; 5]), Verdict::Pass),
        ("exactly 1 %", told(&[(500.0, 5.0); 6]), Verdict::Pass),
        ("broken in the last five alone", told(&[good, good, good, good, good, bad]), Verdict::Inconclusive),
        ("broken one reading earlier as well", told(&[good, good, good, good, bad, good]), Verdict::Fail),
        ("broken from the first on, five readings", told(&[bad; 5]), Verdict::Inconclusive),
        ("broken from the first on, six", told(&[bad; 6]), Verdict::Fail),
        ("broken once, long ago", told(&[bad, bad, good, good, good, good, good]), Verdict::Pass),
        ("too few requests", told(&[(10.0, 10.0); 6]), Verdict::Inconclusive),
    ] {
        assert_eq!(verdict(&BOUND, &readings), expected, "{why}: {:?}", errors(&BOUND, &readings, 0.0));
    }
}

#[test]
fn an_answer_is_in_words_for_people() {
    let judged = errors(&GATE, &of(4, (120.0, 3.0), (2275.0, 0.75)), 7.0);
    assert_eq!(
        judged.words,
        "odds 11,000 : 1 that the new version fails more often (needed: 100 : 1); 12 of 480 requests failed, 3 of 9,100 of the other version's"
    );
    assert_eq!(judged.notes, ["the load balancer itself answered 7 requests with 5xx, for both versions"]);
    assert_eq!(judged.readings["new"], json!({ "requests": 480, "errors": 12, "percent": 2.5 }));
    assert_eq!(judged.threshold["odds"], json!(100.0));

    for (gate, readings, expected) in [
        (
            GATE,
            of(1, (60.0, 0.0), (950.0, 1.0)),
            "odds 0.7 : 1 that the new version fails more often (needed: 100 : 1); 0 of 60 requests failed, 1 of 950 of the other version's: too few (100 requests of each needed)",
        ),
        (
            BOUND,
            of(6, (500.0, 10.0), (0.0, 0.0)),
            "the other version had no requests to compare with; 2 % failed in the last 5 readings (at most 1 %), as one reading earlier",
        ),
        (GATE, of(6, (500.0, 0.0), (0.0, 0.0)), "the other version had no requests to compare with"),
        (GATE, vec![], "there are no readings yet"),
        (GATE, of(1, (0.0, 0.0), (950.0, 0.0)), "the new version had no requests"),
        (
            GATE,
            of(1, (f64::NAN, 0.0), (950.0, 0.0)),
            "the new version had no requests; 1 reading could not be understood",
        ),
    ] {
        assert_eq!(errors(&gate, &readings, 0.0).words, expected);
    }
    let late = errors(&GATE, &[of(60, (500.0, 0.0), (500.0, 0.0)), of(2, (500.0, 9.0), (0.0, 0.0))].concat(), 0.0);
    assert_eq!((late.verdict, late.notes), (Verdict::Pass, vec!["2 readings had nothing to compare with".to_owned()]));
    let harmless = errors(&GATE, &of(60, (1e6, 200.0), (1e6, 100.0)), f64::NAN);
    assert_eq!(
        harmless.notes,
        [
            "it does fail more often, but not so that it matters: 5 errors, 2 times the other version's part and 0.4 % of the requests more are needed, also without the worst reading (0.32 %)"
        ]
    );
}

fn any_number() -> impl Strategy<Value = f64> {
    prop_oneof![4 => 0.0..2000.0_f64, 1 => any::<f64>(), 1 => Just(0.0), 1 => Just(f64::NAN), 1 => Just(f64::MAX)]
}

proptest! {
    #[test]
    fn whatever_is_read_it_is_judged_and_what_cannot_be_true_never_passes(
        numbers in prop::collection::vec((any_number(), any_number(), any_number(), any_number()), 0..40),
        max in prop::option::of(0.0..100.0_f64),
        elb_5xx in any_number(),
    ) {
        let readings: Vec<Reading> = numbers.iter().flat_map(|(a, b, c, d)| of(1, (*a, *b), (*c, *d))).collect();
        let judged = errors(&Errors { max, ..GATE }, &readings, elb_5xx);
        let is_broken = |number: f64| !(0.0..=1e12).contains(&number);
        if numbers.iter().any(|(a, b, c, d)| [*a, *b, *c, *d].into_iter().any(is_broken)) {
            prop_assert_ne!(judged.verdict, Verdict::Pass);
        }
        prop_assert!(judged.words.len() < 1000, "{}", judged.words);
    }
}
