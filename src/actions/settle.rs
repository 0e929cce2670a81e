//! Readiness for traffic, and waiting for it where a version scales at the moment in which it shall get some.

use std::time::{Duration, SystemTime};

use aws_sdk_ecs::types::DesiredStatus;
use serde_json::json;

use crate::actions::wait_stable::{in_words, stopped};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::{Health, Service, TaskSet};
use crate::observe::waiting::{Deadline, read};
use crate::observe::{Observed, check_alone, health_of};
use crate::plan::readiness::{Reading, Verdict, judge, starting};
use crate::plan::stability::{Counts, StoppedTask, is_of, with_failures};
use crate::report::output::say;

/// A task that failed so long ago has a successor by now that is ready, or has failed too.
const RECENT: Duration = Duration::from_mins(10);

/// Everything is looked at once in so many polls, where ECS tells nothing new: the load balancer's API is the scarce one.
const GLANCE: u32 = 10;

/// Observes until every set that gains traffic is ready for it: `gaining` plans, purely, and names them. What is returned
/// is the look that decided, so that what is planned out of it holds of this moment. In a dry run nothing is waited for.
pub(crate) async fn observe(
    cx: &Context,
    gaining: impl for<'a> Fn(&'a Observed) -> Result<Vec<&'a TaskSet>>,
) -> Result<Observed> {
    let mut observed = crate::observe::observe(cx).await?;
    let mut deadline = None;
    loop {
        let Some(unsettled) = unsettled(cx, &observed, &gaining(&observed)?, deadline.as_ref()).await? else {
            return Ok(observed);
        };
        if cx.dry_run() {
            let most = cx.settings.settle.as_secs_f64();
            cx.warn("settling", format!("{}: up to {most} s would be waited for that", unsettled.words()));
            return Ok(observed);
        }
        let deadline = &*deadline.get_or_insert_with(|| {
            let most = cx.settings.settle;
            say(format_args!("{}: waiting for that, up to {} s", unsettled.words(), most.as_secs_f64()));
            Deadline::after(most)
        });
        if deadline.passed() {
            return Err(unsettled.late(deadline));
        }
        until_something_is_new(cx, &observed.service, &unsettled.set, deadline).await?;
        observed = read(cx, deadline, || crate::observe::observe(cx)).await?;
    }
}

/// The first of these sets that scales; none where all of them are ready. One that will not be is an error.
async fn unsettled(
    cx: &Context,
    observed: &Observed,
    sets: &[&TaskSet],
    deadline: Option<&Deadline>,
) -> Result<Option<Unsettled>> {
    let mut first = None;
    for set in sets {
        check_alone(observed, set)?;
        let service = &observed.service;
        let health = within(cx, deadline, || health_of(cx, service, set)).await?;
        let reading = Reading {
            set,
            service_desired: service.desired_count,
            health,
            min_healthy: cx.settings.min_healthy,
            starting: starting(service, set, SystemTime::now()),
        };
        let (refusal, waits) = match judge(&reading, cx.settings.settle) {
            Verdict::Ready => continue,
            Verdict::Refused(refusal) => return Err(refusal),
            Verdict::Enough(refusal) => (refusal, false),
            Verdict::Settling(refusal) => (refusal, true),
        };
        let failed = within(cx, deadline, || recently_stopped(cx, service, set)).await?;
        if let Some(refusal) = with_failures(&refusal, &failed) {
            return Err(refusal);
        }
        if waits && first.is_none() {
            first = Some(Unsettled { set: (*set).clone(), counts: Counts::of(service, set), health });
        }
    }
    Ok(first)
}

/// A read: within a wait it is tried again until the deadline.
async fn within<T, F>(cx: &Context, deadline: Option<&Deadline>, one: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    match deadline {
        Some(deadline) => read(cx, deadline, one).await,
        None => one().await,
    }
}

/// The set's tasks that stopped of late or are stopping: one with bad health drains before it stops.
pub(super) async fn recently_stopped(cx: &Context, service: &Service, set: &TaskSet) -> Result<Vec<StoppedTask>> {
    let now = SystemTime::now();
    let is_old = |at: SystemTime| now.duration_since(at).is_ok_and(|ago| ago > RECENT);
    let mut tasks = cx.aws.tasks(service, DesiredStatus::Stopped).await?;
    tasks.retain(|task| task.started_by == set.id && !task.stopped_at.is_some_and(is_old));
    tasks.sort_by_key(|task| task.stopped_at);
    Ok(tasks.iter().map(stopped).collect())
}

/// Polls ECS until it tells something new of the set, or calls it steady, or for long enough.
async fn until_something_is_new(cx: &Context, service: &Service, set: &TaskSet, deadline: &Deadline) -> Result<()> {
    let before = told(service, set);
    let counts = |told: &Option<(Counts, Option<String>)>| told.as_ref().map(|(counts, _)| counts.clone());
    for _ in 0..GLANCE {
        cx.interrupt.sleep(deadline.next_pause(cx.settings.poll_interval)).await?;
        if deadline.passed() {
            return Ok(());
        }
        let now = read(cx, deadline, || cx.aws.service(&service.cluster_arn, &service.name)).await?.service;
        let after = told(&now, set);
        if let (Some(now), true) = (counts(&after), counts(&after) != counts(&before)) {
            let missing = now.missing().unwrap_or_else(|| "as it should be".to_owned());
            say(format_args!("  {} of {} running, {} pending ({missing})", now.running, now.desired, now.pending));
        }
        if after != before || counts(&after).is_some_and(|counts| counts.fit()) {
            return Ok(());
        }
    }
    Ok(())
}

/// What ECS tells of a set: its figures, and its newest event. Nothing of one that goes or went.
fn told(service: &Service, set: &TaskSet) -> Option<(Counts, Option<String>)> {
    let set = service.task_set(&set.arn).filter(|set| set.stands())?;
    let newest = service.events.iter().find(|event| is_of(event, set));
    Some((Counts::of(service, set), newest.map(|event| event.id.clone())))
}

/// A set that scales, as it was last seen.
struct Unsettled {
    set: TaskSet,
    counts: Counts,
    health: Health,
}

impl Unsettled {
    fn words(&self) -> String {
        format!("{} scales at this moment: {}", self.set.describe(), self.seen())
    }

    fn seen(&self) -> String {
        let Counts { running, pending, desired, .. } = self.counts;
        let steady = if self.set.steady { "" } else { "; not steady" };
        format!("{running} running, {pending} pending of {desired}; targets: {}{steady}", in_words(self.health))
    }

    /// The deadline has passed. Not a refusal: nothing is known against the version, and the same call may succeed.
    fn late(&self, deadline: &Deadline) -> Error {
        let total = deadline.total().as_secs_f64();
        let message = format!("{} scales, and has not settled within {total} s: {}", self.set.describe(), self.seen());
        let mut error = Error::new(Kind::Timeout, "not-stable-in-time", message)
            .hint("run the action again to wait on, give a longer `settle`, or undo the deployment with rollback; `ecs-bg status` shows the service's desired count")
            .observed(json!({
                "stability": if self.set.steady { "STEADY_STATE" } else { "STABILIZING" },
                "scale": self.set.scale,
                "desired": self.counts.desired,
                "running": self.counts.running,
                "pending": self.counts.pending,
                "health": self.health,
            }));
        error.retryable = true;
        error
    }
}
