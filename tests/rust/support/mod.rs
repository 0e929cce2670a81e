//! What every test needs: AWS's stand-in, a world in it, and calls of the binary.

pub(crate) mod aws;
pub(crate) mod call;
pub(crate) mod door;
pub(crate) mod mutation;
pub(crate) mod stand_in;
pub(crate) mod world;

use std::fmt::Display;
use std::io::Write;

pub(crate) use call::{Call, Output, Running};
pub(crate) use serde_json::{Value, json};
pub(crate) use stand_in::Mode;
pub(crate) use world::World;

/// Says figures in the log of a test run. Not by print!, which cargo shows of failing tests alone.
pub(crate) fn figure(line: impl Display) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").unwrap();
}
