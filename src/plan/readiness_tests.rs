use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;
use crate::model::{Colour, Event, TaskSetStatus};
use crate::plan::world::{any_set, service, set};

const SETTLE: Duration = Duration::from_mins(5);

/// A set of so many running and pending tasks.
fn of(running: i32, pending: i32, steady: bool) -> TaskSet {
    TaskSet { running, pending, steady, ..set("new", Colour::Green, 1, TaskSetStatus::Active) }
}

fn targets(healthy: i32, initial: i32, unhealthy: i32, draining: i32) -> Health {
    Health { healthy, unhealthy, initial, draining, ..Health::default() }
}

fn word(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Ready => "ready".to_owned(),
        Verdict::Enough(refusal) => format!("enough, else {}", refusal.code),
        Verdict::Settling(refusal) => format!("settling, else {}", refusal.code),
        Verdict::Refused(refusal) => refusal.code.to_string(),
    }
}

#[test]
fn a_set_that_scales_settles_and_one_that_is_ill_is_refused() {
    let unused = Health { unused: 2, ..targets(2, 0, 0, 0) };
    for (why, desired, set, health, starting, expected) in [
        ("nothing happens", 2, of(2, 0, true), targets(2, 0, 0, 0), 0, "ready"),
        // Out.
        ("ECS has not seen it yet", 4, of(2, 0, true), targets(2, 0, 0, 0), 0, "settling, else not-healthy"),
        ("tasks are missing", 4, of(2, 0, false), targets(2, 0, 0, 0), 0, "settling, else not-stable"),
        ("tasks are on their way", 4, of(2, 2, false), targets(2, 0, 0, 0), 0, "settling, else not-stable"),
        ("their targets are new", 4, of(4, 0, false), targets(2, 2, 0, 0), 0, "settling, else not-stable"),
        ("new in the grace period", 4, of(4, 0, true), targets(2, 2, 0, 0), 2, "settling, else not-healthy"),
        ("all is well but ECS's word", 4, of(4, 0, false), targets(4, 0, 0, 0), 0, "settling, else not-stable"),
        ("slow starters", 4, of(4, 0, true), targets(2, 0, 2, 0), 2, "settling, else not-healthy"),
        // In.
        ("ECS has not seen it yet", 2, of(4, 0, true), targets(4, 0, 0, 0), 0, "ready"),
        ("all are well, two will go", 2, of(4, 0, false), targets(4, 0, 0, 0), 0, "enough, else not-stable"),
        ("two go", 2, of(4, 0, false), targets(2, 0, 0, 2), 0, "enough, else not-stable"),
        (
            "those that go do not count as running",
            2,
            of(2, 0, false),
            targets(2, 0, 0, 2),
            0,
            "enough, else not-stable",
        ),
        ("a healthy one might go", 2, of(4, 0, false), targets(3, 1, 0, 0), 0, "settling, else not-stable"),
        ("some were only coming", 2, of(2, 2, false), targets(2, 0, 0, 0), 0, "settling, else not-stable"),
        // Not by scaling.
        ("nothing has run yet", 2, of(0, 2, false), targets(0, 0, 0, 0), 0, "not-stable"),
        ("nothing is healthy yet", 2, of(2, 0, false), targets(0, 2, 0, 0), 2, "not-stable"),
        ("one is ill", 2, of(2, 0, false), targets(1, 0, 1, 0), 0, "not-stable"),
        ("one is ill beside new ones", 4, of(2, 2, false), targets(1, 0, 1, 0), 0, "not-stable"),
        ("more are ill than are new", 4, of(4, 0, false), targets(1, 0, 3, 0), 2, "not-stable"),
        ("all are new", 2, of(2, 0, true), targets(1, 0, 1, 0), 2, "not-healthy"),
        ("the load balancer cannot use them", 4, of(4, 0, false), unused, 0, "not-stable"),
        ("targets were taken out", 2, of(2, 0, true), targets(1, 0, 0, 0), 0, "not-healthy"),
        ("ill ones go", 2, of(4, 0, false), targets(2, 0, 2, 0), 0, "not-stable"),
        ("scaled to nothing", 0, of(2, 0, false), targets(2, 0, 0, 0), 0, "no-capacity"),
    ] {
        let reading = Reading { set: &set, service_desired: desired, health, min_healthy: 100, starting };
        let told = word(&judge(&reading, SETTLE));
        assert_eq!(told, expected, "{why}: {desired} wanted, {set:?}, {health:?}");
    }
}

#[test]
fn tasks_start_for_as_long_as_the_grace_period_lasts() {
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let event = |seconds, message: &str| Event { id: "1".into(), at: Some(at(seconds)), message: message.into() };
    let mut service = service(Vec::new());
    service.grace_period = Some(Duration::from_mins(1));
    service.events = vec![
        event(100, "(service web, taskSet ecs-svc/1) has started 2 tasks: (task a) (task b)."),
        event(90, "(service web, taskSet ecs-svc/12) has started 9 tasks: (task c)."),
        event(10, "(service web, taskSet ecs-svc/1) has started 4 tasks: (task d)."),
    ];
    let set = TaskSet { id: "ecs-svc/1".into(), created_at: None, ..of(6, 0, true) };
    let of = |now| starting(&service, &set, at(now));
    assert_eq!((of(60), of(110), of(159), of(160)), (6, 2, 2, 0), "also by a clock that is behind");
    assert_eq!(starting(&Service { grace_period: None, ..service }, &set, at(100)), 0);
}

prop_compose! {
    fn any_reading()(
        set in any_set(), steady in any::<bool>(), running in 0..=40, pending in prop_oneof![Just(0), 0..=9],
    ) -> TaskSet {
        TaskSet { running, pending, steady, ..set }
    }
}

prop_compose! {
    fn any_health()(
        healthy in 0..=40, initial in prop_oneof![Just(0), 0..=9], unhealthy in prop_oneof![Just(0), 0..=9],
        unused in prop_oneof![4 => Just(0), 1 => 0..=9], draining in prop_oneof![Just(0), 0..=9],
    ) -> Health {
        Health { unused, ..targets(healthy, initial, unhealthy, draining) }
    }
}

proptest! {
    #[test]
    fn traffic_goes_to_nobody_without_enough_healthy_targets(
        set in any_reading(), service_desired in 0..=40, health in any_health(), min_healthy in 1..=100u8, starting in 0..=9,
    ) {
        let desired = set.computed_desired(service_desired);
        let reading = Reading { set: &set, service_desired, health, min_healthy, starting };
        let today = check(&reading);
        let is_enough = |healthy: i32| i64::from(healthy) * 100 >= i64::from(desired) * i64::from(min_healthy);
        match judge(&reading, SETTLE) {
            Verdict::Ready => {
                prop_assert!(today.is_ok() && set.steady);
                prop_assert!(health.healthy > 0 && desired > 0 && is_enough(health.healthy));
            }
            Verdict::Enough(_) => {
                let usable = health.healthy + health.initial + health.unhealthy + health.unused;
                prop_assert!(desired > 0 && set.pending == 0);
                prop_assert!(is_enough(health.healthy - (usable - desired).max(0)), "the healthy ones may be those that go");
            }
            Verdict::Settling(refusal) => prop_assert!(health.healthy > 0 && desired > 0 && refusal.hint.is_some()),
            Verdict::Refused(refusal) => {
                prop_assert!(refusal.hint.is_some());
                prop_assert!(!set.steady || desired == 0 || health.healthy < desired, "all of it is healthy: {:?}", refusal);
            }
        }
    }

    #[test]
    fn where_traffic_waits_for_nothing_only_what_is_there_decides(
        set in any_reading(), service_desired in 0..=40, health in any_health(), min_healthy in 1..=100u8, starting in 0..=9,
    ) {
        let reading = Reading { set: &set, service_desired, health, min_healthy, starting };
        match (judge(&reading, Duration::ZERO), check(&reading)) {
            (Verdict::Ready, Ok(())) => {}
            (Verdict::Refused(one), Err(other)) => prop_assert_eq!(one.message, other.message),
            (verdict, today) => prop_assert!(false, "{:?}, {:?}", verdict, today),
        }
    }
}
