//! What this tool knows of the world: an ECS service, its task sets, two target groups, and the forwards that
//! carry weights. Plain data, without any type of the SDK.

pub(crate) mod cloudwatch;
pub(crate) mod json;
pub(crate) mod load_balancer;
pub(crate) mod tags;

use std::time::{Duration, SystemTime};

use serde::Serialize;

/// One of the two target groups. Which is live changes with each deployment; nobody types a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Colour {
    /// `targetGroups.blue`
    Blue,
    /// `targetGroups.green`
    Green,
}

impl Colour {
    /// The other one.
    pub(crate) fn other(self) -> Self {
        match self {
            Self::Blue => Self::Green,
            Self::Green => Self::Blue,
        }
    }

    /// As users write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Blue => "blue",
            Self::Green => "green",
        }
    }
}

/// A value for each colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, serde::Deserialize, Default)]
pub(crate) struct Pair<T> {
    /// Of the blue target group.
    pub(crate) blue: T,
    /// Of the green target group.
    pub(crate) green: T,
}

impl<T> Pair<T> {
    /// The value of one colour.
    pub(crate) fn get(&self, colour: Colour) -> &T {
        match colour {
            Colour::Blue => &self.blue,
            Colour::Green => &self.green,
        }
    }
}

impl Pair<String> {
    /// The colour of a target group ARN, where it is one of the two.
    pub(crate) fn colour_of(&self, target_group: &str) -> Option<Colour> {
        if self.blue == target_group {
            Some(Colour::Blue)
        } else if self.green == target_group {
            Some(Colour::Green)
        } else {
            None
        }
    }
}

/// An ECS service with what this tool needs of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Service {
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) cluster_arn: String,
    /// ACTIVE, DRAINING or INACTIVE.
    pub(crate) status: String,
    /// ECS, `CODE_DEPLOY` or EXTERNAL. It can change between two steps, so it is read every time.
    pub(crate) controller: String,
    pub(crate) desired_count: i32,
    pub(crate) grace_period: Option<Duration>,
    pub(crate) task_sets: Vec<TaskSet>,
    /// What it has that a task set cannot have, in words.
    pub(crate) beyond_task_sets: Vec<&'static str>,
    /// Newest first, at most 100.
    pub(crate) events: Vec<Event>,
    /// By this machine's clock: what ages are counted to.
    pub(crate) read_at: SystemTime,
}

impl Service {
    /// The PRIMARY task set. There is none before the first deployment was promoted.
    pub(crate) fn primary(&self) -> Option<&TaskSet> {
        self.task_sets.iter().find(|set| set.status == TaskSetStatus::Primary)
    }

    /// The task set with this ARN.
    pub(crate) fn task_set(&self, arn: &str) -> Option<&TaskSet> {
        self.task_sets.iter().find(|set| set.arn == arn)
    }

    /// How old a task set of it is; nothing for one of the future, as clocks differ.
    pub(crate) fn age(&self, set: &TaskSet) -> Option<Duration> {
        set.created_at.map(|at| self.read_at.duration_since(at).unwrap_or_default())
    }
}

/// A service event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) at: Option<SystemTime>,
    pub(crate) message: String,
}

/// The status of a task set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum TaskSetStatus {
    /// The one that ECS takes for the service's production version.
    Primary,
    /// Any other one that runs.
    Active,
    /// Being deleted.
    Draining,
}

/// A task set: one version of the service.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TaskSet {
    pub(crate) arn: String,
    /// `ecs-svc/<digits>`: what its tasks carry as `startedBy`.
    pub(crate) id: String,
    /// The deployment's id.
    pub(crate) external_id: Option<String>,
    pub(crate) status: TaskSetStatus,
    pub(crate) task_definition: String,
    pub(crate) target_group: Option<String>,
    pub(crate) container_name: Option<String>,
    pub(crate) container_port: Option<i32>,
    /// Percent of the service's desired count.
    pub(crate) scale: f64,
    pub(crate) running: i32,
    pub(crate) pending: i32,
    /// AWS says `STEADY_STATE`. True of zero tasks too: never enough by itself.
    pub(crate) steady: bool,
    pub(crate) created_at: Option<SystemTime>,
    /// Whether service registries hang on it: then it takes traffic as soon as it runs.
    pub(crate) registries: bool,
    /// Read with `DescribeTaskSets`; empty where they were not asked for.
    pub(crate) tags: Vec<(String, String)>,
}

impl TaskSet {
    /// What its desired count comes to: ceil(desired × scale). AWS's own figure is 0 in the replies to create and
    /// update, and late afterwards, so it is computed.
    pub(crate) fn computed_desired(&self, service_desired: i32) -> i32 {
        computed_desired(service_desired, self.scale)
    }

    /// Whether a group's targets can all be its own, where it is alone there: no more of them than it has tasks.
    pub(crate) fn accounts_for(&self, targets: &[Target], service_desired: i32) -> bool {
        let usable = targets.iter().filter(|target| target.state != TargetState::Draining).count();
        let expected = self.computed_desired(service_desired).max(self.running);
        usable <= usize::try_from(expected).unwrap_or(0)
    }

    /// Whether it still counts: a DRAINING one is on its way out.
    pub(crate) fn stands(&self) -> bool {
        match self.status {
            TaskSetStatus::Primary | TaskSetStatus::Active => true,
            TaskSetStatus::Draining => false,
        }
    }

    /// A tag's value.
    pub(crate) fn tag(&self, key: &str) -> Option<&str> {
        self.tags.iter().find(|(k, _)| k == key).map(|(_, value)| value.as_str())
    }

    /// The URL of the build that created it.
    pub(crate) fn build(&self) -> Option<String> {
        self.tag(tags::BUILD).map(tags::decode)
    }

    /// The order of creation; the ARN decides between two of the same instant.
    pub(crate) fn age_order(&self) -> (Option<SystemTime>, &str) {
        (self.created_at, &self.arn)
    }

    /// How to name it in a message: its id, and its deployment where it has one.
    pub(crate) fn describe(&self) -> String {
        match &self.external_id {
            Some(id) => format!("{} (deployment {id})", self.id),
            None => self.id.clone(),
        }
    }
}

/// ceil(desired × scale percent): 10 % of one task is one task.
#[allow(clippy::cast_possible_truncation, reason = "a service's desired count is far below 2^31, scale at most 100 %")]
pub(crate) fn computed_desired(service_desired: i32, scale_percent: f64) -> i32 {
    (f64::from(service_desired) * scale_percent / 100.0).ceil() as i32
}

/// Whether a forward carries production or test traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Role {
    /// `listeners.live`
    Live,
    /// `listeners.test`
    Test,
}

/// A target group and its weight in a forward.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Weight {
    pub(crate) target_group: String,
    /// 0–999, relative to the others in the same forward.
    pub(crate) weight: i32,
}

/// The forward of a listener (its default rule) or of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Forward {
    /// The listener's or rule's ARN, as it was named.
    pub(crate) arn: String,
    pub(crate) role: Role,
    pub(crate) weights: Vec<Weight>,
    /// Group stickiness, where it is on.
    pub(crate) stickiness: Option<Duration>,
}

impl Forward {
    /// The weight of each of our groups; `None` where the group is not in the forward.
    pub(crate) fn ours(&self, groups: &Pair<String>) -> Pair<Option<i32>> {
        let weight = |arn: &String| self.weights.iter().find(|w| w.target_group == *arn).map(|w| w.weight);
        Pair { blue: weight(&groups.blue), green: weight(&groups.green) }
    }

    /// The weight that other groups have together.
    pub(crate) fn others(&self, groups: &Pair<String>) -> i32 {
        self.weights.iter().filter(|w| groups.colour_of(&w.target_group).is_none()).map(|w| w.weight).sum()
    }

    /// The weight of one of our groups, 0 where it is not in the forward.
    pub(crate) fn weight(&self, groups: &Pair<String>, colour: Colour) -> i32 {
        self.ours(groups).get(colour).unwrap_or(0)
    }
}

/// How the targets of a group are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Health {
    pub(crate) healthy: i32,
    pub(crate) unhealthy: i32,
    pub(crate) initial: i32,
    pub(crate) draining: i32,
    pub(crate) unused: i32,
    pub(crate) unavailable: i32,
}

/// The state of a target, as ELB names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TargetState {
    Healthy,
    Unhealthy,
    Initial,
    Draining,
    Unused,
    Unavailable,
}

/// One registered target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// IP address or instance id.
    pub(crate) id: String,
    pub(crate) port: Option<i32>,
    pub(crate) state: TargetState,
    /// ELB's reason code, as `Target.FailedHealthChecks`.
    pub(crate) reason: Option<String>,
    pub(crate) description: Option<String>,
    /// A zonal shift keeps traffic away from it, however healthy it is.
    pub(crate) out_of_service: bool,
    /// The load balancer finds that it answers worse than the others.
    pub(crate) anomalous: bool,
}

impl Health {
    /// Counts targets by state.
    pub(crate) fn of<'a>(targets: impl IntoIterator<Item = &'a Target>) -> Self {
        let mut health = Self::default();
        for target in targets {
            match target.state {
                TargetState::Healthy => health.healthy += 1,
                TargetState::Unhealthy => health.unhealthy += 1,
                TargetState::Initial => health.initial += 1,
                TargetState::Draining => health.draining += 1,
                TargetState::Unused => health.unused += 1,
                TargetState::Unavailable => health.unavailable += 1,
            }
        }
        health
    }
}
