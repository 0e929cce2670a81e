//! Programs that this one runs. What they print goes to stderr, as stdout is for the JSON alone; a signal that ends this
//! program ends them too.

use std::io;
use std::os::fd::AsFd;
use std::process::{ExitStatus, Stdio};

use rustix::process::{Pid, Signal as UnixSignal, kill_process_group};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::error::{Error, Kind, Result, Signal};
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

/// What a program prints on its standard output, where it succeeds.
pub(crate) async fn output(mut command: Command, interrupt: &Interrupt) -> Result<Option<String>> {
    let done = interrupt.stop(command.stdin(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true).output()).await?;
    Ok(done.ok().filter(|done| done.status.success()).and_then(|done| String::from_utf8(done.stdout).ok()))
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
        assert_eq!(output(sh("echo here"), &interrupt).await.unwrap().as_deref(), Some("here\n"));
        assert_eq!(output(sh("echo here; exit 1"), &interrupt).await.unwrap(), None);
        assert!(run(Command::new("no-such-program-anywhere"), b"", &interrupt).await.is_err());
    }
}
