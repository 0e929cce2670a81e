//! What is told: the JSON on stdout, the lines of a build's log, and how things look in both.

pub(crate) mod deployment;
pub(crate) mod output;
pub(crate) mod view;
pub(crate) mod words;
