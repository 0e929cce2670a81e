//! Waiting: a deadline, an interval with jitter, reads that may fail for a while.

use std::time::Duration;

use tokio::time::Instant;

use crate::context::Context;
use crate::error::{Error, Kind, Result};

/// A deadline that is reported when it passes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline {
    at: Instant,
    total: Duration,
}

impl Deadline {
    /// This long from now.
    pub(crate) fn after(total: Duration) -> Self {
        Self { at: Instant::now() + total, total }
    }

    /// How long it was in all.
    pub(crate) fn total(&self) -> Duration {
        self.total
    }

    /// What is left of it.
    pub(crate) fn left(&self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Whether it has passed.
    pub(crate) fn passed(&self) -> bool {
        self.left().is_zero()
    }

    /// The pause until the next look: the interval give or take a tenth, so that many builds do not ask in step, and not
    /// past the deadline.
    pub(crate) fn next_pause(&self, interval: Duration) -> Duration {
        interval.mul_f64(0.9 + 0.2 * fastrand::f64()).min(self.left())
    }
}

/// One look is taken, however short the wait is.
const ONE_LOOK: Duration = Duration::from_secs(10);

/// Within a wait, a read that is throttled or fails is tried again until the deadline, and that is said once.
pub(crate) async fn read<T, F>(cx: &Context, deadline: &Deadline, read: impl Fn() -> F) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let mut said = false;
    loop {
        let answer = tokio::time::timeout(deadline.left().max(ONE_LOOK), read()).await;
        match answer.unwrap_or_else(|_| Err(cx.aws.unanswered())) {
            Ok(value) => return Ok(value),
            Err(error) if error.kind == Kind::Unavailable && !deadline.passed() => {
                if !said {
                    crate::report::output::say(format_args!("cannot look now, trying on: {}", error.message));
                    said = true;
                }
                cx.interrupt.sleep(deadline.next_pause(cx.settings.poll_interval * 2)).await?;
            }
            Err(error) => return Err(unread(error, deadline)),
        }
    }
}

fn unread(error: Error, deadline: &Deadline) -> Error {
    if error.kind == Kind::Unavailable {
        let message = format!("{} (until the deadline of {} s)", error.message, deadline.total().as_secs());
        return Error { message, ..error };
    }
    error
}
