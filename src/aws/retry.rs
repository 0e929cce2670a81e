//! Retries are the SDK's standard ones. What is told here is only which of AWS's answers are worth one: some
//! transient ones have no code of their own, and one code that the SDK takes for throttling is a limit.

use std::fmt;
use std::marker::PhantomData;

use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Messages of AWS that mean "not yet", although their code means "never".
///
/// - a target group that was attached a moment ago (Terraform's ECS provider retries it too);
/// - the service-linked role that the first use in an account creates;
/// - several registrations of one family at the same time;
/// - a cluster or service that was created a moment ago: those come with their not-found codes.
const TRANSIENT_MESSAGES: [&str; 3] = [
    "does not have an associated load balancer",
    "Unable to assume the service linked role",
    "Too many concurrent attempts to create a new revision",
];

/// Judges the answers to one operation, whose error type is `E`.
pub(crate) struct Answers<E> {
    /// Whether a not-found answer may be eventual consistency.
    not_found_is_transient: bool,
    error: PhantomData<fn() -> E>,
}

impl<E> Answers<E> {
    /// For an operation whose not-found answers are final.
    pub(crate) fn new() -> Self {
        Self { not_found_is_transient: false, error: PhantomData }
    }

    /// For `CreateTaskSet`, which reads before: what is not found then was there a moment ago.
    pub(crate) fn with_eventual_consistency() -> Self {
        Self { not_found_is_transient: true, error: PhantomData }
    }

    fn judge(&self, code: Option<&str>, message: Option<&str>) -> RetryAction {
        match code {
            // ECS means its limit of five task sets; the SDK would take it for a rate.
            Some("LimitExceededException") => RetryAction::RetryForbidden,
            Some("ClusterNotFoundException" | "ServiceNotFoundException") if self.not_found_is_transient => {
                RetryAction::transient_error()
            }
            Some(_) if message.is_some_and(|text| TRANSIENT_MESSAGES.iter().any(|known| text.contains(known))) => {
                RetryAction::transient_error()
            }
            Some(_) | None => RetryAction::NoActionIndicated,
        }
    }
}

impl<E> fmt::Debug for Answers<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").field("not_found_is_transient", &self.not_found_is_transient).finish_non_exhaustive()
    }
}

impl<E> ClassifyRetry for Answers<E>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(failed)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let Some(error) = failed.as_operation_error().and_then(|error| error.downcast_ref::<E>()) else {
            return RetryAction::NoActionIndicated;
        };
        self.judge(error.code(), error.message())
    }

    fn name(&self) -> &'static str {
        "ecs-bg answers without a code of their own"
    }

    /// After the SDK's own, whose verdict on `LimitExceededException` is overruled.
    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::modeled_as_retryable_classifier())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Create = aws_sdk_ecs::operation::create_task_set::CreateTaskSetError;

    #[test]
    fn a_limit_is_never_retried_as_if_it_were_a_rate() {
        assert_eq!(Answers::<Create>::new().judge(Some("LimitExceededException"), None), RetryAction::RetryForbidden);
    }

    #[test]
    fn answers_that_mean_not_yet_are_retried() {
        let not_attached = "The target group with targetGroupArn X does not have an associated load balancer.";
        let create = Answers::<Create>::with_eventual_consistency();
        assert_eq!(create.judge(Some("InvalidParameterException"), Some(not_attached)), RetryAction::transient_error());
        assert_eq!(create.judge(Some("ServiceNotFoundException"), None), RetryAction::transient_error());
        assert_eq!(
            Answers::<Create>::new().judge(Some("ServiceNotFoundException"), None),
            RetryAction::NoActionIndicated
        );
        assert_eq!(create.judge(Some("InvalidParameterException"), Some("no")), RetryAction::NoActionIndicated);
    }
}
