//! The table as clap's command line.

use std::ffi::OsString;

use clap::{Arg, ArgAction, ColorChoice, Command, value_parser};

use super::words::{about_action, help_of};
use super::{reference, words};
use crate::config::table::{Action, Form, Given, Group, Parameter, Section, Table};

/// What is no parameter: it changes how an answer is given, not what is done.
pub(super) const EXIT_ZERO: &str = "exit-zero";
pub(super) const VERBOSE: &str = "verbose";

/// What follows `--`.
pub(super) const COMMAND: &str = "COMMAND";

const ABOUT: &str = "Blue/green deployments of an Amazon ECS service whose deployment controller is EXTERNAL.";

const MORE: &str = "One idempotent action per call; one JSON object on stdout, indented where that is a terminal. Parameters come \
    from flags, from one JSON object in the environment variable ECS_BG_PARAMS, and from --config files, in that order of \
    precedence. `ecs-bg help PARAMETER` says all of a parameter.";

/// The whole command line.
pub(crate) fn command(table: &Table) -> Command {
    let options =
        table.parameters().filter(|(group, parameter)| group.given == Given::Option && parameter.kind.has_flag());
    Command::new("ecs-bg")
        .version(env!("CARGO_PKG_VERSION"))
        .about(ABOUT)
        .after_help(words::wrap("", MORE, ""))
        .color(ColorChoice::Never)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .args(options.map(|(group, parameter)| flag(group, parameter).global(true)))
        .arg(switch(EXIT_ZERO).help(
            "Exit with 0 whenever the JSON was printed, on failure too; a signal's code (130, 143) stays, since Jenkins forgets \
             an abort whose process exits with 0",
        ))
        .arg(switch(VERBOSE).short('v').help("Log every AWS call on stderr, without credentials"))
        .subcommands(table.actions.iter().map(|action| subcommand(action)))
        .subcommands(reference::commands())
}

fn subcommand(action: &Action) -> Command {
    let flags =
        action.parameters().filter(|(group, parameter)| group.given == Given::Flag && parameter.kind.has_flag());
    let command = action.command.map(|help| {
        Arg::new(COMMAND).value_name(COMMAND).help(help).last(true).num_args(0..).value_parser(value_parser!(OsString))
    });
    Command::new(action.name)
        .about(action.line)
        .after_help(about_action(action))
        .args(flags.map(|(group, parameter)| flag(group, parameter)))
        .args(command)
}

fn flag(group: &Group, parameter: &Parameter) -> Arg {
    let arg = Arg::new(parameter.name)
        .long(parameter.flag())
        .help(help_of(parameter))
        .help_heading((group.section != Section::Every).then_some(group.section.title()));
    match parameter.kind.form() {
        Form::Switch => arg.action(ArgAction::SetTrue),
        Form::One => arg.value_name(parameter.unit),
        Form::Repeated => arg.value_name(parameter.unit).action(ArgAction::Append),
        Form::List => arg.value_name(parameter.unit).action(ArgAction::Append).value_delimiter(','),
        Form::Map => arg.value_name(parameter.unit).action(ArgAction::Append).value_parser(pair),
    }
}

fn switch(name: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).global(true)
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        Some(_) | None => Err("takes NAME=VALUE".to_owned()),
    }
}
