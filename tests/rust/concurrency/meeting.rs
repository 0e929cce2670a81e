//! Two builds that create their task sets at the same time: each held at every call, and killed there. However they met,
//! one of them goes on, and nothing of the other is left: promise 6.

use std::fmt;

use super::actor::{Actor, Deed, Point, points, to_the_end};
use super::hold;
use super::model::{Action, Version};
use super::stage::{STARTS, Stage, answer, array, wrong};
use crate::faults::matrix::{at_once, hash};
use crate::faults::prepare;
use crate::support::stand_in::Mode;
use crate::support::{Output, json};

const CREATE: Deed = Deed::Do(Action::Create);
const ROLLBACK: Deed = Deed::Do(Action::Rollback);

/// Of the calls that change nothing, one in so many is met by `make test`.
const READS: u64 = 9;

/// What becomes of one of the two where it is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    GoesOn,
    /// It is killed, and started again later: what it finds is its own.
    Again,
    /// It is killed, and rolled back later by somebody.
    RolledBack,
}

/// Who of the two runs, and to which point, in this order; without one as far as it comes.
struct Meeting {
    turns: Vec<(usize, Option<Point>)>,
    fates: [Fate; 2],
    /// Both sets are of the same second: their ARNs decide.
    tied: bool,
}

impl fmt::Display for Meeting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "two that meet{}", if self.tied { " in one second" } else { "" })?;
        for (at, point) in &self.turns {
            match point {
                Some(point) => write!(f, "; {} held {point}", at + 1)?,
                None => write!(f, "; {} goes on", at + 1)?,
            }
        }
        for (at, fate) in self.fates.iter().enumerate() {
            match fate {
                Fate::GoesOn => {}
                Fate::Again => write!(f, "; {} killed and run again", at + 1)?,
                Fate::RolledBack => write!(f, "; {} killed and rolled back", at + 1)?,
            }
        }
        Ok(())
    }
}

fn stage(mode: Mode) -> Stage {
    Stage::of(&STARTS[0], mode)
}

fn actors(stage: &Stage) -> [Actor<'_>; 2] {
    [0, 1].map(|at| {
        let own = Version::of_build(at);
        Actor::new(stage, own.id(), own, &[CREATE])
    })
}

impl Meeting {
    fn run(&self, mode: Mode) -> Result<(), String> {
        let stage = stage(mode);
        stage.world.knobs(json!({ "wholeSeconds": self.tied }));
        let mut actors = actors(&stage);
        if self.fates[1] != Fate::GoesOn {
            actors = actors.map(Actor::patient);
        }
        take_turns(&self.turns, &mut actors)?;
        for (actor, fate) in actors.iter_mut().zip(self.fates) {
            if fate != Fate::GoesOn {
                actor.kill();
            }
        }
        for actor in &mut actors {
            actor.let_go();
            actor.run()?;
        }
        to_the_end(&mut actors)?;
        let told = format!("{:?}, {:?}: ", actors[0].outcomes()?, actors[1].outcomes()?);
        self.check_order(&stage, &actors).and_then(|()| self.settle(&stage, &mut actors)).map_err(|why| told + &why)
    }

    /// What is run by `make test`: somebody is held last at a call that changes something, and of the others one in so
    /// many.
    fn is_of_the_fixed_part(&self) -> bool {
        let last = self.turns.iter().rev().find_map(|(_, point)| point.as_ref());
        last.is_some_and(|point| point.mutating) || hash(&self.to_string()).is_multiple_of(READS)
    }

    /// Where nobody was killed, the one whose set is the elder goes on.
    fn check_order(&self, stage: &Stage, actors: &[Actor<'_>; 2]) -> Result<(), String> {
        if self.tied || self.fates != [Fate::GoesOn; 2] {
            return Ok(());
        }
        let history = stage.world.history();
        let sets = history.iter().flat_map(|entry| array(&entry["taskSets"]));
        let elder = sets.filter_map(|set| Version::of_id(set["externalId"].as_str()?)).find(|of| *of != Version::OLD);
        let goes_on = actors.iter().filter(|actor| actor.last().is_some_and(is_ok)).map(|actor| actor.own);
        let goes_on: Vec<Version> = goes_on.collect();
        if goes_on == elder.into_iter().collect::<Vec<_>>() { Ok(()) } else { Err(format!("{goes_on:?} go on")) }
    }

    /// Everybody does what they would do next, until one deployment is at its end and nothing else is left.
    fn settle(&self, stage: &Stage, actors: &mut [Actor<'_>; 2]) -> Result<(), String> {
        let other = |at: usize| Version::of_build(1 - at).id();
        for (at, actor) in actors.iter_mut().enumerate() {
            match self.fates[at] {
                Fate::Again => drop(actor.then(CREATE)?),
                Fate::RolledBack => drop(actor.then(ROLLBACK)?),
                Fate::GoesOn => {}
            }
            let Some(output) = actor.last().filter(|output| !is_ok(output)) else { continue };
            if output.json["error"]["code"] != "other-deployment" || !output.message().contains(&other(at)) {
                return Err(format!("it ends otherwise: {output}"));
            }
            // As blueGreenDeploy does where something was created, or may have been.
            if !answer(output).nothing_created && !is_ok(actor.then(ROLLBACK)?) {
                return Err("the rollback fails".into());
            }
        }
        prepare::settle(&stage.world);
        let created = |actor: &Actor<'_>| {
            actor.last().is_some_and(|output| is_ok(output) && output.json["action"] == Action::Create.name())
        };
        let again = !actors.iter().any(created);
        if again {
            let survivor = self.fates.iter().position(|fate| *fate == Fate::GoesOn).unwrap_or_default();
            actors[survivor].then(CREATE)?;
        }
        let winners: Vec<usize> = (0..2).filter(|at| created(&actors[*at])).collect();
        let [winner] = winners.as_slice() else { return Err(format!("{} go on", winners.len())) };
        for action in [Action::Wait, Action::Swap, Action::SetPrimary] {
            let output = actors[*winner].then(Deed::Do(action))?;
            if !is_ok(output) {
                return Err(format!("who goes on does not: {output}"));
            }
        }
        let (end, own) = (stage.looks(), actors[*winner].own.id());
        if end != format!("live green, test blue, blue-0 in blue, {own} PRIMARY in green") {
            return Err(format!("it ends otherwise: {end}"));
        }
        // Who creates again, after its set was withdrawn or rolled back, has another.
        wrong(stage, if again { &["had 2 task sets"] } else { &[] })
    }
}

fn is_ok(output: &Output) -> bool {
    output.json["ok"] == true
}

/// Where a creation can be held: alone, and as the younger of two that met, from its call on.
fn places(mode: Mode) -> Result<[Vec<Point>; 2], String> {
    let alone = stage(mode);
    let [mut first, _] = actors(&alone);
    first.run()?;
    let of_one = points(&alone, &first.name);
    let created = of_one.iter().find(|point| point.after).ok_or("nothing is created")?;
    let together = stage(mode);
    let mut both = actors(&together);
    take_turns(&turns(created, None), &mut both)?;
    let of_younger = points(&together, &both[1].name);
    let from = of_younger.iter().position(|point| point == created).ok_or("they did not meet")?;
    Ok([of_one, of_younger[from..].to_vec()])
}

/// Both look before either has created. Then the first does, and then the second, which is the younger.
fn turns(created: &Point, then: Option<&Point>) -> Vec<(usize, Option<Point>)> {
    let before = Point { after: false, ..created.clone() };
    vec![(1, Some(before)), (0, Some(created.clone())), (1, then.cloned())]
}

fn take_turns(turns: &[(usize, Option<Point>)], actors: &mut [Actor<'_>; 2]) -> Result<(), String> {
    // Calls are counted from when a hold is ordered, so all are ordered at the beginning.
    for (at, point) in turns {
        if let Some(point) = point {
            actors[*at].hold_at(point);
        }
    }
    for (at, _) in turns {
        if actors[*at].is_held() {
            actors[*at].release();
        }
        actors[*at].run()?;
    }
    Ok(())
}

/// One preemption for each place, with everything that can become of the one that is held; and the younger of two held
/// and killed at each of its calls while the elder looks again.
fn meetings() -> Vec<Meeting> {
    let [of_one, of_younger] = at_once(&[()], |(), mode| places(mode)).remove(0).unwrap_or_else(|why| panic!("{why}"));
    let created = of_one.iter().find(|point| point.after).unwrap();
    let mut all = Vec::new();
    for point in &of_one {
        for fate in [Fate::GoesOn, Fate::Again, Fate::RolledBack] {
            let turns = vec![(0, Some(point.clone())), (1, None)];
            all.push(Meeting { turns, fates: [fate, Fate::GoesOn], tied: false });
        }
    }
    for point in &of_younger {
        let turns = turns(created, Some(point));
        for fate in [Fate::GoesOn, Fate::Again, Fate::RolledBack] {
            all.push(Meeting { turns: turns.clone(), fates: [Fate::GoesOn, fate], tied: false });
        }
        for fates in [[Fate::Again, Fate::GoesOn], [Fate::RolledBack, Fate::GoesOn]] {
            all.push(Meeting { turns: turns.clone(), fates, tied: false });
        }
        all.push(Meeting { turns, fates: [Fate::GoesOn; 2], tied: true });
    }
    all
}

#[test]
fn of_two_that_meet_one_goes_on_and_nothing_of_the_other_is_left() {
    hold("meetings", meetings(), Meeting::is_of_the_fixed_part, Meeting::run);
}

#[test]
#[ignore = "takes minutes: make soak"]
fn of_two_that_meet_anywhere_one_goes_on_and_nothing_of_the_other_is_left() {
    hold("meetings", meetings(), |_| true, Meeting::run);
}
