//! AWS's rates are an account's, per region: many deployments that start at once use them up. Each has to wait for its
//! turn, and none may fail of it. The stand-in has AWS's own figures as token buckets (`tests/aws/standin/rates.py`).
//!
//! `make soak` adds 200 at once of the actions whose rates are the lowest.

use std::time::{Duration, Instant};

use crate::support::call::{Call, Running};
use crate::support::{Output, Value, World, figure, json};

const AT_ONCE: usize = 200;

/// An action of a service.
type Make = for<'a> fn(&'a World) -> Call<'a>;

const SWAP: Make = |world| world.of("swap-live", "new");
const WAIT: Make = |world| world.of("wait-stable", "new");
const REGISTER: Make = |world| world.call("register-task-definition").param("image", world.image("v2"));
const STATUS: Make = |world| world.bare("status");

/// So many services in one account, each with a new version that is ready for the traffic.
fn services(count: usize) -> Vec<World> {
    let first = World::with(json!({ "name": "web-0" }));
    let others: Vec<World> = (1..count).map(|n| first.beside(json!({ "name": format!("web-{n}") }))).collect();
    let all: Vec<World> = std::iter::once(first).chain(others).collect();
    for world in &all {
        world.creation("new").ok();
    }
    all[0].control("clock", &json!({ "advance": 60 }));
    all
}

/// Starts all of them at once, under AWS's rates; how each ended, and after how long.
fn at_once(calls: &[Call<'_>], world: &World) -> Vec<(Output, Duration)> {
    world.knobs(json!({ "rates": 1 }));
    world.forget_calls();
    let began = Instant::now();
    let mut running: Vec<Option<Running>> = calls.iter().map(|call| Some(call.start())).collect();
    let mut ended: Vec<(Output, Duration)> = Vec::new();
    while ended.len() < calls.len() {
        for slot in &mut running {
            if slot.as_mut().is_some_and(Running::is_over)
                && let Some(over) = slot.take()
            {
                ended.push((over.end(), began.elapsed()));
            }
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    ended
}

fn all_succeed(what: &str, calls: &[Call<'_>], world: &World) {
    let ended = at_once(calls, world);
    let failed: Vec<&Output> = ended.iter().map(|(output, _)| output).filter(|output| output.exit != 0).collect();
    let recorded = world.recorded();
    let throttled = recorded.iter().filter(|call| is_throttled(call)).count();
    let longest = ended.iter().map(|(_, took)| *took).max().unwrap_or_default();
    figure(format_args!(
        "rates: {what}: {} actions at once, {} failed; {} calls, {throttled} of them throttled; the last one done after {:.0} s",
        ended.len(),
        failed.len(),
        recorded.len(),
        longest.as_secs_f64(),
    ));
    if let Some(first) = failed.first() {
        panic!("{} of {} failed, for instance: {first}", failed.len(), ended.len());
    }
    assert!(throttled > 0, "the rates were not met: this proves nothing");
    for (output, _) in &ended {
        let told = output.log.matches("AWS throttles").count();
        assert!(told <= 1, "said {told} times: {output}");
    }
}

fn is_throttled(call: &Value) -> bool {
    call["error"].as_str().is_some_and(|code| code.starts_with("Throttling"))
}

#[test]
fn two_hundred_actions_at_once_wait_for_their_turn_and_all_succeed() {
    let worlds = services(40);
    let kinds: [(Make, usize); 4] = [(SWAP, 40), (WAIT, 40), (REGISTER, 40), (STATUS, 80)];
    let calls: Vec<Call<'_>> =
        kinds.iter().flat_map(|(make, count)| (0..*count).map(|n| make(&worlds[n % worlds.len()]))).collect();
    assert_eq!(calls.len(), AT_ONCE);
    all_succeed("four kinds", &calls, &worlds[0]);
    for world in &worlds {
        assert_eq!(world.live(), (0, 100));
    }
}

#[test]
#[ignore = "takes minutes: make soak"]
fn two_hundred_swaps_at_once_all_succeed() {
    let worlds = services(AT_ONCE);
    all_succeed("swap-live", &worlds.iter().map(|world| SWAP(world)).collect::<Vec<_>>(), &worlds[0]);
    for world in &worlds {
        assert_eq!(world.live(), (0, 100));
    }
}

#[test]
#[ignore = "takes minutes: make soak"]
fn two_hundred_registrations_at_once_all_succeed() {
    let worlds = services(AT_ONCE);
    all_succeed(
        "register-task-definition",
        &worlds.iter().map(|world| REGISTER(world)).collect::<Vec<_>>(),
        &worlds[0],
    );
}
