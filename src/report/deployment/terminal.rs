//! The same for a terminal and a build's log: a few lines, with the stages, the traffic and the gates drawn in letters.

use super::archive::Verdict;
use super::clock::duration;
use super::ink::clip;
use super::scale::Scale;
use super::story::Story;
use super::story::gates::Row;
use super::story::seen::Seen;
use super::story::stages::Stage;
use super::story::traffic::Strip;
use crate::report::words::thousands;

/// How many letters the time has.
const WIDE: usize = 48;
const LABEL: usize = 24;
const STAGES: usize = 24;
const GATES: usize = 8;
const TEXT: f64 = 300.0;

pub(super) fn lines(story: &Story<'_>) -> Vec<String> {
    let took = story.took().map_or_else(String::new, |took| format!(" after {}", duration(took)));
    let mut lines = vec![
        clip(&format!("{} ({})", story.service(), story.place().join(", ")), 1.0, TEXT),
        clip(
            &format!("{} {}{took}: {}", story.ending.tone.mark(), story.ending.badge, story.ending.sentence),
            1.0,
            TEXT,
        ),
    ];
    let mut fact = |label: &str, text: &str| lines.push(clip(&format!("  {label:<10}{text}"), 1.0, TEXT));
    if let Some(to) = &story.versions.to {
        fact("version", &story.versions.from.as_ref().map_or_else(|| to.clone(), |from| format!("{from} → {to}")));
    }
    story.ending.facts.iter().for_each(|(label, text)| fact(label, text));
    story.warnings.iter().take(3).for_each(|(_, told)| fact("warning", &told.message));
    for one in story.archive.by_hand.iter().take(4) {
        fact("to do", &one.does);
        fact("", &one.command);
    }
    if let Some(scale) = story.scale() {
        lines.extend(story.stages.iter().take(STAGES).map(|stage| bar(stage, &scale)));
        if story.stages.len() > STAGES {
            lines.push(format!("    … {} more stages", story.stages.len() - STAGES));
        }
        lines.extend(story.live.iter().take(2).map(|strip| area(story, strip, &scale)));
        lines.extend(story.seen.iter().flat_map(|seen| users(story, seen, &scale)));
        lines.extend(story.gates.iter().take(GATES).map(|row| looks(row, &scale)));
    }
    lines
}

/// Which letter a time is.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "some 50 letters"
)]
fn letter(scale: &Scale, at: i64) -> usize {
    ((scale.place(at) * WIDE as f64) as usize).min(WIDE - 1)
}

fn label(text: &str) -> String {
    let mut text: String = clip(text, 1.0, TEXT);
    if text.chars().count() > LABEL {
        text = text.chars().take(LABEL - 1).chain(['…']).collect();
    }
    let missing = LABEL - text.chars().count();
    text + &" ".repeat(missing)
}

fn drawn(letters: [char; WIDE]) -> String {
    letters.iter().collect()
}

fn fill(letters: &mut [char; WIDE], from: usize, to: usize, with: char) {
    letters.iter_mut().take(to + 1).skip(from).for_each(|letter| *letter = with);
}

fn bar(stage: &Stage<'_>, scale: &Scale) -> String {
    let mut letters = [' '; WIDE];
    let with = if stage.question.is_some() { '░' } else { '█' };
    fill(&mut letters, letter(scale, stage.from), letter(scale, stage.to), with);
    let (mark, took) = (stage.state.mark(), duration(stage.to - stage.from));
    let how = if stage.state.is_fine() { String::new() } else { format!(", {}", stage.state.word()) };
    format!("  {mark} {} {} {took}{how}", label(stage.name), drawn(letters))
}

/// A part of something, 0 to 1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "one of nine")]
fn height(part: f64) -> char {
    const HEIGHTS: [char; 9] = ['·', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    HEIGHTS.get((part * 8.0).ceil() as usize).copied().unwrap_or('█')
}

/// The new version's part of the traffic.
fn area(story: &Story<'_>, strip: &Strip, scale: &Scale) -> String {
    let mut letters = [' '; WIDE];
    for (point, to) in strip.spans() {
        fill(&mut letters, letter(scale, point.at), letter(scale, to), height(point.new));
    }
    format!("    {} {} {}", label("live traffic, new part"), drawn(letters), story.versions.new.name())
}

/// The new version's part of the requests that users made, and where some of them failed.
fn users(story: &Story<'_>, seen: &Seen, scale: &Scale) -> Vec<String> {
    let (mut letters, mut marks) = ([' '; WIDE], [' '; WIDE]);
    let parts = seen.merged(|from, to| letter(scale, from) == letter(scale, to - 1));
    for part in &parts {
        let (from, to) = (letter(scale, part.from), letter(scale, part.to - 1));
        let new = part.a_second(part.count.new) / part.a_second(part.count.requests);
        fill(&mut letters, from, to, height(new));
        let is_bad = part.count.failed > 0;
        for mark in marks.iter_mut().take(to + 1).skip(from).filter(|mark| is_bad || **mark == ' ') {
            *mark = if is_bad { '✕' } else { '·' };
        }
    }
    let mut lines = Vec::new();
    // Where no answer said its version, none is not what the new one had.
    if seen.inside.requests > seen.inside.others() {
        let drawn = drawn(letters);
        lines.push(format!("    {} {drawn} {}", label("seen by users, new part"), story.versions.new.name()));
    }
    if seen.inside.failed > 0 {
        let failed = thousands(seen.inside.failed);
        lines.push(format!("    {} {} {failed} failed", label("seen by users, failed"), drawn(marks)));
    }
    lines
}

fn looks(row: &Row<'_>, scale: &Scale) -> String {
    let mut letters = [' '; WIDE];
    let mut seen = [None; WIDE];
    for cell in &row.cells {
        for at in letter(scale, cell.from)..=letter(scale, cell.to) {
            if let (Some(letter), Some(seen)) = (letters.get_mut(at), seen.get_mut(at)) {
                *seen = (*seen).max(Some(cell.verdict));
                *letter = match *seen {
                    None | Some(Verdict::Pass) => '·',
                    Some(Verdict::Inconclusive) => '?',
                    Some(Verdict::Fail) => '✕',
                };
            }
        }
    }
    let last = row.last().map_or("", |last| last.verdict.word());
    format!("    {} {} {last}", label(&format!("gate {}", row.name)), drawn(letters))
}
