//! The command line: global options, and one struct of flags per action, made of groups that actions share.
//!
//! Flags are only *read* here, as text: what they mean is decided once for flags, JSON and files, in
//! [`crate::config`]. A flag that an action does not use does not exist for it.

mod flags;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ColorChoice, Parser, Subcommand};
use serde_json::{Map, Value};

use crate::config::{is_known_flag, nest};
use crate::error::Error;

/// What one call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Action {
    Status,
    Preflight,
    EcrLogin,
    RegisterTaskDefinition,
    CreateTaskSet,
    WaitStable,
    EnableTestListener,
    ShiftWeights,
    SwapLive,
    SetPrimary,
    ScaleTaskSet,
    Rollback,
    DeleteTaskSet,
    DeregisterTaskDefinition,
}

impl Action {
    /// Every action, in the order of a deployment.
    pub(crate) const ALL: [Self; 14] = [
        Self::Status,
        Self::Preflight,
        Self::EcrLogin,
        Self::RegisterTaskDefinition,
        Self::CreateTaskSet,
        Self::WaitStable,
        Self::EnableTestListener,
        Self::ShiftWeights,
        Self::SwapLive,
        Self::SetPrimary,
        Self::ScaleTaskSet,
        Self::Rollback,
        Self::DeleteTaskSet,
        Self::DeregisterTaskDefinition,
    ];

    /// As on the command line and in the JSON's `action`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Preflight => "preflight",
            Self::EcrLogin => "ecr-login",
            Self::RegisterTaskDefinition => "register-task-definition",
            Self::CreateTaskSet => "create-task-set",
            Self::WaitStable => "wait-stable",
            Self::EnableTestListener => "enable-test-listener",
            Self::ShiftWeights => "shift-weights",
            Self::SwapLive => "swap-live",
            Self::SetPrimary => "set-primary",
            Self::ScaleTaskSet => "scale-task-set",
            Self::Rollback => "rollback",
            Self::DeleteTaskSet => "delete-task-set",
            Self::DeregisterTaskDefinition => "deregister-task-definition",
        }
    }
}

/// What holds for every action.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Globals {
    /// A file of parameters: YAML, JSON, or a Makefile.env. Repeatable, later files win; flags and `ECS_BG_PARAMS`
    /// win over all of them
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Vec<PathBuf>,
    /// Print what would be done, and send no mutating call
    #[arg(long, global = true)]
    pub(crate) dry_run: bool,
    /// Exit with 0 whenever the JSON was printed, on failure too; a signal's code (130, 143) stays, since Jenkins forgets an
    /// abort whose process exits with 0
    #[arg(long, global = true)]
    pub(crate) exit_zero: bool,
    /// Log every AWS call on stderr, without credentials
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    /// Go on where this refusal would stop; named by its code. Repeatable
    #[arg(long, global = true, value_name = "CODE", value_delimiter = ',')]
    pub(crate) allow: Vec<String>,
}

/// Blue/green deployments of an Amazon ECS service whose deployment controller is EXTERNAL.
///
/// One idempotent action per call; one JSON object on stdout. Parameters come from flags, from one JSON object in the
/// environment variable `ECS_BG_PARAMS`, and from --config files, in that order of precedence.
#[derive(Debug, Parser)]
#[command(name = "ecs-bg", version, color = ColorChoice::Never, disable_help_subcommand = true)]
struct Line {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say what is live, what is idle, and how every task set is
    Status(Box<flags::Status>),
    /// Check everything that must hold before a deployment starts; all findings at once
    Preflight(Box<flags::Preflight>),
    /// Log docker in to the image's ECR registry; with COMMAND, run it unless the image is there already
    EcrLogin(Box<flags::EcrLogin>),
    /// Register the new version's task definition; the same content gives the same revision again
    RegisterTaskDefinition(Box<flags::RegisterTaskDefinition>),
    /// Create the new version's task set in the idle target group
    CreateTaskSet(Box<flags::CreateTaskSet>),
    /// Wait until the task set is steady and its targets are healthy
    WaitStable(Box<flags::WaitStable>),
    /// Point the test listener at this version
    EnableTestListener(Box<flags::EnableTestListener>),
    /// Give the live listeners these weights (canary)
    ShiftWeights(Box<flags::ShiftWeights>),
    /// Move all live traffic to this version
    SwapLive(Box<flags::SwapLive>),
    /// Make this version's task set PRIMARY
    SetPrimary(Box<flags::SetPrimary>),
    /// Scale this version's task set, in percent of the service's desired count
    ScaleTaskSet(Box<flags::ScaleTaskSet>),
    /// Undo this deployment: traffic back first, then PRIMARY, then its task set
    Rollback(Box<flags::Rollback>),
    /// Delete a task set without traffic, and wait until it is gone
    DeleteTaskSet(Box<flags::DeleteTaskSet>),
    /// Deregister a task definition that nothing uses
    DeregisterTaskDefinition(Box<flags::DeregisterTaskDefinition>),
}

impl Command {
    fn split(self) -> (Action, Value, Vec<OsString>) {
        use crate::model::json::to_value;
        let (action, flags) = match self {
            Self::Status(flags) => (Action::Status, to_value(flags)),
            Self::Preflight(flags) => (Action::Preflight, to_value(flags)),
            Self::EcrLogin(mut flags) => {
                let command = std::mem::take(&mut flags.command);
                return (Action::EcrLogin, to_value(flags), command);
            }
            Self::RegisterTaskDefinition(flags) => (Action::RegisterTaskDefinition, to_value(flags)),
            Self::CreateTaskSet(flags) => (Action::CreateTaskSet, to_value(flags)),
            Self::WaitStable(flags) => (Action::WaitStable, to_value(flags)),
            Self::EnableTestListener(flags) => (Action::EnableTestListener, to_value(flags)),
            Self::ShiftWeights(flags) => (Action::ShiftWeights, to_value(flags)),
            Self::SwapLive(flags) => (Action::SwapLive, to_value(flags)),
            Self::SetPrimary(flags) => (Action::SetPrimary, to_value(flags)),
            Self::ScaleTaskSet(flags) => (Action::ScaleTaskSet, to_value(flags)),
            Self::Rollback(flags) => (Action::Rollback, to_value(flags)),
            Self::DeleteTaskSet(flags) => (Action::DeleteTaskSet, to_value(flags)),
            Self::DeregisterTaskDefinition(flags) => (Action::DeregisterTaskDefinition, to_value(flags)),
        };
        (action, flags, Vec::new())
    }
}

/// A command line that was understood.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) action: Action,
    pub(crate) globals: Globals,
    /// The flags that were given, under the parameters' own names, nested.
    pub(crate) flags: Map<String, Value>,
    /// What follows `--`, for `ecr-login`.
    pub(crate) command: Vec<OsString>,
}

/// What a command line asks for.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// Run an action.
    Run(Box<Invocation>),
    /// Print this on stdout, and exit with 0.
    Help(String),
    /// It was wrong.
    Wrong {
        error: Error,
        /// Where the line names one, wrong as the rest may be.
        action: Option<Action>,
        /// `--exit-zero` holds for a line that is wrong elsewhere, too.
        exit_zero: bool,
    },
}

/// Reads a command line; the first argument is the program's name.
pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Parsed {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    match Line::try_parse_from(&arguments) {
        Ok(line) => {
            let (action, flags, command) = line.command.split();
            Parsed::Run(Box::new(Invocation { action, globals: line.globals, flags: nest(flags), command }))
        }
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Parsed::Help(error.render().to_string())
        }
        Err(error) => {
            // Everything after `--` belongs to ecr-login's COMMAND.
            let ours = || arguments.iter().skip(1).take_while(|argument| *argument != "--");
            let action = ours().find_map(|argument| Action::ALL.into_iter().find(|action| *argument == *action.name()));
            let exit_zero = ours().any(|argument| argument == "--exit-zero");
            Parsed::Wrong { error: usage(&error, action), action, exit_zero }
        }
    }
}

/// Clap's error as ours.
#[allow(clippy::wildcard_enum_match_arm, reason = "clap's list grows; what has no name of its own is a usage error")]
fn usage(error: &clap::Error, action: Option<Action>) -> Error {
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
            Some(ContextValue::String(flag)) if flag.starts_with("--environment") || flag.starts_with("--secrets") => {
                format!("{flag} was not given as NAME=VALUE")
            }
            _ => first_paragraph(&error.render().to_string()),
        },
    };
    Error::usage(code, message).hint(hint_for(error, code, action))
}

#[allow(clippy::wildcard_enum_match_arm, reason = "clap's list grows; names are texts")]
fn hint_for(error: &clap::Error, code: &str, action: Option<Action>) -> String {
    let help = action.map_or_else(|| "ecs-bg --help".to_owned(), |action| format!("ecs-bg {} --help", action.name()));
    if let (Some(action), Some(ContextValue::String(flag))) = (action, error.get(ContextKind::InvalidArg))
        && code == "unknown-flag"
        && is_known_flag(flag)
    {
        return format!(
            "`{}` does not use {flag}; leave it out (in ECS_BG_PARAMS and in files it is ignored)",
            action.name()
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
            let names: Vec<_> = Action::ALL.iter().map(|action| action.name()).collect();
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

#[cfg(test)]
mod tests;
