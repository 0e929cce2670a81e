use std::time::Duration;

use super::AlarmState::{Alarm as InAlarm, InsufficientData as NoData, Ok as Fine};
use super::Verdict::{Fail, Inconclusive, Pass};
use super::*;

/// When traffic began, in seconds.
const SINCE: u64 = 1000;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// An alarm that has its state since then, and left those before it.
fn found(state: AlarmState, transitioned: u64, left: Option<&[AlarmState]>) -> Alarm {
    Alarm {
        name: "web-5xx".into(),
        state,
        transitioned: Some(at(transitioned)),
        updated: Some(at(transitioned)),
        left: left.map(<[AlarmState]>::to_vec),
        evaluation: None,
        reason: "1 datapoint [12.0] was greater than the threshold (5.0)".into(),
        groups: Vec::new(),
        window: None,
    }
}

const BEFORE: u64 = SINCE - 1;
const AFTER: u64 = SINCE + 60;

#[test]
fn an_alarm_says_how_it_was_since_traffic_began() {
    for (why, state, transitioned, left, expected) in [
        ("OK all the time", Fine, BEFORE, None, Pass),
        ("in ALARM", InAlarm, AFTER, None, Fail),
        ("in ALARM from before on", InAlarm, BEFORE, None, Fail),
        ("it flapped", Fine, AFTER, Some(&[Fine, InAlarm][..]), Fail),
        ("it changed in that moment", Fine, SINCE, Some(&[InAlarm]), Fail),
        ("it got its first data", Fine, AFTER, Some(&[NoData]), Pass),
        ("it changed, who knows from what", Fine, AFTER, None, Inconclusive),
        ("it changed, and its history does not know yet", Fine, AFTER, Some(&[]), Inconclusive),
        ("never any data", NoData, BEFORE, None, Inconclusive),
        ("data went away", NoData, AFTER, Some(&[Fine]), Pass),
        ("data came and went", NoData, AFTER, Some(&[NoData, Fine]), Pass),
        ("data went away after an ALARM", NoData, AFTER, Some(&[Fine, InAlarm]), Fail),
        ("data went away, who knows after what", NoData, AFTER, None, Inconclusive),
    ] {
        let judged = alarm("web-5xx", Some(&found(state, transitioned, left)), at(SINCE), false);
        assert_eq!(judged.verdict, expected, "{why}: {judged:?}");
        assert_eq!(judged.gate, "alarm web-5xx");
    }
}

#[test]
fn an_alarm_that_is_ignored_counts_once_it_has_been_ok() {
    for (why, state, transitioned, left, expected) in [
        ("in ALARM all the time", InAlarm, BEFORE, None, Pass),
        ("it is OK by now", Fine, AFTER, None, Pass),
        ("it is OK by now, as its history says", Fine, AFTER, Some(&[InAlarm][..]), Pass),
        ("it was OK, and is in ALARM again", InAlarm, AFTER, Some(&[InAlarm, Fine]), Fail),
        ("it was OK, in ALARM, and is OK", Fine, AFTER, Some(&[InAlarm, Fine, InAlarm]), Fail),
        ("in ALARM again, who knows after what", InAlarm, AFTER, None, Fail),
        ("in ALARM again, and never OK in between", InAlarm, AFTER, Some(&[InAlarm, NoData]), Pass),
        ("without data, and never OK", NoData, AFTER, Some(&[InAlarm]), Inconclusive),
        ("without data, and OK in between", NoData, AFTER, Some(&[InAlarm, Fine]), Pass),
    ] {
        let judged = alarm("web-5xx", Some(&found(state, transitioned, left)), at(SINCE), true);
        assert_eq!(judged.verdict, expected, "{why}: {judged:?}");
    }
}

#[test]
fn an_alarm_that_is_not_there_fails_and_one_that_cannot_be_evaluated_does_not_pass() {
    for ignored in [false, true] {
        assert_eq!(alarm("web-5xx", None, at(SINCE), ignored).verdict, Fail);
    }
    for evaluation in ["PARTIAL_DATA", "EVALUATION_ERROR", "EVALUATION_FAILURE"] {
        for (state, expected) in [(Fine, Inconclusive), (NoData, Inconclusive), (InAlarm, Fail)] {
            let found = Alarm { evaluation: Some(evaluation.into()), ..found(state, BEFORE, None) };
            let judged = alarm("web-5xx", Some(&found), at(SINCE), false);
            assert_eq!(judged.verdict, expected, "{judged:?}");
            assert!(expected == Fail || judged.words.contains(evaluation), "{judged:?}");
        }
    }
}

#[test]
fn of_an_alarm_that_does_not_tell_when_it_changed_the_last_update_counts() {
    for (updated, expected) in [(Some(at(BEFORE)), Pass), (Some(at(AFTER)), Inconclusive), (None, Inconclusive)] {
        let found = Alarm { transitioned: None, updated, ..found(Fine, BEFORE, None) };
        assert_eq!(alarm("web-5xx", Some(&found), at(SINCE), false).verdict, expected);
    }
}

#[test]
fn an_answer_is_in_words_for_people() {
    for (state, transitioned, left, ignored, words, note) in [
        (Fine, BEFORE, None, false, "OK since 1970-01-01T00:16:39Z", None),
        (
            InAlarm,
            AFTER,
            None,
            false,
            "ALARM since 1970-01-01T00:17:40Z: 1 datapoint [12.0] was greater than the threshold (5.0)",
            None,
        ),
        (
            InAlarm,
            BEFORE,
            None,
            true,
            "ALARM since 1970-01-01T00:16:39Z",
            Some("it was in ALARM before traffic began, and is ignored until it is OK"),
        ),
        (
            Fine,
            AFTER,
            Some(&[InAlarm][..]),
            false,
            "it was in ALARM after traffic began; OK since 1970-01-01T00:17:40Z",
            None,
        ),
        (
            NoData,
            BEFORE,
            None,
            false,
            "INSUFFICIENT_DATA since 1970-01-01T00:16:39Z: it was never OK since traffic began",
            None,
        ),
    ] {
        let judged = alarm("web-5xx", Some(&found(state, transitioned, left)), at(SINCE), ignored);
        assert_eq!((judged.words.as_str(), judged.notes.first().map(String::as_str)), (words, note));
    }
}
