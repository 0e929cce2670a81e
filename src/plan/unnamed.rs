//! Rules that nobody named and that send traffic to one of the two groups: a swap would leave it where it is.

use crate::error::Error;
use crate::model::load_balancer::Rule;
use crate::model::{Forward, Pair};

/// Those of a load balancer's rules that give one of our groups weight and are not among the forwards that were named. A
/// default rule is named by its own ARN or by its listener's.
pub(crate) fn unnamed<'a>(
    rules: &'a [Rule],
    named: impl IntoIterator<Item = &'a Forward>,
    groups: &Pair<String>,
) -> Vec<&'a Rule> {
    let named: Vec<&str> = named.into_iter().map(|forward| forward.arn.as_str()).collect();
    let is_named = |rule: &Rule| {
        named.contains(&rule.arn.as_str()) || (rule.is_default && named.contains(&rule.listener.as_str()))
    };
    let is_ours = |rule: &Rule| {
        rule.weights.iter().any(|entry| entry.weight > 0 && groups.colour_of(&entry.target_group).is_some())
    };
    rules.iter().filter(|rule| !is_named(rule) && is_ours(rule)).collect()
}

/// The refusal because of such a rule.
pub(crate) fn refusal(rule: &Rule) -> Error {
    let what =
        if rule.is_default { format!("the listener {}", rule.listener) } else { format!("the rule {}", rule.arn) };
    Error::refused("unnamed-rule", format!("{what} forwards to one of the two target groups and is not named"))
        .hint("name it in `listeners.live` or `listeners.test`, so that it moves with the others")
}
