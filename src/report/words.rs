//! Names and values that others wrote, as a message can hold them.

/// What of a name from a file is shown.
pub(crate) const SHOWN: usize = 80;

/// A name from a file, made fit for a message.
pub(crate) fn quoted(name: &str) -> String {
    format!("`{}`", clip(name))
}

/// A name from a file as a message can hold it: no control characters, no megabytes.
pub(crate) fn clip(name: &str) -> String {
    let mut shown: String = name.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if name.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Text for a message: of a bounded length, control characters shown and not obeyed.
pub(crate) fn bounded(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (at, c) in text.chars().enumerate() {
        if at == most {
            out.push('…');
            break;
        }
        if c.is_control() { out.extend(c.escape_debug()) } else { out.push(c) }
    }
    out
}

/// Text that AWS, a file or a person handed us, with what a terminal or a log would obey made visible: it cannot end its
/// line and begin another that looks like ours, nor hide or turn around what it says.
pub(crate) fn shown(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) { line.extend(c.escape_debug()) } else { line.push(c) }
    }
    line
}

/// A count with its thousands apart: `9,100`.
pub(crate) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Separators of lines, marks of direction, what has no width, and what is no character.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fffe}'..='\u{ffff}'
    )
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_stays_one_line_and_nothing_in_it_is_obeyed() {
        for (text, expected) in [
            ("é, 漢字, 🚀 and 'quotes' \"stay\" \\", "é, 漢字, 🚀 and 'quotes' \"stay\" \\"),
            ("one\necs-bg: all is well", "one\\necs-bg: all is well"),
            ("a\rb\tc\0d", "a\\rb\\tc\\0d"),
            ("\u{1b}[2K\u{1b}]0;title\u{7}", "\\u{1b}[2K\\u{1b}]0;title\\u{7}"),
            ("\u{85}\u{2028}\u{202e}\u{2066}\u{200b}\u{feff}", "\\u{85}\\u{2028}\\u{202e}\\u{2066}\\u{200b}\\u{feff}"),
        ] {
            assert_eq!(super::shown(text), expected);
        }
    }
}
