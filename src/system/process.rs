//! Programs that this one runs. What they print goes to stderr, as stdout is for the JSON alone; a signal that ends this
//! program ends them too.

use std::io;
use std::os::fd::AsFd;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal as UnixSignal, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::error::{Error, Kind, Result, Signal};
use crate::report::words::bounded;
use crate::system::signal::{GRACE, Interrupt};

/// How a child ended.
pub(crate) enum End {
    /// By itself.
    Exited(ExitStatus),
    /// Because a signal came; the error that this program ends with.
    Interrupted(Error),
}

/// Runs a program to its end, with `input` on its standard input.
pub(crate) async fn run(mut command: Command, input: &[u8], interrupt: &Interrupt) -> io::Result<End> {
    let stderr = io::stderr().as_fd().try_clone_to_owned()?;
    let stdin = if input.is_empty() { Stdio::null() } else { Stdio::piped() };
    // A group of its own, so that a signal reaches what the program has started as well.
    let mut child = command.stdin(stdin).stdout(stderr).process_group(0).kill_on_drop(true).spawn()?;
    if let Some(mut pipe) = child.stdin.take() {
        // One that does not read its input says why by its exit code.
        let _ = pipe.write_all(input).await;
    }
    match interrupt.stop(child.wait()).await {
        Ok(status) => Ok(End::Exited(status?)),
        Err(error) => {
            end(&mut child, error.kind).await;
            Ok(End::Interrupted(error))
        }
    }
}

/// Hands the signal on, and after a grace ends what is left.
async fn end(child: &mut Child, kind: Kind) {
    let Some(group) = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw) else { return };
    let signal = if kind == Kind::Interrupted(Signal::Interrupt) { UnixSignal::INT } else { UnixSignal::TERM };
    // A group that is gone needs no signal.
    let _ = kill_process_group(group, signal);
    if tokio::time::timeout(GRACE, child.wait()).await.is_err() {
        let _ = kill_process_group(group, UnixSignal::KILL);
        let _ = child.wait().await;
    }
}

/// What a program prints on its standard output; where it does not succeed, why, in its own words and in one line.
pub(crate) async fn output(mut command: Command, interrupt: &Interrupt) -> Result<std::result::Result<String, String>> {
    let ended = interrupt.stop(command.stdin(Stdio::null()).kill_on_drop(true).output()).await?;
    Ok(match ended {
        Ok(done) if done.status.success() => {
            String::from_utf8(done.stdout).map_err(|_| "what it printed is not UTF-8".to_owned())
        }
        Ok(done) => Err(words(&done.stderr).unwrap_or_else(|| done.status.to_string())),
        Err(error) => Err(format!("it cannot be run: {error}")),
    })
}

/// A program's own words, for a message of ours; `None` where it said nothing.
fn words(said: &[u8]) -> Option<String> {
    let said = String::from_utf8_lossy(said);
    let line = said.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(bounded(&line, 300)).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn a_program_gets_its_input_and_its_exit_code_comes_back() {
        let interrupt = Interrupt::never();
        for (script, input, code) in
            [("read line; test \"$line\" = secret", "secret\n", 0), ("exit 7", "", 7), ("exit 3", "unread", 3)]
        {
            let End::Exited(status) = run(sh(script), input.as_bytes(), &interrupt).await.unwrap() else {
                panic!("nobody interrupted it")
            };
            assert_eq!(status.code(), Some(code), "{script}");
        }
        assert!(run(Command::new("no-such-program-anywhere"), b"", &interrupt).await.is_err());
    }

    #[tokio::test]
    async fn a_program_that_fails_is_quoted_in_one_bounded_line() {
        let long = format!("printf '{}' >&2; exit 1", "x".repeat(1000));
        for (script, said) in [
            ("echo here; echo unasked >&2", Ok("here\n".to_owned())),
            ("echo here; printf 'fatal: no\\n\\n\\thow to\\n' >&2; exit 1", Err("fatal: no how to".to_owned())),
            (r"printf '\033[31m\377' >&2; exit 1", Err("\\u{1b}[31m\u{fffd}".to_owned())),
            ("exit 3", Err("exit status: 3".to_owned())),
            (r"printf '\377'", Err("what it printed is not UTF-8".to_owned())),
            (&long, Err(format!("{}…", "x".repeat(300)))),
        ] {
            assert_eq!(output(sh(script), &Interrupt::never()).await.unwrap(), said, "{script}");
        }
        let missing = output(Command::new("no-such-program-anywhere"), &Interrupt::never()).await.unwrap();
        assert!(missing.unwrap_err().starts_with("it cannot be run: "));
    }
}
