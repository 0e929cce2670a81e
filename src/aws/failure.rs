//! AWS's failures as ours. They are told apart by code and status, never by message; the few that have no code of
//! their own are in [`super::retry`] and at the one call they belong to.

use std::error::Error as StdError;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_ecs::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::causes;
use super::reach::{Unreached, Way};
use super::unfit::Unfit;
use crate::error::{Error, Kind};

/// HTTP's status for it.
const PROXY_WANTS_PASSWORD: u16 = 407;

const REQUEST_ID_HEADERS: [&str; 2] = ["x-amzn-requestid", "x-amz-request-id"];

/// What kind of failure a code of AWS is; `None`: one that only the caller can judge.
fn kind_of(code: &str) -> Option<(Kind, &'static str)> {
    Some(match code {
        "ExpiredToken" | "ExpiredTokenException" | "RequestExpired" => (Kind::Credentials, "credentials-expired"),
        "InvalidClientTokenId"
        | "UnrecognizedClientException"
        | "SignatureDoesNotMatch"
        | "InvalidSignatureException"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "IncompleteSignature"
        | "AuthFailure" => (Kind::Credentials, "credentials-invalid"),
        "AccessDenied" | "AccessDeniedException" | "UnauthorizedOperation" => (Kind::Credentials, "access-denied"),
        "ClusterNotFoundException" => (Kind::NotFound, "cluster-not-found"),
        "ServiceNotFoundException" | "ServiceNotActiveException" => (Kind::NotFound, "service-not-found"),
        "TaskSetNotFoundException" => (Kind::NotFound, "task-set-not-found"),
        "ListenerNotFound" => (Kind::NotFound, "listener-not-found"),
        "RuleNotFound" => (Kind::NotFound, "rule-not-found"),
        "TargetGroupNotFound" => (Kind::NotFound, "target-group-not-found"),
        "LoadBalancerNotFound" => (Kind::NotFound, "load-balancer-not-found"),
        "RepositoryNotFoundException" => (Kind::NotFound, "repository-not-found"),
        "ImageNotFoundException" => (Kind::NotFound, "image-not-found"),
        code if is_throttling(code) => (Kind::Unavailable, "throttled"),
        code if REJECTIONS.contains(&code) => (Kind::Refused, "parameter-rejected"),
        _ => return None,
    })
}

/// What AWS says to a parameter, or to a combination of them: nothing was done, and something that was given has to
/// change. `ClientException` and `InvalidParameterException` are ECS's for nearly everything (also for a task set that is in
/// the wrong state), the rest Elastic Load Balancing's, ECR's and STS's.
const REJECTIONS: [&str; 15] = [
    "ClientException",
    "InvalidParameterException",
    "InvalidParameterValue",
    "InvalidParameterCombination",
    "InvalidParameter",
    "InvalidConfigurationRequest",
    "InvalidLoadBalancerAction",
    "InvalidTarget",
    "IncompatibleProtocols",
    "MissingParameter",
    "PlatformTaskDefinitionIncompatibilityException",
    "PlatformUnknownException",
    "UnsupportedFeatureException",
    "ValidationError",
    "ValidationException",
];

/// `LimitExceededException` is not among them: from ECS it means a limit, not a rate.
pub(super) fn is_throttling(code: &str) -> bool {
    aws_runtime_codes().contains(&code)
}

fn aws_runtime_codes() -> [&'static str; 8] {
    [
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "PriorRequestNotComplete",
    ]
}

fn hint_of(code: &str, operation: &str) -> Option<String> {
    Some(match code {
        "credentials-expired" => {
            "get new credentials and run the same action again: it goes on where it stopped".into()
        }
        "credentials-invalid" => {
            "check the access key, its secret and session token, the clock of this machine, and a proxy if there is one"
                .into()
        }
        "access-denied" => {
            format!("the identity lacks the permission for {operation}; resources/iam has the policies this tool needs")
        }
        "throttled" | "unavailable" | "unreachable" => "run the same action again: it goes on where it stopped".into(),
        "bad-reply" => "check `endpointUrl` and HTTPS_PROXY; then run the same action again".into(),
        code if code.ends_with("-not-found") => {
            "check its name or ARN, the region and the account; it may also be gone".into()
        }
        "parameter-rejected" => {
            "AWS takes it so from nobody: the message is AWS's own; mend what it names in the parameters or the template".into()
        }
        "aws-rejected" => "the message is AWS's own; `ecs-bg status` shows where the service stands".into(),
        _ => return None,
    })
}

/// Turns a failed call into our error. `url` is where it was sent.
pub(super) fn classify<E>(operation: &str, error: &SdkError<E, HttpResponse>, url: &str) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    let mut classified = match error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            if status == PROXY_WANTS_PASSWORD {
                unreached(Way::to(url).wants_password(operation))
            } else {
                let (kind, code, message) = from_reply(operation, service.err().meta(), status);
                Error { hint: hint_of(code, operation), ..Error::new(kind, code, message) }
            }
        }
        SdkError::ResponseError(_) => {
            let what = "the reply could not be read as AWS's (cut off, or not from AWS: a proxy, a wrong endpoint)";
            let error = Error::new(Kind::Unavailable, "bad-reply", format!("{operation}: {what}"));
            Error { hint: hint_of("bad-reply", operation), ..error }
        }
        SdkError::TimeoutError(_) => unreached(Way::to(url).too_late(operation)),
        SdkError::DispatchFailure(_) => not_sent(operation, error, url),
        // Construction failures and what the SDK may add one day: never AWS's answer.
        SdkError::ConstructionFailure(_) | _ => Error::unexpected("sdk", format!("{operation}: {}", causes::of(error)))
            .hint("this should not happen: report it"),
    };
    classified.request_id = error
        .raw_response()
        .and_then(|raw| REQUEST_ID_HEADERS.iter().find_map(|name| raw.headers().get(*name)).map(str::to_owned));
    classified
}

/// The network, or what was to sign the call: credentials that had to be renewed on the way.
fn not_sent<E>(operation: &str, error: &SdkError<E, HttpResponse>, url: &str) -> Error
where
    E: std::error::Error + 'static,
{
    if let Some(unfit) = causes::find::<Unfit>(error) {
        return unfit.error();
    }
    if let Some(source) = error.source().and_then(causes::find::<CredentialsError>) {
        let message = format!("{operation}: the credentials could not be renewed: {}", causes::of(source));
        return Error {
            hint: hint_of("unreachable", operation),
            ..Error::new(Kind::Unavailable, "unreachable", message)
        };
    }
    unreached(Way::to(url).failed(operation, error))
}

fn unreached(said: Unreached) -> Error {
    let mut error = Error::new(Kind::Unavailable, "unreachable", said.message).hint(said.hint);
    error.retryable = said.retryable;
    error
}

/// The failure of a call that AWS has throttled until the time for it was over.
pub(super) fn throttled_to_the_end(operation: &str) -> Error {
    let mut error =
        Error::new(Kind::Unavailable, "throttled", format!("{operation}: throttled until the time for it was over"));
    error.hint = hint_of("throttled", operation);
    error
}

/// The failure where a wait's deadline came before any answer.
pub(super) fn unanswered() -> Error {
    let mut error = Error::new(Kind::Unavailable, "unreachable", "no answer came");
    error.hint = hint_of("unreachable", "");
    error
}

fn from_reply(
    operation: &str,
    meta: &aws_smithy_types::error::ErrorMetadata,
    status: u16,
) -> (Kind, &'static str, String) {
    let text = super::redact::without_token(meta.message().unwrap_or("no message"));
    let Some(code) = meta.code() else {
        if is_unauthorised(status) {
            let message =
                format!("{operation}: the call was not let through (HTTP {status}, without a reason that can be read)");
            return (Kind::Credentials, "credentials-invalid", message);
        }
        // Without a code it is not AWS that answered: a proxy's or a load balancer's own page.
        return (Kind::Unavailable, "bad-reply", format!("{operation}: HTTP {status} without an AWS error code"));
    };
    let message = format!("{operation}: {code}: {text}");
    match kind_of(code) {
        Some((kind, ours)) => (kind, ours, message),
        None if status >= 500 => (Kind::Unavailable, "unavailable", message),
        None => (Kind::Unexpected, "aws-rejected", message),
    }
}

/// Whoever answers so has not done what was asked, be it AWS or a proxy before it.
fn is_unauthorised(status: u16) -> bool {
    matches!(status, 401 | 403 | PROXY_WANTS_PASSWORD)
}

/// Whether AWS may have done what was asked although the call failed: everything but a clear rejection.
pub(super) fn may_have_been_applied<E>(error: &SdkError<E, HttpResponse>) -> bool
where
    E: ProvideErrorMetadata,
{
    match error {
        SdkError::ServiceError(service) => {
            let status = service.raw().status().as_u16();
            let rejected = status < 500 && service.err().meta().code().is_some();
            !rejected && !is_unauthorised(status)
        }
        SdkError::ConstructionFailure(_) => false,
        SdkError::DispatchFailure(dispatch) => !dispatch.is_user(),
        // And what the SDK may add one day.
        SdkError::TimeoutError(_) | SdkError::ResponseError(_) | _ => true,
    }
}

/// The code AWS itself gave, for the few places that must judge it.
pub(super) fn aws_code<E>(error: &SdkError<E, HttpResponse>) -> Option<&str>
where
    E: ProvideErrorMetadata,
{
    error.as_service_error().and_then(|service| service.meta().code())
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    fn judged(code: &str, status: u16) -> (Kind, &'static str) {
        let meta = ErrorMetadata::builder().code(code).message("m").build();
        let (kind, ours, _) = from_reply("CreateTaskSet", &meta, status);
        (kind, ours)
    }

    #[test]
    fn codes_of_aws_have_the_kind_that_their_exit_code_promises() {
        for (code, status, expected) in [
            ("ThrottlingException", 400, (Kind::Unavailable, "throttled")),
            ("Throttling", 400, (Kind::Unavailable, "throttled")),
            ("ExpiredTokenException", 400, (Kind::Credentials, "credentials-expired")),
            ("ExpiredToken", 403, (Kind::Credentials, "credentials-expired")),
            ("AccessDeniedException", 400, (Kind::Credentials, "access-denied")),
            ("AccessDenied", 403, (Kind::Credentials, "access-denied")),
            ("ServiceNotFoundException", 400, (Kind::NotFound, "service-not-found")),
            ("ServerException", 500, (Kind::Unavailable, "unavailable")),
            ("LimitExceededException", 400, (Kind::Unexpected, "aws-rejected")),
            ("InvalidParameterException", 400, (Kind::Refused, "parameter-rejected")),
            ("ClientException", 400, (Kind::Refused, "parameter-rejected")),
            ("ValidationError", 400, (Kind::Refused, "parameter-rejected")),
            ("SomethingNew", 400, (Kind::Unexpected, "aws-rejected")),
        ] {
            assert_eq!(judged(code, status), expected, "{code}");
        }
    }

    #[test]
    fn a_page_that_is_not_awss_is_named_so() {
        let meta = ErrorMetadata::builder().build();
        assert_eq!(from_reply("DescribeServices", &meta, 503).1, "bad-reply");
        assert_eq!(from_reply("DescribeServices", &meta, 403).1, "credentials-invalid");
    }
}
