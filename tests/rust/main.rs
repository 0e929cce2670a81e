//! The real binary against the stand-in for AWS (`tests/aws`). One test binary, so that the stand-in starts once.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on ends there; helpers are outside of #[test]"
)]
#![allow(
    clippy::needless_pass_by_value,
    clippy::unused_self,
    reason = "json!({…}) reads better without a & in front, and a world's method with its world"
)]

mod bad_input;
mod bake;
mod canary;
mod concurrency;
mod configuration;
mod contract;
mod creation;
mod deletion;
mod deployment;
mod ecr_login;
mod faults;
mod hostile;
mod house;
mod iam;
mod identity;
mod interruption;
mod panics;
mod plain;
mod preflight;
mod rates;
mod report;
mod rollback;
mod rules;
mod scale;
mod secrets;
mod settle;
mod state_table;
mod status;
mod support;
mod task_definitions;
mod terminal;
mod traffic;
mod unknown_members;
mod unreached;
mod wait_stable;
