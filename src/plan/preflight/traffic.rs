//! What of load balancer, listeners and target groups would not work.

use std::collections::BTreeSet;

use super::{Finding, Place, Traffic};
use crate::error::Error;
use crate::model::load_balancer::TargetGroup;
use crate::model::load_balancer::{is_rule, listener_of_rule};
use crate::model::{Colour, Forward, Pair};
use crate::plan::traffic::{Goal, attach, plan};
use crate::plan::unnamed::{refusal, unnamed};

/// AWS's limit of target groups on one Application Load Balancer.
const MAX_GROUPS_OF_A_BALANCER: usize = 100;

pub(super) fn findings(traffic: &Traffic, place: &Place) -> Vec<Finding> {
    let mut found = Vec::new();
    found.extend(network_load_balancer(traffic));
    found.extend(other_load_balancer(traffic));
    found.extend(other_vpc(traffic));
    found.extend(unlike(traffic));
    found.extend(twice(traffic));
    if !traffic.complete {
        return found;
    }
    found.extend(room(traffic, place));
    found.extend(target_stickiness(traffic));
    let rules = unnamed(&traffic.rules, traffic.forwards(), &traffic.groups);
    found.extend(rules.into_iter().map(|rule| Finding::unless_allowed(refusal(rule))));
    if traffic.test.is_empty() {
        found.push(Finding::warning(
            "no-test-listener",
            "there is no test listener: the version cannot be tried before it is live",
            "give `listeners.test`: a listener or rule on a port or host of its own",
        ));
    }
    found
}

/// The load balancer that a listener or rule is on: its ARN says so.
fn balancer_of(arn: &str) -> String {
    let listener = if is_rule(arn) { listener_of_rule(arn) } else { arn.to_owned() };
    let balancer = listener.replacen(":listener/", ":loadbalancer/", 1);
    balancer.rsplit_once('/').map_or(balancer.clone(), |(balancer, _)| balancer.to_owned())
}

/// The load balancers of what was named, each once: what there is to describe.
pub(crate) fn balancers_of<'a>(
    forwards: impl IntoIterator<Item = &'a Forward>,
    groups: impl IntoIterator<Item = &'a TargetGroup>,
) -> BTreeSet<String> {
    let of_forwards = forwards.into_iter().map(|forward| balancer_of(&forward.arn));
    of_forwards.chain(groups.into_iter().flat_map(|group| group.load_balancers.clone())).collect()
}

fn network_load_balancer(traffic: &Traffic) -> Option<Finding> {
    let balancer = traffic.balancers.iter().find(|balancer| balancer.kind != "application")?;
    Some(Finding::blocking(
        Error::refused(
            "network-load-balancer",
            format!("{} is a load balancer of type {}", balancer.arn, balancer.kind),
        )
        .hint("weights of a Network Load Balancer take about ten minutes to be followed, so neither a swap nor a way back is quick there: use an Application Load Balancer"),
    ))
}

fn other_load_balancer(traffic: &Traffic) -> Vec<Finding> {
    let refuse = |what: String| {
        Finding::blocking(
            Error::refused("other-load-balancer", what)
                .hint("live and test listener and both target groups belong to one load balancer"),
        )
    };
    let named: BTreeSet<String> = traffic.forwards().map(|forward| balancer_of(&forward.arn)).collect();
    let mut found = Vec::new();
    if named.len() > 1 {
        let all: Vec<&str> = named.iter().map(String::as_str).collect();
        found.push(refuse(format!("the listeners are of several load balancers: {}", all.join(", "))));
    }
    for group in &traffic.target_groups {
        let foreign = group.load_balancers.iter().find(|balancer| !named.is_empty() && !named.contains(*balancer));
        if let Some(foreign) = foreign {
            found.push(refuse(format!(
                "the target group {} hangs on {foreign}, the listeners are of {}",
                group.name,
                named.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
            )));
        }
    }
    found
}

fn other_vpc(traffic: &Traffic) -> Option<Finding> {
    let groups = traffic.target_groups.iter().map(|group| (group.name.as_str(), group.vpc.as_deref()));
    let balancers = traffic.balancers.iter().map(|balancer| (balancer.arn.as_str(), balancer.vpc.as_deref()));
    let all: Vec<(&str, &str)> = groups.chain(balancers).filter_map(|(name, vpc)| Some((name, vpc?))).collect();
    let (first, vpc) = all.first()?;
    let (other, its) = all.iter().find(|(_, its)| its != vpc)?;
    Some(Finding::blocking(
        Error::refused("other-vpc", format!("{first} is in {vpc}, {other} is in {its}"))
            .hint("load balancer and both target groups belong to one VPC"),
    ))
}

/// Groups that differ in what targets see.
fn unlike(traffic: &Traffic) -> Option<Finding> {
    let [one, other] = traffic.target_groups.as_slice() else { return None };
    let differs = |what: &str, a: Option<&str>, b: Option<&str>| {
        let said = |value: Option<&str>| value.unwrap_or("nothing").to_owned();
        (a != b).then(|| format!("{what} {} and {}", said(a), said(b)))
    };
    let differences: Vec<String> = [
        differs("protocol", one.protocol.as_deref(), other.protocol.as_deref()),
        differs("target type", one.target_type.as_deref(), other.target_type.as_deref()),
    ]
    .into_iter()
    .flatten()
    .collect();
    (!differences.is_empty()).then(|| {
        Finding::warning(
            "groups-differ",
            format!("the target groups {} and {} differ: {}", one.name, other.name, differences.join(", ")),
            "they take turns with the same service: make them alike",
        )
    })
}

/// Both groups must find room in every forward, and every forward must have a share of the traffic to give.
fn room(traffic: &Traffic, place: &Place) -> Vec<Finding> {
    let groups = &traffic.groups;
    let mut found = Vec::new();
    for forward in traffic.forwards() {
        let swapped = place.idle.map(|idle| plan(forward, groups, Goal::All(idle)).map(drop));
        let planned = attach(forward, groups).map(drop).and(swapped.unwrap_or(Ok(())));
        found.extend(planned.err().map(Finding::blocking));
    }
    let used: BTreeSet<&str> =
        traffic.rules.iter().flat_map(|rule| &rule.weights).map(|entry| entry.target_group.as_str()).collect();
    let new = [&groups.blue, &groups.green].into_iter().filter(|group| !used.contains(group.as_str())).count();
    // Without rules nothing was read, so nothing is known.
    if !used.is_empty() && new > 0 && used.len() + new > MAX_GROUPS_OF_A_BALANCER {
        found.push(Finding::blocking(
            Error::refused(
                "load-balancer-full",
                format!(
                    "the load balancer forwards to {} target groups, AWS's limit is {MAX_GROUPS_OF_A_BALANCER}",
                    used.len()
                ),
            )
            .hint("take out groups that are not used, or use another load balancer"),
        ));
    }
    found
}

/// AWS takes a second group into a forward only with group stickiness, where one of the groups has stickiness of its own.
fn target_stickiness(traffic: &Traffic) -> Vec<Finding> {
    let Traffic { groups, target_stickiness, .. } = traffic;
    let Some((group, kind)) = target_stickiness.iter().next() else { return Vec::new() };
    let colour = groups.colour_of(group).map_or("other", Colour::name);
    let is_missing_one = |forward: &Forward| {
        let Pair { blue, green } = forward.ours(groups);
        blue.is_none() || green.is_none()
    };
    let adding = traffic.forwards().find(|forward| is_missing_one(forward) && forward.stickiness.is_none());
    let by_cookie_of_the_app = kind == "app_cookie";
    match adding {
        Some(forward) => vec![Finding::blocking(
            Error::refused(
                "target-stickiness",
                format!(
                    "the {colour} group has target stickiness ({kind}) and {} no group stickiness: AWS takes no second group into it",
                    forward.arn
                ),
            )
            .hint("turn the group's stickiness off, or turn on group stickiness in the forward"),
        )],
        None if by_cookie_of_the_app => vec![Finding::warning(
            "target-stickiness",
            format!("the {colour} group has stickiness by an application's cookie, which does not work with weighted groups"),
            "use a cookie of the load balancer, or none",
        )],
        None => Vec::new(),
    }
}

/// A listener and its own default rule are one forward: written twice, the second write would undo the first's check.
fn twice(traffic: &Traffic) -> Vec<Finding> {
    let named = |arn: &str| traffic.forwards().any(|forward| forward.arn == arn);
    let both = |rule: &&crate::model::load_balancer::Rule| rule.is_default && named(&rule.arn) && named(&rule.listener);
    traffic
        .rules
        .iter()
        .filter(both)
        .map(|rule| {
            Finding::blocking(
                Error::refused(
                    "duplicate-listener",
                    format!("{} is named, and so is its own default rule {}", rule.listener, rule.arn),
                )
                .hint("name one of the two: a listener means its default rule"),
            )
        })
        .collect()
}
