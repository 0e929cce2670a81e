//! What holds where several builds deploy one service at once.
//!
//! A fixed part is run with all other tests, and the whole of it by `make soak`. `ECS_BG_CONCURRENCY` runs the cases whose
//! name contains it.

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

use std::fmt::Display;

use crate::faults::matrix::failures;
use crate::support::figure;
use crate::support::stand_in::Mode;

/// The part of a name that was asked for.
fn wanted() -> Option<String> {
    std::env::var("ECS_BG_CONCURRENCY").ok()
}

/// Runs a part of the cases, or those that were asked for, and says in one line what they came to.
fn hold<T: Sync + Display>(
    what: &str,
    all: Vec<T>,
    part: impl Fn(&T) -> bool,
    run: impl Fn(&T, Mode) -> Result<(), String> + Sync,
) {
    let (of, wanted) = (all.len(), wanted());
    let is_chosen = |case: &T| wanted.as_ref().map_or_else(|| part(case), |part| case.to_string().contains(part));
    let chosen: Vec<T> = all.into_iter().filter(is_chosen).collect();
    let failed = failures(&chosen, |case, mode| {
        run(case, mode).map_err(|why| {
            let again = "cargo test --locked --test rust concurrency -- --include-ignored --nocapture";
            format!("{why}\n  again: ECS_BG_CONCURRENCY=\"{case}\" {again}")
        })
    });
    figure(format_args!("concurrency: {what}: {} of {of}, {failed} failed", chosen.len()));
    assert!(failed == 0 && (wanted.is_some() || !chosen.is_empty()), "{failed} of {} failed", chosen.len());
}
