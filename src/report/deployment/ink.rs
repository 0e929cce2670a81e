//! Colours, type and the width of text. The colours are told apart by the colour-blind and on grey paper, and none of them
//! says anything alone: each comes with a mark, a word, a height or a pattern.

use crate::report::words::shown;

pub(super) const FONT: &str = "system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif";
pub(super) const MONO: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace";

pub(super) const PAPER: &str = "#ffffff";
pub(super) const INK: &str = "#1f2328";
pub(super) const SOFT: &str = "#57606a";
pub(super) const RULE: &str = "#e3e8ed";
/// What went well is quiet: what did not has to be found at once.
pub(super) const DONE: &str = "#8292a2";
pub(super) const WAIT: &str = "#d3dae1";
pub(super) const FAIL: &str = "#c2410c";
pub(super) const FAIL_GROUND: &str = "#fff4ee";
pub(super) const DOUBT: &str = "#f0b429";
pub(super) const DOUBT_INK: &str = "#7a5200";
pub(super) const DOUBT_GROUND: &str = "#fff9e8";
pub(super) const CALM_GROUND: &str = "#f3f6f9";
/// The two target groups.
pub(super) const BLUE: &str = "#1f6fb5";
pub(super) const GREEN: &str = "#58c29b";
pub(super) const OTHERS: &str = "#c9ced4";

/// So much wider is bold text.
pub(super) const BOLD: f64 = 1.08;

/// How wide a text is, about: fonts differ, so rather too wide.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(advance).sum::<f64>() * size
}

/// The same for a font whose letters are all of one width.
pub(super) fn width_mono(text: &str, size: f64) -> f64 {
    text.chars().map(|c| if is_wide(c) { 1.25 } else { 0.62 }).sum::<f64>() * size
}

fn advance(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | ' ' => 0.36,
        'f' | 'r' | 't' | '(' | ')' | '/' | '-' | '[' | ']' => 0.45,
        'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' | '…' | '→' => 0.95,
        'A'..='Z' => 0.72,
        c if is_wide(c) => 1.1,
        _ => 0.63,
    }
}

fn is_wide(c: char) -> bool {
    c >= '\u{1100}'
}

/// A text as it is shown, no wider than this.
pub(super) fn clip(text: &str, size: f64, most: f64) -> String {
    let text = shown(text);
    if width(&text, size) <= most {
        return text;
    }
    let mut left = most - size;
    let mut out: String = text
        .chars()
        .take_while(|c| {
            left -= advance(*c) * size;
            left >= 0.0
        })
        .collect();
    out.push('…');
    out
}

/// A text in so many lines at most, each no wider than `most` by this measure.
pub(super) fn wrap(text: &str, most: f64, lines: usize, measure: impl Fn(&str) -> f64) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut line = String::new();
        for word in pieces(&shown(paragraph), most, &measure) {
            if !line.is_empty() && measure(&line) + measure(" ") + measure(&word) > most {
                out.push(std::mem::take(&mut line));
            }
            // What comes after is not seen, and there may be megabytes of it.
            if out.len() > lines {
                break;
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(&word);
        }
        out.push(line);
        if out.len() > lines {
            break;
        }
    }
    if out.len() > lines {
        out.truncate(lines);
        if let Some(last) = out.last_mut() {
            last.push_str(" …");
        }
    }
    out
}

/// The words of a line; those that are wider than a line in parts.
fn pieces(text: &str, most: f64, measure: &impl Fn(&str) -> f64) -> Vec<String> {
    let mut out = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if measure(word) <= most {
            out.push(word.to_owned());
            continue;
        }
        let mut part = String::new();
        let mut so_far = 0.0;
        for c in word.chars() {
            let wide = measure(c.encode_utf8(&mut [0; 4]));
            if so_far + wide > most && !part.is_empty() {
                out.push(std::mem::take(&mut part));
                so_far = 0.0;
            }
            so_far += wide;
            part.push(c);
        }
        out.push(part);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_clipped_and_wrapped_to_its_place() {
        assert_eq!(clip("short", 12.0, 100.0), "short");
        let long = "x".repeat(1_000_000);
        assert!(width(&clip(&long, 12.0, 100.0), 12.0) <= 100.0);
        let measure = |text: &str| width(text, 12.0);
        for text in [&long, &"two words ".repeat(1000), &"a\nb\n\nc\u{1b}\n".repeat(100)] {
            let lines = wrap(text, 200.0, 3, measure);
            assert_eq!(lines.len(), 3, "{lines:?}");
            assert!(lines.iter().all(|line| measure(line) <= 220.0), "{lines:?}");
            assert!(lines.last().unwrap().ends_with(" …"), "{lines:?}");
        }
        assert_eq!(wrap("one\ntwo", 200.0, 3, measure), ["one", "two"]);
        assert!(wrap("", 200.0, 3, measure).is_empty());
    }
}
