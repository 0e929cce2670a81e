//! What holds where several builds deploy one service at once.

#![allow(clippy::print_stdout, reason = "what they come to is figures, which belong into the log of a test run")]

mod actor;
mod build;
mod graph;
mod meeting;
mod model;
mod overlap;
mod random;
mod stage;
mod whole;
