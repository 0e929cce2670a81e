//! Worlds for the tests of decisions: a service, its sets by group and age, and the weights.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::state::{Standing, classify};
use super::traffic::{Goal, plan};
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
        beyond_task_sets: Vec::new(),
        task_sets,
        events: Vec::new(),
        read_at: std::time::UNIX_EPOCH + Duration::from_hours(1),
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

/// A world as anybody may have left it: what properties are held against.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct World {
    pub(crate) service: Service,
    pub(crate) live: Vec<Forward>,
}

impl World {
    pub(crate) fn standing(&self) -> Standing {
        classify(&self.service, &groups(), &self.live)
    }

    pub(crate) fn has_live_weight(&self, colour: Colour) -> bool {
        self.live.iter().any(|forward| forward.weight(&groups(), colour) > 0)
    }

    /// Whether a set's group has live weight.
    pub(crate) fn is_live(&self, set: &TaskSet) -> bool {
        set.target_group.as_deref().and_then(|group| groups().colour_of(group)).is_some_and(|c| self.has_live_weight(c))
    }

    /// With all live forwards brought to a goal; `None` where one of them cannot be.
    pub(crate) fn with_traffic(&self, goal: Goal) -> Option<Self> {
        let mut after = self.clone();
        for forward in &mut after.live {
            if let Some(weights) = plan(forward, &groups(), goal).ok()? {
                forward.weights = weights;
            }
        }
        Some(after)
    }

    /// With another PRIMARY.
    pub(crate) fn with_primary(&self, arn: &str) -> Self {
        let mut after = self.clone();
        for set in after.service.task_sets.iter_mut().filter(|set| set.stands()) {
            set.status = if set.arn == arn { TaskSetStatus::Primary } else { TaskSetStatus::Active };
        }
        after
    }

    /// Without a set.
    pub(crate) fn without(&self, arn: &str) -> Self {
        let mut after = self.clone();
        after.service.task_sets.retain(|set| set.arn != arn);
        after
    }
}

prop_compose! {
    /// Any task set but PRIMARY. Some are of the deployment `new`, some of nobody.
    pub(crate) fn any_set()(
        born in 0..6u64,
        group in prop_oneof![6 => Just("tg-blue"), 6 => Just("tg-green"), 1 => Just("tg-third"), 1 => Just("")],
        draining in prop::bool::weighted(0.25),
        name in 0..6u8,
        scale in prop_oneof![Just(100.0), 0.0..=100.0],
        undated in prop::bool::weighted(0.05),
    ) -> TaskSet {
        let status = if draining { TaskSetStatus::Draining } else { TaskSetStatus::Active };
        let mut any = set("any", Colour::Blue, born, status);
        any.target_group = (!group.is_empty()).then(|| group.to_owned());
        any.external_id = match name {
            0 => None,
            1 => Some("new".into()),
            name => Some(format!("d{name}")),
        };
        any.scale = scale;
        any.created_at = any.created_at.filter(|_| !undated);
        any
    }
}

/// A weight of a forward: often one of those that people write.
pub(crate) fn any_weight() -> impl Strategy<Value = i32> {
    prop_oneof![3 => Just(0), 2 => prop::sample::select(vec![1, 50, 100, 999]), 1 => 0..=999]
}

prop_compose! {
    /// Any live forward: either of our groups may be missing in it, and others may stand in it.
    pub(crate) fn any_forward()(
        blue in prop::option::weighted(0.9, any_weight()),
        green in prop::option::weighted(0.9, any_weight()),
        others in prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(any_weight(), 1..=4)],
        at in any::<prop::sample::Index>(),
        stickiness in prop::option::weighted(0.2, 1..=604_800u64),
    ) -> Forward {
        let of =
            |group: &str, weight: Option<i32>| weight.map(|weight| Weight { target_group: group.to_owned(), weight });
        let mut weights: Vec<Weight> = of("tg-blue", blue).into_iter().chain(of("tg-green", green)).collect();
        let at = at.index(weights.len() + 1);
        // AWS takes five groups in one action.
        let room = 5 - weights.len();
        let others = others.into_iter().take(room).enumerate();
        weights.splice(at..at, others.filter_map(|(n, weight)| of(&format!("tg-other-{n}"), Some(weight))));
        Forward { weights, stickiness: stickiness.map(Duration::from_secs), ..live(0, 0) }
    }
}

prop_compose! {
    /// Any world: up to seven sets, at most one of them PRIMARY, and a few live listeners, often alike.
    pub(crate) fn any_world()(
        mut sets in prop::collection::vec(any_set(), 0..=7),
        promoted in prop::option::weighted(0.8, any::<prop::sample::Index>()),
        mut forwards in prop_oneof![1 => Just(Vec::new()), 30 => prop::collection::vec(any_forward(), 1..=3)],
        alike in prop::bool::weighted(0.7),
    ) -> World {
        for (at, set) in sets.iter_mut().enumerate() {
            (set.arn, set.id) = (format!("arn:{at}"), format!("ecs-svc/{at}"));
        }
        if let (Some(at), false) = (promoted, sets.is_empty()) {
            let at = at.index(sets.len());
            sets[at].status = TaskSetStatus::Primary;
        }
        let first = forwards.first().cloned();
        for (at, forward) in forwards.iter_mut().enumerate() {
            if let (Some(first), true) = (&first, alike) {
                forward.clone_from(first);
            }
            forward.arn = format!("arn:live-{at}");
        }
        World { service: service(sets), live: forwards }
    }
}
