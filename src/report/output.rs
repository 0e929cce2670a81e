//! The only writer of stdout (the JSON envelope) and stderr (progress for a build's log).

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "the module that owns both streams")]

use std::fmt::Display;
use std::io::{IsTerminal, Write};

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::error::Error;
use crate::model::json::to_value;
use crate::report::words::shown;

/// The envelope's version. It changes only when a program that reads it would break.
const SCHEMA_VERSION: u32 = 1;

/// Something the user should know although the action succeeded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Warning {
    /// Stable, kebab-case.
    pub(crate) code: String,
    /// What it is, and what follows.
    pub(crate) message: String,
}

/// What is the same in success and failure.
#[derive(Debug, Clone, Default)]
pub(crate) struct Envelope {
    /// The action, where the command line named one.
    pub(crate) action: Option<&'static str>,
    /// Whether AWS changed, or may have changed.
    pub(crate) changed: bool,
    /// Whether this was a dry run.
    pub(crate) dry_run: bool,
    /// The caller's account, where it became known.
    pub(crate) account: Option<String>,
    /// The region, where it became known.
    pub(crate) region: Option<String>,
    /// Collected while the action ran.
    pub(crate) warnings: Vec<Warning>,
}

impl Envelope {
    /// Prints the one JSON object on stdout.
    pub(crate) fn print(&self, outcome: &Result<Map<String, Value>, Error>) {
        let json = self.json(outcome);
        let mut out = std::io::stdout().lock();
        // A person reads it in lines; a program is given one.
        let text = if out.is_terminal() { format!("{json:#}") } else { json.to_string() };
        // A reader that has gone away cannot be told anything; the exit code still can.
        drop(writeln!(out, "{text}").and_then(|()| out.flush()));
    }

    fn json(&self, outcome: &Result<Map<String, Value>, Error>) -> Value {
        let mut envelope = json!({
            "schemaVersion": SCHEMA_VERSION,
            "version": env!("CARGO_PKG_VERSION"),
            "action": self.action,
            "ok": outcome.is_ok(),
            "changed": self.changed,
            "dryRun": self.dry_run,
            "account": self.account,
            "region": self.region,
        });
        match outcome {
            Ok(result) => envelope["result"] = Value::Object(result.clone()),
            Err(error) => {
                let mut result = (*error.result).clone();
                result.entry("observed").or_insert(Value::Null);
                envelope["result"] = Value::Object(result);
                envelope["error"] = json!({
                    "kind": error.kind.name(),
                    "code": error.code,
                    "message": error.message,
                    "hint": error.hint,
                    "retryable": error.retryable,
                    "requestId": error.request_id,
                });
            }
        }
        envelope["warnings"] = to_value(&self.warnings);
        envelope
    }
}

/// One line for a person, on stderr.
pub(crate) fn say(line: impl Display) {
    drop(writeln!(std::io::stderr().lock(), "{}", shown(&line.to_string())));
}

/// Ends a run with an error that a person reads too.
pub(crate) fn say_error(error: &Error) {
    say(format_args!("ecs-bg: {} [{}]", error.message, error.code));
    if let Some(hint) = &error.hint {
        say(format_args!("  hint: {hint}"));
    }
}

/// Text that somebody asked for (`--help`, `--version`, `help`, `man`, `completions`): the only other thing stdout ever sees.
pub(crate) fn print_text(text: impl Display) {
    drop(write!(std::io::stdout().lock(), "{text}"));
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;

    fn envelope() -> Envelope {
        Envelope {
            action: Some("swap-live"),
            changed: true,
            dry_run: false,
            account: Some("111122223333".into()),
            region: Some("eu-west-1".into()),
            warnings: vec![Warning { code: "test-listener".into(), message: "it was not moved".into() }],
        }
    }

    fn printed(outcome: &Result<Map<String, Value>, Error>) -> String {
        let json = envelope().json(outcome).to_string();
        // Of the version only that it is there: it changes with each release.
        json.replace(env!("CARGO_PKG_VERSION"), "VERSION")
    }

    #[test]
    fn a_success_has_its_result_and_no_error() {
        assert_snapshot!(printed(&Ok(Map::from_iter([("a".to_owned(), Value::from(1))]))), @r#"{"schemaVersion":1,"version":"VERSION","action":"swap-live","ok":true,"changed":true,"dryRun":false,"account":"111122223333","region":"eu-west-1","result":{"a":1},"warnings":[{"code":"test-listener","message":"it was not moved"}]}"#);
    }

    #[test]
    fn a_failure_says_what_was_wrong_what_to_do_and_what_was_seen() {
        let error = Error::refused("is-live", "it is live").hint("move the traffic away").observed("two sets");
        assert_snapshot!(printed(&Err(error)), @r#"{"schemaVersion":1,"version":"VERSION","action":"swap-live","ok":false,"changed":true,"dryRun":false,"account":"111122223333","region":"eu-west-1","result":{"observed":"two sets"},"error":{"kind":"refused","code":"is-live","message":"it is live","hint":"move the traffic away","retryable":false,"requestId":null},"warnings":[{"code":"test-listener","message":"it was not moved"}]}"#);
    }
}
