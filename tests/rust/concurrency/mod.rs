//! What holds where several builds deploy one service at once.

#![allow(clippy::print_stdout, reason = "what they come to is figures, which belong into the log of a test run")]

mod build;
mod graph;
mod model;
mod stage;
mod whole;
