//! `ecs-bg`: one idempotent action of a blue/green deployment per call, one JSON object on stdout.

mod actions;
mod api;
mod aws;
mod child;
mod cli;
mod concurrent;
mod config;
mod context;
mod detail;
mod discover;
mod error;
mod exit;
mod file;
mod model;
#[cfg(test)]
#[path = "../tests/rust/support/mutation.rs"]
mod mutation;
mod observe;
mod output;
mod plan;
mod run;
mod shell;
mod signal;
mod tags;
mod task_definition;
mod task_set;
mod template;
mod view;
mod wait;

use std::process::ExitCode;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    match runtime {
        Ok(runtime) => ExitCode::from(runtime.block_on(run::run(std::env::args_os()))),
        Err(error) => {
            output::say(format_args!("ecs-bg: cannot start: {error}"));
            ExitCode::from(exit::UNEXPECTED)
        }
    }
}
