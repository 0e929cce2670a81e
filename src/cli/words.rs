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
        let text = wrap(when, WIDTH - width - 4, &" ".repeat(width + 4));
        format!("\n  {code:width$}  {text}")
    };
    let errors = action.errors.iter().map(error).collect::<Vec<_>>().concat();
    let step = action.step.map(|step| format!("\n\nIn a Jenkinsfile: {step}(…)")).unwrap_or_default();
    format!(
        "{}\n\nResult: {}\n\nErrors, among others:{errors}\n\nExample:\n  {}{step}",
        wrap(action.about, WIDTH, ""),
        wrap(&action.result.join(", "), WIDTH - 8, "        "),
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

/// Breaks a text between words into lines of `width`; those after the first begin with `indent`, which is not counted.
pub(crate) fn wrap(text: &str, width: usize, indent: &str) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push('\n');
            out.push_str(indent);
            column = 0;
        } else if column > 0 {
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
    use super::wrap;

    #[test]
    fn lines_break_between_words_and_not_within_one() {
        assert_eq!(wrap("one two three four", 9, "  "), "one two\n  three\n  four");
        assert_eq!(wrap("one", 9, "  "), "one");
        assert_eq!(wrap("unbreakable x", 3, ""), "unbreakable\nx");
        assert_eq!(wrap("", 3, ""), "");
    }
}
