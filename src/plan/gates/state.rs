//! The state itself as a gate: where the weights are, and how the version is that has them.

use crate::error::{Error, Result};
use crate::model::{Colour, Forward, Health, Pair, Target, TaskSet};
use crate::plan::gates::{Judgement, Verdict};
use crate::plan::readiness::{Reading, Verdict as Ready, judge};
use crate::plan::stability::{StoppedTask, with_failures};
use crate::plan::state::{Standing, State};
use crate::plan::traffic::{Goal, plan, share, split};

/// Its name among the gates.
pub(crate) const GATE: &str = "state";

/// The version's part of the live traffic by the weights, in percent, where it is not less than `expected` on every
/// listener. Somebody may have moved it forward by hand; who moved it back wants it stopped.
pub(crate) fn share_of(live: &[Forward], groups: &Pair<String>, colour: Colour, expected: Option<f64>) -> Result<f64> {
    let goal = expected.map_or(Goal::All(colour), |percent| Goal::Split(split(colour, percent)));
    let wanted = expected.unwrap_or(100.0);
    let mut least = 100.0_f64;
    for forward in live {
        let now = share(forward, groups, colour).unwrap_or_default();
        if plan(forward, groups, goal)?.is_none() {
            least = least.min(wanted);
        } else if now > wanted {
            least = least.min(now);
        } else {
            return Err(Error::refused(
                "weights-changed-meanwhile",
                format!(
                    "{} gives this version {now:.1} % of the live traffic, and not the {wanted} % of this step: somebody has moved it back",
                    forward.arn
                ),
            )
            .hint("find out who else writes these listeners (a rollback, another build, Terraform); undo this deployment with rollback, or shift again"));
        }
    }
    Ok(least)
}

/// What is looked at of the version in one moment.
pub(crate) struct Seen<'a> {
    pub(crate) standing: &'a Standing,
    pub(crate) reading: Reading<'a>,
    pub(crate) targets: &'a [Target],
    /// Its tasks that stopped of late; asked for only where [`doubts`] says so.
    pub(crate) stopped: &'a [StoppedTask],
}

/// Whether the stopped tasks have to be looked at: it is not as it should be.
pub(crate) fn doubts(reading: &Reading<'_>) -> bool {
    !matches!(judge(reading, std::time::Duration::MAX), Ready::Ready)
}

/// Judges it. A version that scales passes; that one task is replaced proves nothing yet, and none that is healthy, or
/// tasks that fail, do.
pub(crate) fn state(seen: &Seen<'_>) -> Judgement {
    let Reading { set, health, .. } = seen.reading;
    let (verdict, words) = verdict(seen);
    let mut judged = Judgement::plain(GATE, verdict, words);
    judged.readings = serde_json::json!({ "running": set.running, "health": health });
    judged.notes = notes(set, seen.targets);
    judged
}

fn verdict(seen: &Seen<'_>) -> (Verdict, String) {
    let Reading { set, health, service_desired, .. } = seen.reading;
    let desired = set.computed_desired(service_desired);
    if seen.standing.state == State::Crossed {
        return (Verdict::Fail, format!("the service is crossed: {}", seen.standing.reason));
    }
    if health.healthy == 0 {
        return (Verdict::Fail, format!("none of its {} targets is healthy", total(health)));
    }
    let refusal = match judge(&seen.reading, std::time::Duration::MAX) {
        Ready::Ready => return (Verdict::Pass, format!("{} of {desired} tasks healthy", health.healthy)),
        Ready::Enough(refusal) | Ready::Settling(refusal) | Ready::Refused(refusal)
            if with_failures(&refusal, seen.stopped).is_some() =>
        {
            let failed = with_failures(&refusal, seen.stopped).map(|error| error.message);
            return (Verdict::Fail, failed.unwrap_or(refusal.message));
        }
        Ready::Enough(_) | Ready::Settling(_) => {
            return (Verdict::Pass, format!("it scales: {} of {desired} tasks healthy", health.healthy));
        }
        Ready::Refused(refusal) => refusal,
    };
    (Verdict::Inconclusive, refusal.message)
}

fn total(health: Health) -> i32 {
    health.healthy + health.unhealthy + health.initial + health.draining + health.unused + health.unavailable
}

fn notes(set: &TaskSet, targets: &[Target]) -> Vec<String> {
    let count = |is: fn(&Target) -> bool| targets.iter().filter(|target| is(target)).count();
    let (shifted, anomalous) = (count(|target| target.out_of_service), count(|target| target.anomalous));
    let mut notes = Vec::new();
    if shifted > 0 {
        notes.push(format!("a zonal shift keeps {shifted} of its {} targets out of service", targets.len()));
    }
    if anomalous > 0 {
        notes.push(format!("the load balancer finds {anomalous} of its {} targets anomalous", targets.len()));
    }
    if !set.steady {
        notes.push("ECS does not call it steady".to_owned());
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TaskSetStatus::Active;
    use crate::plan::world::{beside, groups, live, set};
    use Colour::Green;

    #[test]
    fn a_weight_above_the_step_is_told_and_one_below_is_a_foreign_hand() {
        for (why, forwards, expected, told) in [
            ("as it was shifted", vec![live(95, 5)], Some(5.0), Ok(5.0)),
            ("in tenths", vec![live(995, 5)], Some(0.5), Ok(0.5)),
            ("the same with other numbers", vec![live(19, 1)], Some(5.0), Ok(5.0)),
            ("rounded beside another group", vec![beside(live(38, 2), 60)], Some(6.0), Ok(6.0)),
            ("moved forward", vec![live(75, 25)], Some(5.0), Ok(25.0)),
            ("forward on one of two", vec![live(75, 25), live(95, 5)], Some(5.0), Ok(5.0)),
            ("all of it", vec![live(0, 100)], Some(5.0), Ok(100.0)),
            ("after the swap", vec![live(0, 1)], None, Ok(100.0)),
            ("moved back", vec![live(98, 2)], Some(5.0), Err(())),
            ("rolled back", vec![live(100, 0)], Some(5.0), Err(())),
            ("back on one of two", vec![live(95, 5), live(100, 0)], Some(5.0), Err(())),
            ("rolled back after the swap", vec![live(100, 0)], None, Err(())),
            ("no weight at all", vec![live(0, 0)], Some(5.0), Err(())),
        ] {
            let found = share_of(&forwards, &groups(), Green, expected);
            if let Err(error) = &found {
                assert_eq!(error.code, "weights-changed-meanwhile", "{why}");
            }
            assert_eq!(found.map_err(|_| ()), told, "{why}");
        }
    }

    type Change = fn(&mut TaskSet, &mut Health);

    fn judged(change: impl Fn(&mut TaskSet, &mut Health), state: State, stopped: &[StoppedTask]) -> Verdict {
        let mut new = TaskSet { running: 4, steady: true, ..set("new", Green, 20, Active) };
        let mut health = Health { healthy: 4, ..Health::default() };
        change(&mut new, &mut health);
        let standing = Standing { state, reason: "as it is".to_owned(), live: None };
        let reading = Reading { set: &new, service_desired: 4, health, min_healthy: 100, starting: 0 };
        super::state(&Seen { standing: &standing, reading, targets: &[], stopped }).verdict
    }

    #[test]
    fn what_proves_nothing_is_no_failure_and_what_proves_something_is() {
        let crashed = StoppedTask {
            task_arn: "task".to_owned(),
            stop_code: Some("EssentialContainerExited".to_owned()),
            stopped_reason: None,
            containers: Vec::new(),
        };
        let none: &[StoppedTask] = &[];
        let cases: [(&str, Change, State, &[StoppedTask], Verdict); 7] = [
            ("well", |_, _| {}, State::Shifting, none, Verdict::Pass),
            (
                "scaling out",
                |set, health| (set.steady, set.running, health.healthy) = (false, 3, 3),
                State::Shifting,
                none,
                Verdict::Pass,
            ),
            (
                "one task is ill",
                |_, health| (health.healthy, health.unhealthy) = (3, 1),
                State::Shifting,
                none,
                Verdict::Inconclusive,
            ),
            (
                "one task has crashed",
                |_, health| (health.healthy, health.unhealthy) = (3, 1),
                State::Shifting,
                std::slice::from_ref(&crashed),
                Verdict::Fail,
            ),
            (
                "none is healthy",
                |_, health| (health.healthy, health.unhealthy) = (0, 4),
                State::Shifting,
                none,
                Verdict::Fail,
            ),
            ("crossed", |_, _| {}, State::Crossed, none, Verdict::Fail),
            ("after the swap", |_, _| {}, State::Unpromoted, none, Verdict::Pass),
        ];
        for (why, change, state, stopped, verdict) in cases {
            assert_eq!(judged(change, state, stopped), verdict, "{why}");
        }
    }
}
