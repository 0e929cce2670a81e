//! What an alarm says about the time since traffic began.

use std::iter::once;
use std::time::SystemTime;

use serde_json::json;

use super::{Judgement, Verdict};
use crate::model::cloudwatch::{Alarm, AlarmState};
use crate::report::view::timestamp;

/// The states that an alarm is known to have had since then, the newest last; and whether those are all.
fn states(alarm: &Alarm, since: SystemTime) -> (Vec<AlarmState>, bool) {
    let left = alarm.left.as_deref().unwrap_or_default();
    if alarm.is_unchanged_since(since) {
        (vec![alarm.state], true)
    } else {
        (left.iter().copied().chain(once(alarm.state)).collect(), !left.is_empty())
    }
}

/// Judges an alarm since traffic began. `ignored`: it was in ALARM before, and does not count until it has been OK once.
pub(crate) fn alarm(name: &str, found: Option<&Alarm>, since: SystemTime, ignored: bool) -> Judgement {
    let gate = format!("alarm {name}");
    let Some(alarm) = found else {
        return Judgement::plain(gate, Verdict::Fail, "there is no alarm of this name in CloudWatch");
    };
    let (verdict, words, note) = judge(alarm, since, ignored);
    Judgement {
        readings: json!({
            "state": alarm.state.name(),
            "since": alarm.transitioned.and_then(timestamp),
            "left": alarm.left.as_ref().map(|left| left.iter().map(|state| state.name()).collect::<Vec<_>>()),
            "evaluation": alarm.evaluation,
            "reason": alarm.reason,
        }),
        threshold: json!({ "state": AlarmState::Ok.name() }),
        notes: note.map(str::to_owned).into_iter().collect(),
        ..Judgement::plain(gate, verdict, words)
    }
}

fn judge(alarm: &Alarm, since: SystemTime, ignored: bool) -> (Verdict, String, Option<&'static str>) {
    let (states, all_known) = states(alarm, since);
    let counted =
        if ignored { states.iter().position(|state| *state == AlarmState::Ok).unwrap_or(states.len()) } else { 0 };
    let counted = &states[counted..];
    let was = |state| counted.contains(&state);
    let shown = alarm.transitioned.and_then(timestamp).map(|at| format!(" since {at}")).unwrap_or_default();
    let shown = format!("{}{shown}", alarm.state.name());

    // In ALARM again, and what it was in between is not known.
    let is_back = ignored && alarm.state == AlarmState::Alarm && !all_known;
    if alarm.state == AlarmState::Alarm && (is_back || was(AlarmState::Alarm)) {
        return (Verdict::Fail, format!("{shown}: {}", alarm.reason), None);
    }
    if was(AlarmState::Alarm) {
        return (Verdict::Fail, format!("it was in ALARM after traffic began; {shown}"), None);
    }
    if let Some(evaluation) = &alarm.evaluation {
        return (
            Verdict::Inconclusive,
            format!("{shown}, but CloudWatch could not evaluate all of it: {evaluation}"),
            None,
        );
    }
    match alarm.state {
        AlarmState::Alarm => {
            (Verdict::Pass, shown, Some("it was in ALARM before traffic began, and is ignored until it is OK"))
        }
        AlarmState::Ok if all_known => (Verdict::Pass, shown, None),
        AlarmState::Ok if ignored => (Verdict::Pass, shown, Some("it was in ALARM before traffic began")),
        AlarmState::InsufficientData if was(AlarmState::Ok) => {
            (Verdict::Pass, shown, Some("it has no data any more; it was OK since traffic began"))
        }
        AlarmState::InsufficientData if all_known => {
            (Verdict::Inconclusive, format!("{shown}: it was never OK since traffic began"), None)
        }
        AlarmState::Ok | AlarmState::InsufficientData => {
            let words = format!("{shown}: it changed after traffic began, and whether it was in ALARM is not known");
            (Verdict::Inconclusive, words, None)
        }
    }
}

#[cfg(test)]
#[path = "alarm_tests.rs"]
mod tests;
