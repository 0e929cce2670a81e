//! One call from its arguments to its JSON and exit code.

use std::ffi::OsString;

use crate::actions::{self, Report};
use crate::aws::connect::connect;
use crate::cli::{Invocation, Parsed};
use crate::config::Settings;
use crate::config::table::Table;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::report::output::{Envelope, print_text, say_error};
use crate::system::signal::Interrupt;
use crate::{cli, config, exit, last_words};

/// Runs what the arguments say; returns the exit code.
pub(crate) async fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let table = actions::table();
    match cli::parse(&table, arguments) {
        Parsed::Text(text) => {
            print_text(text);
            exit::OK
        }
        Parsed::Wrong { error, action, exit_zero } => {
            let envelope = Envelope { action: action.map(|action| action.name), ..Envelope::default() };
            finish(&envelope, &Err(error), exit_zero)
        }
        Parsed::Run(invocation) => {
            let exit_zero = invocation.exit_zero;
            let mut envelope = Envelope {
                action: Some(invocation.action.name),
                dry_run: invocation.flags.contains_key("dryRun"),
                ..Envelope::default()
            };
            last_words::remember(&envelope, exit_zero);
            let outcome = perform(&table, *invocation, &mut envelope).await;
            finish(&envelope, &outcome, exit_zero)
        }
    }
}

/// Loads the settings, connects, acts. What it learns on the way goes into the envelope also where it fails.
async fn perform(table: &Table, invocation: Invocation, envelope: &mut Envelope) -> Result<Report> {
    let interrupt = Interrupt::listen()
        .map_err(|error| Error::new(Kind::Unexpected, "no-signals", format!("cannot listen for signals: {error}")))?;
    let Invocation { action, flags, files, exit_zero, verbose, command } = invocation;
    let settings: Settings =
        config::load(table, action, flags, files, |name| std::env::var_os(name), config::read_limited)?;
    envelope.dry_run = settings.dry_run;
    envelope.region.clone_from(&settings.connection.region);
    last_words::remember(envelope, exit_zero);
    last_words::on_purpose("at the start");
    if let Some(outcome) = actions::offline(action, &settings) {
        return interrupted(&interrupt, outcome);
    }
    let aws = connect(&settings.connection, settings.dry_run, verbose, &interrupt).await?;
    envelope.region = Some(aws.region().to_owned());
    let cx = Context::new(settings, aws, interrupt);
    let outcome = actions::run(action, &cx, &command).await;
    last_words::on_purpose("at the end");
    cx.interrupt.notice().await;
    let outcome = interrupted(&cx.interrupt, outcome);
    envelope.changed = cx.aws.changed();
    envelope.account = cx.aws.account();
    envelope.warnings = cx.warnings();
    outcome
}

/// A signal that came is the end of the action whatever the action came to: Jenkins forgets an abort whose process exits 0.
fn interrupted(interrupt: &Interrupt, outcome: Result<Report>) -> Result<Report> {
    let Err(mut stopped) = interrupt.check() else { return outcome };
    match outcome {
        Ok(report) => *stopped.result = report,
        Err(error) => {
            if error.kind != stopped.kind {
                stopped.message = format!("{}: {}", stopped.message, error.message);
            }
            stopped.result = error.result;
        }
    }
    Err(stopped)
}

fn finish(envelope: &Envelope, outcome: &Result<Report>, exit_zero: bool) -> u8 {
    let code = match outcome {
        Ok(_) => exit::OK,
        // A signal's code stays, see `interrupted`.
        Err(error) if exit_zero && !matches!(error.kind, Kind::Interrupted(_)) => exit::OK,
        Err(error) => exit::code_of(error.kind),
    };
    if last_words::may_tell(code) {
        envelope.print(outcome);
    }
    if let Err(error) = outcome {
        say_error(error);
    }
    last_words::on_purpose("after the JSON");
    code
}

/// The end where not even the runtime starts.
pub(crate) fn cannot_start(error: &std::io::Error) -> u8 {
    let failed = Error::unexpected("cannot-start", format!("ecs-bg cannot start: {error}"))
        .hint("this machine lacks something that every program needs: file descriptors, memory");
    finish(&Envelope::default(), &Err(failed), false)
}
