//! Two actions that overlap in time: one is held at a call while the other goes on.

use std::collections::BTreeSet;
use std::fmt;

use super::actor::{Actor, Deed, Point, points, to_the_end};
use super::hold;
use super::model::{Action, Colour, Version, World};
use super::stage::{Stage, wrong};
use crate::faults::matrix::{at_once, hash};
use crate::support::stand_in::Mode;

use Colour::{Blue, Green};

/// Of the calls that change nothing, one in so many is met by `make test`.
const READS: u64 = 25;

/// Of the overlaps in which both are held, one in so many is run by `make soak`.
const TWICE: u64 = 8;

/// Two who act on one service at the same time.
pub(crate) struct Pair {
    name: &'static str,
    world: fn() -> World,
    /// Each one's build, and what it does.
    parts: [(usize, &'static [Deed]); 2],
    /// Ends beside those that one after the other comes to.
    also: &'static [&'static str],
    /// What may be so for an instant, as AWS has no compare-and-swap.
    may: &'static [&'static str],
}

/// One writes weights after the other has asked for the deletion: what it sees when it looks again, and puts back.
const GONE_MEANWHILE: &[&str] = &["where no target is healthy", "with live weight"];

fn world(sets: &[(Version, Colour)], primary: Version, live: Colour) -> World {
    World { sets: sets.to_vec(), primary: Some(primary), live, test: live.other() }
}

fn settled() -> World {
    world(&[(Version::OLD, Blue)], Version::OLD, Blue)
}

fn both() -> [(Version, Colour); 2] {
    [(Version::OLD, Blue), (Version::of_build(0), Green)]
}

fn deployed() -> World {
    world(&both(), Version::OLD, Blue)
}

fn swapped() -> World {
    world(&both(), Version::OLD, Green)
}

fn promoted() -> World {
    world(&both(), Version::of_build(0), Green)
}

const CREATE: Deed = Deed::Do(Action::Create);
const WAIT: Deed = Deed::Do(Action::Wait);
const SWAP: Deed = Deed::Do(Action::Swap);
const PROMOTE: Deed = Deed::Do(Action::SetPrimary);
const ROLLBACK: Deed = Deed::Do(Action::Rollback);
const DELETE_OLD: Deed = Deed::Do(Action::Delete(Version::OLD));

const fn pair(
    name: &'static str,
    world: fn() -> World,
    first: (usize, &'static [Deed]),
    second: (usize, &'static [Deed]),
) -> Pair {
    Pair { name, world, parts: [first, second], also: &[], may: &[] }
}

impl Pair {
    const fn or(self, also: &'static [&'static str]) -> Self {
        Self { also, ..self }
    }

    const fn may(self, may: &'static [&'static str]) -> Self {
        Self { may, ..self }
    }
}

pub(crate) static PAIRS: &[Pair] = &[
    pair("create, create", settled, (0, &[CREATE]), (1, &[CREATE])),
    // The creation may also be refused.
    pair("create, whole deployment", settled, (0, &[CREATE]), (1, &[CREATE, WAIT, SWAP, PROMOTE, DELETE_OLD]))
        .or(&["live green, test blue, build-2 PRIMARY in green"]),
    // What was just created and is gone looks like what AWS replays for the token of an earlier one.
    pair("create, rollback of it", settled, (0, &[CREATE]), (0, &[ROLLBACK])).may(&["had 2 task sets"]),
    pair("wait, rollback", deployed, (0, &[WAIT]), (0, &[ROLLBACK])),
    // The test listener, written last, may stay where the swap has put it until the next deployment.
    pair("swap, rollback", deployed, (0, &[SWAP]), (0, &[ROLLBACK]))
        .or(&["live blue, test blue, blue-0 PRIMARY in blue"])
        .may(GONE_MEANWHILE),
    pair("swap, swap", deployed, (0, &[SWAP]), (0, &[SWAP])),
    pair("swap, create of another", deployed, (0, &[SWAP]), (1, &[CREATE])),
    pair("shift, swap", deployed, (0, &[Deed::Shift]), (0, &[SWAP])).or(&["the live listener is split, 90 to 10"]),
    pair("rollback, create of another", deployed, (0, &[ROLLBACK]), (1, &[CREATE])),
    pair("set-primary, rollback", swapped, (0, &[PROMOTE]), (0, &[ROLLBACK])),
    pair("rollback after the swap, create of another", swapped, (0, &[ROLLBACK]), (1, &[CREATE])),
    // As it was aborted in its bake, and right then another build begins.
    pair("promotion, create of another", swapped, (0, &[PROMOTE]), (1, &[CREATE])),
    // Its own cleanup, and the next build's removal of the version that was kept.
    pair("delete previous, delete previous and create", promoted, (0, &[DELETE_OLD]), (1, &[DELETE_OLD, CREATE]))
        .may(GONE_MEANWHILE),
    pair("delete previous, rollback", promoted, (0, &[DELETE_OLD]), (0, &[ROLLBACK])).may(GONE_MEANWHILE),
    // While the traffic is on its way there and back, the creation is refused.
    pair("delete previous and create, rollback", promoted, (1, &[DELETE_OLD, CREATE]), (0, &[ROLLBACK]))
        .or(&["live green, test blue, build-1 PRIMARY in green"])
        .may(GONE_MEANWHILE),
    pair("rollback, rollback", promoted, (0, &[ROLLBACK]), (0, &[ROLLBACK])),
];

impl Pair {
    fn stage(&self, mode: Mode) -> Stage {
        Stage::set(&(self.world)(), mode)
    }

    fn actors<'a>(&self, stage: &'a Stage) -> [Actor<'a>; 2] {
        [0, 1].map(|at| {
            let (build, deeds) = self.parts[at];
            let own = Version::of_build(build);
            Actor::new(stage, format!("{}.{at}", own.id()), own, deeds)
        })
    }
}

/// One after the other: what that comes to, and where each can be held when it is the first.
struct Serial {
    ends: BTreeSet<String>,
    points: [Vec<Point>; 2],
}

impl Serial {
    fn of(pair: &Pair, mode: Mode) -> Result<Self, String> {
        let (mut ends, mut found) = (BTreeSet::new(), [Vec::new(), Vec::new()]);
        for first in [0, 1] {
            let stage = pair.stage(mode);
            let mut actors = pair.actors(&stage);
            for at in [first, 1 - first] {
                to_the_end(&mut actors[at..=at])?;
            }
            found[first] = points(&stage, &actors[first].name);
            ends.insert(stage.looks());
            wrong(&stage, &[]).map_err(|why| format!("{}, one after the other: {why}", pair.name))?;
        }
        Ok(Self { ends, points: found })
    }
}

/// One of the two is held, and the other comes and goes meanwhile; or is held too, and goes on when the first is at its
/// end.
#[derive(Clone, Copy)]
struct Case<'a> {
    pair: &'a Pair,
    serial: &'a Serial,
    first: usize,
    at: &'a Point,
    then: Option<&'a Point>,
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} held {}", self.pair.name, self.first + 1, self.at)?;
        self.then.map_or(Ok(()), |point| write!(f, ", the other {point}"))
    }
}

impl Case<'_> {
    /// What is run by `make test`: whoever is held at a call that changes something, and of the others one in so many.
    fn is_of_the_fixed_part(&self) -> bool {
        self.at.mutating || hash(&self.to_string()).is_multiple_of(READS)
    }

    fn run(&self, mode: Mode) -> Result<(), String> {
        let stage = self.pair.stage(mode);
        let mut actors = self.pair.actors(&stage);
        let (first, second) = (self.first, 1 - self.first);
        actors[first].hold_at(self.at);
        actors[first].run()?;
        if let Some(point) = self.then {
            actors[second].hold_at(point);
        }
        actors[second].run()?;
        actors[first].let_go();
        actors[first].run()?;
        actors[second].let_go();
        to_the_end(&mut actors)?;
        let told = format!("{:?}, {:?}", actors[0].outcomes()?, actors[1].outcomes()?);
        let end = stage.looks();
        if !self.serial.ends.contains(&end) && !self.pair.also.contains(&&*end) {
            return Err(format!("{told}: it ends otherwise: {end}\none after the other: {:?}", self.serial.ends));
        }
        wrong(&stage, self.pair.may).map_err(|why| format!("{told}: {why}"))
    }
}

fn serials() -> Vec<Serial> {
    at_once(PAIRS, Serial::of).into_iter().map(|of| of.unwrap_or_else(|why| panic!("{why}"))).collect()
}

fn cases(serials: &[Serial]) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    for (pair, serial) in PAIRS.iter().zip(serials) {
        for first in [0, 1] {
            let points = serial.points[first].iter();
            cases.extend(points.map(|at| Case { pair, serial, first, at, then: None }));
        }
    }
    cases
}

#[test]
fn two_actions_that_overlap_end_as_one_after_the_other() {
    let serials = serials();
    hold("overlaps of two actions", cases(&serials), Case::is_of_the_fixed_part, Case::run);
}

/// All of them, and of those where both are held one in so many.
#[test]
#[ignore = "takes minutes: make soak"]
fn two_actions_that_overlap_anywhere_end_as_one_after_the_other() {
    let serials = serials();
    let once = cases(&serials);
    let twice = once.iter().flat_map(|case| {
        let points = case.serial.points[1 - case.first].iter();
        points.map(|point| Case { then: Some(point), ..*case })
    });
    let all = once.iter().copied().chain(twice).collect();
    let part = |case: &Case<'_>| case.then.is_none() || hash(&case.to_string()).is_multiple_of(TWICE);
    hold("overlaps of two actions", all, part, Case::run);
}
