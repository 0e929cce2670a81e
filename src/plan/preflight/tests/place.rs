use proptest::prelude::*;

use super::*;
use crate::plan::create;

#[test]
fn a_deployment_starts_only_where_create_may() {
    check(&[
        (
            "a canary of another one",
            |case| {
                case.sets(vec![primary(), set("x", Green, 20, Active)]);
                case.weights(9, 1);
            },
            &["!other-deployment", "!state-shifting"],
        ),
        (
            "swapped by another one",
            |case| {
                case.sets(vec![primary(), set("x", Green, 20, Active)]);
                case.weights(0, 1);
            },
            &["!other-deployment", "!state-unpromoted"],
        ),
        (
            "gone back by hand",
            |case| {
                case.sets(vec![primary(), set("x", Green, 5, Active)]);
                case.weights(0, 1);
            },
            &["!state-reverted"],
        ),
        ("traffic where nothing is", |case| case.weights(0, 1), &["!state-crossed"]),
        (
            "first, live on both",
            |case| {
                case.sets(vec![]);
                case.weights(1, 1);
            },
            &["!idle-group-live"],
        ),
        ("first, another one is there", |case| case.sets(vec![set("x", Green, 5, Active)]), &["!other-deployment"]),
        (
            "first, another one is swapped in",
            |case| {
                case.sets(vec![set("x", Green, 5, Active)]);
                case.weights(0, 1);
            },
            &["!other-deployment"],
        ),
        (
            "another one is under way",
            |case| case.sets(vec![primary(), set("x", Green, 20, Active)]),
            &["!other-deployment"],
        ),
        (
            "another one was made in the live group",
            |case| case.sets(vec![primary(), set("x", Blue, 20, Active)]),
            &["!other-deployment"],
        ),
        (
            "an old one shares the live group",
            |case| case.sets(vec![set("x", Blue, 5, Active), primary()]),
            &["shared-group"],
        ),
        ("the previous version is kept", |case| case.sets(vec![primary(), set("x", Green, 5, Active)]), &[]),
        (
            "two previous versions are kept",
            |case| case.sets(vec![primary(), set("x", Green, 5, Active), set("y", Green, 4, Active)]),
            &["!previous-stands"],
        ),
        ("one is going", |case| case.sets(vec![primary(), set("x", Green, 20, Draining)]), &[]),
        (
            "five with those that go",
            |case| {
                case.sets(
                    [primary()].into_iter().chain((0..4).map(|n| set(&format!("x{n}"), Green, n, Draining))).collect(),
                );
            },
            &["!set-limit"],
        ),
        (
            "five, of which the previous one goes first",
            |case| {
                case.sets(
                    [primary(), set("y", Green, 9, Active)]
                        .into_iter()
                        .chain((0..3).map(|n| set(&format!("x{n}"), Green, n, Draining)))
                        .collect(),
                );
            },
            &[],
        ),
    ]);
}

#[test]
fn a_deployment_that_has_begun_goes_on() {
    let ours = |colour, born| set("new", colour, born, Active);
    for (name, sets, weights, codes, previous) in [
        ("in the idle group", vec![primary(), ours(Green, 20)], (1, 0), vec![], None),
        ("a canary of its own", vec![primary(), ours(Green, 20)], (9, 1), vec![], None),
        ("swapped", vec![primary(), ours(Green, 20)], (0, 1), vec![], None),
        (
            "promoted",
            vec![set("before", Blue, 5, Active), set("new", Green, 20, Primary)],
            (0, 1),
            vec![],
            Some("before"),
        ),
        (
            "beside the previous version",
            vec![primary(), set("x", Green, 5, Active), ours(Green, 20)],
            (1, 0),
            vec![],
            Some("x"),
        ),
        (
            "met by another one",
            vec![primary(), set("x", Green, 21, Active), ours(Green, 20)],
            (1, 0),
            vec!["!other-deployment"],
            None,
        ),
        ("older than PRIMARY", vec![primary(), ours(Green, 5)], (1, 0), vec!["!newer-deployment"], None),
        ("gone back to by hand", vec![primary(), ours(Green, 5)], (0, 1), vec!["!state-reverted"], None),
        ("with traffic elsewhere", vec![primary(), ours(Blue, 20)], (0, 1), vec!["!state-crossed"], None),
    ] {
        let mut case = Case::new();
        case.sets(sets);
        case.weights(weights.0, weights.1);
        case.facts.primary_health = None;
        assert_eq!(case.codes(), codes, "{name}");
        let place = case.place();
        assert_eq!(place.resume.and_then(|set| set.external_id).as_deref(), Some("new"), "{name}");
        assert_eq!(place.previous.and_then(|set| set.external_id).as_deref(), previous, "{name}");
    }
    let mut case = Case::new();
    case.sets(vec![primary(), set("new", Green, 20, Draining)]);
    assert_eq!((case.place().resume, case.codes()), (None, vec![]), "what is deleted is no start");
    case.deployment = None;
    let mut unnamed = set("x", Green, 20, Active);
    unnamed.external_id = None;
    case.sets(vec![primary(), unnamed]);
    assert_eq!(case.codes(), ["!other-deployment"], "a set without id is nobody's");
}

#[test]
fn another_deployment_is_told_with_what_continues_it() {
    let mut case = Case::new();
    let mut other = set("build-7", Green, 20, Active);
    other.tags = vec![("ecs-bg:build".into(), "https://ci/job/web/7/".into())];
    case.sets(vec![primary(), other]);
    let found = case.judged();
    assert!(found[0].message.contains("(deployment build-7)") && found[0].message.contains("https://ci/job/web/7/"));
    assert!(found[0].hint.as_deref().unwrap().contains("deploymentId: 'build-7'"));
}

proptest! {
    /// What create-task-set refuses, preflight has told, but for the previous version, which is to be deleted first.
    #[test]
    fn create_refuses_nothing_that_was_not_told(
        any in world::any_world(),
    ) {
        let mut case = Case::new();
        case.sets(any.service.task_sets);
        case.traffic().live = any.live;
        let told = case.place();
        let mut service = case.facts.service.clone();
        let traffic = case.facts.traffic.as_ref().unwrap();
        let gone = |set: &TaskSet| told.previous.as_ref().is_some_and(|previous| previous.arn == set.arn);
        service.task_sets.retain(|set| !gone(set));
        let standing = classify(&service, &groups(), &traffic.live);
        let created = create::place(&service, &groups(), &traffic.live, &standing, "new");
        if told.findings.iter().all(|finding| !finding.is_blocking()) {
            prop_assert!(created.is_ok(), "{:?}", created);
            prop_assert_eq!(told.resume.is_some(), matches!(created, Ok(create::Place::Taken(_))));
        }
    }
}
