//! The real binary against the stand-in for AWS (`tests/aws`). One test binary, so that the stand-in starts once.

mod creation;
mod deletion;
mod deployment;
mod ecr_login;
mod rollback;
mod support;
mod task_definitions;
mod traffic;
mod wait_stable;
