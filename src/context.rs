//! What every action gets: its settings, AWS, and the place for warnings.

use std::cell::RefCell;

use crate::aws::Aws;
use crate::config::Settings;
use crate::error::{Error, Result};
use crate::report::output::{Warning, say};
use crate::system::signal::Interrupt;

/// One call of `ecs-bg`.
pub(crate) struct Context {
    pub(crate) settings: Settings,
    pub(crate) aws: Aws,
    pub(crate) interrupt: Interrupt,
    warnings: RefCell<Vec<Warning>>,
}

impl Context {
    /// A context without warnings.
    pub(crate) fn new(settings: Settings, aws: Aws, interrupt: Interrupt) -> Self {
        Self { settings, aws, interrupt, warnings: RefCell::default() }
    }

    /// Tells the user something that does not stop the action: in the log now, in the JSON at the end.
    pub(crate) fn warn(&self, code: &str, message: impl Into<String>) {
        let message = message.into();
        say(format_args!("warning: {message} [{code}]"));
        self.warnings.borrow_mut().push(Warning { code: code.to_owned(), message });
    }

    /// Ends the action with a refusal, unless the user has allowed exactly this one: then it is a warning.
    pub(crate) fn refuse(&self, refusal: Error) -> Result<()> {
        if self.settings.allows(&refusal.code) {
            self.warn(&refusal.code.clone(), format!("allowed: {}", refusal.message));
            return Ok(());
        }
        let allow = format!("--allow {} does it all the same", refusal.code);
        let hint = refusal.hint.clone().map_or_else(|| allow.clone(), |hint| format!("{hint}; {allow}"));
        Err(refusal.hint(hint))
    }

    /// Whether nothing may be changed.
    pub(crate) fn dry_run(&self) -> bool {
        self.settings.dry_run
    }

    /// The warnings so far.
    pub(crate) fn warnings(&self) -> Vec<Warning> {
        self.warnings.borrow().clone()
    }
}
