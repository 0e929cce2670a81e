//! What the table says, in sentences.

use crate::config::table::{Action, Fallback, Form, Kind, Parameter, flag_name};

/// The width of a terminal that everybody has room for.
pub(crate) const WIDTH: usize = 100;

/// A flag's help: what it means, how it is written, what holds without it.
pub(super) fn help_of(parameter: &Parameter) -> String {
    let written = if matches!(parameter.kind, Kind::Duration(_)) { "; seconds, or as 10m, 1h30m, 500ms" } else { "" };
    let form = parameter.kind.form();
    let again = match form {
        Form::Switch | Form::One => "",
        Form::Repeated | Form::Map => ". Repeatable",
        Form::List => ". Repeatable, or comma separated",
    };
    let (default, value) = match parameter.default {
        // Without its flag it is not done.
        _ if form == Form::Switch => ("", ""),
        Fallback::Nothing | Fallback::Required => ("", ""),
        Fallback::Is(value) | Fallback::Depends(value) => (". Default: ", value),
    };
    format!("{}{written}{again}{default}{value}", meaning_of(parameter))
}

/// What a parameter means, with what it takes where that is a few words or numbers.
pub(crate) fn meaning_of(parameter: &Parameter) -> String {
    if parameter.kind.is_limited() {
        format!("{}; {}", parameter.meaning, parameter.kind.takes().replace('`', ""))
    } else {
        parameter.meaning.to_owned()
    }
}

/// What stands below an action's flags.
pub(super) fn about_action(action: &Action) -> String {
    let width = action.errors.iter().map(|(code, _)| code.len()).max().unwrap_or_default();
    let error = |(code, when): &(&str, &str)| {
        let text = wrap(&format!("  {code:width$}  "), when, &" ".repeat(width + 4));
        format!("\n{text}")
    };
    let errors = action.errors.iter().map(error).collect::<Vec<_>>().concat();
    let step = action.step.map(|step| format!("\n\nIn a Jenkinsfile: {step}(…)")).unwrap_or_default();
    format!(
        "{}\n\n{}\n\nErrors, among others:{errors}\n\nExample:\n  {}{step}",
        wrap("", action.about, ""),
        wrap("Result: ", &action.result.join(", "), "        "),
        example(action),
    )
}

/// A call from a shell.
fn example(action: &Action) -> String {
    let flag = |(name, value): &(&str, &str)| {
        let quote = if value.starts_with('$') { "\"" } else { "" };
        format!(" --{} {quote}{value}{quote}", flag_name(name))
    };
    format!("ecs-bg {}{}", action.name, action.example.iter().map(flag).collect::<Vec<_>>().concat())
}

/// Breaks a text between words: its first line begins with `begin`, every other one with `indent`, and none is wider than
/// [`WIDTH`], unless a word is.
pub(crate) fn wrap(begin: &str, text: &str, indent: &str) -> String {
    let mut out = begin.to_owned();
    let mut column = begin.chars().count();
    for (at, word) in text.split(' ').enumerate() {
        let length = word.chars().count();
        if at > 0 && column + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(indent);
            column = indent.chars().count();
        } else if at > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_not_within_one() {
        let text = ["twelve chars"; 12].join(" ");
        let wrapped = wrap("Begin: ", &text, "    ");
        let lines: Vec<_> = wrapped.lines().collect();
        assert!(lines[0].starts_with("Begin: twelve") && lines[1].starts_with("    "), "{wrapped}");
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH && line.trim_end() == *line), "{wrapped}");
        assert_eq!(wrapped.split_whitespace().skip(1).collect::<Vec<_>>().join(" "), text);
        let word = "x".repeat(WIDTH + 1);
        assert_eq!(wrap("", &format!("{word} y"), ""), format!("{word}\ny"));
        assert_eq!(wrap("", "", "  "), "");
    }
}
