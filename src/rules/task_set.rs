//! The rules for a task set.

use serde_json::{Map, Value};

use super::content::{At, Found};
use super::{Broken, Format, MAX_SECURITY_GROUPS, MAX_SUBNETS};
use crate::report::words::quoted;

/// Model, `CreateServiceRequest$capacityProviderStrategy`: "A capacity provider strategy can contain a maximum of 20
/// capacity providers."
const MAX_PROVIDERS: usize = 20;

/// What of a task set AWS would refuse; what is not given yet is not judged.
pub(crate) fn broken(content: &Map<String, Value>) -> Vec<Broken> {
    let mut found = Found::default();
    let set = At::top(content);
    // Model, `CreateTaskSetRequest$launchType`: "If a launchType is specified, the capacityProviderStrategy parameter
    // must be omitted."
    if set.has("launchType") && set.len("capacityProviderStrategy") > 0 {
        found.add(
            set.path("launchType"),
            "and $.capacityProviderStrategy exclude each other",
            "give a launch type or capacity providers, not both",
        );
    }
    strategy(&mut found, &set);
    // Model, `CreateTaskSetRequest$platformVersion`: "A platform version is specified only for tasks using the Fargate
    // launch type." ECS says "The platform version must be null when specifying an EC2 launch type."
    let places = places(&set);
    let is_elsewhere = !places.is_empty() && !places.iter().any(|place| is_fargate(place));
    if let Some(version) = set.text("platformVersion").filter(|_| is_elsewhere) {
        found.add(
            set.path("platformVersion"),
            format!("is {}, and the tasks are not to run on Fargate", quoted(version)),
            "only tasks on Fargate have a platform version: leave `platformVersion` out",
        );
    }
    if let Some(scale) = set.object("scale")
        && let Some(value) = scale.fraction("value").filter(|value| !(0.0..=100.0).contains(value))
    {
        // Model, `Scale$value`: "Accepted values are numbers between 0 and 100."
        found.add(scale.path("value"), format!("is {value}"), "percent of the service's desired count, 0 to 100");
    }
    if let Some(network) = set.object("networkConfiguration").and_then(|network| network.object("awsvpcConfiguration"))
    {
        found.at_most(&network, "subnets", MAX_SUBNETS);
        found.at_most(&network, "securityGroups", MAX_SECURITY_GROUPS);
    }
    // Model, `CreateServiceRequest$serviceRegistries`: "Each service may be associated with one service registry."
    found.at_most(&set, "serviceRegistries", 1);
    for balancer in set.list("loadBalancers") {
        found.format(&balancer, "containerName", Format::Name);
        found.range(&balancer, "containerPort", 1, 65535);
    }
    found.tags(&set);
    found.all()
}

/// Whether the tasks surely run on Fargate.
pub(crate) fn is_on_fargate(content: &Map<String, Value>) -> bool {
    let places = places(&At::top(content));
    !places.is_empty() && places.iter().all(|place| is_fargate(place))
}

/// Where the tasks run: by the launch type, or by capacity providers. Where neither is given, the cluster decides.
fn places<'a>(set: &At<'a>) -> Vec<&'a str> {
    match set.text("launchType") {
        Some(launch_type) => vec![launch_type],
        None => set.list("capacityProviderStrategy").iter().filter_map(|one| one.text("capacityProvider")).collect(),
    }
}

/// Model, `CreateTaskSetRequest$capacityProviderStrategy`: "specify either the FARGATE or `FARGATE_SPOT`
/// capacity providers".
fn is_fargate(place: &str) -> bool {
    place.starts_with("FARGATE")
}

/// Model, `CapacityProviderStrategyItem`: weight 0 to 1000, base 0 to 100000; "Only one capacity provider … can have a
/// base defined"; several "that all have a weight of 0 … will fail".
fn strategy(found: &mut Found, set: &At<'_>) {
    let key = "capacityProviderStrategy";
    found.at_most(set, key, MAX_PROVIDERS);
    let items = set.list(key);
    for item in &items {
        found.range(item, "weight", 0, 1000);
        found.range(item, "base", 0, 100_000);
    }
    let given = |name: &str| items.iter().filter(|item| item.number(name).is_some_and(|number| number > 0)).count();
    if given("base") > 1 {
        found.add(set.path(key), "has several items with a base", "one capacity provider at most has a base above 0");
    }
    if items.len() > 1 && given("weight") == 0 {
        found.add(set.path(key), "has no weight above 0", "one capacity provider at least has a weight above 0");
    }
}
