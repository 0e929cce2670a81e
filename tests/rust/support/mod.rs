//! What every test needs: AWS's stand-in, a world in it, and calls of the binary.

pub(crate) mod aws;
pub(crate) mod call;
pub(crate) mod door;
pub(crate) mod mutation;
pub(crate) mod stand_in;
pub(crate) mod world;

pub(crate) use call::{Call, Output, Running};
pub(crate) use serde_json::{Value, json};
pub(crate) use stand_in::Mode;
pub(crate) use world::World;
