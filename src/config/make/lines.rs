//! How make reads a text: lines, comments, and where a reference ends.

pub(super) const BLANKS: [char; 2] = [' ', '\t'];

/// Lines, joined where they end in a backslash, with the number of their first one.
pub(super) fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, physical) in text.split_inclusive('\n').enumerate() {
        let ended = physical.strip_suffix('\n');
        let bare = ended.map_or(physical, |bare| bare.strip_suffix('\r').unwrap_or(bare));
        let backslashes = bare.len() - bare.trim_end_matches('\\').len();
        let continues = ended.is_some() && backslashes % 2 == 1;
        let (first, mut line) = match open.take() {
            None => (at + 1, bare.to_owned()),
            Some((first, line)) => (first, line + bare.trim_start_matches(BLANKS)),
        };
        if continues {
            // Half of the backslashes stay; the last one is the continuation, which is one blank with all around it.
            line.truncate(line.len() - backslashes + backslashes / 2);
            line.truncate(line.trim_end_matches(BLANKS).len());
            line.push(' ');
            open = Some((first, line));
        } else {
            lines.push((first, line));
        }
    }
    lines.extend(open);
    lines
}

/// The line up to its comment. A `#` after a backslash is one, and so is a `#` inside of a reference.
pub(super) fn without_comment(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['#', '$']) {
        let Some((before, found)) = rest.split_at_checked(at) else { break };
        out.push_str(before);
        if found.starts_with('$') {
            let (reference, after) = split_reference(found).unwrap_or((found, ""));
            out.push_str(reference);
            rest = after;
            continue;
        }
        let backslashes = out.len() - out.trim_end_matches('\\').len();
        out.truncate(out.len() - backslashes + backslashes / 2);
        if backslashes.is_multiple_of(2) {
            return out;
        }
        out.push('#');
        rest = found.strip_prefix('#').unwrap_or_default();
    }
    out.push_str(rest);
    out
}

/// The reference at the beginning, to its own end where it has parentheses, and what follows; `None` where it has no end.
pub(super) fn split_reference(text: &str) -> Option<(&str, &str)> {
    let mut characters = text.char_indices().skip(1);
    let (at, open) = characters.next()?;
    let close = match open {
        '(' => ')',
        '{' => '}',
        other => return text.split_at_checked(at + other.len_utf8()),
    };
    let mut depth = 1;
    for (at, c) in characters {
        if c == open {
            depth += 1;
        } else if c == close {
            depth -= 1;
            if depth == 0 {
                return text.split_at_checked(at + 1);
            }
        }
    }
    None
}
