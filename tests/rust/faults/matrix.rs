//! The matrix: what is run of it, at once, and what is said of it.
//!
//! Without further words a fixed part is run: of every call that changes something, each case in which it may have been
//! applied and the action does not know (a lost reply, a signal); of all other cases one in so many.
//! `ECS_BG_MATRIX=all` runs all of it (`make soak`), and any other value the cases whose name contains it.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::case::{Baseline, Case, cases};
use super::scenario::ALL;
use crate::support::stand_in::Mode;

/// More than there are processors: most of a case is a pause between two attempts.
const AT_ONCE: usize = 12;

/// In the fixed part one in so many is run of the other cases of calls that change something, of those of calls that do
/// not, and of whole deployments, whose actions the other scenarios have one by one.
const WRITES: u64 = 12;
const READS: u64 = 45;
const DEPLOYMENTS: u64 = 220;

#[test]
#[ignore = "takes minutes: tests/run faults"]
fn fault_matrix() {
    let begun = Instant::now();
    let baselines: Vec<Baseline> =
        at_once(ALL, Baseline::of).into_iter().map(|of| of.unwrap_or_else(|why| panic!("{why}"))).collect();
    let all: Vec<Case<'_>> =
        ALL.iter().zip(&baselines).flat_map(|(scenario, baseline)| cases(scenario, baseline)).collect();
    let total = all.len();
    let wanted = std::env::var("ECS_BG_MATRIX").unwrap_or_default();
    let chosen: Vec<Case<'_>> = all.into_iter().filter(|case| is_chosen(case, &wanted)).collect();
    let count = chosen.len();
    println!("{count} cases of {total}");
    let failed = failures(&chosen, |case, mode| {
        case.run(mode).map_err(|why| format!("{why}\n  again: ECS_BG_MATRIX='{case}' tests/run faults"))
    });
    println!("in {} s", begun.elapsed().as_secs());
    println!("fault matrix: {count} cases, {failed} failed");
    assert!(failed == 0 && count > 0, "{failed} of {count} cases failed");
}

fn is_chosen(case: &Case<'_>, wanted: &str) -> bool {
    let name = case.to_string();
    match wanted {
        "all" => true,
        "" if case.scenario.steps.len() > 1 => hash(&name).is_multiple_of(DEPLOYMENTS),
        "" if case.mutating => case.is_in_doubt() || hash(&name).is_multiple_of(WRITES),
        "" => hash(&name).is_multiple_of(READS),
        part => name.contains(part),
    }
}

/// FNV-1a: the same on every machine, so that the fixed part is fixed.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// How many of them fail, each of which is told.
pub(crate) fn failures<T: Sync + Display>(all: &[T], run: impl Fn(&T, Mode) -> Result<(), String> + Sync) -> usize {
    let failed = at_once(all, |case, mode| {
        let why = catch_unwind(AssertUnwindSafe(|| run(case, mode)))
            .unwrap_or_else(|_| Err("the test itself failed, see above".to_owned()));
        why.is_err_and(|why| {
            println!("\nFAILED {case}\n{why}");
            true
        })
    });
    failed.into_iter().filter(|failed| *failed).count()
}

/// Does all of them, some at once, half of them on each of two stand-ins; the outcomes in their order.
pub(crate) fn at_once<T: Sync, R: Send>(all: &[T], run: impl Fn(&T, Mode) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(all.len()));
    std::thread::scope(|scope| {
        for thread in 0..AT_ONCE {
            let mode = if thread % 2 == 0 { Mode::Stateful } else { Mode::Second };
            let (next, done, run) = (&next, &done, &run);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(one) = all.get(at) else { break };
                    let outcome = run(one, mode);
                    done.lock().unwrap().push((at, outcome));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, outcome)| outcome).collect()
}
