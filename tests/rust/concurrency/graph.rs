//! Every interleaving of the actions of some builds, with equal states merged; and schedules that go through all of it.

use std::collections::{HashMap, HashSet, VecDeque};

use super::build::{Answer, Build, Move, Order};
use super::model::{Action, Outcome, Version, World};

/// The world, and how far each build is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct State {
    pub(crate) world: World,
    pub(crate) builds: Vec<Build>,
    order: Order,
}

/// One build makes one move.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub(crate) build: usize,
    pub(crate) way: Move,
    pub(crate) action: Action,
    pub(crate) outcome: Outcome,
}

/// An action, and the world in which it is begun.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Situation {
    pub(crate) world: World,
    pub(crate) action: Action,
    pub(crate) own: Version,
}

impl State {
    pub(crate) fn start(world: World, builds: usize, order: Order) -> Self {
        Self { world, builds: vec![Build::Preflight; builds], order }
    }

    /// All that can happen next. Builds begin in their order: which of them is called the first makes no difference.
    pub(crate) fn next(&self) -> Vec<(Step, Self)> {
        let mut all = Vec::new();
        for (number, build) in self.builds.iter().enumerate() {
            let has_begun = |build: &Build| *build != Build::Preflight;
            if number > 0 && !has_begun(build) && !has_begun(&self.builds[number - 1]) {
                continue;
            }
            for (way, action) in build.moves(self.order) {
                let mut then = self.clone();
                let outcome = then.world.act(action, Version::of_build(number));
                let answer = Answer {
                    ok: outcome.is_ok(),
                    nothing_created: !outcome.is_ok(),
                    previous: if action == Action::Preflight {
                        self.world.kept()
                    } else if action == Action::Swap {
                        self.beside(Version::of_build(number))
                    } else {
                        None
                    },
                };
                then.builds[number] = build.after(self.order, way, action, answer);
                all.push((Step { build: number, way, action, outcome }, then));
            }
        }
        all
    }

    /// The youngest set of the other group.
    fn beside(&self, own: Version) -> Option<Version> {
        let colour = self.world.colour(own)?;
        self.world.within(colour.other()).next_back()
    }

    /// What must never be so, nor come about by this step.
    pub(crate) fn wrong_after(&self, step: Step, then: &Self) -> Option<String> {
        let (before, after) = (&self.world, &then.world);
        if after.under_way().count() > 1 {
            return Some("two deployments are under way".into());
        }
        let had_traffic = before.primary.is_some() || before.within(before.live).next().is_some();
        if had_traffic && after.within(after.live).next().is_none() {
            return Some("live weight is where no task set is".into());
        }
        if let (Build::Bake(previous), Move::Abort) = (self.builds[step.build], step.way) {
            let own = Version::of_build(step.build);
            let is_back = after.primary == Some(previous) && after.colour(previous) == Some(after.live);
            if !step.outcome.is_ok() || !is_back || after.colour(own).is_some() {
                return Some(format!(
                    "{} is aborted in its bake, and does not get back to {}",
                    own.id(),
                    previous.id()
                ));
            }
        }
        let gone = before.sets.iter().map(|(version, _)| *version).find(|version| after.colour(*version).is_none())?;
        let is_own = gone == Version::of_build(step.build);
        (!is_own && !before.is_before_primary(gone)).then(|| format!("{} was deleted by another build", gone.id()))
    }
}

/// All states that can be reached, the start first, and the steps between them.
pub(crate) struct Graph {
    pub(crate) states: Vec<State>,
    pub(crate) steps: Vec<Vec<(Step, usize)>>,
}

impl Graph {
    pub(crate) fn of(start: State) -> Self {
        Self::held(start).unwrap_or_else(|wrong| panic!("the model itself: {wrong}"))
    }

    /// The same; or the first thing in it that must not be.
    pub(crate) fn held(start: State) -> Result<Self, String> {
        let mut known = HashMap::from([(start.clone(), 0)]);
        let (mut states, mut steps) = (vec![start], Vec::new());
        while let Some(state) = states.get(steps.len()).cloned() {
            let mut from_here = Vec::new();
            for (step, then) in state.next() {
                if let Some(wrong) = state.wrong_after(step, &then) {
                    return Err(format!("{wrong}: {state:#?}\n{step:?}"));
                }
                let at = *known.entry(then.clone()).or_insert_with(|| {
                    states.push(then);
                    states.len() - 1
                });
                from_here.push((step, at));
            }
            steps.push(from_here);
        }
        Ok(Self { states, steps })
    }

    pub(crate) fn edges(&self) -> usize {
        self.steps.iter().map(Vec::len).sum()
    }

    /// Every action in every world in which it is begun, up to names: all that the steps of the graph come to.
    pub(crate) fn situations(&self) -> HashSet<Situation> {
        let of_state = |(state, steps): (&State, &Vec<(Step, usize)>)| {
            let (world, name) = state.world.renamed();
            let situation = move |step: &Step| Situation {
                world: world.clone(),
                action: if let Action::Delete(version) = step.action {
                    Action::Delete(name(version))
                } else {
                    step.action
                },
                own: name(Version::of_build(step.build)),
            };
            steps.iter().map(|(step, _)| situation(step)).collect::<Vec<_>>()
        };
        self.states.iter().zip(&self.steps).flat_map(of_state).collect()
    }

    /// Ways from the start that take every step at least once, each of them to an end.
    pub(crate) fn schedules(&self) -> Vec<Vec<Step>> {
        let mut taken: Vec<Vec<bool>> = self.steps.iter().map(|steps| vec![false; steps.len()]).collect();
        let mut all = Vec::new();
        loop {
            let (mut at, mut way) = (0, Vec::new());
            while let Some(part) = self.to_untaken(at, &taken) {
                for (from, number) in part {
                    taken[from][number] = true;
                    let (step, to) = self.steps[from][number];
                    way.push(step);
                    at = to;
                }
            }
            if way.is_empty() {
                return all;
            }
            all.push(way);
        }
    }

    /// The shortest way from a state to a step that was not taken yet, that step included. Steps are told by the state
    /// that they begin in, and their number there.
    fn to_untaken(&self, start: usize, taken: &[Vec<bool>]) -> Option<Vec<(usize, usize)>> {
        let mut came: HashMap<usize, Option<(usize, usize)>> = HashMap::from([(start, None)]);
        let mut queue = VecDeque::from([start]);
        while let Some(state) = queue.pop_front() {
            if let Some(number) = taken[state].iter().position(|taken| !taken) {
                let mut way = vec![(state, number)];
                let mut at = state;
                while let Some((from, number)) = came[&at] {
                    way.push((from, number));
                    at = from;
                }
                way.reverse();
                return Some(way);
            }
            for (number, (_, to)) in self.steps[state].iter().enumerate() {
                came.entry(*to).or_insert_with(|| {
                    queue.push_back(*to);
                    Some((state, number))
                });
            }
        }
        None
    }
}
