//! One case: a scenario, one of its calls, and what happens to it. The action is run so, and then again undisturbed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::disturbance::{Disturbance, Fault, Signal, Times};
use super::outcome;
use super::scenario::{Scenario, Step};
use crate::support::call::{Call, Ended, Running};
use crate::support::door::Door;
use crate::support::stand_in::Mode;
use crate::support::{Output, Value, World, json};

/// The value of a container's variable: it must be printed nowhere.
pub(crate) const CANARY: &str = "canary-7d2f9c41";

/// No action takes longer, whatever is done to it.
const PATIENCE: Duration = Duration::from_secs(90);

/// The endpoint is away for so long,
const AWAY: Duration = Duration::from_millis(200);

/// which is over before so many attempts are made.
const MANY: u32 = 20;

/// So long a signal may take to arrive before the call that it meets goes on.
const ARRIVAL: Duration = Duration::from_millis(150);

/// Of a call that is repeated within a step, so many are disturbed: of polls, how many there are is a matter of time.
const REPEATED: usize = 2;

/// How an undisturbed run went: what was called in each step, and what the world came to.
pub(crate) struct Baseline {
    pub(crate) calls: Vec<Vec<Made>>,
    pub(crate) end: Value,
}

/// An operation, and how often it was called.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Made {
    pub(crate) service: String,
    pub(crate) operation: String,
    pub(crate) mutating: bool,
    pub(crate) count: usize,
}

impl Baseline {
    /// Runs a scenario undisturbed.
    pub(crate) fn of(scenario: &Scenario, mode: Mode) -> Result<Self, String> {
        let world = fresh(scenario, mode);
        let mut calls = Vec::new();
        for step in scenario.steps {
            world.forget_calls();
            let output = plain(ended(step.call(&world).start())?)?;
            if output.json["ok"] != true {
                return Err(format!("{} fails undisturbed: {output}", scenario.name));
            }
            calls.push(made(&world));
        }
        let end = outcome::end(&world);
        match outcome::wrong_on_the_way(&world, scenario.is_first).as_slice() {
            [] => Ok(Self { calls, end }),
            wrong => Err(format!("{}, undisturbed: {}", scenario.name, wrong.join("; "))),
        }
    }
}

fn made(world: &World) -> Vec<Made> {
    let mut all: Vec<Made> = Vec::new();
    for call in world.recorded() {
        let text = |key: &str| call[key].as_str().unwrap().to_owned();
        match all.iter_mut().find(|made| made.operation == call["operation"]) {
            Some(made) => made.count += 1,
            None => all.push(Made {
                service: text("service"),
                operation: text("operation"),
                mutating: call["mutating"] == true,
                count: 1,
            }),
        }
    }
    all
}

fn fresh(scenario: &Scenario, mode: Mode) -> World {
    let world = scenario.world(mode);
    world.forget_history();
    world.forget_calls();
    world
}

/// One case of the matrix.
pub(crate) struct Case<'a> {
    pub(crate) scenario: &'a Scenario,
    baseline: &'a Baseline,
    step: usize,
    operation: String,
    pub(crate) mutating: bool,
    nth: usize,
    disturbance: Disturbance,
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scenario, step, operation, nth, disturbance, .. } = self;
        let name = if scenario.steps.len() > 1 {
            format!("{}: {}", scenario.name, scenario.steps[*step].action)
        } else {
            scenario.name.to_owned()
        };
        write!(f, "{name}: {operation} {nth}: {disturbance}")
    }
}

/// All cases of a scenario, from the calls of its undisturbed run.
pub(crate) fn cases<'a>(scenario: &'a Scenario, baseline: &'a Baseline) -> Vec<Case<'a>> {
    let mut all = Vec::new();
    for (step, calls) in baseline.calls.iter().enumerate() {
        for made in calls {
            for nth in 1..=made.count.min(REPEATED) {
                for disturbance in super::disturbance::of(&made.service, &made.operation) {
                    let (operation, mutating) = (made.operation.clone(), made.mutating);
                    all.push(Case { scenario, baseline, step, operation, mutating, nth, disturbance });
                }
            }
        }
    }
    all
}

impl Case<'_> {
    /// Whether the action cannot know if the call was applied.
    pub(crate) fn is_in_doubt(&self) -> bool {
        match self.disturbance {
            Disturbance::Fault(fault, _) => fault == Fault::LostReply,
            Disturbance::Signal(..) => true,
        }
    }

    /// Runs it; what is wrong, where something is.
    pub(crate) fn run(&self, mode: Mode) -> Result<(), String> {
        let world = fresh(self.scenario, mode);
        let (before, rest) = self.scenario.steps.split_at(self.step);
        for step in before {
            undisturbed(step, &world)?;
        }
        world.forget_calls();
        let survived = self.disturbed(&rest[0], &world)?;
        world.forget_calls();
        let again = undisturbed(&rest[0], &world)?;
        let sent = world.recorded().iter().filter(|call| call["mutating"] == true).count();
        if survived && (sent > 0 || again.json["changed"] == true) {
            return Err(format!("it had succeeded, and did something when it ran again: {again}"));
        }
        for step in &rest[1..] {
            undisturbed(step, &world)?;
        }
        let end = outcome::end(&world);
        // promise 8
        if end != self.baseline.end {
            return Err(format!("it ends otherwise: {end:#}\nundisturbed: {:#}", self.baseline.end));
        }
        match outcome::wrong_on_the_way(&world, self.scenario.is_first).as_slice() {
            [] => Ok(()),
            wrong => Err(wrong.join("; ")),
        }
    }

    /// Whether it succeeded all the same, with nothing left to do.
    fn disturbed(&self, step: &Step, world: &World) -> Result<bool, String> {
        match self.disturbance {
            Disturbance::Fault(Fault::Refused, times) => self.refused(step, world, times),
            Disturbance::Fault(fault, times) => {
                world.faults(fault.order(&self.operation, self.nth, times));
                let call = if times == Times::UntilSpent { step.impatient(world) } else { step.call(world) };
                let call = match fault.limit(times) {
                    Some((parameter, time)) => call.param(parameter, time),
                    None => call,
                };
                let output = plain(ended(call.start())?)?;
                world.no_faults();
                if fault == Fault::LateApplied {
                    waits(|| world.recorded().iter().all(|call| !call["status"].is_null()));
                }
                let calls = world.recorded();
                let met: Vec<&Value> = calls.iter().filter(|call| !call["fault"].is_null()).collect();
                if met.is_empty() {
                    return self.not_made(&output.log);
                }
                let applied = met.iter().any(|call| call["mutating"] == true && call["applied"] == true);
                fault.check(times, applied, &output)?;
                check_changed(&calls, &output)?;
                Ok(output.json["ok"] == true && output.warnings().is_empty())
            }
            Disturbance::Signal(signal, applied) => self.signalled(&step.call(world), world, signal, applied),
        }
    }

    /// Of polls the later ones may not be needed: how many there are is a matter of time.
    fn not_made(&self, log: &str) -> Result<bool, String> {
        if self.nth > 1 { Ok(true) } else { Err(format!("the call was never made: {log}")) }
    }

    /// Starts a call of the binary, and waits until the call to AWS that is disturbed is there, where it is held.
    fn held(&self, call: &Call<'_>, world: &World, when: &str) -> (Running, Option<PathBuf>) {
        let file = world.dir().join("here");
        world.control(
            "hooks",
            &json!([{ "operation": self.operation, "nth": self.nth, "when": when, "file": file.to_str() }]),
        );
        let mut running = call.start();
        let is_there = waits(|| file.exists() || running.is_over()) && file.exists();
        (running, is_there.then_some(file))
    }

    fn refused(&self, step: &Step, world: &World, times: Times) -> Result<bool, String> {
        let mut door = Door::to(world.url());
        let call = match times {
            Times::Once => step.call(world).param("maxAttempts", MANY),
            Times::UntilSpent => step.impatient(world),
        };
        let (running, held) = self.held(&call.env("AWS_ENDPOINT_URL", door.url()), world, "before");
        let Some(file) = held else { return self.not_made(&ended(running)?.log) };
        door.shut();
        let_go(&file);
        if times == Times::Once {
            std::thread::sleep(AWAY);
            door.reopen();
        }
        let output = plain(ended(running)?)?;
        Fault::Refused.check(times, false, &output)?;
        check_changed(&world.recorded(), &output)?;
        Ok(output.json["ok"] == true && output.warnings().is_empty())
    }

    fn signalled(&self, call: &Call<'_>, world: &World, signal: Signal, applied: bool) -> Result<bool, String> {
        let (mut running, held) = self.held(call, world, if applied { "after" } else { "before" });
        let Some(file) = held else { return self.not_made(&ended(running)?.log) };
        running.signal(if signal == Signal::Kill { "KILL" } else { "TERM" });
        let sent = Instant::now();
        while !running.is_over() && (signal == Signal::Kill || sent.elapsed() < ARRIVAL) {
            std::thread::sleep(Duration::from_millis(5));
        }
        let_go(&file);
        let ended = ended(running)?;
        if signal == Signal::Kill {
            return match (ended.exit, ended.stdout.is_empty()) {
                (None, true) => Ok(false),
                _ => Err(format!("killed, and exit {:?}, {}", ended.exit, ended.stdout)),
            };
        }
        let output = plain(ended)?;
        check_changed(&world.recorded(), &output)?;
        let error = &output.json["error"];
        if output.exit == 143 && error["kind"] == "interrupted" && error["retryable"] == true {
            return Ok(false);
        }
        Err(format!("not ended by SIGTERM: {output}"))
    }
}

fn let_go(file: &Path) {
    std::fs::write(file.with_extension("go"), "").unwrap();
}

/// Promise 9: `changed` must be said of what was applied, and may not be said where nothing was sent.
fn check_changed(calls: &[Value], output: &Output) -> Result<(), String> {
    let sent = calls.iter().filter(|call| call["mutating"] == true).count();
    let applied = calls.iter().any(|call| call["mutating"] == true && call["applied"] == true);
    let changed = output.json["changed"] == true;
    if applied && !changed {
        return Err(format!("something was changed, and it says not: {output}"));
    }
    if sent == 0 && changed {
        return Err(format!("nothing was sent, and it says that something was changed: {output}"));
    }
    Ok(())
}

/// Runs a step that nothing disturbs: it must succeed.
fn undisturbed(step: &Step, world: &World) -> Result<Output, String> {
    let output = plain(ended(step.call(world).start())?)?;
    if output.json["ok"] == true { Ok(output) } else { Err(format!("undisturbed, {} fails: {output}", step.action)) }
}

/// Held to the contract, and without the canary.
fn plain(ended: Ended) -> Result<Output, String> {
    if ended.stdout.contains(CANARY) || ended.log.contains(CANARY) {
        return Err(format!("a container's variable was printed: {}{}", ended.stdout, ended.log));
    }
    ended.held()
}

/// Promise 10: its end; one that does not come is a failure.
fn ended(mut running: Running) -> Result<Ended, String> {
    if waits(|| running.is_over()) {
        return Ok(running.ended());
    }
    running.signal("KILL");
    Err(format!("it ran for {} s: {}", PATIENCE.as_secs(), running.ended().log))
}

fn waits(mut until: impl FnMut() -> bool) -> bool {
    let begun = Instant::now();
    while !until() {
        if begun.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    true
}
