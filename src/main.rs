//! `ecs-bg`: one idempotent action of a blue/green deployment per call, one JSON object on stdout.
#![allow(dead_code)]
mod actions;
mod aws;
mod cli;
mod config;
mod context;
mod discover;
mod error;
mod exit;
mod model;
mod observe;
mod output;
mod plan;
mod signal;
mod tags;
mod task_definition;
mod task_set;
mod template;
mod view;
mod wait;
fn main() {}
