//! What users saw, as a load generator counted it: requests a second as an area, the new version's from below, in the colours
//! of the live traffic above it; downwards from there what failed, each place with ✕; and as a line how long answers took.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::super::ink::{BOLD, FAIL, INK, OTHERS, RULE, SOFT, clip, width};
use super::super::markup::{Markup, Px};
use super::super::story::Story;
use super::super::story::seen::{Part, Seen, requests, took};
use super::traffic::fill;
use super::{AFTER, ASIDE, Frame, KEY_ROOM, LEFT, PLOT, RIGHT, heading, key, words};
use crate::report::words::thousands;

const HIGH: f64 = 60.0;
const FAILED: f64 = 16.0;
const LINE: f64 = 20.0;

/// What is narrower is one with what comes next.
const NARROW: f64 = 2.5;

/// A ✕ needs so much.
const MARK: f64 = 13.0;

pub(super) fn draw(markup: &mut Markup, story: &Story<'_>, frame: &Frame, mut y: f64) -> f64 {
    let Some(seen) = story.seen.as_ref().filter(|seen| !seen.parts.is_empty()) else { return y };
    let parts = seen.merged(|from, to| frame.x(to) - frame.x(from) <= NARROW);
    y += 18.0;
    heading(markup, y, "seen by users");
    y += 8.0;
    markup
        .tag("g")
        .set("role", "group")
        .set("aria-label", format!("seen by users: {}", seen.sentence(story.clock)))
        .holding(|markup| {
            legend(markup, story, seen, y);
            area(markup, story, &parts, frame, y);
            aside(markup, seen, y);
            y += HIGH;
            if parts.iter().any(|part| part.count.failed > 0) {
                failed(markup, story, seen, &parts, frame, y);
                y += FAILED + MARK;
            }
            y += 8.0;
            if parts.iter().any(|part| part.count.p95.is_some()) {
                line(markup, &parts, frame, y);
                y += LINE + 8.0;
            }
        });
    y
}

/// Which colour is which version, as the answers call it, and how many it gave.
fn legend(markup: &mut Markup, story: &Story<'_>, seen: &Seen, y: f64) {
    let new = story.versions.new;
    let count = &seen.inside;
    let rows = [
        (fill(new.other()), named(&seen.old, "old"), count.old),
        (fill(new), named(&seen.new, "new"), count.new),
        (OTHERS, named(&seen.others, "not known"), count.others()),
    ];
    let rows = rows.into_iter().filter(|(_, _, count)| *count > 0);
    for ((fill, name, count), at) in rows.zip(0_u8..) {
        let y = y + 10.0 + 20.0 * f64::from(at);
        let count = format!(": {}", thousands(count));
        let name = clip(&name, 12.0, KEY_ROOM - width(&count, 12.0));
        key(markup, y, fill, name + &count);
    }
}

fn named(names: &BTreeSet<String>, otherwise: &str) -> String {
    if names.is_empty() {
        return otherwise.to_owned();
    }
    names.iter().take(4).map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn most(parts: &[Part], value: impl Fn(&Part) -> f64) -> f64 {
    parts.iter().map(value).fold(0.0, f64::max).max(f64::MIN_POSITIVE)
}

/// What of a part an area shows.
type Height = fn(&Part) -> u64;

/// One above the other: the new version's, the others', the old version's.
fn area(markup: &mut Markup, story: &Story<'_>, parts: &[Part], frame: &Frame, y: f64) {
    let all = |part: &Part| part.a_second(part.count.requests);
    let most = most(parts, all);
    let new = story.versions.new;
    let base = y + HIGH;
    let layers: [(Height, &str); 3] = [
        (|part| part.count.requests, fill(new.other())),
        (|part| part.count.requests.saturating_sub(part.count.old), OTHERS),
        (|part| part.count.new, fill(new)),
    ];
    for (height, fill) in layers {
        let steps = parts.iter().map(|part| (place(part, frame), HIGH * part.a_second(height(part)) / most));
        if let Some(path) = outline(steps, base, -1.0) {
            markup.tag("path").set("d", path).set("fill", fill).empty();
        }
    }
    base_line(markup, base);
}

fn base_line(markup: &mut Markup, y: f64) {
    markup
        .tag("line")
        .set("x1", Px(PLOT.0))
        .set("x2", Px(PLOT.1 - AFTER))
        .set("y1", Px(y))
        .set("y2", Px(y))
        .set("stroke", RULE)
        .empty();
}

fn place(part: &Part, frame: &Frame) -> (f64, f64) {
    (frame.x(part.from), frame.x(part.to))
}

/// Blocks that stand on a base line, up or down from it; those that touch as one; nothing where there is none.
fn outline(steps: impl Iterator<Item = ((f64, f64), f64)>, base: f64, way: f64) -> Option<String> {
    let mut path = String::new();
    let mut before: Option<f64> = None;
    for ((left, right), high) in steps.filter(|(_, high)| *high > 0.0) {
        // A hair of a gap is only how places are rounded.
        let touches = before.is_some_and(|before| left - before < 0.2);
        if !touches {
            if before.is_some() {
                write!(path, "V{}Z", Px(base)).ok();
            }
            write!(path, "M{} {}", Px(left), Px(base)).ok();
        }
        // What is there is seen, however little it is.
        write!(path, "V{}H{}", Px(base + way * high.max(0.7)), Px(right.max(left + 0.5))).ok();
        before = Some(right);
    }
    before.map(|_| format!("{path}V{}Z", Px(base)))
}

/// Failed requests a second, on a scale of their own, and below them a mark wherever some failed.
fn failed(markup: &mut Markup, story: &Story<'_>, seen: &Seen, parts: &[Part], frame: &Frame, y: f64) {
    let a_second = |part: &Part| part.a_second(part.count.failed);
    let most_drawn = most(parts, a_second);
    words(markup, LEFT, y + 13.0, 12.0).set("fill", FAIL).set("font-weight", "bold").text("✕ failed");
    let up_to = clip(&format!("up to {}/s", rounded(most(&seen.parts, a_second))), 12.0, RIGHT - ASIDE);
    words(markup, ASIDE, y + 13.0, 12.0).set("fill", FAIL).text(up_to);
    let steps = parts.iter().filter(|part| part.count.failed > 0).map(|part| {
        let (left, right) = place(part, frame);
        ((left, right.max(left + 2.0)), 3.0 + (FAILED - 3.0) * a_second(part) / most_drawn)
    });
    if let Some(path) = outline(steps, y, 1.0) {
        markup.tag("path").set("d", path).set("fill", FAIL).empty();
    }
    for mark in marks(parts, frame) {
        let x = f64::midpoint(frame.x(mark.from), frame.x(mark.to));
        words(markup, x, y + FAILED + 9.0, 11.0)
            .set("text-anchor", "middle")
            .set("font-weight", "bold")
            .set("fill", FAIL)
            .holding(|markup| {
                markup.text("✕");
                let (from, to) = (story.clock.time(mark.from), story.clock.time(mark.to));
                let (failed, all) = (thousands(mark.count.failed), thousands(mark.count.requests));
                markup.tag("title").text(format!("{failed} of {all} failed, {from} to {to}"));
            });
    }
}

/// The parts with failures, those that are too close for two marks as one.
fn marks(parts: &[Part], frame: &Frame) -> Vec<Part> {
    let mut marks: Vec<Part> = Vec::new();
    for part in parts.iter().filter(|part| part.count.failed > 0) {
        match marks.last_mut() {
            Some(last) if frame.x(part.to) - frame.x(last.from) < MARK => {
                last.join(part);
            }
            Some(_) | None => marks.push(part.clone()),
        }
    }
    marks
}

/// How long 95 % of the answers took at most.
fn line(markup: &mut Markup, parts: &[Part], frame: &Frame, y: f64) {
    let most = most(parts, |part| part.count.p95.unwrap_or_default());
    words(markup, LEFT, y + 13.0, 12.0).set("fill", SOFT).text("p95 of the answers");
    words(markup, ASIDE, y + 13.0, 12.0).set("fill", SOFT).text(clip(
        &format!("up to {}", took(most)),
        12.0,
        RIGHT - ASIDE,
    ));
    base_line(markup, y + LINE);
    let mut path = String::new();
    let mut before: Option<f64> = None;
    for part in parts {
        let Some(p95) = part.count.p95 else { continue };
        let (left, right) = place(part, frame);
        let height = y + LINE - LINE * (p95 / most);
        let joined = before.is_some_and(|before| left - before < NARROW);
        write!(
            path,
            "{}H{}",
            if joined { format!("V{}", Px(height)) } else { format!("M{} {}", Px(left), Px(height)) },
            Px(right)
        )
        .ok();
        before = Some(right);
    }
    markup.tag("path").set("d", path).set("fill", "none").set("stroke", INK).set("stroke-width", "1.2").empty();
}

/// How many, in words.
fn aside(markup: &mut Markup, seen: &Seen, y: f64) {
    let count = &seen.inside;
    let (mark, ink, weight) = match count.failed {
        0 => ("✓ none failed".to_owned(), INK, "normal"),
        failed => (format!("✕ {} failed", thousands(failed)), FAIL, "bold"),
    };
    let most = most(&seen.parts, |part| part.a_second(part.count.requests));
    let room = RIGHT - ASIDE;
    // Of millions the number alone has room.
    let all = Some(requests(count.requests)).filter(|all| width(all, 12.0) <= room);
    let all = all.unwrap_or_else(|| thousands(count.requests));
    words(markup, ASIDE, y + 11.0, 12.0).text(clip(&all, 12.0, room));
    words(markup, ASIDE, y + 29.0, 12.0).set("fill", ink).set("font-weight", weight).text(clip(
        &mark,
        12.0 * BOLD,
        room,
    ));
    words(markup, ASIDE, y + 47.0, 12.0).set("fill", SOFT).text(clip(
        &format!("up to {}/s", rounded(most)),
        12.0,
        room,
    ));
}

/// A rate as one reads it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "what is too large is the largest")]
fn rounded(rate: f64) -> String {
    if rate < 10.0 { Px(rate).to_string() } else { thousands(rate.round() as u64) }
}
