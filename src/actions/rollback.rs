//! `rollback`: undoes exactly one deployment. Traffic first, then PRIMARY, then the test listener, then the set itself.

use std::time::Duration;

use serde_json::{Value, json};

use crate::actions::{Report, report, set_primary, traffic};
use crate::aws::ecs::Deletion;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::{Colour, Role, TaskSet};
use crate::observe::{Observed, health_of, observe};
use crate::output::say;
use crate::plan::readiness::needed;
use crate::plan::rollback::{Undo, plan};
use crate::plan::state::State;
use crate::plan::traffic::Goal;
use crate::view;

/// Between moving traffic away and asking for the deletion: the nodes of a load balancer take new weights within seconds,
/// not at once, and targets that vanish before would answer 503.
const SETTLE: Duration = Duration::from_secs(5);

/// How long a set that AWS deletes only when it runs nothing may take to stop, before the rest is left to a later call.
const SCALE_DOWN: Duration = Duration::from_secs(30);

/// Undoes the deployment that `deploymentId` or `taskSetArn` names.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let before = observe(cx).await?;
    let set = before.version(&cx.settings)?;
    let live = before.live_forwards();
    let Some(undo) = plan(&before.service, &before.groups, &live, &before.standing, set)? else {
        say("nothing of this deployment is left to undo");
        let deletion = if set.is_some() { "requested" } else { "gone" };
        let moved = leave_test_idle(cx, &before).await?;
        let after = if moved { &observe(cx).await? } else { &before };
        return Ok(reported(cx, &before, after, None, deletion));
    };
    if let Some((colour, previous)) = &undo.traffic {
        check_previous(cx, &before, &undo, *colour, previous).await?;
    }
    if cx.dry_run() {
        return Ok(reported(cx, &before, &before, Some(&undo), "requested"));
    }
    let moved = move_traffic(cx, &before, &undo).await?;
    if let (Some((_, previous)), true) = (&undo.traffic, undo.promote) {
        cx.aws.set_primary(&before.service, &previous.arn).await?;
        set_primary::verified(cx, &previous.arn).await?;
        say(format_args!("PRIMARY: {}", previous.describe()));
    }
    test_to_idle(cx, &before, &undo).await?;
    let deletion = delete(cx, &before, &undo, moved).await?;
    let after = observe(cx).await?;
    Ok(reported(cx, &before, &after, Some(&undo), deletion))
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

/// Whether live weight was moved.
async fn move_traffic(cx: &Context, before: &Observed, undo: &Undo) -> Result<bool> {
    let Some((colour, _)) = &undo.traffic else { return Ok(false) };
    let goal = Goal::All(*colour);
    let changes = traffic::changes(&before.live, before, goal)?;
    if changes.is_empty() {
        return Ok(false);
    }
    traffic::apply_each(cx, &changes).await?;
    traffic::verified(cx, Role::Live, goal).await?;
    Ok(true)
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

/// Asks for the set's deletion, and does not wait for its end.
async fn delete(cx: &Context, before: &Observed, undo: &Undo, moved: bool) -> Result<&'static str> {
    let sticky = before.live.iter().filter_map(|read| read.forward.stickiness).max();
    if let (Some(time), true) = (sticky, moved) {
        cx.warn(
            "sticky-sessions",
            format!(
                "{} keeps running: clients hold on to its group for up to {} s by cookie, and would get 503. Delete it later: ecs-bg delete-task-set --task-set-arn {}",
                undo.set.describe(),
                time.as_secs(),
                crate::shell::word(&undo.set.arn)
            ),
        );
        return Ok("kept");
    }
    if moved {
        cx.interrupt.sleep(cx.settings.drain.unwrap_or(SETTLE).min(SETTLE)).await?;
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
