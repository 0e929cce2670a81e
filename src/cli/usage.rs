//! Clap's errors as ours.

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::config::table::{Action, Kind, Table};
use crate::error::Error;

/// What was wrong with the command line, and what is right.
#[allow(clippy::wildcard_enum_match_arm, reason = "clap's list grows; what has no name of its own is a usage error")]
pub(super) fn explain(table: &Table, error: &clap::Error, action: Option<&Action>) -> Error {
    let code = match error.kind() {
        ErrorKind::UnknownArgument => "unknown-flag",
        ErrorKind::InvalidSubcommand => "unknown-action",
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => "no-action",
        ErrorKind::ArgumentConflict => "flag-given-twice",
        ErrorKind::InvalidUtf8 => "invalid-utf8",
        _ => "invalid-value",
    };
    let message = match code {
        "no-action" => "no action was named".to_owned(),
        "invalid-utf8" => "an argument is not valid UTF-8".to_owned(),
        _ => match error.get(ContextKind::InvalidArg) {
            // What was meant as a variable's value is not repeated.
            Some(ContextValue::String(flag)) if is_variables(table, flag) => {
                format!("{flag} was not given as NAME=VALUE")
            }
            _ => first_paragraph(&error.render().to_string()),
        },
    };
    Error::usage(code, message).hint(hint_for(table, error, code, action))
}

fn is_variables(table: &Table, shown: &str) -> bool {
    let flag = shown.trim_start_matches('-').split(' ').next().unwrap_or_default();
    table.parameters().any(|(_, parameter)| parameter.kind == Kind::Variables && parameter.flag() == flag)
}

#[allow(clippy::wildcard_enum_match_arm, reason = "clap's list grows; names are texts")]
fn hint_for(table: &Table, error: &clap::Error, code: &str, action: Option<&Action>) -> String {
    let help = action.map_or_else(|| "ecs-bg --help".to_owned(), |action| format!("ecs-bg {} --help", action.name));
    if let (Some(action), Some(ContextValue::String(flag))) = (action, error.get(ContextKind::InvalidArg))
        && code == "unknown-flag"
        && table.is_flag(flag)
    {
        return format!(
            "`{}` does not use {flag}; leave it out (in ECS_BG_PARAMS and in files it is ignored)",
            action.name
        );
    }
    let suggestion = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand]
        .into_iter()
        .find_map(|kind| error.get(kind))
        .and_then(|value| match value {
            ContextValue::String(one) => Some(one.clone()),
            ContextValue::Strings(several) => several.first().cloned(),
            _ => None,
        });
    match suggestion {
        Some(nearest) => format!("did you mean `{nearest}`? See `{help}`"),
        None if code == "no-action" => {
            let names: Vec<_> = table.actions.iter().map(|action| action.name).collect();
            format!("the actions are: {}", names.join(", "))
        }
        None => format!("see `{help}`"),
    }
}

/// What clap says without its tips and usage lines, in one line of a bounded length.
fn first_paragraph(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    crate::config::bounded(&paragraph.split_whitespace().collect::<Vec<_>>().join(" "), 300)
}
