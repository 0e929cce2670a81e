//! One page: the picture, and below it everything in tables. HTML without a script or a style, as Jenkins shows it.

use serde_json::Value;

use super::archive::{Verdict, millis};
use super::clock::{SECOND, duration};
use super::ink::{FONT, clip};
use super::markup::{Markup, percent};
use super::story::Story;
use super::story::ending::answer;
use super::story::gates::{Cell, Row};
use super::story::seen::{requests, took};
use crate::report::words::thousands;

/// A page beyond this is no page any more; what does not fit is in the JSON, and the page says so.
const LARGEST: usize = 400_000;

/// Of a gate with more looks than this those that said the same are one row.
const LOOKS: usize = 300;

/// Of what users saw no more times than this have a row.
const TIMES: i64 = 300;

/// A cell's longest text, about.
const TEXT: f64 = 400.0;

pub(super) fn html(story: &Story<'_>, picture: &str) -> String {
    let mut page = Markup::default();
    page.put("<!DOCTYPE html>\n");
    page.tag("html").set("lang", "en").holding(|page| {
        page.tag("head").holding(|page| {
            page.tag("meta").set("charset", "utf-8").empty();
            page.tag("meta").set("name", "viewport").set("content", "width=1000").empty();
            page.tag("title").text(clip(&story.headline(), 1.0, 200.0));
        });
        page.tag("body").set("bgcolor", "#ffffff").set("text", "#1f2328").holding(|page| {
            page.tag("font").set("face", FONT).set("size", 2).holding(|page| {
                page.put(picture);
                tables(page, story);
            });
        });
    });
    let mut text = page.finish();
    text.push('\n');
    text
}

fn tables(page: &mut Markup, story: &Story<'_>) {
    let most = LARGEST;
    stages(page, story, most);
    answers(page, story, most);
    warnings(page, story, most);
    by_hand(page, story);
    traffic(page, story, most);
    seen(page, story, most);
    let gates = story.gates.len();
    for (at, row) in story.gates.iter().enumerate() {
        // Each has its part of what is left, so that the first does not take all.
        let share = most.saturating_sub(page.len()) / (gates - at);
        let most = page.len() + share;
        gate(page, story, row, most);
    }
}

/// A table that can be folded away; rows that do not fit are counted.
fn table(
    page: &mut Markup,
    title: &str,
    heads: &[&str],
    most: usize,
    rows: impl ExactSizeIterator<Item = Vec<String>>,
) {
    let count = rows.len();
    if count == 0 || page.len() > LARGEST {
        return;
    }
    page.put("\n");
    page.tag("details").holding(|page| {
        page.tag("summary").holding(|page| page.tag("b").text(format!("{} ({count})", clip(title, 1.0, TEXT))));
        page.tag("table")
            .set("rules", "rows")
            .set("frame", "hsides")
            .set("cellspacing", 0)
            .set("cellpadding", 4)
            .holding(|page| {
                page.tag("thead").holding(|page| {
                    page.tag("tr").set("bgcolor", "#f3f6f9").holding(|page| {
                        for head in heads {
                            page.tag("th").set("scope", "col").set("align", "left").text(head);
                        }
                    });
                });
                page.put("\n");
                page.tag("tbody").holding(|page| {
                    for (at, row) in rows.enumerate() {
                        if page.len() > most {
                            page.tag("tr").holding(|page| {
                                let text = format!("{} more: they are in the JSON beside this page", count - at);
                                page.tag("td").set("colspan", heads.len()).text(text);
                            });
                            break;
                        }
                        page.tag("tr").set("valign", "top").holding(|page| {
                            for cell in row {
                                page.tag("td").text(clip(&cell, 1.0, TEXT));
                            }
                        });
                        page.put("\n");
                    }
                });
            });
    });
}

fn stages(page: &mut Markup, story: &Story<'_>, most: usize) {
    let rows = story.stages.iter().flat_map(|stage| {
        let took = duration(stage.to - stage.from);
        let why = stage.failure.map_or_else(String::new, |failure| failure.message.clone());
        let first = vec![
            stage.name.to_owned(),
            String::new(),
            story.clock.moment(stage.from),
            took,
            stage.state.word().to_owned(),
            why,
        ];
        let actions = stage.actions.iter().map(|(at, action)| {
            let how = match (action.ok, action.changed) {
                (false, _) => "failed",
                (true, true) => "done, changed something",
                (true, false) => "done",
            };
            let code = action.code.clone().unwrap_or_default();
            vec![
                String::new(),
                action.name.clone(),
                story.clock.moment(*at),
                duration(millis(action.seconds)),
                how.to_owned(),
                code,
            ]
        });
        std::iter::once(first).chain(actions)
    });
    let rows: Vec<_> = rows.collect();
    table(
        page,
        "Stages and actions",
        &["stage", "action", "began", "took", "how it went", "why"],
        most,
        rows.into_iter(),
    );
}

fn answers(page: &mut Markup, story: &Story<'_>, most: usize) {
    let rows = story.questions.iter().map(|(at, question)| {
        vec![story.clock.moment(*at), question.message.clone().unwrap_or_default(), answer(question)]
    });
    table(page, "Questions", &["asked", "question", "answer"], most, rows);
}

fn warnings(page: &mut Markup, story: &Story<'_>, most: usize) {
    let rows = story.warnings.iter().map(|(at, told)| {
        let at = at.map_or_else(String::new, |at| story.clock.moment(at));
        vec![at, told.code.clone().unwrap_or_default(), told.message.clone()]
    });
    table(page, "Warnings", &["at", "code", "warning"], most, rows);
}

fn by_hand(page: &mut Markup, story: &Story<'_>) {
    for one in story.archive.by_hand.iter().take(4) {
        page.tag("p").text(clip(&one.does, 1.0, TEXT));
        page.tag("pre").text(clip(&one.command, 1.0, 4000.0));
    }
}

fn traffic(page: &mut Markup, story: &Story<'_>, most: usize) {
    for (role, strips) in [("Live traffic", &story.live), ("Test traffic", &story.test)] {
        for strip in strips {
            let rows = strip.points.iter().map(|point| {
                let others = (1.0 - point.new - point.old).max(0.0);
                let [old, new, others] = [point.old, point.new, others].map(|part| percent(part * 100.0));
                vec![story.clock.moment(point.at), old, new, others, point.cause.clone()]
            });
            let title = format!("{role}: {}", strip.listeners.join(", "));
            let new = story.versions.new;
            let heads = ["from", new.other().name(), new.name(), "other groups", "cause"];
            table(page, &title, &heads, most, rows);
        }
    }
}

/// What users saw, by the second, or by as many as make a table that can be read.
fn seen(page: &mut Markup, story: &Story<'_>, most: usize) {
    let Some(seen) = story.seen.as_ref() else { return };
    let all = match (seen.parts.first(), seen.parts.last()) {
        (Some(first), Some(last)) => last.to - first.from,
        (_, None) | (None, _) => return,
    };
    let step = (all / SECOND / TIMES + 1) * SECOND;
    let rows = seen.merged(|from, to| to - from <= step).into_iter().map(|part| {
        let count = &part.count;
        let statuses = count.statuses.iter().take(6).map(|(status, count)| format!("{status}: {}", thousands(*count)));
        vec![
            story.clock.moment(part.from),
            duration(part.to - part.from),
            thousands(count.requests),
            thousands(count.failed),
            thousands(count.new),
            thousands(count.old),
            thousands(count.others()),
            count.p95.map_or_else(String::new, took),
            statuses.collect::<Vec<_>>().join(", "),
        ]
    });
    let (all, failed) = (requests(seen.inside.requests), thousands(seen.inside.failed));
    let title = format!("Seen by users: {all}, {failed} failed");
    let heads = ["from", "for", "requests", "failed", "new version", "old version", "not known", "p95", "statuses"];
    table(page, &title, &heads, most, rows);
}

fn gate(page: &mut Markup, story: &Story<'_>, row: &Row<'_>, most: usize) {
    let cells = if row.cells.len() > LOOKS {
        row.merged(|one, next| one.verdict == next.verdict && one.look.step == next.look.step)
    } else {
        row.cells.clone()
    };
    let counts =
        [Verdict::Fail, Verdict::Inconclusive, Verdict::Pass].map(|verdict| (row.count(verdict), verdict.word()));
    let counts: Vec<String> =
        counts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let dry_run = if row.dry_run { ", decides nothing (dry run)" } else { "" };
    let title = format!("Gate {}: {}{dry_run}", clip(row.name, 1.0, 200.0), counts.join(", "));
    let heads = ["from", "to", "step", "verdict", "looks", "traffic", "what it saw", "readings", "threshold"];
    table(page, &title, &heads, most, cells.iter().map(|cell| look(story, cell)));
}

fn look(story: &Story<'_>, cell: &Cell<'_>) -> Vec<String> {
    let part = |part: Option<f64>| part.map(percent);
    let traffic = match (part(cell.look.weight), part(cell.look.share)) {
        (Some(weight), Some(share)) => format!("{weight} by weight, {share} of the requests"),
        (Some(weight), None) => format!("{weight} by weight"),
        (None, Some(share)) => format!("{share} of the requests"),
        (None, None) => String::new(),
    };
    let words = std::iter::once(cell.gate.words.as_str()).chain(cell.gate.notes.iter().take(10).map(String::as_str));
    vec![
        story.clock.moment(cell.from),
        story.clock.moment(cell.to),
        cell.look.step.clone(),
        cell.verdict.word().to_owned(),
        cell.looks.to_string(),
        traffic,
        words.collect::<Vec<_>>().join("; "),
        plain(&cell.gate.readings),
        plain(&cell.gate.threshold),
    ]
}

/// JSON as a person reads it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::Array(items) => items.iter().take(20).map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            let parts = map.iter().take(20).map(|(key, value)| match value {
                Value::Object(_) => format!("{key} ({})", plain(value)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                    format!("{key} {}", plain(value))
                }
            });
            parts.collect::<Vec<_>>().join(", ")
        }
    }
}
