//! Builds by chance: each action is run through, or held at one of its calls while others act, or killed there.
//!
//! A seed gives the same choices each time, and a failure tells what became of them.

use std::fmt::{self, Write};
use std::time::{Duration, Instant};

use super::actor::{Actor, Deed, Point, to_the_end};
use super::build::{Build, Move, Order};
use super::hold;
use super::model::{Action, Version};
use super::stage::{STARTS, Stage, answer, wrong};
use crate::support::stand_in::Mode;

/// So many of each number of builds are run by `make test`.
const SEEDS: u64 = 3;

/// More calls than this are rarely made by an action.
const CALLS: usize = 14;

/// So many of each are run before `make soak` says how it stands.
const ROUND: u64 = 24;

/// So long `make soak` goes on with new seeds, unless `ECS_BG_SOAK_MINUTES` says otherwise.
const MINUTES: u64 = 10;

/// As vars/blueGreenDeploy.groovy has it.
const ORDER: Order = Order::PromotedLast;

/// What may be so for an instant where two act at the same time, as AWS has no compare-and-swap.
const MEANWHILE: &[&str] = &["where no target is healthy", "with live weight", "task sets"];

#[derive(Clone)]
struct Chance {
    builds: usize,
    seed: u64,
}

impl fmt::Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} builds, seed {}", self.builds, self.seed)
    }
}

/// A build on its way, and the action that it is in, where it is held.
struct Run<'a> {
    actor: Actor<'a>,
    build: Build,
    action: Option<(Move, Action)>,
}

impl Run<'_> {
    fn is_over(&self) -> bool {
        self.build == Build::Ended && self.action.is_none()
    }

    /// Takes in how its action ended, if it has.
    fn take_in(&mut self, told: &mut String) -> Result<(), String> {
        if !self.actor.is_over()? {
            return Ok(());
        }
        // A hold that was not reached is one no more.
        self.actor.let_go();
        if let (Some((way, action)), Some(output)) = (self.action.take(), self.actor.last()) {
            let code = output.json["error"]["code"].as_str().unwrap_or("ok");
            writeln!(told, "  {} {}: {code}", self.actor.name, action.name()).unwrap();
            self.build = self.build.after(ORDER, way, action, answer(output));
        }
        Ok(())
    }
}

impl Chance {
    fn run(&self, mode: Mode) -> Result<(), String> {
        let mut told = String::new();
        self.played(mode, &mut told).map_err(|why| format!("{told}{why}"))
    }

    fn played(&self, mode: Mode, told: &mut String) -> Result<(), String> {
        let mut chance = fastrand::Rng::with_seed(self.seed);
        let stage = Stage::of(&STARTS[chance.usize(..STARTS.len())], mode);
        let mut runs: Vec<Run<'_>> = (0..self.builds)
            .map(|number| {
                let own = Version::of_build(number);
                Run { actor: Actor::new(&stage, own.id(), own, &[]), build: Build::Preflight, action: None }
            })
            .collect();
        let mut killed = Vec::new();
        loop {
            let on: Vec<usize> = (0..runs.len()).filter(|at| !runs[*at].is_over()).collect();
            let Some(at) = chance.choice(on) else { break };
            let run = &mut runs[at];
            if run.action.is_some() {
                let kill = run.actor.is_held() && chance.u8(..4) == 0;
                if kill {
                    writeln!(told, "  {} is killed", run.actor.name).unwrap();
                    run.actor.kill();
                    (run.action, run.build) = (None, Build::Ended);
                    killed.push(at);
                    continue;
                }
                run.actor.let_go();
            } else {
                let moves = run.build.moves(ORDER);
                let (way, action) =
                    *moves.iter().find(|(way, _)| *way != Move::GoOn && chance.u8(..8) == 0).unwrap_or(&moves[0]);
                let mark = match way {
                    Move::GoOn => "",
                    Move::Keep => ", and keeps the previous version",
                    Move::Abort => ", aborted",
                };
                writeln!(told, "  {} {}{mark}", run.actor.name, action.name()).unwrap();
                if chance.bool() {
                    let point = Point {
                        operation: "*".into(),
                        nth: chance.usize(1..CALLS),
                        after: chance.bool(),
                        mutating: false,
                    };
                    writeln!(told, "    held {point}").unwrap();
                    run.actor.hold_at(&point);
                }
                run.action = Some((way, action));
                run.actor.begin(Deed::Do(action));
            }
            run.actor.run()?;
            run.take_in(told)?;
            self.let_go_of_the_last(&mut runs, told)?;
        }
        for at in killed {
            let code = runs[at].actor.then(Deed::Do(Action::Rollback))?.json["error"]["code"].clone();
            writeln!(told, "  {} is rolled back: {code}", runs[at].actor.name).unwrap();
        }
        Self::check_end(&stage)
    }

    /// Where everybody else waits for one who is held, nobody would go on.
    fn let_go_of_the_last(&self, runs: &mut [Run<'_>], told: &mut String) -> Result<(), String> {
        let waits = |run: &Run<'_>| run.action.is_some() && !run.actor.is_held();
        if runs.iter().any(waits) {
            for run in runs.iter_mut() {
                run.actor.let_go();
            }
            for run in runs.iter_mut() {
                to_the_end(std::slice::from_mut(&mut run.actor))?;
                run.take_in(told)?;
            }
        }
        Ok(())
    }

    /// Live traffic is on a version, and no deployment is left half way.
    fn check_end(stage: &Stage) -> Result<(), String> {
        let world = stage.settled()?;
        let is_served = world.within(world.live).next().is_some();
        if world.under_way().next().is_some() || (world.primary.is_some() && !is_served) {
            return Err(format!("it ends so: {world}"));
        }
        wrong(stage, MEANWHILE)
    }
}

fn of(builds: usize, seeds: impl Iterator<Item = u64>) -> Vec<Chance> {
    seeds.map(|seed| Chance { builds, seed }).collect()
}

#[test]
fn builds_by_chance_leave_a_healthy_version_live_and_nothing_half_done() {
    // One that is asked for by its name may have any seed.
    let name = super::wanted().unwrap_or_default();
    let seed = name.rsplit_once("seed ").and_then(|(_, seed)| seed.parse().ok());
    let seeds = seed.map_or(0..SEEDS, |seed| seed..seed + 1);
    hold("builds by chance", [of(2, seeds.clone()), of(5, seeds)].concat(), |_| true, Chance::run);
}

#[test]
#[ignore = "takes minutes: make soak"]
fn builds_by_chance_for_long() {
    if super::wanted().is_some() {
        return;
    }
    let minutes = std::env::var("ECS_BG_SOAK_MINUTES").ok().and_then(|minutes| minutes.parse().ok()).unwrap_or(MINUTES);
    let (begun, long) = (Instant::now(), Duration::from_mins(minutes));
    let mut next = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() * 1000;
    while begun.elapsed() < long {
        let seeds = next..next + ROUND;
        hold("builds by chance", [of(2, seeds.clone()), of(5, seeds)].concat(), |_| true, Chance::run);
        next += ROUND;
    }
}
