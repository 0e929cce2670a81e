//! From settings to clients: region, credentials, role, endpoint, proxy, certificates, timeouts and retries.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region};
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::attempts::Attempts;
use super::{Aws, causes, credentials, profile};
use crate::config::Connection;
use crate::error::{Error, Result};
use crate::system::signal::Interrupt;

/// A TCP connection stands within this, or the attempt has failed.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Makes the clients. Sends nothing to ECS or the load balancer yet.
pub(crate) async fn connect(
    connection: &Connection,
    dry_run: bool,
    verbose: bool,
    interrupt: &Interrupt,
) -> Result<Aws> {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .retry_config(RetryConfig::standard().with_max_attempts(connection.max_attempts))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT.min(connection.attempt_timeout))
                .operation_attempt_timeout(connection.attempt_timeout)
                .operation_timeout(connection.operation_timeout)
                .build(),
        );
    if let Some(region) = &connection.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(name) = &connection.profile {
        profile::check(name).await?;
        loader = loader.profile_name(name).no_credentials();
    }
    if let Some(endpoint) = &connection.endpoint_url {
        loader = loader.endpoint_url(endpoint);
    }
    loader = loader.http_client(client()?);
    let base = interrupt.stop(loader.load()).await?;
    if connection.endpoint_url.is_none() {
        profile::check_endpoints(&base)?;
    }
    let region = base.region().map(ToString::to_string).ok_or_else(|| {
        Error::usage("missing-region", "no region is given").hint(
            "give `region` (--region), or set AWS_REGION; there is no default, so that nothing reaches the wrong one",
        )
    })?;
    let config = credentials::identified(base, &region, connection).await;
    interrupt.stop(credentials::check(&config, &region, connection)).await??;
    let attempts = Attempts::default();
    // One macro, as the clients' builders have no trait in common.
    macro_rules! client {
        ($sdk:ident) => {
            $sdk::Client::from_conf(
                $sdk::config::Builder::from(&config)
                    .interceptor(attempts.clone())
                    .retry_partition(unlimited_retries())
                    .build(),
            )
        };
    }
    Ok(Aws {
        ecs: client!(aws_sdk_ecs),
        elb: client!(aws_sdk_elasticloadbalancingv2),
        ecr: client!(aws_sdk_ecr),
        sts: client!(aws_sdk_sts),
        cloudwatch: client!(aws_sdk_cloudwatch),
        config,
        region,
        account: RefCell::default(),
        changed: Cell::default(),
        attempts,
        dry_run,
        verbose,
        interrupt: interrupt.clone(),
    })
}

/// The SDK's quota of retries is there to calm a long-lived program that sends much. This is one action of some ten
/// calls, each with its own attempts and time; with the quota, the last of them would have none left where AWS throttles.
fn unlimited_retries() -> RetryPartition {
    RetryPartition::custom("ecs-bg").token_bucket(TokenBucket::unlimited()).build()
}

/// The SDK's own client would bring aws-lc with it, and not read `AWS_CA_BUNDLE`, whose certificates this one trusts, too.
fn client() -> Result<SharedHttpClient> {
    let mut store = TrustStore::default();
    if let Some(bundle) = std::env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()) {
        store = store.with_pem_certificate(super::certificates::bundle(&bundle)?);
    }
    let context = TlsContext::builder()
        .with_trust_store(store)
        .build()
        .map_err(|error| Error::unexpected("bad-ca-bundle", format!("AWS_CA_BUNDLE: {}", causes::of(&error))))?;
    Ok(Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default()
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context.clone())
            .proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.build()
    }))
}
