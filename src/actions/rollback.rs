//! `rollback`: undoes exactly one deployment. Traffic first, then PRIMARY, then the test listener, then the set itself.

use std::time::Duration;

use serde_json::{Value, json};

use crate::actions::{Report, report, set_primary, traffic};
use crate::aws::ecs::Deletion;
use crate::config::table::{Action, CONNECTION, DEPLOYMENT, DRAIN, MIN_HEALTHY, SERVICE, TASK_SET_ARN, TRAFFIC};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{Colour, TaskSet, TaskSetStatus};
use crate::observe::{Observed, health_of, observe};
use crate::plan::readiness::needed;
use crate::plan::rollback::{Undo, plan};
use crate::plan::state::State;
use crate::plan::traffic::Goal;
use crate::report::output::say;
use crate::report::view;

/// What it is.
pub(super) const ACTION: Action = Action {
    name: "rollback",
    step: Some("ecsRollback"),
    line: "Undo this deployment: traffic back first, then PRIMARY, then its task set",
    about: "Undoes exactly one deployment: traffic back to the previous version first, then PRIMARY, then its task set is deleted \
        (asked for, not waited for). Where there is no task set of that id, there is nothing to do. Needs only cluster, service, \
        region and the id.",
    takes: &[&DEPLOYMENT, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &MIN_HEALTHY, &DRAIN, &CONNECTION],
    command: None,
    result: &["deploymentId", "taskSetArn", "before", "after", "deletion", "restored"],
    errors: &[
        ("newer-deployment", "a younger deployment is live or PRIMARY"),
        ("nothing-to-go-back-to", "there is no previous version"),
    ],
    example: &[
        ("cluster", "prod"),
        ("service", "web"),
        ("region", "eu-west-1"),
        ("deploymentId", "jenkins-web-main-17"),
    ],
};

/// Between moving traffic away and asking for the deletion: the nodes of a load balancer take new weights within seconds,
/// not at once, and targets that vanish before would answer 503.
const SETTLE: Duration = Duration::from_secs(5);

/// More parts than there are, done again where somebody else undoes them.
const LOOKS: usize = 8;

/// How long a set that AWS deletes only when it runs nothing may take to stop, before the rest is left to a later call.
const SCALE_DOWN: Duration = Duration::from_secs(30);

/// Undoes the deployment that `deploymentId` or `taskSetArn` names.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let before = observe(cx).await?;
    let Some(undo) = planned(cx, &before, None)? else {
        say("nothing of this deployment is left to undo");
        let deletion = if before.version(&cx.settings)?.is_some() { "requested" } else { "gone" };
        let moved = leave_test_idle(cx, &before).await?;
        let after = if moved { &observe(cx).await? } else { &before };
        return Ok(reported(cx, &before, after, None, deletion));
    };
    if cx.dry_run() {
        if let Some((colour, previous)) = &undo.traffic {
            check_previous(cx, &before, &undo, *colour, previous).await?;
        }
        return Ok(reported(cx, &before, &before, Some(&undo), "requested"));
    }
    let mut progress = Progress::default();
    let mut after = progress.go_on(cx, &before, &undo).await?;
    let gone = TaskSet { status: TaskSetStatus::Draining, ..undo.set.clone() };
    for _ in 0..LOOKS {
        match planned(cx, &after, Some(&gone))? {
            Some(left) if !progress.is_over(&after, &left)? => after = progress.go_on(cx, &after, &left).await?,
            Some(_) | None => {
                return Ok(reported(cx, &before, &after, Some(&undo), progress.deletion.unwrap_or("requested")));
            }
        }
    }
    let mut error = Error::refused("weights-changed-meanwhile", "whatever is undone, somebody else does again")
        .hint("find out who else acts on this service at the same time, then run the action again");
    error.retryable = true;
    Err(error)
}

/// What is left to undo. `gone`: the deployment's set as it was, where AWS may not show it any more.
fn planned(cx: &Context, now: &Observed, gone: Option<&TaskSet>) -> Result<Option<Undo>> {
    let set = now.version(&cx.settings)?.or(gone);
    plan(&now.service, &now.groups, &now.live_forwards(), &now.standing, set)
}

/// How far it is. Somebody else may act on the service at the same time (a build on an agent that was lost goes on with its
/// action), so each part is planned from a look of its own.
#[derive(Default)]
struct Progress {
    /// Live weight was moved; its deletion waits for that.
    moved: bool,
    rested: bool,
    deletion: Option<&'static str>,
}

impl Progress {
    /// Does the first thing that is missing, and looks again.
    async fn go_on(&mut self, cx: &Context, now: &Observed, undo: &Undo) -> Result<Observed> {
        if let Some((colour, previous)) = &undo.traffic {
            let goal = Goal::All(*colour);
            let changes = traffic::changes(&now.live, now, goal)?;
            if !changes.is_empty() {
                check_previous(cx, now, undo, *colour, previous).await?;
                traffic::apply_each(cx, &changes).await?;
                self.moved = true;
                return traffic::landed(cx, &changes, goal, &[previous]).await;
            }
            if undo.promote {
                return match promote(cx, now, previous).await {
                    Ok(()) => observe(cx).await,
                    Err(error) => Err(give_back(cx, colour.other(), previous, error).await?),
                };
            }
        }
        if !self.rested {
            self.rested = true;
            test_to_idle(cx, now, undo).await?;
            if self.moved && stickiness(now).is_none() {
                cx.interrupt.sleep(cx.settings.drain.unwrap_or(SETTLE).min(SETTLE)).await?;
                return observe(cx).await;
            }
        }
        match delete(cx, now, undo, self.moved).await {
            Ok(deletion) => self.deletion = Some(deletion),
            // AWS deletes no PRIMARY: where it was promoted since the last look, that is undone first.
            Err(error) if error.is_rejection() => {
                let now = observe(cx).await?;
                let is_primary = now.service.primary().is_some_and(|primary| primary.arn == undo.set.arn);
                return if is_primary { Ok(now) } else { Err(error) };
            }
            Err(error) => return Err(error),
        }
        observe(cx).await
    }

    /// The deletion was the last part, unless traffic came to the set at the same time.
    fn is_over(&self, now: &Observed, left: &Undo) -> Result<bool> {
        let is_back = match &left.traffic {
            Some((colour, _)) => !traffic::changes(&now.live, now, Goal::All(*colour))?.is_empty(),
            None => false,
        };
        Ok(self.deletion.is_some() && !is_back)
    }
}

async fn promote(cx: &Context, now: &Observed, previous: &TaskSet) -> Result<()> {
    cx.aws.set_primary(&now.service, &previous.arn).await?;
    set_primary::verified(cx, &previous.arn).await?;
    say(format_args!("PRIMARY: {}", previous.describe()));
    Ok(())
}

/// Until it is PRIMARY, the previous version may be deleted under its traffic: that goes back to where it came from, the
/// set that was to be undone.
async fn give_back(cx: &Context, from: Colour, previous: &TaskSet, error: Error) -> Result<Error> {
    let now = observe(cx).await?;
    if now.service.task_set(&previous.arn).is_some_and(TaskSet::stands) {
        return Ok(error);
    }
    traffic::apply_each(cx, &traffic::changes(&now.live, &now, Goal::All(from))?).await?;
    Ok(traffic::deleted_meanwhile(previous).with("compensated", true))
}

/// The previous version gets the traffic back only if it can serve it. Somebody asked to go back, so fewer healthy
/// targets than wanted are a warning; none at all is a refusal: then where the traffic is now is the better place.
async fn check_previous(
    cx: &Context,
    before: &Observed,
    undo: &Undo,
    colour: Colour,
    previous: &TaskSet,
) -> Result<()> {
    if traffic::changes(&before.live, before, Goal::All(colour))?.is_empty() {
        return Ok(());
    }
    let (there, here) =
        tokio::try_join!(health_of(cx, &before.service, previous), health_of(cx, &before.service, &undo.set))?;
    if there.healthy == 0 {
        return Err(Error::refused(
            "not-healthy",
            format!(
                "{} has no healthy target: live traffic stays where it is ({} healthy there)",
                previous.describe(),
                here.healthy
            ),
        )
        .hint("scale the previous version up or make it healthy, then roll back; `ecs-bg status` shows both")
        .observed(json!({ "previous": there, "current": here })));
    }
    let wanted = needed(previous.computed_desired(before.service.desired_count), cx.settings.min_healthy);
    if there.healthy < wanted || there.healthy < here.healthy {
        cx.warn(
            "previous-not-full",
            format!(
                "going back to {} with {} healthy targets; {wanted} are wanted, the version that is undone has {}",
                previous.describe(),
                there.healthy,
                here.healthy
            ),
        );
    }
    Ok(())
}

/// What a rollback that was cut off, or could not move the test listener, has left behind when its set is gone.
async fn leave_test_idle(cx: &Context, before: &Observed) -> Result<bool> {
    let (State::Settled, Some(live), false) = (before.standing.state, before.standing.live, cx.dry_run()) else {
        return Ok(false);
    };
    let changes = traffic::changes(&before.test, before, Goal::All(live.other()))?;
    traffic::apply_test(cx, &changes).await?;
    Ok(!changes.is_empty())
}

/// Outside a deployment the test listener points at the idle group, even if that is empty.
async fn test_to_idle(cx: &Context, before: &Observed, undo: &Undo) -> Result<()> {
    let live = undo.traffic.as_ref().map(|(colour, _)| *colour).or(before.standing.live);
    let Some(live) = live else { return Ok(()) };
    let changes = traffic::changes(&before.test, before, Goal::All(live.other()))?;
    traffic::apply_test(cx, &changes).await
}

/// For how long clients hold on to a group by cookie.
fn stickiness(observed: &Observed) -> Option<Duration> {
    observed.live.iter().filter_map(|read| read.forward.stickiness).max()
}

/// Asks for the set's deletion, and does not wait for its end.
async fn delete(cx: &Context, before: &Observed, undo: &Undo, moved: bool) -> Result<&'static str> {
    if let (Some(time), true) = (stickiness(before), moved) {
        cx.warn(
            "sticky-sessions",
            format!(
                "{} keeps running: clients hold on to its group for up to {} s by cookie, and would get 503. Delete it later: ecs-bg delete-task-set --task-set-arn {}",
                undo.set.describe(),
                time.as_secs(),
                crate::system::shell::word(&undo.set.arn)
            ),
        );
        return Ok("kept");
    }
    match cx.aws.delete_task_set(&before.service, &undo.set.arn).await? {
        Deletion::Requested => Ok("requested"),
        Deletion::Gone => Ok("gone"),
        Deletion::AtZeroOnly => {
            super::delete_task_set::scale_down_and_delete(cx, &before.service, &undo.set, SCALE_DOWN).await
        }
    }
}

fn reported(cx: &Context, before: &Observed, after: &Observed, undo: Option<&Undo>, deletion: &str) -> Report {
    let at = |observed: &Observed| -> Value {
        json!({
            "state": observed.standing.state,
            "primary": observed.service.primary().map(|set| set.arn.clone()),
            "weights": view::weights(observed.forwards(), &observed.groups),
        })
    };
    let set = undo.map(|undo| &undo.set);
    report(json!({
        "deploymentId": set.and_then(|set| set.external_id.clone()).or_else(|| cx.settings.deployment_id.clone()),
        "taskSetArn": set.map(|set| set.arn.clone()),
        "before": at(before),
        "after": at(after),
        "deletion": deletion,
        "restored": undo.and_then(|undo| undo.traffic.as_ref()).map(|(_, previous)| previous.arn.clone()),
    }))
}
