//! Region, account and endpoint: that all that was given belongs together.

use serde_json::Value;

use super::arn::{Arn, is_account, is_region};
use super::layers::{Layer, Merged, Source};
use super::{Settings, makefile_env, values};
use crate::error::{Error, Result};
use crate::report::words::bounded;

/// The SDK's variables for a region, the first with precedence.
const REGIONS: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// What an ARN names may be of any length, and a message is read by people: AWS's own names end here.
const LONGEST_SHOWN: usize = 255;

/// The sample's variable for the account.
const ACCOUNT: &str = "AWS_ACCOUNT_NUMBER";

/// The SDK's variables for endpoints of the services that are called, also for credentials.
const ENDPOINTS: [&str; 8] = [
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_ECS",
    "AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2",
    "AWS_ENDPOINT_URL_CLOUDWATCH",
    "AWS_ENDPOINT_URL_ECR",
    "AWS_ENDPOINT_URL_STS",
    "AWS_ENDPOINT_URL_SSO",
    "AWS_ENDPOINT_URL_SSO_OIDC",
];

/// A parameter that the environment gives where nothing else does, and the variable it came from.
type FromEnvironment = (&'static str, Value, &'static str);

/// Replaces the words `REGION` and `AWS_ACCOUNT_NUMBER` in a Makefile.env, and tells what the environment says.
pub(super) fn fill_in(
    layers: &mut [Layer],
    env: &impl Fn(&'static str) -> Result<Option<String>>,
) -> Result<Vec<FromEnvironment>> {
    let mut found = Vec::new();
    for variable in REGIONS {
        if let Some(region) = env(variable)? {
            if !is_region(&region) {
                let message = format!("the environment variable {variable} is not a region");
                return Err(Error::usage("invalid-value", message).hint("a region as eu-west-1"));
            }
            if found.is_empty() {
                found.push(("region", Value::from(region), variable));
            }
        }
    }
    let is_makefile_env = |layer: &Layer| matches!(layer.source, Source::MakefileEnv { .. });
    if layers.iter().any(is_makefile_env)
        && let Some(account) = env(ACCOUNT)?
    {
        if !is_account(&account) {
            let message = format!("the environment variable {ACCOUNT} is not an account's id");
            return Err(Error::usage("invalid-value", message).hint("12 digits"));
        }
        found.push(("accountId", account.into(), ACCOUNT));
    }
    let known = |key: &str| -> Option<String> {
        let given = layers.iter().rev().find_map(|layer| layer.map.get(key).filter(|value| !value.is_null()));
        let value = given.or_else(|| found.iter().find(|(name, ..)| *name == key).map(|(_, value, _)| value))?;
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
        }
    };
    // What is no region or account is left for the check of that parameter to name.
    let (region, account) = (known("region"), known("accountId"));
    for layer in layers {
        makefile_env::fill_in(layer, region.as_deref(), account.as_deref())?;
    }
    Ok(found)
}

/// Checks the endpoints that the SDK would read from the environment itself: it ignores a bad one without a word.
pub(super) fn check_endpoints(env: &impl Fn(&'static str) -> Result<Option<String>>) -> Result<()> {
    for variable in ENDPOINTS {
        if let Some(url) = env(variable)? {
            values::check_url(&url).map_err(|problem| {
                Error::usage("invalid-endpoint", format!("the environment variable {variable} {problem}"))
                    .hint("http:// or https:// and a host, or unset it")
            })?;
        }
    }
    Ok(())
}

impl Settings {
    /// Every ARN that was given, with its parameter's name.
    pub(crate) fn arns(&self) -> Vec<(&'static str, Arn)> {
        let groups = self.target_groups.as_ref();
        let one = [
            ("cluster", self.cluster.as_ref()),
            ("service", self.service.as_ref()),
            ("targetGroups.blue", groups.map(|groups| &groups.blue)),
            ("targetGroups.green", groups.map(|groups| &groups.green)),
            ("taskSetArn", self.task_set_arn.as_ref()),
            ("taskDefinitionArn", self.version.task_definition_arn.as_ref()),
            ("taskRoleArn", self.version.task_role_arn.as_ref()),
            ("executionRoleArn", self.version.execution_role_arn.as_ref()),
            ("roleArn", self.connection.role_arn.as_ref()),
        ];
        let live = self.listeners.live.iter().map(|arn| ("listeners.live", Some(arn)));
        let test = self.listeners.test.iter().map(|arn| ("listeners.test", Some(arn)));
        // Names that are no ARN do not parse as one.
        one.into_iter().chain(live).chain(test).filter_map(|(key, text)| Some((key, Arn::parse(text?).ok()?))).collect()
    }
}

/// Checks that all ARNs are of one partition, region and account, and of those that were named.
pub(super) fn check(settings: &Settings, merged: &Merged) -> Result<()> {
    let arns = settings.arns();
    let region = settings.connection.region.as_ref().map(|region| ("region", region.clone()));
    let account = settings.connection.account_id.as_ref().map(|account| ("accountId", account.clone()));
    agree("partition", "arn-of-another-partition", None, &arns, |arn| &arn.partition, merged)?;
    agree("region", "arn-of-another-region", region, &arns, |arn| &arn.region, merged)?;
    agree("account", "arn-of-another-account", account, &arns, |arn| &arn.account, merged)?;
    check_cluster(settings, merged)
}

fn agree(
    what: &str,
    code: &'static str,
    named: Option<(&'static str, String)>,
    arns: &[(&'static str, Arn)],
    part: impl Fn(&Arn) -> &String,
    merged: &Merged,
) -> Result<()> {
    let mut first = named;
    // IAM's ARNs have no region.
    for (key, arn) in arns.iter().filter(|(_, arn)| !part(arn).is_empty()) {
        let its = part(arn);
        match &first {
            None => first = Some((*key, its.clone())),
            Some((other, theirs)) if theirs != its => {
                let (place, their_place) = (merged.place(key), merged.place(other));
                let message = format!(
                    "`{key}` ({place}) has the {what} {}, but `{other}` ({their_place}) {} {}",
                    bounded(its, LONGEST_SHOWN),
                    if matches!(*other, "region" | "accountId") { "is" } else { "has" },
                    bounded(theirs, LONGEST_SHOWN),
                );
                return Err(Error::usage(code, message)
                    .hint(format!("all of a deployment is in one {what}; correct one of the two")));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// A service's ARN in its long form names the cluster too.
fn check_cluster(settings: &Settings, merged: &Merged) -> Result<()> {
    let (Some(cluster), Some(service)) = (settings.cluster_name(), settings.cluster_of_service()) else {
        return Ok(());
    };
    if cluster == service {
        return Ok(());
    }
    let message = format!(
        "`service` ({}) is in the cluster {}, but `cluster` ({}) is {}",
        merged.place("service"),
        bounded(&service, LONGEST_SHOWN),
        merged.place("cluster"),
        bounded(&cluster, LONGEST_SHOWN)
    );
    Err(Error::usage("service-of-another-cluster", message).hint("correct one of the two, or leave out `cluster`"))
}

impl Settings {
    /// The cluster's name, of an ARN too.
    pub(crate) fn cluster_name(&self) -> Option<String> {
        self.cluster.as_deref().map(|text| last_part(text).to_owned())
    }

    /// The cluster that a service's ARN names, where it is of the long form.
    pub(super) fn cluster_of_service(&self) -> Option<String> {
        let arn = Arn::parse(self.service.as_deref()?).ok()?;
        arn.after("service")?.split_once('/').map(|(cluster, _)| cluster.to_owned())
    }
}

/// What follows the last slash; names have none.
fn last_part(text: &str) -> &str {
    text.rsplit('/').next().unwrap_or(text)
}
