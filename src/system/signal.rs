//! SIGTERM (Jenkins' abort) and SIGINT. Waits and reads stop at once; a mutating call in flight gets a
//! short grace, because a call that was cut off may have been applied all the same.

use std::time::Duration;

use tokio::sync::watch;

use crate::error::{Error, Result, Signal};

/// How long a mutating call in flight may go on after a signal.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// Tells every part of an action that a signal has come.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    seen: watch::Receiver<Option<Signal>>,
}

impl Interrupt {
    /// Listens for SIGTERM and SIGINT from now on, on the current runtime.
    pub(crate) fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let (tell, seen) = watch::channel(None);
        tokio::spawn(async move {
            let first = tokio::select! {
                _ = terminate.recv() => Signal::Terminate,
                _ = interrupt.recv() => Signal::Interrupt,
            };
            // The receiver lives as long as the action; nobody listening means there is nothing to stop.
            tell.send(Some(first)).ok();
            tell.closed().await;
        });
        Ok(Self { seen })
    }

    /// Never interrupted: for tests of pure code.
    #[cfg(test)]
    pub(crate) fn never() -> Self {
        let (tell, seen) = watch::channel(None);
        drop(tell);
        Self { seen }
    }

    /// Lets a signal that has come be seen: it may have ended what this program was waiting for, a child of its group, say,
    /// before whoever listens had its turn. One turn of the runtime reads it, the next one tells it.
    pub(crate) async fn notice(&self) {
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
    }

    /// Fails when a signal has come already.
    pub(crate) fn check(&self) -> Result<()> {
        match *self.seen.borrow() {
            Some(signal) => Err(Error::interrupted(signal)),
            None => Ok(()),
        }
    }

    /// Resolves when a signal comes.
    async fn come(&self) -> Signal {
        let mut seen = self.seen.clone();
        loop {
            if let Some(signal) = *seen.borrow_and_update() {
                return signal;
            }
            if seen.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Runs `work` unless a signal comes first: for reads and waits.
    pub(crate) async fn stop<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        tokio::select! {
            biased;
            signal = self.come() => Err(Error::interrupted(signal)),
            done = work => Ok(done),
        }
    }

    /// Runs `work`, and when a signal comes gives it [`GRACE`] more: for mutating calls.
    pub(crate) async fn let_finish<T>(&self, work: impl Future<Output = T>) -> Result<T> {
        let mut work = std::pin::pin!(work);
        let signal = tokio::select! {
            biased;
            done = &mut work => return Ok(done),
            signal = self.come() => signal,
        };
        match tokio::time::timeout(GRACE, work).await {
            Ok(done) => Ok(done),
            Err(_) => Err(Error::interrupted(signal)),
        }
    }

    /// Sleeps, but not past a signal.
    pub(crate) async fn sleep(&self, time: Duration) -> Result<()> {
        self.stop(tokio::time::sleep(time)).await
    }
}
