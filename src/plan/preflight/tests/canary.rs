use std::time::SystemTime;

use super::*;
use crate::config::{ErrorsGate, Step};
use crate::model::cloudwatch::{Alarm, AlarmState};
use crate::plan::preflight::{Watch, planned};

fn step(weight: f64, minutes: u64) -> Step {
    Step { weight, bake: Duration::from_mins(minutes), scale: 100.0 }
}

fn alarm(name: &str) -> Alarm {
    Alarm {
        name: name.to_owned(),
        state: AlarmState::Ok,
        transitioned: Some(SystemTime::UNIX_EPOCH),
        updated: None,
        left: None,
        evaluation: None,
        reason: "Threshold Crossed".to_owned(),
        groups: Vec::new(),
        window: Some(Duration::from_mins(1)),
    }
}

/// A canary of two steps with all gates, where everything is well.
fn canary(case: &mut Case) {
    case.settings.canary = vec![step(5.0, 20), step(50.0, 20)];
    let gates = &mut case.settings.gates;
    gates.period = Duration::from_mins(1);
    gates.errors = Some(ErrorsGate { times: 2.0, max: None, min_requests: 100, dry_run: false });
    gates.alarms = vec!["web-5xx".to_owned()];
    case.facts.watch = Watch { alarms: Some(vec![alarm("web-5xx")]), requests: Some(60_000.0) };
}

/// An alarm as it is changed.
fn with_alarm(case: &mut Case, change: impl Fn(&mut Alarm)) {
    canary(case);
    change(&mut case.facts.watch.alarms.as_mut().unwrap()[0]);
}

#[test]
fn a_canary_is_checked_as_a_whole() {
    check(&[
        ("all is well", canary, &[]),
        (
            "fewer tasks than traffic",
            |case| {
                canary(case);
                case.settings.canary[1].scale = 10.0;
                case.facts.service.desired_count = 10;
                case.facts.primary_health = None;
            },
            &["?canary-undersized"],
        ),
        (
            "a smaller part is rounded up to a task",
            |case| {
                canary(case);
                case.settings.canary[0].scale = 1.0;
            },
            &[],
        ),
        (
            "too little beside another group",
            |case| {
                canary(case);
                case.traffic().live[0].weights = world::beside(world::live(5, 0), 95).weights;
            },
            &["!weights-too-coarse"],
        ),
        (
            "steps that round to the same",
            |case| {
                canary(case);
                case.settings.canary = vec![step(20.0, 20), step(21.0, 20)];
                case.traffic().live[0].weights = world::beside(world::live(5, 0), 95).weights;
            },
            &["!weights-too-coarse"],
        ),
        (
            "the first version",
            |case| {
                canary(case);
                case.sets(Vec::new());
                case.facts.primary_health = None;
            },
            &["canary-skipped"],
        ),
        (
            "what a task set cannot have",
            |case| case.facts.service.beyond_task_sets = vec!["Service Connect"],
            &["?not-in-a-task-set"],
        ),
    ]);
}

#[test]
fn alarms_are_there_quiet_quick_and_of_both_colours() {
    check(&[
        ("another name", |case| with_alarm(case, |alarm| alarm.name = "web-4xx".into()), &["!alarm-not-found"]),
        ("in ALARM", |case| with_alarm(case, |alarm| alarm.state = AlarmState::Alarm), &["!alarm-before"]),
        (
            "in ALARM, and ignored",
            |case| {
                with_alarm(case, |alarm| alarm.state = AlarmState::Alarm);
                case.settings.gates.alarms_before = "ignore-those".into();
            },
            &["alarm-before"],
        ),
        (
            "in ALARM, where a build goes on with a version that has traffic",
            |case| {
                with_alarm(case, |alarm| alarm.state = AlarmState::Alarm);
                case.sets(vec![set("old", Blue, 10, Primary), set("new", Green, 20, Active)]);
                case.weights(95, 5);
            },
            &["alarm-before"],
        ),
        ("without data", |case| with_alarm(case, |alarm| alarm.state = AlarmState::InsufficientData), &[]),
        (
            "a long window",
            |case| with_alarm(case, |alarm| alarm.window = Some(Duration::from_hours(1))),
            &["alarm-slower-than-bake"],
        ),
        (
            "of one colour",
            |case| with_alarm(case, |alarm| alarm.groups = vec!["tg-blue".into()]),
            &["alarm-of-one-colour"],
        ),
        (
            "of another service",
            |case| with_alarm(case, |alarm| alarm.groups = vec!["targetgroup/api/1".into()]),
            &["alarm-of-one-colour"],
        ),
        (
            "could not be read",
            |case| {
                canary(case);
                case.facts.watch.alarms = None;
            },
            &[],
        ),
    ]);
}

#[test]
fn what_a_step_will_see_is_told() {
    check(&[
        (
            "few requests",
            |case| {
                canary(case);
                case.facts.watch.requests = Some(3000.0);
            },
            &["few-requests"],
        ),
        (
            "a short bake",
            |case| {
                canary(case);
                case.settings.canary[0].bake = Duration::from_mins(2);
            },
            &["bake-too-short"],
        ),
        (
            "a bake that is short for latency",
            |case| {
                canary(case);
                case.settings.canary[0].bake = Duration::from_mins(7);
                case.settings.gates.latency = Some(crate::config::LatencyGate {
                    stat: "p90".to_owned(),
                    times: 1.5,
                    at_least: Duration::from_millis(50),
                    max: None,
                    dry_run: false,
                });
            },
            &["bake-too-short"],
        ),
        (
            "groups that differ",
            |case| {
                canary(case);
                let slow = ("slow_start.duration_seconds".to_owned(), "30".to_owned());
                case.traffic().attributes.green = [slow].into();
            },
            &["groups-not-comparable"],
        ),
        (
            "groups that differ in the protocol's version",
            |case| {
                canary(case);
                case.traffic().target_groups[1].protocol_version = Some("GRPC".into());
            },
            &["groups-not-comparable"],
        ),
    ]);
    let mut case = Case::new();
    canary(&mut case);
    let place = case.place();
    let planned = planned(&case.facts, &place, &case.settings).unwrap();
    let told: Vec<_> = planned.steps.iter().map(|step| (step.weight, step.after, step.requests)).collect();
    // A thousand a minute; of 20 minutes 17 are judged.
    assert_eq!(told, [(5.0, 0.0, Some(850.0)), (50.0, 1200.0, Some(8500.0))]);
    assert_eq!((planned.at, planned.share, planned.skipped), (None, None, None));
}

#[test]
fn a_build_that_goes_on_is_at_the_step_that_the_weights_show() {
    for (why, weights, at, share) in [
        ("at its first step", (95, 5), Some(0), Some(5.0)),
        ("below its first step", (98, 2), Some(0), Some(2.0)),
        ("between two", (70, 30), Some(0), Some(30.0)),
        ("at its last step", (1, 1), Some(1), Some(50.0)),
        ("beyond it", (10, 90), Some(1), Some(90.0)),
        ("not begun", (100, 0), None, None),
        ("swapped", (0, 100), None, None),
    ] {
        let mut case = Case::new();
        canary(&mut case);
        case.sets(vec![set("old", Blue, 10, Primary), set("new", Green, 20, Active)]);
        case.weights(weights.0, weights.1);
        let place = case.place();
        let planned = planned(&case.facts, &place, &case.settings).unwrap();
        assert_eq!((planned.at, planned.share), (at, share), "{why}");
    }
}
