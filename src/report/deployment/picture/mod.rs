//! The picture: SVG of presentation attributes alone, as Jenkins' default Content-Security-Policy shows it. Read from top to
//! bottom: what and how it ended, why, the stages, the traffic, what users saw of it, the gates.

mod axis;
mod gates;
mod head;
mod seen;
mod stages;
mod traffic;
mod verdict;

use super::ink::{FONT, GREEN, INK, PAPER, SOFT, clip, width};
use super::markup::{Markup, Px, Tag};
use super::scale::Scale;
use super::story::Story;

pub(super) const WIDTH: f64 = 1000.0;
const LEFT: f64 = 24.0;
const RIGHT: f64 = 976.0;
/// In a legend, the square with its gap, and what a name has beside it.
const KEY: f64 = 18.0;
const KEY_ROOM: f64 = PLOT.0 - LEFT - 26.0;
/// Where times are drawn.
const PLOT: (f64, f64) = (208.0, 852.0);
/// What comes after the end: how it was left.
const AFTER: f64 = 26.0;
/// What stands to the right of it.
const ASIDE: f64 = 862.0;

/// Where things stand in the picture.
struct Frame {
    scale: Scale,
}

impl Frame {
    fn x(&self, at: i64) -> f64 {
        PLOT.0 + (PLOT.1 - AFTER - PLOT.0) * self.scale.place(at)
    }

    /// The left side and the width of a time; what is short is seen all the same.
    fn bar(&self, from: i64, to: i64, least: f64) -> (f64, f64) {
        let (left, right) = (self.x(from), self.x(to));
        let width = (right - left).max(least);
        (left.min(PLOT.1 - AFTER - width), width)
    }
}

/// Draws it.
pub(super) fn svg(story: &Story<'_>) -> String {
    let mut body = Markup::default();
    let mut y = head::draw(&mut body, story);
    y = verdict::draw(&mut body, story, y);
    if let Some(scale) = story.scale() {
        let frame = Frame { scale };
        let mut plot = Markup::default();
        let top = y + 34.0;
        y = stages::draw(&mut plot, story, &frame, top);
        y = traffic::draw(&mut plot, story, &frame, y);
        y = seen::draw(&mut plot, story, &frame, y);
        y = gates::draw(&mut plot, story, &frame, y);
        axis::draw(&mut body, story, &frame, top, y);
        body.put(&plot.finish());
    }
    y = foot(&mut body, story, y);
    let mut out = Markup::default();
    out.tag("svg")
        .set("xmlns", "http://www.w3.org/2000/svg")
        .set("width", Px(WIDTH))
        .set("height", Px(y))
        .set("viewBox", format!("0 0 {} {}", Px(WIDTH), Px(y)))
        .set("role", "graphics-document document")
        .set("aria-labelledby", "ecs-bg-title ecs-bg-desc")
        .set("lang", "en")
        .set("font-family", FONT)
        .set("font-size", 12)
        .set("fill", INK)
        .holding(|markup| {
            markup.tag("title").set("id", "ecs-bg-title").text(clip(&story.headline(), 12.0, 3000.0));
            markup.tag("desc").set("id", "ecs-bg-desc").text(description(story));
            patterns(markup);
            markup.tag("rect").set("width", Px(WIDTH)).set("height", Px(y)).set("fill", PAPER).empty();
            markup.put(&body.finish());
        });
    let mut text = out.finish();
    text.push('\n');
    text
}

/// What is seen, for who does not see it.
fn description(story: &Story<'_>) -> String {
    let facts = story.ending.facts.iter().map(|(label, text)| format!("{label}: {}", clip(text, 12.0, 3000.0)));
    facts.collect::<Vec<_>>().join(". ")
}

fn patterns(markup: &mut Markup) {
    markup.tag("defs").holding(|markup| {
        hatch(markup, "ecs-bg-green", GREEN, "#2f9c76", 8);
        hatch(markup, "ecs-bg-undo", "#f7d98b", "#a87400", 6);
        hatch(markup, "ecs-bg-doubt", "#fff1c9", "#b98200", 5);
    });
}

fn hatch(markup: &mut Markup, id: &str, ground: &str, line: &str, size: u32) {
    markup
        .tag("pattern")
        .set("id", id)
        .set("width", size)
        .set("height", size)
        .set("patternUnits", "userSpaceOnUse")
        .set("patternTransform", "rotate(45)")
        .holding(|markup| {
            markup.tag("rect").set("width", size).set("height", size).set("fill", ground).empty();
            markup.tag("rect").set("width", "1.5").set("height", size).set("fill", line).empty();
        });
}

fn foot(markup: &mut Markup, story: &Story<'_>, y: f64) -> f64 {
    let times = match story.clock {
        super::clock::Clock::Utc => "times in UTC",
        super::clock::Clock::Since => {
            "a report of version 1: times since the beginning, waits between the steps left out"
        }
    };
    let id = story.archive.deployment_id.as_deref().unwrap_or("-");
    let cut =
        if story.scale().is_some_and(|scale| !scale.cuts.is_empty()) { " · ≈ a long wait is cut short" } else { "" };
    let newer = match story.archive.unknown {
        0 => String::new(),
        some => format!(" · {some} events of a kind that this version of ecs-bg does not know are left out"),
    };
    let text = clip(&format!("deployment {id} · {times}{cut}{newer}"), 11.0, RIGHT - LEFT);
    words(markup, LEFT, y + 22.0, 11.0).set("fill", SOFT).text(text);
    y + 38.0
}

/// Begins a text.
fn words(markup: &mut Markup, x: f64, y: f64, size: f64) -> Tag<'_> {
    markup.tag("text").set("x", Px(x)).set("y", Px(y)).set("font-size", Px(size))
}

/// A heading in the left column.
fn heading(markup: &mut Markup, y: f64, text: &str) {
    words(markup, LEFT, y, 12.0).set("font-weight", "bold").set("fill", SOFT).text(text);
}

/// A row of a legend in the left column: a square of the colour, and what it stands for.
fn key(markup: &mut Markup, y: f64, fill: &str, text: String) {
    markup
        .tag("rect")
        .set("x", Px(LEFT))
        .set("y", Px(y - 10.0))
        .set("width", 12)
        .set("height", 12)
        .set("fill", fill)
        .empty();
    words(markup, LEFT + KEY, y, 12.0).text(text);
}

/// A text beside a bar, on whichever side of it there is room; nothing where there is none.
fn beside(markup: &mut Markup, text: &str, (left, long): (f64, f64), y: f64, fill: &str) {
    let (room_left, room_right) = (left - PLOT.0 - 6.0, PLOT.1 - left - long - 6.0);
    let is_right = room_right >= width(text, 11.0).min(room_left);
    let room = if is_right { room_right } else { room_left };
    // The beginning of a word tells nobody anything.
    if text.is_empty() || room < width(text, 11.0).min(200.0) {
        return;
    }
    let text = clip(text, 11.0, room);
    let tag = if is_right {
        words(markup, left + long + 6.0, y, 11.0)
    } else {
        words(markup, left - 6.0, y, 11.0).set("text-anchor", "end")
    };
    tag.set("fill", fill).text(text);
}
