//! What was deployed, where, and the outcome as a badge.

use super::super::clock::duration;
use super::super::ink::{
    BOLD, CALM_GROUND, DONE, DOUBT, DOUBT_GROUND, DOUBT_INK, FAIL, FAIL_GROUND, INK, MONO, SOFT, clip, width,
};
use super::super::markup::{Markup, Px};
use super::super::story::Story;
use super::super::story::ending::Tone;
use super::{LEFT, RIGHT, words};

/// Ground, edge and ink of what has this tone.
pub(super) fn colours(tone: Tone) -> [&'static str; 3] {
    match tone {
        Tone::Good => [CALM_GROUND, DONE, INK],
        Tone::Doubt => [DOUBT_GROUND, DOUBT, DOUBT_INK],
        Tone::Bad => [FAIL_GROUND, FAIL, FAIL],
    }
}

pub(super) fn draw(markup: &mut Markup, story: &Story<'_>) -> f64 {
    let badge = badge(markup, story);
    let title = clip(story.service(), 22.0, (badge - LEFT - 40.0) * 0.6);
    words(markup, LEFT, 42.0, 22.0).set("font-weight", "bold").set("role", "heading").set("aria-level", 1).text(&title);
    let beside = LEFT + width(&title, 22.0) * BOLD + 16.0;
    let place = clip(&story.place().join(" · "), 14.0, badge - beside - 12.0);
    words(markup, beside, 42.0, 14.0).set("fill", SOFT).text(place);
    let mut y = 66.0;
    y = change(markup, "task definition", story.versions.from.as_deref(), story.versions.to.as_deref(), y);
    for image in story.versions.images.iter().take(4) {
        y = change(markup, &image.label, image.from.as_deref(), Some(&image.to), y);
    }
    if story.versions.images.len() > 4 {
        let more = format!("and {} more images", story.versions.images.len() - 4);
        words(markup, LEFT, y, 12.0).set("fill", SOFT).text(more);
        y += 18.0;
    }
    build(markup, story);
    y
}

/// The outcome and how long it took; where it begins.
fn badge(markup: &mut Markup, story: &Story<'_>) -> f64 {
    let tone = story.ending.tone;
    let [ground, edge, ink] = colours(tone);
    let took = story.took().map_or_else(String::new, |took| format!(" · {}", duration(took)));
    let text = format!("{} {}{took}", tone.mark(), clip(&story.ending.badge, 14.0, 300.0));
    let wide = width(&text, 14.0) * BOLD + 20.0;
    let left = RIGHT - wide;
    markup
        .tag("rect")
        .set("x", Px(left))
        .set("y", 20)
        .set("width", Px(wide))
        .set("height", 30)
        .set("rx", 15)
        .set("fill", ground)
        .set("stroke", edge)
        .set("stroke-width", "1.5")
        .empty();
    words(markup, left + wide / 2.0, 40.0, 14.0)
        .set("text-anchor", "middle")
        .set("font-weight", "bold")
        .set("fill", ink)
        .text(text);
    left
}

/// From what to what.
fn change(markup: &mut Markup, what: &str, from: Option<&str>, to: Option<&str>, y: f64) -> f64 {
    let Some(to) = to else { return y };
    let text = from.map_or_else(|| to.to_owned(), |from| format!("{from} → {to}"));
    words(markup, LEFT, y, 12.0).set("fill", SOFT).text(clip(what, 12.0, 98.0));
    // Letters of one width are wider.
    words(markup, LEFT + 104.0, y, 12.0).set("font-family", MONO).text(clip(&text, 13.0, 560.0));
    y + 18.0
}

/// The build, and when it began.
fn build(markup: &mut Markup, story: &Story<'_>) {
    if let Some((begin, _)) = story.span {
        let began = match story.clock {
            super::super::clock::Clock::Utc => story.clock.moment(begin),
            super::super::clock::Clock::Since => return link(markup, story, 66.0),
        };
        words(markup, RIGHT, 66.0, 12.0).set("text-anchor", "end").set("fill", SOFT).text(began);
    }
    link(markup, story, 84.0);
}

fn link(markup: &mut Markup, story: &Story<'_>, y: f64) {
    let Some(build) = &story.archive.build else { return };
    let text = clip(build.trim_start_matches("https://").trim_start_matches("http://"), 12.0, 300.0);
    let written = |markup: &mut Markup, fill: &str| {
        words(markup, RIGHT, y, 12.0).set("text-anchor", "end").set("fill", fill).text(text);
    };
    if is_link(build) {
        markup.tag("a").set("href", build).holding(|markup| written(markup, "#0b57a4"));
    } else {
        written(markup, SOFT);
    }
}

/// Whether a browser may be led there.
pub(in super::super) fn is_link(url: &str) -> bool {
    (url.starts_with("https://") || url.starts_with("http://")) && url.len() <= 2000
}
