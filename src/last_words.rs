//! A panic is a bug, in this program or in a library. It ends in the one JSON object all the same, by a hook: the released
//! binary aborts on a panic, so that nothing after it runs.

use std::panic::PanicHookInfo;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;

use crate::error::Error;
use crate::exit;
use crate::report::output::{Envelope, say_error};

/// What is known of the call that is under way.
static CALL: Mutex<Option<(Envelope, bool)>> = Mutex::new(None);

/// Whether a call was sent that changes AWS. That it was rejected, a panic does not wait to learn.
static SENT_A_CHANGE: AtomicBool = AtomicBool::new(false);

/// The exit code, once somebody prints the JSON: it stays that of what was printed.
static TOLD: OnceLock<u8> = OnceLock::new();

/// How long the thread that prints it, or has panicked first, may take to end the program.
const OTHERS: Duration = Duration::from_secs(1);

/// Notes what the JSON would say by now, and whether the exit code is to be 0 whenever it was printed.
pub(crate) fn remember(envelope: &Envelope, exit_zero: bool) {
    if let Ok(mut call) = CALL.lock() {
        *call = Some((envelope.clone(), exit_zero));
    }
}

/// Notes that a call goes out that changes AWS.
pub(crate) fn sends_a_change() {
    SENT_A_CHANGE.store(true, Ordering::Relaxed);
}

/// Whether the JSON is the caller's to print, with this exit code: it is printed once.
pub(crate) fn may_tell(code: u8) -> bool {
    TOLD.set(code).is_ok()
}

/// From now on a panic in any thread is the end of the program, with the JSON.
pub(crate) fn prepare() {
    std::panic::set_hook(Box::new(|panic| end(&bug(panic))));
}

#[allow(clippy::exit, reason = "after a panic nothing returns to main: the binary aborts, or another thread goes on")]
fn end(error: &Error) {
    // Whoever holds it may be the one that has panicked.
    let known = CALL.try_lock().ok().and_then(|mut call| call.take());
    let (mut envelope, exit_zero) = known.unwrap_or_default();
    envelope.changed |= SENT_A_CHANGE.load(Ordering::Relaxed);
    let code = if exit_zero { exit::OK } else { exit::code_of(error.kind) };
    if may_tell(code) {
        envelope.print(&Err(error.clone()));
    } else {
        std::thread::sleep(OTHERS);
    }
    say_error(error);
    std::process::exit((*TOLD.get_or_init(|| code)).into())
}

/// Where it was, and what was said there if that is a part of the program: a text that was made at that moment may hold a
/// value, which may be secret.
fn bug(panic: &PanicHookInfo<'_>) -> Error {
    let place = panic.location().map(|at| format!(" at {}:{}", in_its_crate(at.file()), at.line())).unwrap_or_default();
    let said = panic.payload().downcast_ref::<&'static str>().map(|text| format!(": {text}")).unwrap_or_default();
    Error::unexpected("panic", format!("ecs-bg has come upon a bug in itself{place}{said}")).hint(
        "report it, with this line; `ecs-bg status` shows where the service stands, and the same action again goes on from there",
    )
}

/// A path of the machine that it was built on says nothing but which crate it is.
fn in_its_crate(file: &str) -> &str {
    file.split_once("/registry/src/").and_then(|(_, path)| path.split_once('/')).map_or(file, |(_, path)| path)
}

/// Panics where a test wants it to. Only builds for tests have it, so that nothing in an environment can bring a released
/// binary down.
#[cfg(debug_assertions)]
#[allow(clippy::panic, reason = "that is its purpose")]
pub(crate) fn on_purpose(place: &str) {
    match std::env::var("ECS_BG_TEST_PANIC") {
        Ok(wanted) if wanted == place => panic!("on purpose"),
        Ok(wanted) if wanted == format!("{place} with a value") => panic!("hunter2 {place}"),
        Ok(wanted) if wanted == format!("{place} in a thread") => {
            // Its end is awaited as a library would, which goes on after it.
            let _ = std::thread::spawn(|| panic!("on purpose")).join();
        }
        Ok(_) | Err(_) => {}
    }
}

#[cfg(not(debug_assertions))]
pub(crate) fn on_purpose(_: &str) {}

#[cfg(test)]
mod tests {
    use super::in_its_crate;

    #[test]
    fn a_place_is_named_without_the_machine_it_was_built_on() {
        for (file, shown) in [
            ("src/run.rs", "src/run.rs"),
            ("/home/me/.cargo/registry/src/index.crates.io-1/http-1.5.0/src/lib.rs", "http-1.5.0/src/lib.rs"),
            ("/rustc/0123/library/core/src/option.rs", "/rustc/0123/library/core/src/option.rs"),
        ] {
            assert_eq!(in_its_crate(file), shown);
        }
    }
}
