//! What preflight reads of the load balancer: two rounds of calls, each at once.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::aws::forwards::ReadForward;
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use crate::model::load_balancer::TargetGroup;
use crate::model::{Forward, Pair, Role, Service};
use crate::observe::details::{Reads, forwards, named};
use crate::observe::names::{self, Names};
use crate::plan::preflight::{Finding, Traffic, balancers_of};
use crate::plan::state::classify;
use crate::system::concurrent::all;

/// What AWS waits for where nothing else was set.
const DEFAULT_DELAY: Duration = Duration::from_mins(5);

/// The service with its tags, and its traffic.
pub(super) struct Reading {
    pub(super) service: Service,
    pub(super) traffic: Option<Traffic>,
    pub(super) found: Vec<Finding>,
}

/// Reads it all. Without names of groups and listeners, and nothing that would tell them, there is nothing to deploy to.
pub(super) async fn read(cx: &Context, reads: &Reads, mut service: Service) -> Result<Reading> {
    reads.keep(cx.aws.add_task_set_tags(&mut service).await)?;
    let names = match (&cx.settings.target_groups, cx.settings.listeners.live.is_empty()) {
        (Some(groups), false) => Some(Names {
            groups: groups.clone(),
            live: cx.settings.listeners.live.clone(),
            test: cx.settings.listeners.test.clone(),
        }),
        _ => match names::find(cx, &service).await {
            Err(error) if error.kind == Kind::Usage => return Err(error),
            read => reads.keep(read)?,
        },
    };
    let Some(Names { groups, live, test }) = names else {
        return Ok(Reading { service, traffic: None, found: Vec::new() });
    };
    let live = live.into_iter().map(|arn| (Role::Live, arn));
    let wanted: Vec<(Role, String)> = live.chain(test.into_iter().map(|arn| (Role::Test, arn))).collect();
    let pair = [groups.blue.clone(), groups.green.clone()];
    let (forwards, target_groups, attributes) = tokio::join!(
        Box::pin(forwards(cx, reads, &wanted)),
        target_groups(cx, reads, &pair),
        all(pair.iter().map(|group| cx.aws.target_group_attributes(group))),
    );
    let (forwards, target_groups) = (forwards?, target_groups?);
    let complete = forwards.len() == wanted.len() && target_groups.len() == pair.len();
    let found = forwards.iter().filter_map(ReadForward::refusal).map(Finding::unless_allowed).collect();
    let (live, test): (Vec<Forward>, Vec<Forward>) =
        forwards.into_iter().map(|read| read.forward).partition(|forward| forward.role == Role::Live);

    let mut target_stickiness = BTreeMap::new();
    let mut delays = Vec::new();
    let mut of_groups = Vec::new();
    for (group, read) in pair.into_iter().zip(attributes) {
        // That the group does not exist was said already.
        let read = read.or_else(|error| if error.kind == Kind::NotFound { Ok(Vec::new()) } else { Err(error) });
        let attributes: BTreeMap<String, String> = reads.keep(read)?.unwrap_or_default().into_iter().collect();
        let get = |key: &str| attributes.get(key).map(String::as_str);
        delays.push(delay(get("deregistration_delay.timeout_seconds")));
        if get("stickiness.enabled") == Some("true") {
            target_stickiness.insert(group, get("stickiness.type").unwrap_or("lb_cookie").to_owned());
        }
        of_groups.push(attributes);
    }
    let balancers = balancers_of(live.iter().chain(&test), &target_groups);
    let (described, rules) = tokio::join!(
        all(balancers.iter().map(|arn| cx.aws.load_balancer(arn))),
        all(balancers.iter().map(|arn| cx.aws.all_rules(arn))),
    );
    let standing = classify(&service, &groups, &live);
    let green = of_groups.pop().unwrap_or_default();
    let attributes = Pair { blue: of_groups.pop().unwrap_or_default(), green };
    let mut traffic = Traffic {
        groups,
        live,
        test,
        standing,
        complete,
        target_groups,
        target_stickiness,
        attributes,
        deregistration_delay: super::longest(delays.into_iter()),
        balancers: Vec::new(),
        rules: Vec::new(),
    };
    for read in described {
        traffic.balancers.extend(reads.keep(read)?);
    }
    for read in rules {
        traffic.rules.extend(reads.keep(read)?.into_iter().flatten());
    }
    Ok(Reading { service, traffic: Some(traffic), found })
}

fn delay(seconds: Option<&str>) -> Duration {
    seconds.and_then(|seconds| seconds.parse().ok()).map_or(DEFAULT_DELAY, Duration::from_secs)
}

/// Both groups; where one does not exist, the other all the same.
async fn target_groups(cx: &Context, reads: &Reads, pair: &[String; 2]) -> Result<Vec<TargetGroup>> {
    match cx.aws.target_groups(pair).await {
        Err(Error { kind: Kind::NotFound, .. }) => {
            let mut found = Vec::new();
            let each = all(pair.iter().map(|group| cx.aws.target_groups(std::slice::from_ref(group)))).await;
            for (group, read) in pair.iter().zip(each) {
                let read = read.map_err(|error| named(error, &format!("the target group {group}")));
                found.extend(reads.keep(read)?.into_iter().flatten());
            }
            Ok(found)
        }
        read => Ok(reads.keep(read)?.unwrap_or_default()),
    }
}
