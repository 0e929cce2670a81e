//! Retries are the SDK's standard ones. What is told here is only which of AWS's answers are worth one: some
//! transient ones have no code of their own, and one code that the SDK takes for throttling is a limit.

use aws_sdk_ecs::operation::create_task_set::CreateTaskSetError;
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction, RetryClassifierPriority};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Messages of AWS that mean "not yet", although their code means "never".
///
/// - a target group that was attached a moment ago (Terraform's ECS provider retries it too);
/// - the service-linked role that the first use in an account creates;
/// - a cluster or service that was created a moment ago: those come with their not-found codes.
const TRANSIENT_MESSAGES: [&str; 2] =
    ["does not have an associated load balancer", "Unable to assume the service linked role"];

/// Judges the answers to `CreateTaskSet`. It reads before it writes, so a cluster or service that is not found then was
/// there a moment ago.
#[derive(Debug)]
pub(crate) struct CreateAnswers;

impl CreateAnswers {
    fn judge(code: Option<&str>, message: Option<&str>) -> RetryAction {
        match code {
            // ECS means its limit of five task sets; the SDK would take it for a rate.
            Some("LimitExceededException") => RetryAction::RetryForbidden,
            Some("ClusterNotFoundException" | "ServiceNotFoundException") => RetryAction::transient_error(),
            Some(_) if message.is_some_and(|text| TRANSIENT_MESSAGES.iter().any(|known| text.contains(known))) => {
                RetryAction::transient_error()
            }
            Some(_) | None => RetryAction::NoActionIndicated,
        }
    }
}

impl ClassifyRetry for CreateAnswers {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(Err(failed)) = context.output_or_error() else { return RetryAction::NoActionIndicated };
        let Some(error) = failed.as_operation_error().and_then(|error| error.downcast_ref::<CreateTaskSetError>())
        else {
            return RetryAction::NoActionIndicated;
        };
        Self::judge(error.code(), error.message())
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

    #[test]
    fn a_limit_is_never_retried_as_if_it_were_a_rate() {
        assert_eq!(CreateAnswers::judge(Some("LimitExceededException"), None), RetryAction::RetryForbidden);
    }

    #[test]
    fn answers_that_mean_not_yet_are_retried() {
        let not_attached = "The target group with targetGroupArn X does not have an associated load balancer.";
        assert_eq!(
            CreateAnswers::judge(Some("InvalidParameterException"), Some(not_attached)),
            RetryAction::transient_error()
        );
        assert_eq!(CreateAnswers::judge(Some("ServiceNotFoundException"), None), RetryAction::transient_error());
        assert_eq!(CreateAnswers::judge(Some("InvalidParameterException"), Some("no")), RetryAction::NoActionIndicated);
    }
}
