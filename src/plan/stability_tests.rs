use super::*;
use crate::model::Colour::{Blue, Green};
use crate::model::TaskSetStatus::{Active, Draining, Primary};
use crate::plan::world::{service, set};

const SECOND: Duration = Duration::from_secs(1);

fn event(at: u64, message: &str) -> Event {
    Event {
        id: format!("{at}-{message}"),
        at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(at)),
        message: message.to_owned(),
    }
}

fn stopped(code: &str, reason: &str, exit_code: Option<i32>) -> StoppedTask {
    StoppedTask {
        task_arn: "arn:task".into(),
        stop_code: Some(code.to_owned()),
        stopped_reason: Some(reason.to_owned()),
        containers: vec![StoppedContainer { name: "web".into(), exit_code, reason: None }],
    }
}

fn crashed() -> StoppedTask {
    stopped("EssentialContainerExited", "Essential container in task exited", Some(1))
}

fn unhealthy() -> StoppedTask {
    stopped("ServiceSchedulerInitiated", "Task failed ELB health checks in (target-group tg)", Some(0))
}

fn unpulled() -> StoppedTask {
    stopped("TaskFailedToStart", "CannotPullContainerError: not found", None)
}

fn scaled_in() -> StoppedTask {
    stopped("ServiceSchedulerInitiated", "Scaling activity initiated by (deployment ecs-svc/1)", Some(0))
}

fn target(state: TargetState, reason: Option<&str>) -> Target {
    Target {
        id: "10.0.0.1".into(),
        port: Some(80),
        state,
        reason: reason.map(str::to_owned),
        description: None,
        out_of_service: false,
        anomalous: false,
    }
}

fn counts(desired: i32, running: i32, pending: i32) -> Counts {
    Counts { desired, running, pending, steady: false, beside: None }
}

fn code_of(evidence: &Evidence<'_>) -> Option<String> {
    verdict(evidence).map(|error| {
        assert_eq!(error.kind, Kind::Failed);
        assert!(error.hint.is_some());
        error.code.into_owned()
    })
}

#[test]
fn a_set_is_steady_only_when_every_figure_says_so() {
    let new = || set("new", Green, 20, Active);
    for (why, set, others, fits) in [
        ("all is well", new(), vec![], true),
        ("not steady", TaskSet { steady: false, ..new() }, vec![], false),
        ("one is missing", TaskSet { running: 1, ..new() }, vec![], false),
        ("one too many", TaskSet { running: 3, ..new() }, vec![], false),
        ("one is pending", TaskSet { pending: 1, ..new() }, vec![], false),
        ("half of it, rounded up", TaskSet { scale: 50.0, running: 1, ..new() }, vec![], true),
        ("steady with zero tasks", TaskSet { scale: 0.0, running: 0, ..new() }, vec![], false),
        ("the last one drains beside it", new(), vec![set("last", Green, 5, Draining)], false),
        ("the last one has stopped", new(), vec![TaskSet { running: 0, ..set("last", Green, 5, Draining) }], true),
    ] {
        let mut sets = vec![set.clone(), self::set("old", Blue, 10, Primary)];
        sets.extend(others);
        let counts = Counts::of(&service(sets), &set);
        assert_eq!(counts.fit(), fits, "{why}");
        assert_eq!(counts.missing().is_none(), fits, "{why}");
    }
}

#[test]
fn a_set_that_shall_run_nothing_is_refused() {
    let mut new = set("new", Green, 20, Active);
    new.scale = 0.0;
    assert_eq!(check_capacity(&service(vec![]), &new).unwrap_err().code, "no-capacity");
    new.scale = 1.0;
    assert!(check_capacity(&service(vec![]), &new).is_ok());
}

#[test]
fn only_events_that_name_the_set_and_are_newer_than_it_are_its_own() {
    let mut new = set("new", Green, 20, Active);
    new.id = "ecs-svc/12".into();
    for (at, message, own) in [
        (21, "(service web, taskSet ecs-svc/12) has started 2 tasks: (task a).", true),
        (21, "(service web, taskSet ecs-svc/123) has started 2 tasks: (task a).", false),
        (19, "(service web, taskSet ecs-svc/12) has started 2 tasks: (task a).", false),
        (21, "(service web) has reached a steady state.", false),
        (21, "stopped by (deployment ecs-svc/12)", false),
    ] {
        assert_eq!(is_of(&event(at, message), &new), own, "{message}");
    }
}

#[test]
fn started_tasks_are_counted_from_the_events() {
    let events = [
        event(1, "(service web, taskSet ecs-svc/1) has started 2 tasks: (task a) (task b)."),
        event(2, "(service web, taskSet ecs-svc/1) has started 12 tasks: (task c)."),
        event(3, "(service web, taskSet ecs-svc/1) has stopped 1 running tasks: (task d)."),
    ];
    assert_eq!(started(&events), 14);
    assert!(is_trouble(&events[2]) && !is_trouble(&events[0]));
}

#[test]
fn failed_tasks_end_the_wait_when_their_successors_fail_too() {
    let healthy = [target(TargetState::Healthy, None)];
    for (why, desired, stopped, targets, expected) in [
        ("nothing stopped", 2, vec![], &[][..], None),
        ("one crash", 2, vec![crashed()], &[], None),
        ("both crashed once", 2, vec![crashed(); 2], &[], None),
        ("a successor crashed", 2, vec![crashed(); 3], &[], Some("crash-loop")),
        ("one task, twice", 1, vec![crashed(); 2], &[], None),
        ("one task, three times", 1, vec![crashed(); 3], &[], Some("crash-loop")),
        ("all of twenty, once", 20, vec![crashed(); 20], &[], None),
        ("twenty and one", 20, vec![crashed(); 21], &[], Some("crash-loop")),
        ("plain scaling", 1, vec![scaled_in(); 9], &[], None),
        ("an image once", 2, vec![unpulled()], &[], None),
        ("an image twice", 20, vec![unpulled(); 2], &[], Some("image-pull")),
        ("unhealthy once each", 2, vec![unhealthy(); 2], &[], Some("failing-health-checks")),
        ("unhealthy, but others are healthy", 2, vec![unhealthy(); 2], &healthy[..], None),
        ("unhealthy again", 2, vec![unhealthy(); 3], &healthy[..], Some("failing-health-checks")),
        ("mostly crashes", 2, vec![crashed(), crashed(), unhealthy()], &[], Some("crash-loop")),
        (
            "it does not start",
            1,
            vec![stopped("TaskFailedToStart", "ResourceInitializationError: no secret", None); 3],
            &[],
            Some("tasks-do-not-start"),
        ),
        (
            "lost instances",
            1,
            vec![stopped("SpotInterruption", "Your Spot Task was interrupted.", Some(143)); 9],
            &[],
            None,
        ),
    ] {
        let evidence = Evidence {
            counts: &counts(desired, 0, desired),
            stopped: &stopped,
            events: &[],
            targets,
            unusable_before: false,
            patience: SECOND,
        };
        assert_eq!(code_of(&evidence).as_deref(), expected, "{why}");
    }
}

#[test]
fn what_ecs_itself_gives_up_is_given_up() {
    let events = [event(9, "(service web, taskSet ecs-svc/1) is unable to consistently start tasks successfully.")];
    let stopped = vec![crashed()];
    let counts = counts(20, 0, 0);
    let evidence = Evidence {
        counts: &counts,
        stopped: &stopped,
        events: &events,
        targets: &[],
        unusable_before: false,
        patience: SECOND,
    };
    assert_eq!(code_of(&evidence).as_deref(), Some("crash-loop"));
    assert_eq!(code_of(&Evidence { stopped: &[], ..evidence }), None);
}

#[test]
fn placements_that_go_on_failing_end_the_wait() {
    let refused = |at| event(at, "(service web, taskSet ecs-svc/1) was unable to place a task because of cpu.");
    let started = |at| event(at, "(service web, taskSet ecs-svc/1) has started 1 tasks: (task a).");
    for (why, counts, events, expected) in [
        ("for long", counts(2, 1, 0), vec![refused(30), refused(20), refused(10)], Some("placement")),
        ("too few", counts(2, 1, 0), vec![refused(30), refused(10)], None),
        ("too soon", counts(2, 1, 0), vec![refused(12), refused(11), refused(10)], None),
        ("one found a place", counts(2, 1, 0), vec![refused(30), started(29), refused(20), refused(10)], None),
        ("one is on its way", counts(2, 1, 1), vec![refused(30), refused(20), refused(10)], None),
        ("all run", counts(2, 2, 0), vec![refused(30), refused(20), refused(10)], None),
    ] {
        let evidence = Evidence {
            counts: &counts,
            stopped: &[],
            events: &events,
            targets: &[],
            unusable_before: false,
            patience: 5 * SECOND,
        };
        assert_eq!(code_of(&evidence).as_deref(), expected, "{why}");
    }
}

#[test]
fn targets_that_cannot_be_used_end_the_wait_at_the_second_look() {
    for (why, reason, before, expected) in [
        ("zone not enabled", "Target.NotInUse", true, Some("targets-unusable")),
        ("address in use", "Target.IpUnusable", true, Some("targets-unusable")),
        ("seen once", "Target.NotInUse", false, None),
        ("still being checked", "Elb.InitialHealthChecking", true, None),
        ("unhealthy for now", "Target.ResponseCodeMismatch", true, None),
    ] {
        let targets = [target(TargetState::Unused, Some(reason))];
        let counts = counts(1, 1, 0);
        let evidence = Evidence {
            counts: &counts,
            stopped: &[],
            events: &[],
            targets: &targets,
            unusable_before: before,
            patience: SECOND,
        };
        assert_eq!(code_of(&evidence).as_deref(), expected, "{why}");
    }
}

#[test]
fn reasons_are_told_once_with_their_number() {
    let text = reasons(&[crashed(), unpulled(), crashed()]);
    assert_eq!(
        text,
        "2 × Essential container in task exited (web: exit code 1); 1 × CannotPullContainerError: not found"
    );
}
