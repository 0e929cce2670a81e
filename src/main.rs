//! `ecs-bg`: one idempotent action of a blue/green deployment per call, one JSON object on stdout.

mod actions;
mod aws;
mod cli;
mod config;
mod context;
#[cfg(test)]
mod docs;
mod error;
mod exit;
mod last_words;
mod model;
#[cfg(test)]
#[path = "../tests/rust/support/mutation.rs"]
mod mutation;
mod observe;
mod plan;
mod report;
mod rules;
mod run;
mod system;
mod version;

use std::process::ExitCode;

fn main() -> ExitCode {
    last_words::prepare();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    ExitCode::from(match runtime {
        Ok(runtime) => runtime.block_on(run::run(std::env::args_os())),
        Err(error) => run::cannot_start(&error),
    })
}
