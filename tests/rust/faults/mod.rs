//! What holds under faults: every call of every action disturbed in every way, and the same end reached all the same.
//! Cases are generated from the calls that the stand-in recorded of an undisturbed run, so a new call is covered by
//! itself.

#![allow(clippy::print_stdout, reason = "what they come to is figures, which belong into the log of a test run")]

mod case;
mod disturbance;
mod machine;
pub(crate) mod matrix;
pub(crate) mod outcome;
pub(crate) mod prepare;
pub(crate) mod scenario;
