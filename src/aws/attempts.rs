//! What the attempts of a call have come to: the SDK tells of the last one only.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Notices attempts that AWS may have applied although they failed. A later attempt may be rejected for that very reason:
/// a deletion whose reply was lost finds nothing when it is sent again.
#[derive(Debug, Clone, Default)]
pub(crate) struct Attempts {
    in_doubt: Arc<AtomicBool>,
}

impl Attempts {
    /// Whether there was one since the last time that this was asked.
    pub(crate) fn take(&self) -> bool {
        self.in_doubt.swap(false, Ordering::Relaxed)
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "ecs-bg attempts in doubt"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let failed = matches!(context.output_or_error(), Some(Err(_)));
        // Only a status of 4xx says that nothing was done.
        let is_rejection = context.response().is_some_and(|reply| reply.status().is_client_error());
        if failed && !is_rejection {
            self.in_doubt.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
