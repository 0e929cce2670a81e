//! What people at a terminal ask: a parameter's entry, the manual, completions for their shell. Nothing of it is an action.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};
use clap_complete::Shell;

use super::words::wrap;
use crate::config::bounded;
use crate::config::table::{Fallback, Form, Given, Group, Parameter, Table};
use crate::error::{Error, Result};

const HELP: &str = "help";
const MAN: &str = "man";
const COMPLETIONS: &str = "completions";

/// The one argument of each.
const ABOUT: &str = "about";

pub(super) fn commands() -> [Command; 3] {
    let one = |name: &'static str| Arg::new(ABOUT).value_name(name);
    [
        Command::new(HELP).about("Print all there is to say of a parameter, or the help of an action").arg(
            one("NAME").help("A parameter, as minHealthy or --min-healthy, or an action").allow_hyphen_values(true),
        ),
        Command::new(MAN)
            .about("Print the manual page of this program or of an action, for `man -l -`")
            .arg(one("ACTION").help("An action")),
        Command::new(COMPLETIONS).about("Print what makes a shell complete actions and flags").arg(
            one("SHELL")
                .help("The shell")
                .required(true)
                .value_parser(PossibleValuesParser::new(["bash", "zsh", "fish"])),
        ),
    ]
}

/// The text that one of these commands prints.
pub(super) fn answer(table: &Table, mut command: Command, name: &str, matches: &ArgMatches) -> Result<String> {
    let about = matches.get_one::<String>(ABOUT).map(String::as_str);
    if name == COMPLETIONS {
        return Ok(completions(&mut command, about.unwrap_or_default()));
    }
    let Some(about) = about else {
        return Ok(if name == MAN { manual(command) } else { command.render_help().to_string() });
    };
    command.build();
    if let Some(action) = command.find_subcommand_mut(about) {
        return Ok(if name == MAN { manual(action.clone()) } else { action.render_help().to_string() });
    }
    let flag = about.trim_start_matches('-');
    let found = table.parameters().find(|(_, parameter)| parameter.name == about || parameter.flag() == flag);
    match found.filter(|_| name == HELP) {
        Some((group, parameter)) => Ok(entry(table, group, parameter)),
        None => Err(unknown(table, name, about)),
    }
}

fn unknown(table: &Table, name: &str, about: &str) -> Error {
    let shown = bounded(about, 80);
    if name == MAN {
        return Error::usage("unknown-action", format!("`{shown}` is no action")).hint("see `ecs-bg --help`");
    }
    let error = Error::usage("unknown-key", format!("`{shown}` is neither a parameter nor an action"));
    match table.nearest(about.trim_start_matches('-')) {
        Some(nearest) => error.hint(format!("did you mean `{nearest}`?")),
        None => error.hint("the actions are in `ecs-bg --help`, an action's parameters in `ecs-bg ACTION --help`"),
    }
}

/// All of a parameter.
fn entry(table: &Table, group: &Group, parameter: &Parameter) -> String {
    let flag = match parameter.kind.form() {
        _ if matches!(group.given, Given::Step(_)) || !parameter.kind.has_flag() => String::new(),
        Form::Switch => format!(", --{}", parameter.flag()),
        Form::One | Form::Repeated | Form::List | Form::Map => format!(", --{} {}", parameter.flag(), parameter.unit),
    };
    let default = match parameter.default {
        Fallback::Nothing => "none",
        Fallback::Required => "required",
        Fallback::Is(value) | Fallback::Depends(value) => value,
    };
    let line = |name: &str, text: &str| format!("\n{}", wrap(&format!("{name:<10}"), text, "          "));
    let keys: Vec<_> = table.keys_of(parameter.name).collect();
    format!(
        "{}{flag}\n\n{}\n{}{}{}{}\n",
        parameter.name,
        wrap("", parameter.meaning, ""),
        if keys.is_empty() { String::new() } else { line("Keys:", &keys.join(", ")) },
        line("Takes:", &parameter.kind.takes().replace('`', "")),
        line("Default:", default),
        line("Used by:", &users(table, group, parameter).join(", ")),
    )
}

/// The actions, or the steps of the library, that use a parameter.
pub(crate) fn users(table: &Table, group: &Group, parameter: &Parameter) -> Vec<&'static str> {
    let actions = table.actions.iter().filter(|action| group.given == Given::Option || action.uses(parameter.name));
    let steps = match group.given {
        Given::Step(Some(steps)) => steps,
        Given::Step(None) => &["every step of the Jenkins library"],
        Given::Flag | Given::Option => &[],
    };
    actions.map(|action| action.name).chain(steps.iter().copied()).collect()
}

fn completions(command: &mut Command, shell: &str) -> String {
    let shell = match shell {
        "zsh" => Shell::Zsh,
        "fish" => Shell::Fish,
        _ => Shell::Bash,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, command, "ecs-bg", &mut script);
    // For bash it spells a program's name with a dash in two ways (clap-rs/clap#6421), so that no action's flags were found.
    String::from_utf8_lossy(&script).replace("ecs__subcmd__bg", "ecs__bg")
}

fn manual(command: Command) -> String {
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    clap_mangen::Man::new(command).render(&mut page).ok();
    String::from_utf8_lossy(&page).into_owned()
}
