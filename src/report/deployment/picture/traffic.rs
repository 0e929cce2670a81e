//! The traffic over time as an area: blue and green by their colours, the new version from below. Below it a thin strip of the
//! test listener's.

use std::fmt::Write;

use super::super::clock::duration;
use super::super::ink::{BLUE, INK, OTHERS, PAPER, SOFT, clip, width};
use super::super::markup::{Markup, Px, percent};
use super::super::story::Story;
use super::super::story::traffic::Strip;
use super::{ASIDE, Frame, KEY_ROOM, LEFT, PLOT, heading, key, words};
use crate::model::Colour;

const HIGH: f64 = 72.0;
const THIN: f64 = 12.0;

/// Listeners that differ are rare, and more than these are no picture.
const STRIPS: usize = 3;

pub(super) fn draw(markup: &mut Markup, story: &Story<'_>, frame: &Frame, mut y: f64) -> f64 {
    if story.live.is_empty() {
        return y;
    }
    y += 18.0;
    heading(markup, y, "live traffic");
    let several = story.live.len() > 1;
    y += 8.0;
    for strip in story.live.iter().take(STRIPS) {
        legend(markup, story, strip, several, y);
        area(markup, story, strip, frame, y, HIGH);
        labels(markup, story, strip, frame, y);
        aside(markup, strip, y);
        y += HIGH + 8.0;
    }
    if story.live.len() > STRIPS {
        words(markup, LEFT, y + 11.0, 12.0)
            .set("fill", SOFT)
            .text(format!("and {} more listeners, with other weights", story.live.len() - STRIPS));
        y += 18.0;
    }
    for strip in story.test.iter().take(1) {
        words(markup, LEFT, y + 10.0, 12.0).set("fill", SOFT).text("test listener");
        area(markup, story, strip, frame, y, THIN);
        if let Some(last) = strip.points.last() {
            let colour = if last.new > last.old { story.versions.new } else { story.versions.new.other() };
            words(markup, ASIDE, y + 10.0, 12.0).set("fill", SOFT).text(format!("{} at the end", colour.name()));
        }
        y += THIN + 8.0;
    }
    y
}

/// Which colour is which version.
fn legend(markup: &mut Markup, story: &Story<'_>, strip: &Strip, several: bool, y: f64) {
    let new = story.versions.new;
    let rows = [(new.other(), "before"), (new, "new")];
    for ((colour, what), y) in rows.into_iter().zip([y + 10.0, y + 30.0]) {
        let what = if story.versions.first && what == "before" { "nothing" } else { what };
        let name = story.versions.name(colour).unwrap_or(what);
        key(markup, y, fill(colour), clip(&format!("{}: {name}", colour.name()), 12.0, KEY_ROOM));
    }
    if several {
        let names = clip(&strip.listeners.join(", "), 11.0, PLOT.0 - LEFT - 8.0);
        words(markup, LEFT, y + 50.0, 11.0).set("fill", SOFT).text(names);
    }
}

pub(super) fn fill(colour: Colour) -> &'static str {
    match colour {
        Colour::Blue => BLUE,
        Colour::Green => "url(#ecs-bg-green)",
    }
}

/// The old version's part from above, the new one's from below; between them what other groups have.
fn area(markup: &mut Markup, story: &Story<'_>, strip: &Strip, frame: &Frame, y: f64, high: f64) {
    let Some(first) = strip.points.first() else { return };
    let (left, right) = (frame.x(first.at), PLOT.1);
    let new = story.versions.new;
    let title = strip.exposure().map_or_else(
        || "the new version had no traffic".to_owned(),
        |seen| {
            format!("the new version had traffic for {}, {} at most", duration(seen.long), percent(seen.most * 100.0))
        },
    );
    markup.tag("g").set("role", "group").set("aria-label", title).holding(|markup| {
        markup
            .tag("rect")
            .set("x", Px(left))
            .set("y", Px(y))
            .set("width", Px(right - left))
            .set("height", Px(high))
            .set("fill", OTHERS)
            .empty();
        let steps = steps(strip, frame);
        let old: Vec<_> = steps.iter().map(|(x, _, old)| (*x, y + high * old)).collect();
        let ours: Vec<_> = steps.iter().map(|(x, new, _)| (*x, y + high * (1.0 - new))).collect();
        markup.tag("path").set("d", outline(&old, y, right)).set("fill", fill(new.other())).empty();
        markup.tag("path").set("d", outline(&ours, y + high, right)).set("fill", fill(new)).empty();
    });
}

/// Places with the parts from there on; those within half a pixel as one.
fn steps(strip: &Strip, frame: &Frame) -> Vec<(f64, f64, f64)> {
    let mut steps: Vec<(f64, f64, f64)> = Vec::new();
    for point in &strip.points {
        let step = (frame.x(point.at), point.new, point.old);
        match steps.last_mut() {
            Some(last) if step.0 - last.0 < 0.5 => *last = (last.0, step.1, step.2),
            Some(_) | None => steps.push(step),
        }
    }
    steps
}

/// A staircase over a base line, to the right end.
fn outline(steps: &[(f64, f64)], base: f64, right: f64) -> String {
    let mut path = String::new();
    for (at, (x, y)) in steps.iter().enumerate() {
        if at == 0 {
            write!(path, "M{} {}", Px(*x), Px(base)).ok();
        } else {
            write!(path, "H{}", Px(*x)).ok();
        }
        write!(path, "V{}", Px(*y)).ok();
    }
    write!(path, "H{}V{}Z", Px(right), Px(base)).ok();
    path
}

/// The new version's part, where there is room to write it, and when it changed.
fn labels(markup: &mut Markup, story: &Story<'_>, strip: &Strip, frame: &Frame, y: f64) {
    for (point, to) in strip.spans() {
        let (left, right) = (frame.x(point.at), frame.x(to));
        let text = percent(point.new * 100.0);
        if right - left < width(&text, 12.0) + 12.0 {
            continue;
        }
        let split = y + HIGH * (1.0 - point.new);
        let is_above = point.new < 0.5;
        let ground = if is_above { story.versions.new.other() } else { story.versions.new };
        let height = if is_above { split - 6.0 } else { split + 16.0 };
        let ink = match ground {
            Colour::Blue => PAPER,
            Colour::Green => INK,
        };
        words(markup, f64::midpoint(left, right), height.clamp(y + 14.0, y + HIGH - 6.0), 12.0)
            .set("text-anchor", "middle")
            .set("font-weight", "bold")
            .set("fill", ink)
            .holding(|markup| {
                markup.text(text);
                let cause = if point.cause.is_empty() {
                    String::new()
                } else {
                    format!(", {}", clip(&point.cause, 12.0, 300.0))
                };
                markup.tag("title").text(format!("new version, from {}{cause}", story.clock.time(point.at)));
            });
    }
}

/// What of the traffic the new version had.
fn aside(markup: &mut Markup, strip: &Strip, y: f64) {
    let lines = match strip.exposure() {
        None => ["not touched".to_owned(), String::new()],
        Some(seen) => {
            let most =
                if seen.most < 1.0 { format!("up to {}", percent(seen.most * 100.0)) } else { "all of it".to_owned() };
            [format!("new: {most}"), format!("for {}", duration(seen.long))]
        }
    };
    for (line, y) in lines.into_iter().zip([y + 11.0, y + 29.0]).filter(|(line, _)| !line.is_empty()) {
        words(markup, ASIDE, y, 12.0).text(line);
    }
}
