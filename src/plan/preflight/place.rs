//! Whether a deployment may start here, what it finds of itself, and what must go before it.

use super::{Facts, Finding};
use crate::error::Error;
use crate::model::{Colour, Forward, Pair, Service, TaskSet};
use crate::plan::create::{MAX_TASK_SETS, idle_group_live, in_the_way, is_under_way, occupied, set_limit};
use crate::plan::state::{Standing, Start, State, check_start, colour_of, idle, in_group, sets};

/// Where a deployment would go.
#[derive(Debug, Clone, Default)]
pub(crate) struct Place {
    /// This very deployment's set, where it stands already: a build that was run again.
    pub(crate) resume: Option<TaskSet>,
    /// An older set in the idle group, kept for going back: it must be deleted first.
    pub(crate) previous: Option<TaskSet>,
    /// The group that the new set goes to.
    pub(crate) idle: Option<Colour>,
    pub(crate) findings: Vec<Finding>,
}

/// Works it out; `deployment` is the id of the one that is to start, where it is known.
pub(crate) fn place(
    service: &Service,
    groups: &Pair<String>,
    live: &[Forward],
    standing: &Standing,
    deployment: Option<&str>,
) -> Place {
    let world = World { service, groups, live, standing };
    let ours = sets(service).find(|set| deployment.is_some() && set.external_id.as_deref() == deployment);
    let mut place = Place { resume: ours.cloned(), idle: idle(service, groups, live), ..Place::default() };
    if standing.state == State::Crossed {
        place.block(check_start(standing, Start::Create));
        return place;
    }
    match ours {
        Some(ours) => world.again(&mut place, ours),
        None => world.anew(&mut place),
    }
    place
}

impl Place {
    /// The colour of this deployment: of its set, where it stands already, else the idle one.
    pub(crate) fn next_in(&self, groups: &Pair<String>) -> Option<Colour> {
        self.resume.as_ref().and_then(|ours| colour_of(ours, groups)).or(self.idle)
    }

    /// The same, from all facts.
    pub(crate) fn next(&self, facts: &Facts) -> Option<Colour> {
        facts.traffic.as_ref().and_then(|traffic| self.next_in(&traffic.groups))
    }

    fn block<T>(&mut self, checked: Result<T, Error>) {
        if let Err(error) = checked {
            self.findings.push(Finding::blocking(error));
        }
    }
}

struct World<'a> {
    service: &'a Service,
    groups: &'a Pair<String>,
    live: &'a [Forward],
    standing: &'a Standing,
}

impl World<'_> {
    fn has_live_weight(&self, colour: Colour) -> bool {
        self.live.iter().any(|forward| forward.weight(self.groups, colour) > 0)
    }

    fn is_before_primary(&self, set: &TaskSet) -> bool {
        self.service.primary().is_some_and(|primary| set.age_order() < primary.age_order())
    }

    /// A deployment that nobody has started yet.
    fn anew(&self, place: &mut Place) {
        let Self { service, standing, .. } = self;
        for other in sets(service).filter(|set| is_under_way(service, set)) {
            place.block::<()>(Err(in_the_way(service, self.groups, self.live, other)));
        }
        place.block(check_start(standing, Start::Create));
        match place.idle {
            Some(idle) if !self.has_live_weight(idle) => self.empty_out(place, idle),
            Some(_) | None if standing.state == State::First => place.block::<()>(Err(idle_group_live())),
            // The state says so already.
            Some(_) | None => {}
        }
        let beside = service.primary().and_then(|primary| {
            let colour = colour_of(primary, self.groups)?;
            in_group(service, self.groups, colour).find(|set| self.is_before_primary(set))
        });
        if let Some(older) = beside.filter(|_| standing.state == State::Settled) {
            place.findings.push(Finding::warning(
                "shared-group",
                format!(
                    "the older task set {} is in PRIMARY's target group and gets a part of its traffic",
                    older.describe()
                ),
                "if nobody needs it, delete it with the AWS CLI: it has live weight, so this tool does not",
            ));
        }
        let remaining = service.task_sets.len() - usize::from(place.previous.is_some());
        if remaining >= MAX_TASK_SETS {
            place.block::<()>(Err(set_limit(service)));
        }
    }

    /// What stands in the idle group is older than PRIMARY: the youngest of them is the previous version.
    fn empty_out(&self, place: &mut Place, idle: Colour) {
        let mut older: Vec<&TaskSet> =
            in_group(self.service, self.groups, idle).filter(|set| self.is_before_primary(set)).collect();
        older.sort_by(|a, b| a.age_order().cmp(&b.age_order()));
        place.previous = older.pop().cloned();
        for more in older {
            place.block::<()>(Err(occupied(self.service, more)));
        }
    }

    /// The deployment's own set stands: it goes on where it stopped, unless another one has come after it.
    fn again(&self, place: &mut Place, ours: &TaskSet) {
        let Self { service, standing, .. } = self;
        if self.is_before_primary(ours) {
            let error = match (standing.state, service.primary()) {
                (State::Reverted, _) => check_start(standing, Start::SetPrimary).err(),
                (_, Some(primary)) => Some(
                    Error::refused(
                        "newer-deployment",
                        format!("this deployment, {}, is older than PRIMARY {}", ours.describe(), primary.describe()),
                    )
                    .hint("to go back, run rollback of PRIMARY's deployment; to deploy an old revision again, give its taskDefinitionArn to a new deployment"),
                ),
                (_, None) => None,
            };
            place.findings.extend(error.map(Finding::blocking));
            return;
        }
        let Some(colour) = colour_of(ours, self.groups) else { return };
        let is_live = self.has_live_weight(colour);
        for other in in_group(service, self.groups, colour).filter(|set| set.arn != ours.arn) {
            if is_live || !self.is_before_primary(other) || place.previous.is_some() {
                place.block::<()>(Err(in_the_way(service, self.groups, self.live, other)));
            } else {
                place.previous = Some(other.clone());
            }
        }
        let primary = service.primary().is_some_and(|primary| primary.arn == ours.arn);
        if primary && standing.state == State::Settled {
            // Done already: what is in the other group is what was before.
            place.previous = in_group(service, self.groups, colour.other())
                .max_by(|a, b| a.age_order().cmp(&b.age_order()))
                .filter(|set| self.is_before_primary(set))
                .cloned();
        }
    }
}
