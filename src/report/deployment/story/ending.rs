//! How it ended: one sentence, and the facts that a person asks for next, in the order in which they ask.

use crate::report::words::bounded;

use super::super::archive::{Archive, Failure, Question, Verdict, What, millis};
use super::super::clock::{Clock, duration};
use super::super::markup::percent;
use super::colour;
use super::seen::Seen;
use super::stages::{Stage, State};
use super::traffic::{Strip, share};
use super::versions::{Versions, is_ours, revision};

#[derive(Debug)]
pub(in super::super) struct Ending {
    pub(in super::super) tone: Tone,
    /// The outcome, as a badge has it.
    pub(in super::super) badge: String,
    pub(in super::super) sentence: String,
    pub(in super::super) facts: Vec<(&'static str, String)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Tone {
    Good,
    Doubt,
    Bad,
}

pub(super) fn of(
    archive: &Archive,
    clock: Clock,
    versions: &Versions,
    stages: &[Stage<'_>],
    live: &[Strip],
    seen: Option<&Seen>,
    questions: &[(i64, &Question)],
) -> Ending {
    let outcome = archive.outcome.as_deref();
    let cause = cause(archive, stages, questions);
    let because = |what: &str| if cause.is_empty() { what.to_owned() } else { format!("{what}: {cause}") };
    let to = versions.to.as_deref().unwrap_or("the new version");
    let (tone, badge, sentence) = match outcome {
        Some("promoted") if archive.error.is_some() => {
            (Tone::Doubt, "promoted", format!("promoted: {to} is live; the cleanup ended early"))
        }
        Some("promoted") => (Tone::Good, "promoted", format!("promoted: {to} is live")),
        Some("unchanged") => (Tone::Good, "unchanged", "nothing was changed".to_owned()),
        Some("rolledBack") => (Tone::Bad, "rolled back", because("rolled back")),
        Some("rollbackFailed") => (Tone::Bad, "rollback failed", because("the rollback failed")),
        Some("refused") => (Tone::Bad, "refused", because("nothing was created")),
        Some("kept") => (Tone::Bad, "left as it is", because("left as it is (onFailure: keep)")),
        Some("unpromoted") => (Tone::Bad, "not promoted", because("not promoted")),
        Some(other) => (Tone::Doubt, other, because(other)),
        None => (Tone::Doubt, "not ended", because("it has not ended")),
    };
    let facts = facts(archive, clock, versions, stages, live, seen, questions);
    Ending { tone, badge: badge.to_uppercase(), sentence, facts }
}

/// The step that ended it, and how; empty where nothing went wrong.
fn cause(archive: &Archive, stages: &[Stage<'_>], questions: &[(i64, &Question)]) -> String {
    let bad = stages.iter().rev().find(|stage| stage.state.is_bad() && stage.name != "rollback");
    let place = bad.map(|stage| stage.name).or(archive.phase.as_deref()).unwrap_or_default();
    let gates = failed_gates(archive);
    let aborted = archive.error.as_ref().is_some_and(|error| error.kind.as_deref() == Some("interrupted"));
    match &archive.error {
        None => questions
            .iter()
            .filter(|(_, question)| question.choice.as_deref() == Some("Roll back"))
            .map(|(_, question)| format!("{} asked for it", question.by.as_deref().unwrap_or("somebody")))
            .next_back()
            .unwrap_or_default(),
        Some(_) if aborted => format!("aborted in {place}"),
        Some(error) if error.code.as_deref() == Some("approval-timeout") => "nobody answered".to_owned(),
        Some(_) if !gates.is_empty() => format!("gate {} failed in {place}", gates.join(", ")),
        Some(_) => format!("{place} failed"),
    }
}

/// Those of the last look that failed.
fn failed_gates(archive: &Archive) -> Vec<&str> {
    let last = archive
        .events
        .iter()
        .rev()
        .find_map(|event| if let What::Look(look) = &event.what { Some(look) } else { None });
    let gates = last.into_iter().flat_map(|look| &look.gates);
    gates.filter(|gate| gate.verdict == Verdict::Fail && !gate.dry_run).take(3).map(|gate| gate.name.as_str()).collect()
}

fn facts(
    archive: &Archive,
    clock: Clock,
    versions: &Versions,
    stages: &[Stage<'_>],
    live: &[Strip],
    seen: Option<&Seen>,
    questions: &[(i64, &Question)],
) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    if let Some(error) = &archive.error {
        facts.push(("why", words(error)));
        // What a failed gate advises has been done.
        let is_done = archive.outcome.as_deref() == Some("rolledBack") && error.code.as_deref() == Some("gate-failed");
        facts.extend(error.hint.clone().filter(|_| !is_done).map(|hint| ("hint", hint)));
    }
    if let Some(error) = archive.rollback.as_ref().and_then(|rollback| rollback.error.as_ref()) {
        facts.push(("rollback", words(error)));
        facts.extend(error.hint.clone().map(|hint| ("hint", hint)));
    }
    if versions.first {
        facts.push(("before", "nothing: it is the first version".to_owned()));
    }
    if let Some(strip) = live.first() {
        let unlike = if live.len() > 1 { "; the live listeners were not alike all the time" } else { "" };
        facts.push(("traffic", traffic(strip, clock, stages) + unlike));
    }
    facts.extend(seen.map(|seen| ("users saw", seen.sentence(clock))));
    facts.extend(live_now(archive, versions).map(|now| ("live now", now)));
    if archive.outcome.as_deref() == Some("kept") {
        facts.extend(archive.test_url.clone().map(|url| ("seen at", url)));
    }
    facts.extend(asked(archive, questions).into_iter().map(|answer| ("decided", answer)));
    facts
}

/// A failure of an action, or of something else, which has no code.
fn words(error: &Failure) -> String {
    let message = if error.message.is_empty() { "no message" } else { &error.message };
    error.code.as_ref().map_or_else(|| message.to_owned(), |code| format!("{message} [{code}]"))
}

fn traffic(strip: &Strip, clock: Clock, stages: &[Stage<'_>]) -> String {
    let had_before = strip.points.first().is_some_and(|first| first.new > 0.0);
    let Some(seen) = strip.exposure() else { return "live traffic was not touched".to_owned() };
    let most = percent(seen.most * 100.0);
    let from = clock.time(seen.from);
    let Some(back) = seen.back else {
        let whole = strip.points.iter().find(|point| point.new >= 1.0).map(|point| point.at);
        return match whole {
            Some(at) if had_before && at == seen.from => {
                "all of it was on the new version as this build began".to_owned()
            }
            Some(at) if at == seen.from => format!("all of it moved to the new version at {from}"),
            Some(at) => format!("the new version had some from {from} on, all of it from {}", clock.time(at)),
            None => format!("the new version has had some since {from}, {most} at most"),
        };
    };
    let failed = stages.iter().rev().find(|stage| stage.state.is_bad() && stage.name != "rollback" && stage.to <= back);
    let after = failed
        .map_or_else(String::new, |stage| format!(", {} after the end of {}", duration(back - stage.to), stage.name));
    let most = if seen.most < 1.0 { format!("{most} of it at most") } else { "all of it".to_owned() };
    format!("the new version had {most}, for {}; back at {}{after}", duration(seen.long), clock.time(back))
}

/// What has the live traffic at the end; nothing where it never moved and nobody has told.
fn live_now(archive: &Archive, versions: &Versions) -> Option<String> {
    let Some(live) = &archive.live else {
        let nothing = archive.outcome.as_deref() == Some("rolledBack") || archive.outcome.as_deref() == Some("refused");
        return (archive.outcome.is_some()).then(|| {
            let known = if nothing { "nothing that this build knows of" } else { "not known" };
            format!("{known}; ecs-bg status tells")
        });
    };
    let colour = colour(live.colour.as_deref());
    let name = revision(live).or_else(|| {
        let (ours, theirs) = (versions.to.clone(), versions.from.clone());
        if is_ours(archive, live) { ours } else { theirs }
    });
    let name = name
        .unwrap_or_else(|| if is_ours(archive, live) { "the new version" } else { "the version before" }.to_owned());
    let Some(colour) = colour else { return Some(name) };
    let share = archive.weights.iter().find(|weights| weights.role == "live").map(|weights| share(weights, colour));
    let share = share.map_or_else(String::new, |share| format!(", {} of the live traffic", percent(share * 100.0)));
    Some(format!("{name} on {}{share}", colour.name()))
}

/// What of a note stands in a sentence; the page has all of it.
const NOTE: usize = 100;

fn asked(archive: &Archive, questions: &[(i64, &Question)]) -> Vec<String> {
    let told = questions.iter().filter(|(_, question)| question.by.is_some() || question.over);
    let mut answers: Vec<String> = told.map(|(_, question)| answer(question)).collect();
    if answers.is_empty() {
        let by = [("approved", &archive.approver), ("cleanup answered", &archive.cleanup_approver)];
        answers.extend(by.into_iter().filter_map(|(did, by)| by.as_ref().map(|by| format!("{did} by {by}"))));
        if let (Some(first), Some(note)) = (answers.first_mut(), &archive.note) {
            *first = format!("{first}: “{}”", bounded(note, NOTE));
        }
    }
    answers.truncate(4);
    answers
}

/// Who answered what, and how long that took.
pub(in super::super) fn answer(question: &Question) -> String {
    let long = duration(millis(question.seconds));
    let name = if question.name.is_empty() { "question" } else { &question.name };
    if question.over {
        return format!("{name}: nobody answered within {long}");
    }
    let by = question.by.as_deref().unwrap_or("somebody");
    let choice = question.choice.as_deref().unwrap_or("yes");
    let note = question
        .note
        .as_deref()
        .filter(|note| !note.is_empty())
        .map_or_else(String::new, |note| format!(" “{}”", bounded(note, NOTE)));
    format!("{name}: {by} answered {choice} after {long}{note}")
}

impl Tone {
    pub(in super::super) fn mark(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Doubt => "?",
            Self::Bad => "✕",
        }
    }
}

impl State {
    /// Whether the build goes on after it as if nothing was.
    pub(in super::super) fn is_fine(self) -> bool {
        matches!(self, Self::Done | Self::Answered | Self::Undone)
    }
}
