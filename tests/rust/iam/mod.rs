//! Least privilege: the policies of `resources/iam` against what the program was recorded to call, both ways.

mod enforced;
mod needs;
mod neighbours;
mod policy;
mod recorded;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use policy::{Grant, Names, Need, Policy};

use crate::support::stand_in::root;

/// docker's own calls when it pushes, with the token that ecr-login gave it.
const DOCKER: [&str; 6] = [
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
];

/// All needs that were recorded, of all calls or only of those that change nothing.
fn needs(only_reads: bool) -> impl Iterator<Item = (&'static Names, &'static str, &'static Need)> {
    recorded::all().iter().flat_map(move |world| {
        let wanted = world.needs.iter().filter(move |((_, reads), _)| *reads || !only_reads);
        wanted.flat_map(|((action, _), needs)| needs.iter().map(|need| (&world.names, *action, need)))
    })
}

/// What of a policy the needs use; each of them must be allowed by it.
fn used(
    policy: &Policy,
    needs: impl Iterator<Item = (&'static Names, &'static str, &'static Need)>,
) -> BTreeSet<Grant> {
    let mut used = BTreeSet::new();
    for (names, action, need) in needs {
        let grants = policy.grants(names, need);
        assert!(!grants.is_empty(), "{action} is denied {need:?}");
        used.extend(grants);
    }
    used
}

#[test]
fn the_policy_for_deploying_allows_what_is_called_and_nothing_else() {
    let policy = Policy::read("deploy.json");
    let used = used(&policy, needs(false));
    let pushes = |grant: &&Grant| DOCKER.iter().any(|action| grant.contains(&format!(": {action} on ")));
    let idle: Vec<Grant> = policy.all().difference(&used).filter(|grant| !pushes(grant)).cloned().collect();
    assert_eq!(idle, Vec::<Grant>::new(), "allowed, and never called");
}

#[test]
fn the_policy_for_looking_allows_what_looking_calls_and_nothing_else() {
    let policy = Policy::read("read-only.json");
    let used = used(&policy, needs(true));
    let idle: Vec<Grant> = policy.all().difference(&used).cloned().collect();
    assert_eq!(idle, Vec::<Grant>::new(), "allowed, and never called");
    let writes: BTreeSet<&Need> = needs(false).filter(|(.., need)| is_write(need)).map(|(.., need)| need).collect();
    assert!(writes.len() > 10);
    for (names, action, need) in needs(false).filter(|(.., need)| is_write(need)) {
        assert!(policy.grants(names, need).is_empty(), "{action} may do with read-only.json: {need:?}");
    }
}

fn is_write(need: &Need) -> bool {
    let (_, operation) = need.action.split_once(':').unwrap();
    operation != "GetMetricData" && !["Describe", "List"].iter().any(|read| operation.starts_with(read))
}

#[test]
fn the_page_tells_which_permissions_each_action_needs() {
    let mut actions: BTreeMap<&str, [BTreeSet<&str>; 2]> = BTreeMap::new();
    for (_, action, need) in needs(false) {
        let kinds = actions.entry(action).or_default();
        kinds[usize::from(is_write(need))].insert(&need.action);
    }
    let mut table = "| Action | Reads | Beyond that |\n|---|---|---|\n".to_owned();
    for (action, [reads, writes]) in actions {
        writeln!(table, "| `{action}` | {} | {} |", short(&reads), short(&writes)).unwrap();
    }
    let page = std::fs::read_to_string(root().join("docs/iam.md")).unwrap();
    assert!(page.contains(&table), "docs/iam.md has another table than this:\n{table}");
}

/// Each service named once.
fn short(actions: &BTreeSet<&str>) -> String {
    let mut services: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (service, operation) in actions.iter().filter_map(|action| action.split_once(':')) {
        services.entry(service).or_default().push(operation);
    }
    if services.is_empty() {
        return "–".to_owned();
    }
    let line = |(service, operations): (&str, Vec<&str>)| format!("**{service}** {}", operations.join(", "));
    services.into_iter().map(line).collect::<Vec<_>>().join("; ")
}
