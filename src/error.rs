//! The one error type. Every failure names what was wrong (`message`), a stable `code` for programs,
//! and what to do about it (`hint`).

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::json::to_value;

/// The signals that end an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// SIGINT, from the keyboard.
    Interrupt,
    /// SIGTERM, as Jenkins sends on an abort.
    Terminate,
}

/// What kind of failure it is; decides the exit code (see [`crate::exit`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Something that should not happen.
    Unexpected,
    /// A parameter, a file or a flag is wrong.
    Usage,
    /// A safety check said no.
    Refused,
    /// What was named does not exist.
    NotFound,
    /// A deadline passed.
    Timeout,
    /// The deployment itself failed.
    Failed,
    /// Credentials or permissions.
    Credentials,
    /// AWS is unavailable, unreachable or throttling.
    Unavailable,
    /// A signal ended it.
    Interrupted(Signal),
}

impl Kind {
    /// The name in the JSON's `error.kind`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Unexpected => "unexpected",
            Self::Usage => "usage",
            Self::Refused => "refused",
            Self::NotFound => "notFound",
            Self::Timeout => "timeout",
            Self::Failed => "failed",
            Self::Credentials => "credentials",
            Self::Unavailable => "unavailable",
            Self::Interrupted(_) => "interrupted",
        }
    }
}

/// A failure, as the user and the JSON see it.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Error {
    /// Decides the exit code.
    pub(crate) kind: Kind,
    /// Stable, kebab-case: what a program tells failures apart by, and what `--allow` names.
    pub(crate) code: Cow<'static, str>,
    /// What was wrong, and where.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    /// Whether the same call may succeed later without a change.
    pub(crate) retryable: bool,
    /// AWS's id of the request that failed.
    pub(crate) request_id: Option<String>,
    /// What an action found out before it failed; becomes the JSON's `result`.
    pub(crate) result: Box<Map<String, Value>>,
}

/// `Result` with this crate's error.
pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure of the given kind.
    pub(crate) fn new(kind: Kind, code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self {
            kind,
            code: code.into(),
            message: message.into(),
            hint: None,
            retryable: matches!(kind, Kind::Unavailable),
            request_id: None,
            result: Box::default(),
        }
    }

    /// A parameter, a file or a flag is wrong.
    pub(crate) fn usage(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, code, message)
    }

    /// A safety check said no.
    pub(crate) fn refused(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Kind::Refused, code, message)
    }

    /// What was named does not exist.
    pub(crate) fn not_found(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Kind::NotFound, code, message)
    }

    /// Something that should not happen.
    pub(crate) fn unexpected(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(Kind::Unexpected, code, message)
    }

    /// Whether AWS has said no, for a reason that its code alone does not tell.
    pub(crate) fn is_rejection(&self) -> bool {
        matches!(&*self.code, "aws-rejected" | "parameter-rejected")
    }

    /// A signal has come.
    pub(crate) fn interrupted(signal: Signal) -> Self {
        let name = match signal {
            Signal::Interrupt => "SIGINT",
            Signal::Terminate => "SIGTERM",
        };
        let mut error = Self::new(Kind::Interrupted(signal), "interrupted", format!("stopped by {name}"))
            .hint("run the same action again to go on, or `ecs-bg status` to see where it stands");
        error.retryable = true;
        error
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds one field of the JSON's `result`.
    #[must_use]
    pub(crate) fn with(mut self, key: &str, value: impl Serialize) -> Self {
        self.result.insert(key.to_owned(), to_value(value));
        self
    }

    /// Adds what was observed when it failed: the JSON's `result.observed`.
    #[must_use]
    pub(crate) fn observed(self, value: impl Serialize) -> Self {
        self.with("observed", value)
    }
}
