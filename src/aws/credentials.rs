//! Whose credentials, and whether they can be sent at all. What a source returns is looked at each time before it is used:
//! the SDK takes it for good, and panics where it is none.

use std::error::Error as StdError;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::error::SdkError;
use aws_sdk_sts::operation::assume_role::AssumeRoleError;

use super::unfit::{Unfit, look};
use super::{causes, failure};
use crate::config::Connection;
use crate::error::{Error, Kind, Result};

/// How the session of an assumed role is named where `roleSessionName` does not say.
const SESSION_NAME: &str = "ecs-bg";

/// The configuration with the source of credentials that the settings name.
pub(super) async fn identified(base: SdkConfig, region: &str, connection: &Connection) -> SdkConfig {
    let source = match &connection.profile {
        Some(profile) => Some(SharedCredentialsProvider::new(of_profile(&base, profile))),
        None => base.credentials_provider(),
    };
    let Some(source) = source else { return base };
    let base = base.into_builder().credentials_provider(SharedCredentialsProvider::new(Checked(source))).build();
    match &connection.role_arn {
        Some(role) => assume(&base, role, region, connection).await,
        None => base,
    }
}

/// A profile that was given, and nothing else: neither keys in the environment nor the machine's own role.
fn of_profile(base: &SdkConfig, profile: &str) -> ProfileFileCredentialsProvider {
    let mut config = ProviderConfig::without_region().with_region(base.region().cloned());
    if let Some(retries) = base.retry_config() {
        config = config.with_retry_config(retries.clone());
    }
    if let Some(times) = base.timeout_config() {
        config = config.with_timeout_config(times.clone());
    }
    if let Some(client) = base.http_client() {
        config = config.with_http_client(client);
    }
    ProfileFileCredentialsProvider::builder().configure(&config).profile_name(profile).build()
}

async fn assume(base: &SdkConfig, role: &str, region: &str, connection: &Connection) -> SdkConfig {
    let mut provider = AssumeRoleProvider::builder(role)
        .configure(base)
        .region(Region::new(region.to_owned()))
        .session_name(connection.role_session_name.as_deref().unwrap_or(SESSION_NAME));
    if let Some(id) = &connection.role_external_id {
        provider = provider.external_id(id);
    }
    let provider = match base.credentials_provider() {
        Some(source) => provider.build_from_provider(source).await,
        None => provider.build().await,
    };
    base.clone().into_builder().credentials_provider(SharedCredentialsProvider::new(Checked(provider))).build()
}

/// Asks for credentials before anything else, so that their absence is one clear error and not a failed call.
pub(super) async fn check(config: &SdkConfig, region: &str, connection: &Connection) -> Result<()> {
    let Some(provider) = config.credentials_provider() else {
        return Err(none_found("no source of credentials is configured", connection));
    };
    let Err(error) = provider.provide_credentials().await else { return Ok(()) };
    if let Some(unfit) = causes::find::<Unfit>(&error) {
        return Err(unfit.error());
    }
    match (&connection.role_arn, causes::find::<SdkError<AssumeRoleError>>(&error)) {
        (Some(role), Some(refused)) => Err(not_assumed(role, refused, config, region, connection)),
        (Some(_) | None, _) => Err(none_found(&causes::of(&error), connection)),
    }
}

/// A role that cannot be assumed; or what the call is to be signed with is not there, or AWS is not.
fn not_assumed(
    role: &str,
    error: &SdkError<AssumeRoleError>,
    config: &SdkConfig,
    region: &str,
    connection: &Connection,
) -> Error {
    if let Some(source) = error.source().and_then(causes::find::<CredentialsError>) {
        return none_found(&causes::of(source), connection);
    }
    let url = config.endpoint_url().map_or_else(|| format!("https://sts.{region}.amazonaws.com"), str::to_owned);
    let mut failed = failure::classify("AssumeRole", error, &url);
    if failed.kind != Kind::Unavailable {
        failed.kind = Kind::Credentials;
        failed.code = "assume-role-failed".into();
        failed.hint = Some(
            "check `roleArn` and `roleExternalId`, that the role trusts this identity, and the agent's own credentials"
                .to_owned(),
        );
    }
    failed.message = format!("the role {role} cannot be assumed: {}", failed.message);
    failed
}

fn none_found(cause: &str, connection: &Connection) -> Error {
    let because = if cause.is_empty() { String::new() } else { format!(": {cause}") };
    match &connection.profile {
        Some(profile) => {
            Error::new(Kind::Credentials, "no-credentials", format!("the profile `{profile}` gives no credentials{because}"))
                .hint(
                    "a profile that is given is the only source: it needs keys, `role_arn` with `source_profile` or \
                     `credential_source`, SSO, `web_identity_token_file` or `credential_process`; without `profile`, the \
                     environment and the agent's role are looked at too",
                )
        }
        None => Error::new(Kind::Credentials, "no-credentials", format!("no AWS credentials were found{because}")).hint(
            "give the agent a role (instance, task or pod), set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a `profile`",
        ),
    }
}

/// A source of credentials, each of whose answers is looked at: the first, and those after they had to be renewed.
#[derive(Debug)]
struct Checked<P>(P);

impl<P: ProvideCredentials> ProvideCredentials for Checked<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async { look(self.0.provide_credentials().await?) })
    }

    fn fallback_on_interrupt(&self) -> Option<Credentials> {
        self.0.fallback_on_interrupt().and_then(|credentials| look(credentials).ok())
    }
}
