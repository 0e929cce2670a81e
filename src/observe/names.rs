//! Which groups and listeners a service uses, where nobody named them: the tags of its task sets say so; without tags,
//! the load balancer does, where it leaves no doubt.

use crate::aws::forwards::ReadForward;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::model::load_balancer::Rule;
use crate::model::tags;
use crate::model::{Pair, Role, Service, TaskSet};
use crate::plan::state::sets;

/// The ARNs of a service's groups and listeners.
pub(crate) struct Names {
    pub(crate) groups: Pair<String>,
    pub(crate) live: Vec<String>,
    pub(crate) test: Vec<String>,
}

impl Names {
    pub(super) async fn read(&self, cx: &Context) -> Result<Vec<ReadForward>> {
        let live = self.live.iter().map(|arn| (Role::Live, arn.clone()));
        let test = self.test.iter().map(|arn| (Role::Test, arn.clone()));
        cx.aws.forwards(&live.chain(test).collect::<Vec<_>>()).await
    }
}

/// Finds the names that the settings leave out. What the settings do name wins.
pub(crate) async fn find(cx: &Context, service: &Service) -> Result<Names> {
    let settings = &cx.settings;
    let tagged = newest_tagged(service);
    let groups = settings.target_groups.clone().or_else(|| tagged.and_then(tagged_groups));
    let live = first_given(&settings.listeners.live, tagged, tags::LIVE);
    let test = first_given(&settings.listeners.test, tagged, tags::TEST);
    match (groups, live.is_empty()) {
        (Some(groups), false) => Ok(Names { groups, live, test }),
        (groups, _) => from_load_balancer(cx, service, groups, live, test).await,
    }
}

fn newest_tagged(service: &Service) -> Option<&TaskSet> {
    service
        .task_sets
        .iter()
        .filter(|set| set.tag(tags::LIVE).is_some())
        .max_by(|a, b| a.age_order().cmp(&b.age_order()))
}

fn tagged_groups(set: &TaskSet) -> Option<Pair<String>> {
    Some(Pair { blue: set.tag(tags::BLUE)?.to_owned(), green: set.tag(tags::GREEN)?.to_owned() })
}

fn first_given(given: &[String], tagged: Option<&TaskSet>, key: &str) -> Vec<String> {
    if given.is_empty() { tagged.map(|set| tags::list(set, key)).unwrap_or_default() } else { given.to_vec() }
}

/// Looks at every rule of the load balancer that the task sets' groups hang on.
async fn from_load_balancer(
    cx: &Context,
    service: &Service,
    groups: Option<Pair<String>>,
    live: Vec<String>,
    test: Vec<String>,
) -> Result<Names> {
    let used: Vec<String> = if let Some(groups) = &groups {
        vec![groups.blue.clone(), groups.green.clone()]
    } else {
        let mut used: Vec<_> = sets(service).filter_map(|set| set.target_group.clone()).collect();
        used.sort();
        used.dedup();
        used
    };
    if used.is_empty() {
        return Err(unknown("the service has no task set that would tell"));
    }
    let balancer = cx.aws.target_groups(&used).await?.into_iter().flat_map(|group| group.load_balancers).next();
    let Some(balancer) = balancer else { return Err(unknown("the target group hangs on no load balancer")) };
    let rules = cx.aws.all_rules(&balancer).await?;
    let ours: Vec<&Rule> =
        rules.iter().filter(|rule| rule.weights.iter().any(|entry| used.contains(&entry.target_group))).collect();
    let groups = match groups {
        Some(groups) => groups,
        None => pair_of(&ours)?,
    };
    if !live.is_empty() {
        return Ok(Names { groups, live, test });
    }
    let primary = service.primary().and_then(|set| set.target_group.as_deref());
    let (live, test) = split_roles(&ours, primary)?;
    Ok(Names { groups, live, test })
}

/// The two groups that the rules forward to. Nothing tells which is called blue: the smaller ARN is, every time.
fn pair_of(rules: &[&Rule]) -> Result<Pair<String>> {
    let mut groups: Vec<String> =
        rules.iter().flat_map(|rule| rule.weights.iter().map(|entry| entry.target_group.clone())).collect();
    groups.sort();
    groups.dedup();
    match <[String; 2]>::try_from(groups) {
        Ok([blue, green]) => Ok(Pair { blue, green }),
        Err(groups) => Err(unknown(&format!("the listeners forward to {} target groups", groups.len()))),
    }
}

/// Live is what gives PRIMARY's group weight; what gives it none is for tests. Only where exactly this tells them apart.
fn split_roles(rules: &[&Rule], primary: Option<&str>) -> Result<(Vec<String>, Vec<String>)> {
    let Some(primary) = primary else { return Err(unknown("there is no PRIMARY that would tell live from test")) };
    let name = |rule: &&&Rule| if rule.is_default { rule.listener.clone() } else { rule.arn.clone() };
    let (live, test): (Vec<&&Rule>, Vec<&&Rule>) = rules
        .iter()
        .partition(|rule| rule.weights.iter().any(|entry| entry.weight > 0 && entry.target_group == primary));
    if live.is_empty() || test.len() > 1 {
        return Err(unknown("the weights of the listeners do not tell live from test"));
    }
    Ok((live.iter().map(name).collect(), test.iter().map(name).collect()))
}

fn unknown(why: &str) -> Error {
    Error::usage(
        "missing-parameter",
        format!("the target groups or listeners are not given, and cannot be found: {why}"),
    )
    .hint("give `targetGroups.blue`, `targetGroups.green` and `listeners.live`")
}
