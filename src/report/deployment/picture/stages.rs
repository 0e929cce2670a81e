//! The stages: a row for each, a bar from its begin to its end, and in it, darker, what was done.

use super::super::archive::millis;
use super::super::clock::duration;
use super::super::ink::{DONE, FAIL, INK, PAPER, SOFT, WAIT, clip};
use super::super::markup::{Markup, Px};
use super::super::story::Story;
use super::super::story::ending::answer;
use super::super::story::stages::{Stage, State};
use super::{ASIDE, Frame, LEFT, PLOT, beside, heading, words};

const ROW: f64 = 21.0;
const BAR: f64 = 13.0;

/// So many rows are still a picture.
const ROWS: usize = 36;

pub(super) fn draw(markup: &mut Markup, story: &Story<'_>, frame: &Frame, top: f64) -> f64 {
    heading(markup, top - 14.0, "stages");
    let mut y = top;
    let stages = &story.stages;
    let hidden = stages.len().saturating_sub(ROWS);
    // The beginning and the end say most.
    let is_hidden = |at: usize| hidden > 0 && at >= ROWS / 2 && at < ROWS / 2 + hidden;
    let mut told = false;
    for (at, stage) in stages.iter().enumerate() {
        if !is_hidden(at) {
            markup
                .tag("g")
                .set("role", "group")
                .set("aria-label", label(story, stage))
                .holding(|markup| row(markup, stage, frame, y));
        } else if told {
            continue;
        } else {
            told = true;
            words(markup, LEFT + 18.0, y + 11.0, 12.0).set("fill", SOFT).text(format!("… {hidden} more stages"));
        }
        y += ROW;
    }
    y + 8.0
}

fn label(story: &Story<'_>, stage: &Stage<'_>) -> String {
    let (from, to) = (story.clock.time(stage.from), story.clock.time(stage.to));
    let name = clip(stage.name, 12.0, 600.0);
    format!("{name}: {}, {} from {from} to {to}", stage.state.word(), duration(stage.to - stage.from))
}

fn row(markup: &mut Markup, stage: &Stage<'_>, frame: &Frame, y: f64) {
    let ink = if stage.state.is_bad() { FAIL } else { INK };
    let text = y + 11.0;
    words(markup, LEFT, text, 12.0)
        .set("fill", if stage.state.is_bad() { FAIL } else { SOFT })
        .text(stage.state.mark());
    let weight = if stage.state.is_bad() { "bold" } else { "normal" };
    let name = clip(stage.name, 12.5, PLOT.0 - LEFT - 26.0);
    words(markup, LEFT + 18.0, text, 12.0).set("fill", ink).set("font-weight", weight).text(name);
    let bar = frame.bar(stage.from, stage.to, 3.0);
    ground(markup, stage, bar, y);
    done(markup, stage, frame, y);
    cut(markup, stage, frame, y);
    beside(markup, &said(stage), bar, text, SOFT);
    let took = duration(stage.to - stage.from);
    let how = if stage.state.is_fine() { String::new() } else { format!(" {}", stage.state.word()) };
    words(markup, ASIDE, text, 12.0).set("fill", ink).set("font-weight", weight).text(format!("{took}{how}"));
}

/// The whole of its time.
fn ground(markup: &mut Markup, stage: &Stage<'_>, (left, long): (f64, f64), y: f64) {
    let fill = match stage.state {
        State::Done | State::Answered | State::Unanswered => WAIT,
        State::Undone => "url(#ecs-bg-undo)",
        State::Aborted | State::Failed => FAIL,
    };
    markup
        .tag("rect")
        .set("x", Px(left))
        .set("y", Px(y))
        .set("width", Px(long))
        .set("height", Px(BAR))
        .set("rx", 2)
        .set("fill", fill)
        .holding(|markup| {
            markup.tag("title").text(format!("{} {}", stage.state.word(), duration(stage.to - stage.from)));
        });
    if stage.state.is_bad() && long >= 14.0 {
        words(markup, left + long - 5.0, y + 10.5, 10.0)
            .set("fill", PAPER)
            .set("text-anchor", "end")
            .text(stage.state.mark());
    }
}

/// A wait that is drawn shorter than it was.
fn cut(markup: &mut Markup, stage: &Stage<'_>, frame: &Frame, y: f64) {
    let cuts =
        frame.scale.cuts.iter().filter(|(from, to)| stage.question.is_some() && stage.from <= *from && *to <= stage.to);
    for (from, to) in cuts {
        let x = f64::midpoint(frame.x(*from), frame.x(*to));
        words(markup, x, y + 11.0, 13.0).set("text-anchor", "middle").set("fill", INK).text("≈");
    }
}

/// What was done in it, where that went well: those that are too short to be told apart as one.
fn done(markup: &mut Markup, stage: &Stage<'_>, frame: &Frame, y: f64) {
    if stage.state != State::Done {
        return;
    }
    let mut bars: Vec<(f64, f64)> = Vec::new();
    for (at, action) in &stage.actions {
        let (left, long) = frame.bar(*at, at + millis(action.seconds), 2.0);
        match bars.last_mut() {
            Some((before, wide)) if left - (*before + *wide) < 1.0 => *wide = wide.max(left + long - *before),
            Some(_) | None => bars.push((left, long)),
        }
    }
    for (left, long) in bars {
        markup
            .tag("rect")
            .set("x", Px(left))
            .set("y", Px(y))
            .set("width", Px(long))
            .set("height", Px(BAR))
            .set("rx", 2)
            .set("fill", DONE)
            .empty();
    }
}

/// Who answered, or what was done.
fn said(stage: &Stage<'_>) -> String {
    if let Some(question) = stage.question {
        let answer = answer(question);
        let name = format!("{}: ", if question.name.is_empty() { "question" } else { &question.name });
        return answer.strip_prefix(&name).map(str::to_owned).unwrap_or(answer);
    }
    let actions: Vec<String> = stage
        .actions
        .iter()
        .filter(|(_, action)| action.name != stage.name)
        .take(6)
        .map(|(_, action)| format!("{} {}", action.name, duration(millis(action.seconds))))
        .collect();
    actions.join(", ")
}
