//! What AWS is known to refuse of a request, by its API model and its documentation: pure checks of what was given, so
//! that it is said before anything is sent. Each rule stands beside its source. "Model" is the API's model, whose
//! words are in the SDK's documentation, too.
//!
//! Only what AWS states is a rule here, and where its words and its deeds may differ, the milder of the two: what AWS
//! would take must never be refused.

pub(crate) mod api;
mod content;
mod format;
mod sizes;
pub(crate) mod task_definition;
pub(crate) mod task_set;
#[cfg(test)]
mod tests;

use crate::error::{Error, Result};

pub(crate) use format::Format;
pub(crate) use sizes::{CPU, MEMORY, cpu_units, mebibytes};

/// Model: `Tags`, at most 50 on a resource.
pub(crate) const MAX_TAGS: usize = 50;
/// Model, `AwsVpcConfiguration$subnets`: "There's a limit of 16 subnets that can be specified."
pub(crate) const MAX_SUBNETS: usize = 16;
/// Model, `AwsVpcConfiguration$securityGroups`: "There's a limit of 5 security groups that can be specified."
pub(crate) const MAX_SECURITY_GROUPS: usize = 5;

/// More are not listed: whoever has so many has the wrong file.
const MAX_LISTED: usize = 12;

/// A rule that something breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Broken {
    /// Where: `$.containerDefinitions[0].name`.
    path: String,
    /// What is wrong there.
    problem: String,
    /// What is right.
    right: String,
}

/// One error for all rules that are broken. `origin` says whose content it is; what `accepted` holds, AWS has taken
/// before, whatever is known here: nobody gave it now.
pub(crate) fn check(origin: &str, found: Vec<Broken>, accepted: &[Broken]) -> Result<()> {
    let found: Vec<Broken> = found.into_iter().filter(|broken| !accepted.contains(broken)).collect();
    if found.is_empty() {
        return Ok(());
    }
    let mut said: Vec<String> =
        found.iter().take(MAX_LISTED).map(|broken| format!("{} {}", broken.path, broken.problem)).collect();
    if found.len() > MAX_LISTED {
        said.push("and more".into());
    }
    let mut right: Vec<&str> = Vec::new();
    for broken in found.iter().take(MAX_LISTED) {
        if !right.contains(&broken.right.as_str()) {
            right.push(&broken.right);
        }
    }
    Err(Error::usage("invalid-value", format!("{origin}: {}", said.join("; "))).hint(right.join("; ")))
}
