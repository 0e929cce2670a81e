//! The axis of times, and lines down from it; long waits that are cut short are marked as such.

use super::super::ink::{PAPER, RULE, SOFT, width};
use super::super::markup::{Markup, Px};
use super::super::story::Story;
use super::{AFTER, Frame, PLOT, words};

pub(super) fn draw(markup: &mut Markup, story: &Story<'_>, frame: &Frame, top: f64, bottom: f64) {
    let (step, marks) = frame.scale.marks();
    let mut before = None;
    let mut free = PLOT.0 - 30.0;
    markup.tag("g").set("aria-hidden", "true").set("stroke", RULE).holding(|markup| {
        for (at, x) in marks.iter().map(|at| (at, frame.x(*at))) {
            line(markup, x, top - 8.0, bottom);
            let text = story.clock.mark(*at, step, before);
            let half = width(&text, 11.0) / 2.0;
            if x - half >= free {
                words(markup, x, top - 14.0, 11.0)
                    .set("fill", SOFT)
                    .set("stroke", "none")
                    .set("text-anchor", "middle")
                    .text(text);
                free = x + half + 6.0;
                before = Some(*at);
            }
        }
        let end = PLOT.1 - AFTER;
        line(markup, end, top - 8.0, bottom);
        if free < end - 6.0 {
            words(markup, end, top - 14.0, 11.0)
                .set("fill", SOFT)
                .set("stroke", "none")
                .set("text-anchor", "middle")
                .text("end");
        }
        for (from, to) in &frame.scale.cuts {
            let x = f64::midpoint(frame.x(*from), frame.x(*to));
            markup
                .tag("rect")
                .set("x", Px(x - 9.0))
                .set("y", Px(top - 27.0))
                .set("width", 18)
                .set("height", 16)
                .set("fill", PAPER)
                .set("stroke", "none")
                .empty();
            words(markup, x, top - 13.0, 14.0)
                .set("fill", SOFT)
                .set("stroke", "none")
                .set("text-anchor", "middle")
                .text("≈");
        }
    });
}

fn line(markup: &mut Markup, x: f64, from: f64, to: f64) {
    markup.tag("line").set("x1", Px(x)).set("x2", Px(x)).set("y1", Px(from)).set("y2", Px(to)).empty();
}
