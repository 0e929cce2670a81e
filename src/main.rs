//! `ecs-bg`: one idempotent action of a blue/green deployment per call, one JSON object on stdout.
#![allow(dead_code)]
mod cli;
mod config;
mod error;
mod exit;
mod model;
mod output;
mod signal;
fn main() {}
