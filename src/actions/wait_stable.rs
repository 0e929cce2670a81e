//! `wait-stable`: waits until the new version runs as it should, or says early that it never will.

mod told;

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_ecs::types::DesiredStatus;
use tokio::time::Instant;

use crate::actions::Report;
use crate::aws::tasks::Task;
use crate::config::required;
use crate::config::table::{
    Action, BUILD_TAG, CONFIRMATIONS, CONNECTION, DEPLOYMENT, MIN_HEALTHY, POLL_INTERVAL, SERVICE, TASK_SET_ARN,
    TIMEOUT, TRAFFIC,
};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::tags;
use crate::model::{Colour, Event, Health, Pair, Service, Target, TaskSet};
use crate::observe::waiting::{Deadline, read};
use crate::observe::{as_caller, own_targets, version};
use crate::plan::readiness::needed;
use crate::plan::stability::{
    Counts, Evidence, StoppedContainer, StoppedTask, check_capacity, is_of, is_trouble, reasons, started, unusable,
    verdict,
};
use crate::plan::state::colour_of;
use crate::report::output::say;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "wait-stable",
    step: Some("ecsWaitStable"),
    line: "Wait until the task set is steady and its targets are healthy",
    about: "Waits until this deployment's tasks are steady and their targets healthy, several times in a row; progress goes to \
        the log. Ends early where they cannot become so, with the tasks' own reasons.",
    takes: &[
        &DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &MIN_HEALTHY, &TIMEOUT, &POLL_INTERVAL, &CONFIRMATIONS,
        &CONNECTION,
    ],
    command: None,
    result: &[
        "taskSetArn", "deploymentId", "colour", "desired", "running", "pending", "health", "waitedSeconds", "polls",
    ],
    errors: &[
        ("crash-loop", "containers exit again and again"),
        ("image-pull", "the image cannot be pulled"),
        ("no-capacity", "the tasks cannot be placed"),
        ("failing-health-checks", "tasks run, and are not healthy"),
        ("not-stable-in-time", "the deadline passed; the last state is told"),
    ],
    example: &[("config", "deploy/prod.yml"), ("deploymentId", BUILD_TAG), ("timeout", "15m")],
};

/// The deadline is at least this,
const LEAST_TIMEOUT: Duration = Duration::from_mins(10);

/// and this much longer than the grace period, within which ECS ignores bad health.
const AFTER_GRACE: Duration = Duration::from_mins(5);

/// The pause between confirmations, at the most.
const CONFIRMATION: Duration = Duration::from_secs(1);

/// A line for the log at least this often.
const HEARTBEAT: Duration = Duration::from_mins(1);

/// While a set is not steady, its targets are looked at once in so many polls: the load balancer's API is the scarce one.
const GLANCE: u32 = 10;

/// For so many polls after a sign of trouble the stopped tasks are asked for: they appear a little late.
const SUSPICION: u32 = 3;

/// Tasks may find no place for this part of the deadline: capacity providers need minutes to bring an instance.
const PATIENCE_PART: u32 = 10;

/// Waits for the version that `taskSetArn` or `deploymentId` names. In a dry run it looks once.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let mut watch = Watch::new(cx);
    match watch.until_stable().await {
        Ok(()) => Ok(watch.report()),
        Err(error) => Err(watch.explain(error)),
    }
}

/// What was seen last, and what of it was said.
struct Watch<'a> {
    cx: &'a Context,
    begun: Instant,
    polls: u32,
    set: Option<TaskSet>,
    colour: Option<Colour>,
    counts: Option<Counts>,
    /// `None` while the targets were not asked for.
    targets: Option<Vec<Target>>,
    health: Option<Health>,
    stopped: Vec<StoppedTask>,
    /// Of this set, the newest first.
    events: Vec<Event>,
    unusable_before: bool,
    next_glance: u32,
    suspicious_until: u32,
    said_events: HashSet<String>,
    said: String,
    said_at: Instant,
}

impl<'a> Watch<'a> {
    fn new(cx: &'a Context) -> Self {
        let now = Instant::now();
        Self {
            cx,
            begun: now,
            polls: 0,
            set: None,
            colour: None,
            counts: None,
            targets: None,
            health: None,
            stopped: Vec::new(),
            events: Vec::new(),
            unusable_before: false,
            next_glance: 0,
            suspicious_until: 0,
            said_events: HashSet::new(),
            said: String::new(),
            said_at: now,
        }
    }

    async fn until_stable(&mut self) -> Result<()> {
        let cx = self.cx;
        let cluster = required(cx.settings.cluster.as_ref(), "cluster")?;
        let name = required(cx.settings.service.as_ref(), "service")?;
        let mut deadline = Deadline::after(cx.settings.timeout.unwrap_or(LEAST_TIMEOUT));
        let reading = read(cx, &deadline, || as_caller(cx, cx.aws.service(cluster, name))).await?;
        crate::plan::controller::check(&reading.service)?;
        let mut service = reading.service;
        self.begin(&mut service).await?;
        if cx.settings.timeout.is_none() {
            let of_grace = service.grace_period.unwrap_or_default() + AFTER_GRACE;
            deadline = Deadline::after(of_grace.max(LEAST_TIMEOUT));
        }
        let mut good = 0;
        loop {
            good = if self.look(&service, &deadline).await? { good + 1 } else { 0 };
            if good >= cx.settings.confirmations || cx.dry_run() {
                return Ok(());
            }
            if deadline.passed() {
                return Err(self.timed_out(&service, &deadline).await);
            }
            let pause = if good > 0 { CONFIRMATION.min(cx.settings.poll_interval) } else { cx.settings.poll_interval };
            cx.interrupt.sleep(deadline.next_pause(pause)).await?;
            service = read(cx, &deadline, || cx.aws.service(cluster, name)).await?.service;
        }
    }

    /// Finds the set, once; later looks follow it by its ARN.
    async fn begin(&mut self, service: &mut Service) -> Result<()> {
        let settings = &self.cx.settings;
        let set = version(service, settings)?.cloned().ok_or_else(|| {
            let named = settings.task_set_arn.as_ref().or(settings.deployment_id.as_ref()).cloned().unwrap_or_default();
            Error::not_found("task-set-not-found", format!("the service {} has no task set of {named}", service.name))
                .hint("`ecs-bg status` lists the task sets; create-task-set makes one")
        })?;
        self.set = Some(set.clone());
        let groups = if let Some(groups) = &settings.target_groups {
            Some(groups.clone())
        } else {
            self.cx.aws.add_task_set_tags(service).await?;
            service.task_set(&set.arn).and_then(tagged_groups)
        };
        self.colour = groups.and_then(|groups| colour_of(&set, &groups));
        if set.target_group.is_none() {
            return Err(Error::refused("no-target-group", format!("{} is in no target group", set.describe()))
                .hint("a version without targets can get no traffic; create it with create-task-set"));
        }
        say(format_args!("waiting until {} is stable", set.describe()));
        Ok(())
    }

    /// One look: whether it is good. A failure that is plain is an error.
    async fn look(&mut self, service: &Service, deadline: &Deadline) -> Result<bool> {
        self.polls += 1;
        crate::plan::controller::check(service)?;
        let set = self.follow(service)?;
        check_capacity(service, &set)?;
        let counts = Counts::of(service, &set);
        self.watch_for_trouble(service, &set, &counts);
        self.counts = Some(counts.clone());
        self.set = Some(set.clone());
        let glance =
            counts.running > 0 && self.polls >= self.next_glance && (counts.all_running() || self.polls > GLANCE);
        if counts.fit() || glance {
            let targets = read(self.cx, deadline, || own_targets(self.cx, service, &set)).await?;
            self.unusable_before = self.targets.as_ref().is_some_and(|before| unusable(before).next().is_some());
            // A target that cannot be used is looked at again at once, to be sure.
            let wait = if unusable(&targets).next().is_some() { 1 } else { GLANCE };
            self.next_glance = self.polls + wait;
            self.health = Some(Health::of(&targets));
            self.targets = Some(targets);
        }
        let healthy = self.health.filter(|_| counts.fit()).map_or(0, |health| health.healthy);
        let is_good = counts.fit() && healthy >= needed(counts.desired, self.cx.settings.min_healthy);
        self.tell(&counts, is_good, deadline);
        if is_good {
            return Ok(true);
        }
        if self.polls <= self.suspicious_until {
            let tasks = read(self.cx, deadline, || self.cx.aws.tasks(service, DesiredStatus::Stopped)).await?;
            self.stopped = stopped_of(&tasks, &set);
        }
        let evidence = Evidence {
            counts: &counts,
            stopped: &self.stopped,
            events: &self.events,
            targets: self.targets.as_deref().unwrap_or_default(),
            unusable_before: self.unusable_before,
            patience: deadline.total() / PATIENCE_PART,
        };
        match verdict(&evidence) {
            Some(failure) => Err(failure),
            None => Ok(false),
        }
    }

    /// The set as it is now. One that goes or went cannot become stable.
    fn follow(&self, service: &Service) -> Result<TaskSet> {
        let Some(known) = &self.set else {
            return Err(Error::unexpected("no-task-set", "the task set was never seen"));
        };
        let now = service.task_set(&known.arn);
        let what = match now {
            Some(set) if set.stands() => return Ok(set.clone()),
            Some(_) => "is being deleted",
            None => "is gone",
        };
        Err(Error::new(Kind::Failed, "task-set-deleted", format!("{} {what}", known.describe())).hint(
            "somebody deleted it, or rolled the deployment back; deploy the version again, under another deploymentId",
        ))
    }

    /// Tells this set's new events, and notices what is a reason to look at its stopped tasks.
    fn watch_for_trouble(&mut self, service: &Service, set: &TaskSet, counts: &Counts) {
        self.events = service.events.iter().filter(|event| is_of(event, set)).cloned().collect();
        let mut trouble = started(&self.events) > counts.desired
            || self
                .counts
                .as_ref()
                .is_some_and(|before| counts.running + counts.pending < before.running + before.pending);
        for event in self.events.iter().rev() {
            if self.said_events.insert(event.id.clone()) {
                say(format_args!("  event: {}", event.message));
                trouble |= is_trouble(event);
            }
        }
        if trouble {
            self.suspicious_until = self.polls + SUSPICION;
        }
    }

    /// A line where something changed, and a heartbeat.
    fn tell(&mut self, counts: &Counts, is_good: bool, deadline: &Deadline) {
        let health = self.health.map_or_else(String::new, |health| format!("; targets: {}", in_words(health)));
        let missing = match counts.missing() {
            Some(missing) => missing,
            None if is_good => "as it should be".to_owned(),
            None => format!("{} healthy targets are needed", needed(counts.desired, self.cx.settings.min_healthy)),
        };
        let line = format!(
            "  {} of {} running, {} pending{health} ({missing})",
            counts.running, counts.desired, counts.pending
        );
        if line != self.said {
            say(&line);
            self.said = line;
            self.said_at = Instant::now();
        } else if self.said_at.elapsed() >= HEARTBEAT {
            let waited = self.begun.elapsed().as_secs();
            say(format_args!(
                "  still waiting after {waited} s of {} s: {}",
                deadline.total().as_secs(),
                line.trim_start()
            ));
            self.said_at = Instant::now();
        }
    }

    /// The deadline has passed: asks once more for whatever may tell why, as far as AWS answers.
    async fn timed_out(&mut self, service: &Service, deadline: &Deadline) -> Error {
        let cx = self.cx;
        if let Some(set) = self.set.clone() {
            let (targets, tasks) =
                tokio::join!(own_targets(cx, service, &set), cx.aws.tasks(service, DesiredStatus::Stopped));
            if let Ok(targets) = targets {
                self.health = Some(Health::of(&targets));
                self.targets = Some(targets);
            }
            if let Ok(tasks) = tasks {
                self.stopped = stopped_of(&tasks, &set);
            }
        }
        let counts = self.counts.as_ref();
        let missing = counts.map_or_else(String::new, |counts| {
            counts.missing().unwrap_or_else(|| {
                format!("{} healthy targets are needed", needed(counts.desired, cx.settings.min_healthy))
            })
        });
        let health = self.health.map_or_else(String::new, |health| format!("; targets: {}", in_words(health)));
        let stopped = match self.stopped.as_slice() {
            [] => String::new(),
            stopped => format!("; {} tasks stopped: {}", stopped.len(), reasons(stopped)),
        };
        let name = self.set.as_ref().map(TaskSet::describe).unwrap_or_default();
        let total = deadline.total().as_secs_f64();
        let mut error = Error::new(
            Kind::Timeout,
            "not-stable-in-time",
            format!("{name} was not stable within {total} s: {missing}{health}{stopped}"),
        )
        .hint("run wait-stable again to wait on, give a longer `timeout`, or undo the deployment with rollback");
        error.retryable = true;
        error
    }
}

fn tagged_groups(set: &TaskSet) -> Option<Pair<String>> {
    Some(Pair { blue: set.tag(tags::BLUE)?.to_owned(), green: set.tag(tags::GREEN)?.to_owned() })
}

/// The set's own tasks that have stopped, the latest last.
fn stopped_of(tasks: &[Task], set: &TaskSet) -> Vec<StoppedTask> {
    let mut ours: Vec<&Task> =
        tasks.iter().filter(|task| task.started_by == set.id && task.stopped_at.is_some()).collect();
    ours.sort_by_key(|task| task.stopped_at);
    ours.into_iter().map(stopped).collect()
}

/// How a task ended.
pub(super) fn stopped(task: &Task) -> StoppedTask {
    StoppedTask {
        task_arn: task.arn.clone(),
        stop_code: task.stop_code.clone(),
        stopped_reason: task.stopped_reason.clone(),
        containers: task
            .containers
            .iter()
            .map(|container| StoppedContainer {
                name: container.name.clone(),
                exit_code: container.exit_code,
                reason: container.reason.clone(),
            })
            .collect(),
    }
}

pub(super) fn in_words(health: Health) -> String {
    let all = [
        (health.healthy, "healthy"),
        (health.unhealthy, "unhealthy"),
        (health.initial, "initial"),
        (health.draining, "draining"),
        (health.unused, "unused"),
        (health.unavailable, "unavailable"),
    ];
    let some: Vec<String> =
        all.iter().filter(|(count, _)| *count > 0).map(|(count, name)| format!("{count} {name}")).collect();
    if some.is_empty() { "none".to_owned() } else { some.join(", ") }
}
