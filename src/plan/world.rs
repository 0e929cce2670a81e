//! Worlds for the tests of decisions: a service, its sets by group and age, and the weights.

use std::time::{Duration, SystemTime};

use crate::model::{Colour, Forward, Pair, Role, Service, TaskSet, TaskSetStatus, Weight};

/// The two groups of every test.
pub(crate) fn groups() -> Pair<String> {
    Pair { blue: "tg-blue".into(), green: "tg-green".into() }
}

/// A set in a group, `born` seconds after the epoch, running and steady.
pub(crate) fn set(name: &str, group: Colour, born: u64, status: TaskSetStatus) -> TaskSet {
    TaskSet {
        arn: format!("arn:{name}"),
        id: format!("ecs-svc/{name}"),
        external_id: Some(name.to_owned()),
        status,
        task_definition: format!("web:{born}"),
        target_group: Some(groups().get(group).clone()),
        container_name: Some("web".into()),
        container_port: Some(80),
        scale: 100.0,
        running: 2,
        pending: 0,
        steady: true,
        created_at: Some(SystemTime::UNIX_EPOCH + Duration::from_secs(born)),
        registries: false,
        tags: Vec::new(),
    }
}

/// A service of these sets, desired count 2.
pub(crate) fn service(task_sets: Vec<TaskSet>) -> Service {
    Service {
        arn: "arn:service".into(),
        name: "web".into(),
        cluster_arn: "arn:cluster".into(),
        status: "ACTIVE".into(),
        controller: "EXTERNAL".into(),
        desired_count: 2,
        grace_period: None,
        task_sets,
        events: Vec::new(),
    }
}

/// A live forward with these weights of ours, and one of somebody else's where it is given.
pub(crate) fn live(blue: i32, green: i32) -> Forward {
    let weight = |group: &str, weight| Weight { target_group: group.to_owned(), weight };
    Forward {
        arn: "arn:live".into(),
        role: Role::Live,
        weights: vec![weight("tg-blue", blue), weight("tg-green", green)],
        stickiness: None,
    }
}

/// The same forward with another group beside ours.
pub(crate) fn beside(mut forward: Forward, weight: i32) -> Forward {
    forward.weights.insert(0, Weight { target_group: "tg-other".into(), weight });
    forward
}
