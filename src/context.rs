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
        let code = refusal.code.clone();
        self.refuse_unless(&code, refusal)
    }

    /// The same for a refusal that has a narrower name than its code: `CODE:CONTAINER`.
    pub(crate) fn refuse_unless(&self, allowed_by: &str, refusal: Error) -> Result<()> {
        if self.settings.allows(allowed_by) {
            self.warn(&refusal.code.clone(), format!("allowed: {}", refusal.message));
            return Ok(());
        }
        let allow = format!("--allow {allowed_by} does it all the same");
        let hint = refusal.hint.clone().map_or_else(|| allow.clone(), |hint| format!("{hint}; {allow}"));
        Err(refusal.hint(hint))
    }

    /// The same for all that there are.
    pub(crate) fn refuse_all(&self, refusals: impl IntoIterator<Item = Error>) -> Result<()> {
        refusals.into_iter().try_for_each(|refusal| self.refuse(refusal))
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
