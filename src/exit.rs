//! The documented exit codes. They are API: they only grow.

use crate::error::Kind;

/// Done, or nothing to do.
pub(crate) const OK: u8 = 0;
/// Something that should not happen, or that nothing here knows how to name.
pub(crate) const UNEXPECTED: u8 = 1;
/// A parameter, a file or a flag is wrong; nothing was sent.
pub(crate) const USAGE: u8 = 2;
/// A check said no; a blocking finding of `preflight` too.
pub(crate) const REFUSED: u8 = 3;
/// The cluster, service, task set, task definition, listener or target group does not exist.
pub(crate) const NOT_FOUND: u8 = 4;
/// A deadline passed.
pub(crate) const TIMED_OUT: u8 = 5;
/// The deployment itself failed: its tasks cannot start or stay healthy.
pub(crate) const FAILED: u8 = 6;
/// Credentials are missing, expired, or lack a permission.
pub(crate) const CREDENTIALS: u8 = 7;
/// AWS is unavailable, unreachable or throttling, and the retries are spent.
pub(crate) const UNAVAILABLE: u8 = 8;
/// Interrupted from the keyboard.
pub(crate) const SIGINT: u8 = 130;
/// Terminated: Jenkins' abort.
pub(crate) const SIGTERM: u8 = 143;

/// The exit code of an error. Exhaustive: a new kind does not compile until it has a code.
pub(crate) fn code_of(kind: Kind) -> u8 {
    match kind {
        Kind::Unexpected => UNEXPECTED,
        Kind::Usage => USAGE,
        Kind::Refused => REFUSED,
        Kind::NotFound => NOT_FOUND,
        Kind::Timeout => TIMED_OUT,
        Kind::Failed => FAILED,
        Kind::Credentials => CREDENTIALS,
        Kind::Unavailable => UNAVAILABLE,
        Kind::Interrupted(crate::error::Signal::Interrupt) => SIGINT,
        Kind::Interrupted(crate::error::Signal::Terminate) => SIGTERM,
    }
}
