//! The edge: thin calls, SDK types in, domain types out. Every call goes through [`Aws::read`] or
//! [`Aws::mutate`], which obey signals, name the operation in errors, and know whether AWS may have changed.

mod actions;
mod attempts;
mod causes;
mod certificates;
pub(crate) mod cloudwatch;
pub(crate) mod connect;
mod credentials;
pub(crate) mod ecr;
pub(crate) mod ecs;
mod failure;
pub(crate) mod forwards;
pub(crate) mod load_balancer;
mod profile;
mod reach;
mod redact;
pub(crate) mod reply;
pub(crate) mod retry;
pub(crate) mod task_definitions;
pub(crate) mod tasks;
mod unfit;

use std::cell::{Cell, RefCell};

use aws_sdk_ecs::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::error::{Error, Result};
use crate::system::signal::Interrupt;

/// More than these cannot be described at a time: AWS says so of target groups, and of listeners and rules nothing.
const ARNS_PER_CALL: usize = 20;

/// The clients of one call of `ecs-bg`, in one region, as one identity.
pub(crate) struct Aws {
    ecs: aws_sdk_ecs::Client,
    elb: aws_sdk_elasticloadbalancingv2::Client,
    ecr: aws_sdk_ecr::Client,
    sts: aws_sdk_sts::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    /// The configuration that the clients were made from, for one of another region (ECR).
    config: aws_config::SdkConfig,
    region: String,
    account: RefCell<Option<String>>,
    changed: Cell<bool>,
    attempts: attempts::Attempts,
    dry_run: bool,
    verbose: bool,
    interrupt: Interrupt,
}

impl Aws {
    /// The ECS client.
    pub(crate) fn ecs(&self) -> &aws_sdk_ecs::Client {
        &self.ecs
    }

    /// The Elastic Load Balancing client.
    pub(crate) fn elb(&self) -> &aws_sdk_elasticloadbalancingv2::Client {
        &self.elb
    }

    /// The ECR client of this region.
    pub(crate) fn ecr(&self) -> &aws_sdk_ecr::Client {
        &self.ecr
    }

    /// The CloudWatch client.
    pub(crate) fn cloudwatch(&self) -> &aws_sdk_cloudwatch::Client {
        &self.cloudwatch
    }

    /// What the clients were made from.
    pub(crate) fn config(&self) -> &aws_config::SdkConfig {
        &self.config
    }

    /// The region all calls go to.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }

    /// The caller's account, once [`Aws::identity`] has asked for it.
    pub(crate) fn account(&self) -> Option<String> {
        self.account.borrow().clone()
    }

    /// Whether a call was sent that changed AWS, or may have.
    pub(crate) fn changed(&self) -> bool {
        self.changed.get()
    }

    /// Notes a change of AWS that was not made by a call of ours: a push.
    pub(crate) fn note_change(&self) {
        self.changed.set(true);
    }

    /// Who the caller is. Asked once; the account is kept for the envelope.
    pub(crate) async fn identity(&self) -> Result<Identity> {
        let reply = self.read("GetCallerIdentity", self.sts.get_caller_identity().send()).await?;
        let account = reply.account.unwrap_or_default();
        *self.account.borrow_mut() = Some(account.clone());
        Ok(Identity { account, arn: reply.arn.unwrap_or_default() })
    }

    /// Sends a call that changes nothing. A signal stops it at once.
    pub(crate) async fn read<T, E>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.interrupt.stop(self.log(operation, call)).await?.map_err(|error| self.classify(operation, &error))
    }

    /// Sends a call that changes AWS. A signal that comes before it stops it; one that comes while it is in flight
    /// lets it finish, for a short time.
    pub(crate) async fn mutate<T, E>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.interrupt.check()?;
        self.refuse_in_dry_run(operation)?;
        self.attempts.take_doubt();
        crate::last_words::sends_a_change();
        let reply =
            self.interrupt.let_finish(self.log(operation, call)).await.inspect_err(|_| self.changed.set(true))?;
        crate::last_words::on_purpose("after a change");
        self.settle(operation, reply)
    }

    /// Puts something back although a signal has come: a half-applied change is worse than a late exit. Bounded by
    /// the same grace as a call in flight.
    pub(crate) async fn put_back<T, E>(
        &self,
        operation: &'static str,
        call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        self.refuse_in_dry_run(operation)?;
        match self.interrupt.check() {
            Ok(()) => self.mutate(operation, call).await,
            Err(signalled) => match tokio::time::timeout(crate::system::signal::GRACE, call).await {
                Ok(reply) => self.settle(operation, reply),
                Err(_) => Err(signalled),
            },
        }
    }

    /// `--verbose`: each call by name, time and outcome; never what it carries, which may be secret.
    async fn log<T, E>(&self, operation: &str, call: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let began = std::time::Instant::now();
        let reply = call.await;
        if self.verbose {
            let outcome = if reply.is_ok() { "ok" } else { "failed" };
            crate::report::output::say(format_args!(
                "aws: {operation}: {outcome} in {} ms",
                began.elapsed().as_millis()
            ));
        }
        reply
    }

    fn settle<T, E>(&self, operation: &'static str, reply: Result<T, SdkError<E, HttpResponse>>) -> Result<T>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match reply {
            Ok(done) => {
                self.changed.set(true);
                Ok(done)
            }
            Err(error) => {
                if self.attempts.take_doubt() || failure::may_have_been_applied(&error) {
                    self.changed.set(true);
                }
                Err(self.classify(operation, &error))
            }
        }
    }

    fn classify<E>(&self, operation: &'static str, error: &SdkError<E, HttpResponse>) -> Error
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        // The time for a call is over; what it was spent on, the SDK does not say.
        if matches!(error, SdkError::TimeoutError(_)) && self.attempts.throttled() {
            return failure::throttled_to_the_end(operation);
        }
        failure::classify(operation, error, &self.attempts.destination(operation))
    }

    /// What reading failed of where a wait ends before any answer came.
    pub(crate) fn unanswered(&self) -> Error {
        if self.attempts.throttled() { failure::throttled_to_the_end("reading") } else { failure::unanswered() }
    }

    /// A dry run ends at its plan, long before this. Should an action forget, nothing is sent all the same.
    fn refuse_in_dry_run(&self, operation: &'static str) -> Result<()> {
        if self.dry_run {
            return Err(Error::unexpected("dry-run", format!("{operation} was about to be sent in a dry run")));
        }
        Ok(())
    }
}

/// Whom the credentials belong to.
#[derive(Debug, Clone)]
pub(crate) struct Identity {
    /// The twelve digits.
    pub(crate) account: String,
    /// The role session's or user's ARN.
    pub(crate) arn: String,
}
