//! No order of steps, looks, scalings, foreign hands and kills does harm.

use std::fmt;
use std::time::Duration;

use super::{ago, shift};
use crate::support::{Value, World, json};

/// What may happen at any time in a canary.
#[derive(Debug, Clone, Copy)]
enum Event {
    Shift(f64),
    /// Killed after so many milliseconds.
    Killed(f64, u64),
    Look,
    Desired(i32),
    Scale(i64),
    Swap,
    Rollback,
    Again,
}

/// A sequence, by the seed that it was drawn with.
struct Sequence {
    seed: u64,
    events: Vec<Event>,
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}: {:?}", self.seed, self.events)
    }
}

impl Sequence {
    fn drawn(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let percent = |random: &mut fastrand::Rng| [0.5, 5.0, 25.0, 50.0, 99.0][random.usize(0..5)];
        let one = |random: &mut fastrand::Rng| match random.u8(0..12) {
            0..4 => Event::Shift(percent(random)),
            4 => Event::Killed(percent(random), random.u64(0..60)),
            5..7 => Event::Look,
            7 => Event::Desired(random.i32(1..5)),
            8 => Event::Scale([20, 60, 100][random.usize(0..3)]),
            9 => Event::Swap,
            10 => Event::Rollback,
            _ => Event::Again,
        };
        let events = (0..8).map(|_| one(&mut random)).collect();
        Self { seed, events }
    }

    fn run(&self) {
        let world = World::new();
        world.knobs(json!({ "startSeconds": 0.05, "healthySeconds": 0.05, "steadySeconds": 0.1 }));
        world.deploy("new");
        let old = world.text("taskSetArn");
        world.forget_history();
        for event in &self.events {
            happens(&world, *event);
        }
        let history = world.history();
        for entry in &history {
            self.hold(&world, &old, entry);
        }
        // Whatever has happened, it can be undone.
        world.of("rollback", "new").ok();
        assert_eq!((world.live().0 > 0, world.live().1), (true, 0), "{self}");
    }

    fn hold(&self, world: &World, old: &str, entry: &Value) {
        let weights = &entry["weights"][world.text("listeners/live")];
        let weight = |colour: &str| weights[world.text(&format!("targetGroups/{colour}"))].as_i64().unwrap_or(0);
        // promise 2
        assert!(weight("blue") + weight("green") > 0, "{self}: nobody has the traffic: {entry}");
        let set = entry["taskSets"].as_array().unwrap().iter().find(|set| set["arn"] == old);
        let scale = set.map(|set| set["scale"].as_f64().unwrap());
        assert_eq!(scale, Some(100.0), "{self}: the old version has its scale until the cleanup: {entry}");
        // promise 1: who has traffic has somebody to serve it.
        let healthy = entry["groups"][world.text("targetGroups/green")]["healthy"].as_i64().unwrap_or(0);
        assert!(weight("green") == 0 || healthy > 0, "{self}: traffic to a version that is not ready: {entry}");
    }
}

/// Whether it succeeds is the action's affair; that it keeps to its contract, the support sees to.
fn happens(world: &World, event: Event) {
    let quick = json!("3s");
    match event {
        Event::Shift(percent) => drop(shift(world, percent).param("settle", quick).run()),
        Event::Killed(percent, after) => {
            let running = shift(world, percent).start();
            std::thread::sleep(Duration::from_millis(after));
            running.signal("KILL");
            running.ended();
        }
        Event::Look => {
            let since = ago(Duration::from_mins(5));
            drop(world.of("check-gates", "new").param("weight", 5).param("since", since).run());
        }
        Event::Desired(count) => world.set_desired_count(count),
        Event::Scale(percent) => drop(world.of("scale-task-set", "new").param("scale", percent).run()),
        Event::Swap => drop(world.of("swap-live", "new").param("settle", quick).run()),
        Event::Rollback => drop(world.of("rollback", "new").run()),
        Event::Again => {
            world.creation("new").run();
            world.of("wait-stable", "new").param("timeout", quick).run();
        }
    }
}

/// Half of them on a thread of its own.
fn hold(mut seeds: Vec<u64>) {
    let half = seeds.split_off(seeds.len() / 2);
    std::thread::scope(|scope| {
        for seeds in [seeds, half] {
            scope.spawn(move || seeds.into_iter().for_each(|seed| Sequence::drawn(seed).run()));
        }
    });
}

#[test]
fn no_order_of_events_leaves_traffic_where_nobody_serves_it() {
    hold((0..6).collect());
}

#[test]
#[ignore = "takes minutes: make soak"]
fn no_order_of_many_events_does() {
    hold((6..200).collect());
}
