//! The gates: a row for each, a cell for each look, or for several that said the same. A pass is low, a doubt is hollow, a
//! failure fills its row.

use super::super::archive::Verdict;
use super::super::ink::{DONE, DOUBT_INK, FAIL, PAPER, SOFT, clip};
use super::super::markup::{Markup, Px};
use super::super::story::Story;
use super::super::story::gates::{Cell, Row};
use super::{ASIDE, Frame, LEFT, PLOT, heading, words};

const ROW: f64 = 22.0;
const HIGH: f64 = 16.0;

/// So many rows are still a picture.
const ROWS: usize = 12;

/// A cell below this width is one with its neighbours.
const CELL: f64 = 8.0;

pub(super) fn draw(markup: &mut Markup, story: &Story<'_>, frame: &Frame, mut y: f64) -> f64 {
    if story.gates.is_empty() {
        return y;
    }
    y += 18.0;
    heading(markup, y, "gates");
    legend(markup, y);
    y += 8.0;
    for row in story.gates.iter().take(ROWS) {
        markup
            .tag("g")
            .set("role", "group")
            .set("aria-label", format!("gate {}: {}", clip(row.name, 12.0, 600.0), last(row)))
            .holding(|markup| draw_row(markup, story, row, frame, y));
        y += ROW;
    }
    if story.gates.len() > ROWS {
        words(markup, LEFT, y + 12.0, 12.0)
            .set("fill", SOFT)
            .text(format!("and {} more gates", story.gates.len() - ROWS));
        y += ROW;
    }
    y
}

/// What the marks mean.
fn legend(markup: &mut Markup, y: f64) {
    let mut x = PLOT.0;
    for (verdict, text) in
        [(Verdict::Pass, "pass"), (Verdict::Inconclusive, "? too little to tell"), (Verdict::Fail, "✕ fail")]
    {
        cell(markup, verdict, (x, 12.0), y - 13.0, None);
        words(markup, x + 18.0, y, 11.0).set("fill", SOFT).text(text);
        x += 40.0 + super::width(text, 11.0);
    }
}

fn draw_row(markup: &mut Markup, story: &Story<'_>, row: &Row<'_>, frame: &Frame, y: f64) {
    let failed = !row.dry_run && row.last().is_some_and(|last| last.verdict == Verdict::Fail);
    let text = y + 12.0;
    let ink = if failed { FAIL } else { super::INK };
    let weight = if failed { "bold" } else { "normal" };
    words(markup, LEFT, text, 12.0).set("fill", ink).set("font-weight", weight).text(clip(
        row.name,
        12.5,
        PLOT.0 - LEFT - 10.0,
    ));
    for one in merged(row, frame) {
        let bar = frame.bar(one.from, one.to, 3.0);
        cell(markup, one.verdict, bar, y, Some(&title(story, &one)));
    }
    words(markup, ASIDE, text, 12.0).set("fill", ink).set("font-weight", weight).text(last(row));
}

/// Each look by itself where there is room; else those that said the same as one, and what is still too narrow with what
/// comes next.
fn merged<'a>(row: &Row<'a>, frame: &Frame) -> Vec<Cell<'a>> {
    let long = |cell: &Cell<'_>| frame.x(cell.to) - frame.x(cell.from);
    let (wide, from, to) = row.cells.iter().fold((0.0, f64::MAX, 0.0_f64), |(wide, from, to), cell| {
        (wide + long(cell), from.min(frame.x(cell.from)), to.max(frame.x(cell.to)))
    });
    #[allow(clippy::cast_precision_loss, reason = "a mean")]
    if wide.min(to - from) >= CELL * row.cells.len() as f64 {
        return row.cells.clone();
    }
    let same = row.merged(|one, next| one.verdict == next.verdict && one.to >= next.from);
    let row = Row { name: row.name, cells: same, dry_run: row.dry_run };
    row.merged(|one, next| one.to >= next.from && long(one) < CELL)
}

fn cell(markup: &mut Markup, verdict: Verdict, (left, long): (f64, f64), y: f64, title: Option<&str>) {
    let (fill, top, high) = match verdict {
        Verdict::Pass => (DONE, y + 5.0, 7.0),
        Verdict::Inconclusive => ("url(#ecs-bg-doubt)", y + 3.0, 10.0),
        Verdict::Fail => (FAIL, y, HIGH),
    };
    let gap = if long > 5.0 { 1.0 } else { 0.0 };
    let tag = markup
        .tag("rect")
        .set("x", Px(left))
        .set("y", Px(top))
        .set("width", Px(long - gap))
        .set("height", Px(high))
        .set("fill", fill);
    let tag =
        if verdict == Verdict::Inconclusive { tag.set("stroke", DOUBT_INK).set("stroke-width", "0.8") } else { tag };
    match title {
        Some(title) => tag.holding(|markup| markup.tag("title").text(title)),
        None => tag.empty(),
    }
    let mark = match verdict {
        Verdict::Pass => return,
        Verdict::Inconclusive => "?",
        Verdict::Fail => "✕",
    };
    if long >= 11.0 {
        let ink = if verdict == Verdict::Fail { PAPER } else { DOUBT_INK };
        words(markup, left + (long - gap) / 2.0, y + 12.0, 11.0)
            .set("text-anchor", "middle")
            .set("fill", ink)
            .text(mark);
    }
}

fn title(story: &Story<'_>, cell: &Cell<'_>) -> String {
    let looks = if cell.looks == 1 { String::new() } else { format!(", {} looks", cell.looks) };
    let (from, to) = (story.clock.time(cell.from), story.clock.time(cell.to));
    format!("{}{looks}, {from} to {to}", cell.verdict.word())
}

/// What it said at the end.
fn last(row: &Row<'_>) -> String {
    let Some(last) = row.last() else { return String::new() };
    let mark = match last.verdict {
        Verdict::Pass => "✓ pass",
        Verdict::Inconclusive => "? inconclusive",
        Verdict::Fail => "✕ fail",
    };
    if row.dry_run { format!("{mark} (dry run)") } else { mark.to_owned() }
}
