use std::time::SystemTime;

use proptest::prelude::*;

use super::*;

fn gate() -> Latency {
    let at_least = Duration::from_millis(50);
    Latency { stat: "p90".into(), times: 1.5, at_least, max: None, dry_run: false }
}

fn bound() -> Latency {
    Latency { max: Some(Duration::from_millis(500)), ..gate() }
}

/// Requests, and milliseconds.
fn side((requests, latency): (f64, u64)) -> Side {
    Side { requests, errors: 0.0, latency: Some(Duration::from_millis(latency)) }
}

fn reading(new: (f64, u64), old: (f64, u64)) -> Reading {
    Reading { at: SystemTime::UNIX_EPOCH, new: side(new), old: side(old) }
}

/// The new version's milliseconds against 200 of the other.
fn against_200(new: &[u64]) -> Vec<Reading> {
    new.iter().map(|new| reading((100.0, *new), (1900.0, 200))).collect()
}

#[test]
fn three_of_the_last_five_readings_fail() {
    for (why, readings, expected) in [
        ("nothing was read", vec![], Verdict::Inconclusive),
        ("two readings, both slow", against_200(&[900, 900]), Verdict::Inconclusive),
        ("two readings, both fast", against_200(&[200, 200]), Verdict::Inconclusive),
        ("three, all fast", against_200(&[200, 200, 200]), Verdict::Pass),
        ("three, all slow", against_200(&[900, 900, 900]), Verdict::Fail),
        ("two of five", against_200(&[900, 200, 900, 200, 200]), Verdict::Pass),
        ("three of five", against_200(&[900, 200, 900, 200, 900]), Verdict::Fail),
        ("three of six, the first is past", against_200(&[900, 200, 900, 200, 200, 900]), Verdict::Pass),
        ("it was slow and is not any more", against_200(&[900, 900, 900, 200, 200, 200]), Verdict::Pass),
        ("exactly 1.5 times", against_200(&[300; 5]), Verdict::Pass),
        ("just above", against_200(&[301; 5]), Verdict::Fail),
        ("faster", against_200(&[10; 5]), Verdict::Pass),
        ("three times, and 40 ms more", vec![reading((100.0, 60), (1900.0, 20)); 5], Verdict::Pass),
        ("four times, and 60 ms more", vec![reading((100.0, 80), (1900.0, 20)); 5], Verdict::Fail),
    ] {
        let judged = latency(&gate(), &readings);
        assert_eq!(judged.verdict, expected, "{why}: {judged:?}");
    }
}

#[test]
fn readings_of_few_requests_do_not_count() {
    let slow = |new, old| vec![reading((new, 900), (old, 200)); 5];
    let silent = |requests| Side { requests, ..Side::default() };
    let unmeasured = Reading { at: SystemTime::UNIX_EPOCH, new: silent(100.0), old: silent(100.0) };
    for (why, gate, readings, expected) in [
        ("99 of the new one", gate(), slow(99.0, 1900.0), Verdict::Inconclusive),
        ("99 of the other one", gate(), slow(100.0, 99.0), Verdict::Inconclusive),
        ("enough of both", gate(), slow(100.0, 100.0), Verdict::Fail),
        ("few between many", gate(), [slow(99.0, 100.0), against_200(&[200; 3])].concat(), Verdict::Pass),
        ("no percentile", gate(), vec![unmeasured; 5], Verdict::Inconclusive),
        ("not a number of requests", gate(), slow(f64::NAN, 1900.0), Verdict::Inconclusive),
        ("the other has no requests, and there is no bound", gate(), slow(100.0, 0.0), Verdict::Inconclusive),
        ("the other has no requests, and the bound is broken", bound(), slow(100.0, 0.0), Verdict::Fail),
        ("the other has few, and the bound is broken", bound(), slow(100.0, 10.0), Verdict::Fail),
        ("both slow, and the bound is broken", bound(), vec![reading((100.0, 900), (1900.0, 900)); 5], Verdict::Fail),
        (
            "the other has no requests, and the bound holds",
            bound(),
            vec![reading((100.0, 400), (0.0, 0)); 5],
            Verdict::Pass,
        ),
        (
            "the other has few, and the bound holds",
            bound(),
            vec![reading((100.0, 400), (9.0, 400)); 5],
            Verdict::Inconclusive,
        ),
        ("the bound exactly", bound(), vec![reading((100.0, 500), (1900.0, 500)); 5], Verdict::Pass),
    ] {
        let judged = latency(&gate, &readings);
        assert_eq!(judged.verdict, expected, "{why}: {judged:?}");
    }
}

#[test]
fn an_answer_is_in_words_for_people() {
    let judged = latency(&bound(), &against_200(&[340, 340, 180, 340]));
    assert_eq!(
        judged.words,
        "p90 was above 1.5 times the other version's and 50ms more in 3 of the last 4 readings (needed: 3 of 5); at last 340ms \
         against 200ms; p90 was above 500ms in 0 of the last 4 readings (needed: 3 of 5)"
    );
    let last = &judged.readings["last"][3];
    assert_eq!(
        *last,
        json!({
            "at": "1970-01-01T00:00:00Z",
            "new": { "requests": 100, "milliseconds": 340 },
            "old": { "requests": 1900, "milliseconds": 200 },
        })
    );
    assert_eq!(latency(&gate(), &[]).words, "there are no readings yet");
}

proptest! {
    #[test]
    fn whatever_is_read_it_is_judged_and_what_cannot_be_true_never_passes(
        sides in prop::collection::vec((any::<f64>(), any::<u64>(), any::<f64>(), any::<u64>()), 0..20),
    ) {
        let readings: Vec<Reading> = sides.iter().map(|(a, b, c, d)| reading((*a, *b), (*c, *d))).collect();
        let is_sound = |number: &f64| (100.0..=1e12).contains(number);
        if latency(&bound(), &readings).verdict == Verdict::Pass {
            prop_assert!(sides.iter().filter(|(a, ..)| is_sound(a)).count() >= BREACHES as usize);
        }
    }
}
