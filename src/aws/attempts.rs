//! What the attempts of a call have come to, of which the SDK tells the last one only; and that one which AWS throttled
//! is not the last; and where they went.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use aws_smithy_runtime::client::retries::classifiers::run_classifiers_on_ctx;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::orchestrator::{Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::retries::classifiers::{RetryAction, RetryReason};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_types::retry::{ErrorKind, RetryConfig};

/// Notices attempts that AWS may have applied although they failed, and those that it throttled.
///
/// The first, as a later attempt may be rejected for that very reason: a deletion whose reply was lost finds nothing when
/// it is sent again. The second, as AWS's rates are an account's: where 200 deployments start at once, the last one's
/// turn comes after minutes, and then nothing is wrong with it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts {
    in_doubt: Arc<AtomicBool>,
    throttled: Arc<AtomicBool>,
    said: Arc<AtomicBool>,
    destinations: Arc<Mutex<HashMap<String, String>>>,
}

/// How many attempts of one call AWS has throttled.
#[derive(Debug, Clone, Copy, Default)]
struct Throttled(u32);

impl Storable for Throttled {
    type Storer = StoreReplace<Self>;
}

impl Attempts {
    /// Whether there was one in doubt since the last time that this was asked.
    pub(crate) fn take_doubt(&self) -> bool {
        self.in_doubt.swap(false, Ordering::Relaxed)
    }

    /// The URL that the latest one of an operation was sent to.
    pub(crate) fn destination(&self, operation: &str) -> String {
        self.destinations.lock().ok().and_then(|urls| urls.get(operation).cloned()).unwrap_or_default()
    }

    /// Whether the latest one that had an answer was throttled.
    pub(crate) fn throttled(&self) -> bool {
        self.throttled.load(Ordering::Relaxed)
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "ecs-bg attempts"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let (Some(metadata), Ok(mut urls)) = (bag.load::<Metadata>(), self.destinations.lock()) {
            urls.insert(metadata.name().to_owned(), context.request().uri().to_owned());
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failure = context.output_or_error().and_then(Result::err);
        let failed = failure.is_some();
        // Only a status of 4xx says that nothing was done.
        let is_rejection = context.response().is_some_and(|reply| reply.status().is_client_error());
        if failed && !is_rejection {
            self.in_doubt.store(true, Ordering::Relaxed);
        }
        let verdict = run_classifiers_on_ctx(components.retry_classifiers(), context.inner());
        let throttled = failed && is_throttling(&verdict);
        // The one that is under way when the time is over has no answer to tell by.
        if !failure.is_some_and(OrchestratorError::is_timeout_error) {
            self.throttled.store(throttled, Ordering::Relaxed);
        }
        if throttled && !self.said.swap(true, Ordering::Relaxed) {
            crate::report::output::say("AWS throttles: the account's rate of calls is used up; waiting for a turn");
        }
        count(bag, throttled);
        Ok(())
    }
}

fn is_throttling(verdict: &RetryAction) -> bool {
    matches!(verdict, RetryAction::RetryIndicated(RetryReason::RetryableError { kind: ErrorKind::ThrottlingError, .. }))
}

/// Tells the SDK's retry strategy, which reads it next, how many attempts there were: without those that were throttled,
/// and one too few to end it where this one was. What ends a call that is only ever throttled is the time for it.
fn count(bag: &mut ConfigBag, throttled: bool) {
    let (Some(config), Some(made)) = (bag.load::<RetryConfig>(), bag.load::<RequestAttempts>()) else { return };
    let (most, made) = (config.max_attempts(), made.attempts());
    let of_those = bag.load::<Throttled>().copied().unwrap_or_default().0 + u32::from(throttled);
    let counted = counted(made, of_those, most, throttled);
    bag.interceptor_state().store_put(Throttled(of_those)).store_put(RequestAttempts::new(counted));
}

/// The pause before the next attempt grows with this number, so that of a throttled one is as large as it can be.
fn counted(made: u32, of_those_throttled: u32, most: u32, throttled: bool) -> u32 {
    if throttled { made.min(most.saturating_sub(1)) } else { made.saturating_sub(of_those_throttled) }.max(1)
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn a_throttled_attempt_is_never_the_last_but_where_only_one_is_allowed() {
        for made in 1..100 {
            assert!(counted(made, made, 8, true) < 8);
        }
        assert_eq!(counted(1, 1, 1, true), 1, "as many as are allowed");
    }

    #[test]
    fn the_pause_grows_also_while_attempts_are_throttled() {
        assert_eq!((1..=9).map(|made| counted(made, made, 8, true)).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 7, 7]);
    }

    #[test]
    fn of_the_others_as_many_are_made_as_are_allowed() {
        assert_eq!(counted(8, 0, 8, false), 8);
        assert_eq!(counted(20, 13, 8, false), 7);
        assert_eq!(counted(21, 13, 8, false), 8);
    }
}
