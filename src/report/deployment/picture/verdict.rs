//! The box below the head: how it ended in one sentence, why, what is live, who decided, and what to do.

use super::super::ink::{BOLD, INK, MONO, PAPER, SOFT, width, width_mono, wrap};
use super::super::markup::{Markup, Px};
use super::super::story::Story;
use super::head::colours;
use super::{LEFT, RIGHT, words};

const LABELS: f64 = 84.0;
const LINE: f64 = 18.0;
const MOST: f64 = RIGHT - LEFT - LABELS - 36.0;

pub(super) fn draw(markup: &mut Markup, story: &Story<'_>, top: f64) -> f64 {
    let ending = &story.ending;
    let [ground, edge, ink] = colours(ending.tone);
    let mut inside = Markup::default();
    let mut y = top + 26.0;
    let sentence = ending.sentence.chars().next().into_iter().flat_map(char::to_uppercase);
    let sentence: String = sentence.chain(ending.sentence.chars().skip(1)).collect();
    for line in wrap(&sentence, RIGHT - LEFT - 40.0, 2, |text| width(text, 15.0) * BOLD) {
        words(&mut inside, LEFT + 16.0, y, 15.0).set("font-weight", "bold").set("fill", ink).text(line);
        y += 20.0;
    }
    let mut before = "";
    for (label, text) in &ending.facts {
        let lines = wrap(text, MOST, 4, |text| width(text, 12.0));
        y = fact(&mut inside, if *label == before { "" } else { label }, &lines, y);
        before = label;
    }
    for (at, (_, told)) in story.warnings.iter().take(3).enumerate() {
        let lines = wrap(&told.message, MOST, 2, |text| width(text, 12.0));
        y = fact(&mut inside, if at == 0 { "warnings" } else { "" }, &lines, y);
    }
    if story.warnings.len() > 3 {
        y = fact(&mut inside, "", &[format!("and {} more warnings", story.warnings.len() - 3)], y);
    }
    y = by_hand(&mut inside, story, y);
    markup.tag("g").set("role", "group").set("aria-label", "How it ended").holding(|markup| {
        let (wide, high) = (RIGHT - LEFT, y - top - 4.0);
        markup
            .tag("rect")
            .set("x", Px(LEFT))
            .set("y", Px(top))
            .set("width", Px(wide))
            .set("height", Px(high))
            .set("rx", 6)
            .set("fill", ground)
            .empty();
        markup
            .tag("rect")
            .set("x", Px(LEFT))
            .set("y", Px(top))
            .set("width", 5)
            .set("height", Px(high))
            .set("rx", 2)
            .set("fill", edge)
            .empty();
        markup.put(&inside.finish());
    });
    y
}

fn fact(markup: &mut Markup, label: &str, lines: &[String], mut y: f64) -> f64 {
    if !label.is_empty() {
        words(markup, LEFT + 16.0, y, 12.0).set("fill", SOFT).text(label);
    }
    for line in lines {
        words(markup, LEFT + 16.0 + LABELS, y, 12.0).set("fill", INK).text(line);
        y += LINE;
    }
    if lines.is_empty() { y + LINE } else { y }
}

/// Commands for a person: whole, however long, as they are copied.
fn by_hand(markup: &mut Markup, story: &Story<'_>, mut y: f64) -> f64 {
    for one in story.archive.by_hand.iter().take(4) {
        y = fact(markup, "to do", &wrap(&one.does, MOST, 2, |text| width(text, 12.0)), y);
        let mut lines = wrap(&one.command, MOST - 30.0, 8, |text| width_mono(text, 12.0));
        let last = lines.len().saturating_sub(1);
        // A shell takes it in these lines as well.
        lines.iter_mut().take(last).for_each(|line| line.push_str(" \\"));
        for line in lines {
            let wide = (width_mono(&line, 12.0) + 12.0).min(MOST + 12.0);
            markup
                .tag("rect")
                .set("x", Px(LEFT + 10.0 + LABELS))
                .set("y", Px(y - 13.0))
                .set("width", Px(wide))
                .set("height", Px(LINE))
                .set("fill", PAPER)
                .empty();
            words(markup, LEFT + 16.0 + LABELS, y, 12.0).set("font-family", MONO).text(line);
            y += LINE;
        }
    }
    y
}
