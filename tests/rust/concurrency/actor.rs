//! Somebody who does one action after the other, each a process of its own, and can be held at any of their calls.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::model::{Action, Outcome, Version};
use super::stage::{Stage, outcome};
use crate::support::call::{Call, Output, Running};
use crate::support::{Value, json};

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(90);

/// Who has looked so often at the service since it last changed something waits for somebody else.
const LOOKS: usize = 6;

/// What is done: an action of a build, or what a person does by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    Do(Action),
    /// A canary: a tenth of the traffic to the green group.
    Shift,
}

/// Before or after a call is applied: its operation, and which of the caller's own it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) operation: String,
    pub(crate) nth: usize,
    pub(crate) after: bool,
    /// The call changes something.
    pub(crate) mutating: bool,
}

impl std::fmt::Display for Point {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", if self.after { "after" } else { "before" }, self.operation, self.nth)
    }
}

pub(crate) struct Actor<'a> {
    stage: &'a Stage,
    /// As the stand-in knows the caller: the version's id, and a number where two are of one deployment.
    pub(crate) name: String,
    pub(crate) own: Version,
    left: Vec<Deed>,
    running: Option<Running>,
    pub(crate) outputs: Vec<Output>,
    /// Where it is to be held, the next one first.
    holds: VecDeque<PathBuf>,
    held: usize,
    poll: &'static str,
}

impl<'a> Actor<'a> {
    pub(crate) fn new(stage: &'a Stage, name: String, own: Version, deeds: &[Deed]) -> Self {
        let left = deeds.iter().rev().copied().collect();
        Self {
            stage,
            name,
            own,
            left,
            running: None,
            outputs: Vec::new(),
            holds: VecDeque::new(),
            held: 0,
            poll: "100ms",
        }
    }

    /// Gives it something else to do.
    pub(crate) fn begin(&mut self, deed: Deed) {
        self.left = vec![deed];
    }

    /// The same, to its end.
    pub(crate) fn then(&mut self, deed: Deed) -> Result<&Output, String> {
        self.begin(deed);
        to_the_end(std::slice::from_mut(self))?;
        self.outputs.last().ok_or_else(|| "it was not run".to_owned())
    }

    /// How its last action ended.
    pub(crate) fn last(&self) -> Option<&Output> {
        self.outputs.last()
    }

    /// Looks less often, where it has to look for long.
    pub(crate) fn patient(mut self) -> Self {
        self.poll = "1s";
        self
    }

    fn call(&self, deed: Deed) -> Call<'a> {
        let call = match deed {
            Deed::Do(action) => self.stage.call(action, self.own),
            Deed::Shift => {
                let call = self.stage.world.of("shift-weights", &self.own.id());
                self.stage.by(call.param("weights", json!({ "blue": 90, "green": 10 })), self.own)
            }
        };
        call.env("AWS_SDK_UA_APP_ID", &self.name).param("pollInterval", self.poll)
    }

    /// Holds it at a call that is still to come.
    pub(crate) fn hold_at(&mut self, point: &Point) {
        self.held += 1;
        let file = self.stage.world.dir().join(format!("held-{}-{}", self.name, self.held));
        let when = if point.after { "after" } else { "before" };
        let hook = json!([{
            "operation": point.operation, "nth": point.nth, "when": when, "by": self.name, "file": file.to_str(),
            "seconds": PATIENCE.as_secs(),
        }]);
        self.stage.world.control("hooks", &hook);
        self.holds.push_back(file);
    }

    pub(crate) fn is_held(&self) -> bool {
        self.holds.front().is_some_and(|file| file.exists())
    }

    /// Goes on with what is due; whether everything is done.
    pub(crate) fn is_over(&mut self) -> Result<bool, String> {
        if let Some(running) = &mut self.running {
            if !running.is_over() {
                return Ok(false);
            }
            let ended = self.running.take().unwrap().ended();
            let output = ended.held()?;
            if output.json["ok"] != true {
                self.left.clear();
            }
            self.outputs.push(output);
        }
        let Some(deed) = self.left.pop() else { return Ok(true) };
        self.running = Some(self.call(deed).start());
        Ok(false)
    }

    /// Lets it go on to where it is held next.
    pub(crate) fn release(&mut self) {
        if let Some(file) = self.holds.pop_front() {
            std::fs::write(format!("{}.go", file.display()), "").unwrap();
        }
    }

    /// Lets it go on, and holds it no more.
    pub(crate) fn let_go(&mut self) {
        while !self.holds.is_empty() {
            self.release();
        }
    }

    /// Kills it where it is held: what it had sent is not applied any more.
    pub(crate) fn kill(&mut self) {
        self.left.clear();
        if let Some(running) = self.running.take() {
            running.signal("KILL");
            running.ended();
        }
        self.let_go();
    }

    /// Whether it waits for somebody else.
    fn waits(&self) -> bool {
        let calls = self.stage.world.recorded();
        let own = calls.iter().rev().filter(|call| call["by"] == self.name.as_str());
        let since = own.take_while(|call| call["mutating"] != true);
        since.filter(|call| call["operation"] == "DescribeServices").count() >= LOOKS
    }

    /// Runs until it is over, or held, or waits for somebody else.
    pub(crate) fn run(&mut self) -> Result<(), String> {
        let (begun, mut looked) = (Instant::now(), Instant::now());
        while !self.is_over()? && !self.is_held() {
            if looked.elapsed() > Duration::from_millis(200) {
                looked = Instant::now();
                if self.waits() {
                    break;
                }
            }
            pause(begun)?;
        }
        Ok(())
    }

    /// How each of its actions ended.
    pub(crate) fn outcomes(&self) -> Result<Vec<Outcome>, String> {
        self.outputs.iter().map(outcome).collect()
    }
}

impl Drop for Actor<'_> {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs all to their ends.
pub(crate) fn to_the_end(actors: &mut [Actor<'_>]) -> Result<(), String> {
    let begun = Instant::now();
    loop {
        let mut over = true;
        for actor in actors.iter_mut() {
            over &= actor.is_over()?;
        }
        if over {
            return Ok(());
        }
        pause(begun)?;
    }
}

fn pause(begun: Instant) -> Result<(), String> {
    if begun.elapsed() > PATIENCE {
        return Err(format!("it is not over after {} s", PATIENCE.as_secs()));
    }
    std::thread::sleep(Duration::from_millis(5));
    Ok(())
}

/// Where a caller can be held: before each call that it made, and after each that changed something.
pub(crate) fn points(stage: &Stage, name: &str) -> Vec<Point> {
    let recorded = stage.world.recorded();
    let mut made: Vec<&str> = Vec::new();
    let mut points = Vec::new();
    for call in recorded.iter().filter(|call| call["by"] == name) {
        let operation = call["operation"].as_str().unwrap();
        let nth = 1 + made.iter().filter(|other| **other == operation).count();
        made.push(operation);
        let mutating = call["mutating"] == Value::Bool(true);
        let point = |after| Point { operation: operation.to_owned(), nth, after, mutating };
        points.push(point(false));
        if mutating {
            points.push(point(true));
        }
    }
    points
}
