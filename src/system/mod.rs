//! What an action needs of the machine it runs on: processes, files, signals, quoting for a shell, several reads at once.

pub(crate) mod concurrent;
pub(crate) mod file;
pub(crate) mod process;
pub(crate) mod shell;
pub(crate) mod signal;
