//! The AWS configuration files, before the SDK reads them: it takes a profile that is not there, and an endpoint that is
//! no URL, for nothing said.

use aws_config::SdkConfig;
#[allow(deprecated, reason = "the loader takes no other type")]
use aws_config::profile::profile_file::ProfileFiles;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::ServiceConfigKey;

use super::causes;
use crate::config::check_url;
use crate::error::{Error, Result};
use crate::report::words::bounded;

/// More are not listed.
const LISTED: usize = 12;

/// The services that are called, also for credentials, as the SDK names them.
const SERVICES: [&str; 7] = ["ECS", "Elastic Load Balancing v2", "CloudWatch", "ECR", "STS", "SSO", "SSO OIDC"];

/// Whether a profile that was given is there.
pub(super) async fn check(name: &str) -> Result<()> {
    let shown = bounded(name, 80);
    let files = format!(
        "{} and {}",
        place("AWS_CONFIG_FILE", "~/.aws/config"),
        place("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials")
    );
    #[allow(deprecated, reason = "as above")]
    let wanted = ProfileFiles::default();
    let found = aws_config::profile::load(&Fs::real(), &Env::real(), &wanted, Some(name.to_owned().into())).await;
    let profiles = found.map_err(|error| {
        let message = format!("the profile `{shown}` cannot be read from {files}: {}", causes::of(&error));
        Error::usage("profile-unreadable", message)
            .hint("mend the file; its sections are [profile NAME], or [NAME] in the credentials file")
    })?;
    if profiles.get_profile(name).is_some() {
        return Ok(());
    }
    let mut known: Vec<&str> = profiles.profiles().collect();
    known.sort_unstable();
    let error = Error::usage("profile-not-found", format!("there is no profile `{shown}` in {files}"));
    Err(error.hint(suggestion(name, &known)))
}

fn place(variable: &str, default: &str) -> String {
    std::env::var_os(variable).map_or_else(|| default.to_owned(), |path| bounded(&path.to_string_lossy(), 200))
}

fn suggestion(name: &str, known: &[&str]) -> String {
    let distance = |other: &&&str| strsim::damerau_levenshtein(&name.to_lowercase(), &other.to_lowercase());
    let nearest =
        known.iter().min_by_key(distance).filter(|other| distance(other) <= (name.chars().count() / 3).max(1));
    match nearest {
        Some(nearest) => format!("did you mean `{}`?", bounded(nearest, 80)),
        None if known.is_empty() => {
            "no profile is defined for the user that runs this; in Jenkins, that of the agent. Without `profile`, the \
             environment and the agent's role are looked at"
                .to_owned()
        }
        None => {
            let listed: Vec<String> = known.iter().take(LISTED).map(|name| bounded(name, 80)).collect();
            format!("those that are there: {}; in the config file a section is [profile NAME]", listed.join(", "))
        }
    }
}

/// Whether every endpoint that the SDK would take from a profile is a URL: it ignores a bad one, and goes to the real AWS.
pub(super) fn check_endpoints(config: &SdkConfig) -> Result<()> {
    let Some(source) = config.service_config() else { return Ok(()) };
    for service in SERVICES {
        let key =
            ServiceConfigKey::builder().service_id(service).env("AWS_ENDPOINT_URL").profile("endpoint_url").build();
        let Some(url) = key.ok().and_then(|key| source.load_config(key)) else { continue };
        check_url(&url).map_err(|problem| {
            let message = format!("`endpoint_url` of the AWS profile, for {service}, {problem}");
            Error::usage("invalid-endpoint", message).hint(
                "in ~/.aws/config: http:// or https:// and a host, or take it out; it never falls back to the real AWS",
            )
        })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn the_nearest_profile_is_named_or_those_that_are_there() {
        for (name, known, said) in [
            ("prd", &["dev", "prod"][..], "did you mean `prod`?"),
            ("PROD", &["dev", "prod"], "did you mean `prod`?"),
            ("nosuch", &["dev", "prod"], "those that are there: dev, prod;"),
            ("nosuch", &[], "no profile is defined"),
        ] {
            assert!(suggestion(name, known).starts_with(said), "{name}: {}", suggestion(name, known));
        }
    }
}
