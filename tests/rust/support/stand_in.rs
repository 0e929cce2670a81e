//! The stand-in's process: one for each mode, started when first needed, gone with the tests.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// moto with state and faults.
    Stateful,
    /// Another one of the kind: one process has the work of one processor.
    Second,
    /// Untouched moto, which verifies signatures.
    Plain,
}

impl Mode {
    /// Half of the tests ask the one, half the other; all that a test does is in one.
    pub(crate) fn of_this_test() -> Self {
        let name = std::thread::current().name().map(str::to_owned).unwrap_or_default();
        if name.bytes().map(u32::from).sum::<u32>().is_multiple_of(2) { Self::Stateful } else { Self::Second }
    }
}

pub(crate) struct StandIn {
    pub(crate) url: String,
    agent: ureq::Agent,
    /// Its standard input is what it lives by: it closes when the tests end, however they end.
    _process: Child,
}

static STATEFUL: OnceLock<StandIn> = OnceLock::new();
static SECOND: OnceLock<StandIn> = OnceLock::new();
static PLAIN: OnceLock<StandIn> = OnceLock::new();

/// The stand-in in a mode.
pub(crate) fn stand_in(mode: Mode) -> &'static StandIn {
    match mode {
        Mode::Stateful => STATEFUL.get_or_init(|| StandIn::start("stateful", "stateful")),
        Mode::Second => SECOND.get_or_init(|| StandIn::start("stateful", "second")),
        Mode::Plain => PLAIN.get_or_init(|| StandIn::start("plain", "plain")),
    }
}

/// The checkout.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl StandIn {
    fn start(mode: &str, name: &str) -> Self {
        let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("stand-in-{name}.log"));
        let mut process = Command::new(root().join("tests/aws/serve"))
            .args(["--mode", mode])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let ready: Value = serde_json::from_str(&line)
            .unwrap_or_else(|_| panic!("the stand-in did not start; its log: {}", log.display()));
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_mins(1)))
            .build()
            .new_agent();
        Self { url: ready["url"].as_str().unwrap().to_owned(), agent, _process: process }
    }

    /// A control call.
    pub(crate) fn get(&self, path: &str) -> Value {
        Self::answer(path, self.agent.get(self.address(path)).call())
    }

    /// A control call.
    pub(crate) fn delete(&self, path: &str) {
        Self::answer(path, self.agent.delete(self.address(path)).call());
    }

    /// A control call.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        Self::answer(path, self.agent.post(self.address(path)).send_json(body))
    }

    fn address(&self, path: &str) -> String {
        format!("{}/standin/{path}", self.url)
    }

    fn answer(path: &str, reply: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Value {
        let mut reply = reply.unwrap_or_else(|error| panic!("{path}: {error}"));
        let status = reply.status();
        let body: Value = reply.body_mut().with_config().limit(200_000_000).read_json().unwrap();
        assert!(status.is_success(), "{path}: {status}: {body}");
        body
    }
}
