//! The command line, made out of the table of parameters and actions.
//!
//! Flags are only *read* here, as text: what they mean is decided once for flags, JSON and files, in
//! [`crate::config`]. A flag that an action does not use does not exist for it.

mod build;
mod reference;
mod usage;
mod words;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command};
use serde_json::{Map, Value};

use crate::config::nest_one;
use crate::config::table::{Action, Form, Given, Table};
use crate::error::{Error, Result};

pub(crate) use build::command;
#[cfg(test)]
pub(crate) use reference::users;
#[cfg(test)]
pub(crate) use words::{WIDTH, meaning_of, wrap};

/// A command line that was understood.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) action: &'static Action,
    /// The parameters that were given, by their own names, nested.
    pub(crate) flags: Map<String, Value>,
    /// Exit with 0 whenever the JSON was printed.
    pub(crate) exit_zero: bool,
    pub(crate) verbose: bool,
    /// What follows `--`, for `ecr-login`.
    pub(crate) command: Vec<OsString>,
}

/// What a command line asks for.
#[derive(Debug)]
pub(crate) enum Parsed {
    /// Run an action.
    Run(Box<Invocation>),
    /// Print this on stdout, and exit with 0.
    Text(String),
    /// It was wrong.
    Wrong {
        error: Error,
        /// Where the line names one, wrong as the rest may be.
        action: Option<&'static Action>,
        /// `--exit-zero` holds for a line that is wrong elsewhere, too.
        exit_zero: bool,
    },
}

/// Reads a command line; the first argument is the program's name.
pub(crate) fn parse(table: &Table, arguments: impl IntoIterator<Item = OsString>) -> Parsed {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let mut command = command(table);
    // Everything after `--` belongs to ecr-login's COMMAND.
    let ours = || arguments.iter().skip(1).take_while(|argument| *argument != "--");
    let named = ours().find_map(|argument| table.action(argument.to_str()?));
    let exit_zero = ours().any(|argument| argument == "--exit-zero");
    let wrong = |error| Parsed::Wrong { error, action: named, exit_zero };
    match command.try_get_matches_from_mut(&arguments) {
        Ok(matches) => match understood(table, command, matches) {
            Ok(parsed) => parsed,
            Err(error) => wrong(error),
        },
        Err(error) if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) => {
            Parsed::Text(error.render().to_string())
        }
        Err(error) => wrong(usage::explain(table, &error, named)),
    }
}

/// What a line that clap found right asks for.
fn understood(table: &Table, command: Command, mut matches: ArgMatches) -> Result<Parsed> {
    let Some((name, mut matches)) = matches.remove_subcommand() else {
        return Err(Error::usage("no-action", "no action was named").hint("see `ecs-bg --help`"));
    };
    match table.action(&name) {
        Some(action) => Ok(Parsed::Run(Box::new(Invocation {
            action,
            flags: given(table, action, &mut matches),
            exit_zero: matches.get_flag(build::EXIT_ZERO),
            verbose: matches.get_flag(build::VERBOSE),
            command: match action.command {
                Some(_) => matches.remove_many(build::COMMAND).into_iter().flatten().collect(),
                None => Vec::new(),
            },
        }))),
        None => reference::answer(table, command, &name, &matches).map(Parsed::Text),
    }
}

/// The parameters that were given, in the order of the table.
fn given(table: &Table, action: &Action, matches: &mut ArgMatches) -> Map<String, Value> {
    let mut out = Map::new();
    let options = table.parameters().filter(|(group, _)| group.given == Given::Option);
    let flags = action.parameters().filter(|(group, _)| group.given == Given::Flag);
    for (_, parameter) in flags.chain(options).filter(|(_, parameter)| parameter.kind.has_flag()) {
        let name = parameter.name;
        let value = match parameter.kind.form() {
            Form::Switch => matches.get_flag(name).then_some(Value::Bool(true)),
            Form::One => matches.remove_one::<String>(name).map(Value::String),
            Form::Repeated | Form::List => matches.remove_many::<String>(name).map(Iterator::collect),
            Form::Map => matches
                .remove_many::<(String, String)>(name)
                .map(|entries| Value::Object(entries.map(|(name, value)| (name, Value::String(value))).collect())),
        };
        if let Some(value) = value {
            nest_one(&mut out, name, value);
        }
    }
    out
}

#[cfg(test)]
mod tests;
