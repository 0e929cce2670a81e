//! Pure decisions: from what was observed and what is wanted to nothing, steps, or a refusal. No async, no SDK.

pub(crate) mod controller;
pub(crate) mod create;
pub(crate) mod drain;
pub(crate) mod gates;
pub(crate) mod phase;
pub(crate) mod preflight;
pub(crate) mod readiness;
pub(crate) mod removal;
pub(crate) mod rollback;
pub(crate) mod stability;
pub(crate) mod state;
pub(crate) mod traffic;
pub(crate) mod unnamed;
#[cfg(test)]
pub(crate) mod world;
