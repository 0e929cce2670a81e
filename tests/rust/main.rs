//! The real binary against the stand-in for AWS (`tests/aws`). One test binary, so that the stand-in starts once.

mod support;
mod wait_stable;
