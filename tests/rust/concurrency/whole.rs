//! Whole actions of several builds, one after the other, in every order.

use std::collections::HashSet;
use std::fmt::{self, Write};

use super::build::{Move, Order};
use super::graph::{Graph, Situation, State, Step};
use super::hold;
use super::model::{Action, Version};
use super::stage::{STARTS, Stage, Start, outcome, wrong};
use crate::faults::matrix::hash;
use crate::support::figure;
use crate::support::stand_in::Mode;

/// Of the schedules of two builds, one in so many is run by `make test`, and all by `make soak`.
const FEW: u64 = 24;

/// Of five builds so many are run, drawn by chance that is the same each time.
const OF_FIVE: u64 = 6;

impl fmt::Display for Situation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of =
            if let Action::Delete(version) = self.action { format!(" of {}", version.id()) } else { String::new() };
        let what = format!("{}{of}", self.action.name());
        write!(f, "{what} by {} where {}", self.own.id(), self.world)
    }
}

impl Situation {
    /// Brings the world about, and does the action in it.
    fn run(&self, mode: Mode) -> Result<(), String> {
        let stage = Stage::set(&self.world, mode);
        let mut model = self.world.clone();
        let expected = model.act(self.action, self.own);
        let output = stage.call(self.action, self.own).start().ended().held()?;
        let got = outcome(&output)?;
        if got != expected {
            return Err(format!("the model says {expected:?}, and it is {got:?}: {output}"));
        }
        let world = stage.settled()?;
        if world != model {
            return Err(format!("the model says {model:#?}, and it is {world:#?}"));
        }
        wrong(&stage, &[])
    }
}

/// A way through the graph, in a world of its own.
struct Schedule {
    start: &'static Start,
    builds: usize,
    steps: Vec<Step>,
}

impl fmt::Display for Schedule {
    /// Each step by its build's number; `!` where that is aborted, `+` where it keeps the previous version.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} builds, {}:", self.builds, self.start.name)?;
        self.steps.iter().try_for_each(|step| write!(f, " {}", token(step)))
    }
}

fn token(step: &Step) -> String {
    let mark = match step.way {
        Move::GoOn => "",
        Move::Keep => "+",
        Move::Abort => "!",
    };
    format!("{}{mark}", step.build + 1)
}

impl Schedule {
    /// Runs it with the real binary; each outcome, and the world after it, is as the model says.
    fn run(&self, mode: Mode) -> Result<(), String> {
        let real = Stage::of(self.start, mode);
        let mut state = State::start((self.start.world)(), self.builds, Order::PromotedLast);
        let mut told = String::new();
        for step in &self.steps {
            let own = Version::of_build(step.build);
            let output = real.call(step.action, own).start().ended().held()?;
            let got = outcome(&output)?;
            writeln!(told, "  {} {}: {got:?}", own.id(), step.action.name()).unwrap();
            if got != step.outcome {
                return Err(format!("{told}the model says {:?}: {output}", step.outcome));
            }
            state = state.next().into_iter().find(|(other, _)| token(other) == token(step)).unwrap().1;
            let world = real.settled().map_err(|why| format!("{told}{why}"))?;
            if world != state.world {
                return Err(format!("{told}the model says {:#?}, and it is {world:#?}", state.world));
            }
        }
        wrong(&real, &[]).map_err(|why| format!("{told}{why}"))
    }
}

fn graphs(builds: usize) -> impl Iterator<Item = (&'static Start, Graph)> {
    STARTS.iter().map(move |start| (start, Graph::of(State::start((start.world)(), builds, Order::PromotedLast))))
}

/// The ways of two builds that have every step between them.
fn of_two() -> (usize, Vec<Schedule>) {
    let (mut states, mut schedules) = (0, Vec::new());
    for (start, graph) in graphs(2) {
        states += graph.states.len();
        schedules.extend(graph.schedules().into_iter().map(|steps| Schedule { start, builds: 2, steps }));
    }
    (states, schedules)
}

/// A way by chance to where nothing goes on any more.
fn of_five(seed: u64) -> Schedule {
    let mut chance = fastrand::Rng::with_seed(seed);
    let start = &STARTS[chance.usize(..STARTS.len())];
    let (mut state, mut steps) = (State::start((start.world)(), 5, Order::PromotedLast), Vec::new());
    while let Some((step, then)) = chance.choice(state.next()) {
        steps.push(step);
        state = then;
    }
    Schedule { start, builds: 5, steps }
}

/// The model is gone through with up to five builds, which shows that nothing wrong can come about in it; and then the
/// program is held against it in each world that came about, with each action that a build can begin there.
#[test]
fn up_to_five_builds_in_every_order_of_their_actions_meet_nothing_that_the_model_does_not_say() {
    let mut situations = HashSet::new();
    let (mut states, mut steps) = (0, 0);
    for (_, graph) in (2..=5).flat_map(graphs) {
        states += graph.states.len();
        steps += graph.edges();
        situations.extend(graph.situations());
    }
    let situations: Vec<Situation> = situations.into_iter().collect();
    figure(format_args!("concurrency: 2 to 5 builds, {states} states of the model, {steps} steps"));
    hold("situations", situations, |_| true, Situation::run);
}

/// The order of the pipeline's steps is what keeps the way back: with the other one, another build starts while the first
/// one bakes, and takes its previous version away.
#[test]
fn a_build_gets_back_from_its_bake_only_where_it_is_promoted_after_it() {
    for start in &STARTS {
        let held = |order| Graph::held(State::start((start.world)(), 3, order)).map(|graph| graph.states.len());
        assert!(held(Order::PromotedLast).is_ok(), "{}", start.name);
        let wrong = held(Order::PromotedFirst).err().unwrap_or_default();
        assert!(wrong.contains("is aborted in its bake, and does not get back to"), "{}: {wrong}", start.name);
    }
}

#[test]
fn two_builds_and_five_go_on_from_one_action_to_the_next_as_the_model_says() {
    let (states, two) = of_two();
    let part = |schedule: &Schedule| hash(&schedule.to_string()).is_multiple_of(FEW);
    hold(&format!("2 builds, {states} states, schedules"), two, part, Schedule::run);
    hold("5 builds, schedules", (0..OF_FIVE).map(of_five).collect(), |_| true, Schedule::run);
}

#[test]
#[ignore = "takes minutes: make soak"]
fn two_builds_in_every_order_of_their_actions() {
    let (states, schedules) = of_two();
    hold(&format!("2 builds, {states} states, schedules"), schedules, |_| true, Schedule::run);
}
