//! The same in short, as Markdown for chats and tickets.

use super::clock::duration;
use super::ink::clip;
use super::story::Story;
use crate::report::words::shown;

/// More rows nobody reads in a chat.
const ROWS: usize = 40;

/// A cell's longest text, about.
const TEXT: f64 = 400.0;

pub(super) fn markdown(story: &Story<'_>) -> String {
    let mut lines = vec![format!("### {}", plain(&story.headline())), String::new()];
    table(&mut lines, ["", ""], facts(story));
    let stages = story.stages.iter().map(|stage| {
        let how = format!("{} {}", stage.state.mark(), stage.state.word());
        [plain(stage.name), plain(&format!("{how}, {}", duration(stage.to - stage.from)))]
    });
    table(&mut lines, ["stage", "how it went"], stages.collect());
    let gates = story.gates.iter().filter_map(|row| {
        let last = row.last()?;
        let dry_run = if row.dry_run { " (dry run)" } else { "" };
        Some([plain(row.name), plain(&format!("{}{dry_run}: {}", last.verdict.word(), last.gate.words))])
    });
    table(&mut lines, ["gate", "at its last look"], gates.collect());
    for one in story.archive.by_hand.iter().take(4) {
        // A block that is indented needs no fence that the command could end; what a chat may obey all the same is no block.
        let is_safe = !one.command.contains(['<', '&']);
        let command = if is_safe { format!("    {}", shown(&one.command)) } else { plain(&one.command) };
        lines.extend([plain(&one.does), String::new(), command, String::new()]);
    }
    while lines.last().is_some_and(String::is_empty) {
        lines.pop();
    }
    lines.join("\n") + "\n"
}

fn facts(story: &Story<'_>) -> Vec<[String; 2]> {
    let archive = story.archive;
    let took = story.took().map_or_else(String::new, |took| format!(" after {}", duration(took)));
    let mut rows = vec![["outcome".to_owned(), format!("**{}**{took}", plain(&story.ending.badge))]];
    let mut fact = |label: &str, text: Option<&str>| rows.extend(text.map(|text| [label.to_owned(), plain(text)]));
    let change = |from: &Option<String>, to: &Option<String>| match (from, to) {
        (Some(from), Some(to)) => Some(format!("{from} → {to}")),
        (None, Some(to)) => Some(to.clone()),
        (_, None) => None,
    };
    fact("where", Some(&story.place().join(", ")));
    fact("task definition", change(&story.versions.from, &story.versions.to).as_deref());
    for image in story.versions.images.iter().take(4) {
        fact(&plain(&image.label), change(&image.from, &Some(image.to.clone())).as_deref());
    }
    for (label, text) in &story.ending.facts {
        fact(label, Some(text));
    }
    for (_, told) in story.warnings.iter().take(5) {
        fact("warning", Some(&told.message));
    }
    fact("build", archive.build.as_deref());
    fact("deployment", archive.deployment_id.as_deref());
    rows
}

fn table(lines: &mut Vec<String>, heads: [&str; 2], rows: Vec<[String; 2]>) {
    if rows.is_empty() {
        return;
    }
    let more = rows.len().saturating_sub(ROWS);
    lines.push(format!("| {} | {} |", heads[0], heads[1]));
    lines.push("|---|---|".to_owned());
    lines.extend(rows.into_iter().take(ROWS).map(|[one, other]| format!("| {one} | {other} |")));
    if more > 0 {
        lines.push(format!("| … {more} more | |"));
    }
    lines.push(String::new());
}

/// Text of which nothing is markup.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in clip(text, 1.0, TEXT).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
