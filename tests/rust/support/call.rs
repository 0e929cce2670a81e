//! One call of the binary, and what every output is held to: one JSON object, its schema, the exit code of its kind.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Map, Value};

use super::stand_in::root;
use super::world::World;

/// What is in the `Debug` of Rust's and of the SDK's types, and in libraries' advice; in no sentence.
const DEBUG: [&str; 17] = [
    "{ source", " { ", "Some(", "None", "Ok(", "Err(", "Error {", "Error(", "Failure(", "Os {", "kind:", "r#",
    "dispatch failure", "Options", "Option<", "Policy in", "budget breached",
];

#[derive(Clone)]
pub(crate) struct Call<'a> {
    world: &'a World,
    action: String,
    params: Map<String, Value>,
    flags: Vec<OsString>,
    env: BTreeMap<String, Option<OsString>>,
    bounded: bool,
}

/// What a call printed and how it ended.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    pub(crate) exit: i32,
    pub(crate) json: Value,
    pub(crate) log: String,
}

impl<'a> Call<'a> {
    pub(crate) fn new(world: &'a World, action: &str, params: Map<String, Value>) -> Self {
        Self { world, action: action.to_owned(), params, flags: Vec::new(), env: BTreeMap::new(), bounded: false }
    }

    /// Gives a parameter in the JSON; its name may be a path: `cleanup.bake`.
    pub(crate) fn param(mut self, name: &str, value: impl Into<Value>) -> Self {
        let mut map = &mut self.params;
        let mut parts: Vec<&str> = name.split('.').collect();
        let last = parts.pop().unwrap();
        for part in parts {
            map = map.entry(part).or_insert_with(|| Value::Object(Map::new())).as_object_mut().unwrap();
        }
        map.insert(last.to_owned(), value.into());
        self
    }

    /// Takes a parameter out of the JSON.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.params.remove(name);
        self
    }

    /// Adds arguments.
    pub(crate) fn flags(mut self, flags: &[&str]) -> Self {
        self.flags.extend(flags.iter().map(OsString::from));
        self
    }

    /// Adds an argument that may be no text.
    pub(crate) fn argument(mut self, argument: impl Into<OsString>) -> Self {
        self.flags.push(argument.into());
        self
    }

    /// Lets it have no more than two seconds of a processor, and half a gigabyte.
    pub(crate) fn bounded(mut self) -> Self {
        self.bounded = true;
        self
    }

    /// Sets a variable of the environment.
    pub(crate) fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.env.insert(name.to_owned(), Some(value.into()));
        self
    }

    /// Takes a variable out of the environment.
    pub(crate) fn no_env(mut self, name: &str) -> Self {
        self.env.insert(name.to_owned(), None);
        self
    }

    fn command(&self) -> Command {
        let credentials = |key: &str| self.world.account[key].as_str().unwrap().to_owned();
        let binary = env!("CARGO_BIN_EXE_ecs-bg");
        let mut command = Command::new(if self.bounded { "sh" } else { binary });
        if self.bounded {
            command.args(["-c", r#"ulimit -t 2 -v 524288; exec "$0" "$@""#, binary]);
        }
        command
            .args(self.action.split_whitespace())
            .args(&self.flags)
            .current_dir(self.world.dir())
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.world.dir())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            // Nothing here speaks TLS, and reading all certificates of the machine would be half of a call's time.
            .env("SSL_CERT_FILE", root().join("tests/rust/support/root.pem"))
            .env("AWS_ENDPOINT_URL", self.world.url())
            .env("AWS_ACCESS_KEY_ID", credentials("accessKeyId"))
            .env("AWS_SECRET_ACCESS_KEY", credentials("secretAccessKey"))
            .env("AWS_SESSION_TOKEN", credentials("sessionToken"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        if !self.params.is_empty() {
            command.env("ECS_BG_PARAMS", Value::Object(self.params.clone()).to_string());
        }
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    /// Runs it to its end.
    pub(crate) fn run(&self) -> Output {
        let output = self.start();
        output.end()
    }

    /// Runs it; while the hook holds a call that it makes to AWS, something else is done.
    pub(crate) fn held_while(&self, mut hook: Value, meanwhile: impl FnOnce()) -> Output {
        let file = self.world.dir().join("held");
        hook["file"] = file.to_str().into();
        self.world.control("hooks", &Value::Array(vec![hook]));
        let running = self.start();
        self.world.until("the call is held", || file.exists());
        meanwhile();
        std::fs::write(file.with_extension("go"), "").unwrap();
        running.end()
    }

    /// Starts it.
    pub(crate) fn start(&self) -> Running {
        let process = self.command().spawn().unwrap();
        Running {
            process,
            secrets: self.world.secrets(),
            exit_zero: self.flags.iter().any(|flag| flag == "--exit-zero"),
        }
    }

    /// Runs it for what it prints where that is not JSON: `--help`, `--version`.
    pub(crate) fn text(&self) -> (i32, String, String) {
        let ended = self.start().ended();
        (ended.exit.unwrap(), ended.stdout, ended.log)
    }

    /// Runs it; it must succeed.
    pub(crate) fn ok(&self) -> Output {
        let output = self.run();
        assert_eq!(output.json["ok"], true, "{} failed: {output}", self.action);
        output
    }

    /// Runs it; it must fail so, with a hint.
    pub(crate) fn fails(&self, kind: &str, code: &str) -> Output {
        let output = self.run();
        assert_eq!(output.json["ok"], false, "{} succeeded: {output}", self.action);
        assert_eq!(
            (&output.json["error"]["kind"], &output.json["error"]["code"]),
            (&kind.into(), &code.into()),
            "{output}"
        );
        assert!(output.json["error"]["hint"].is_string(), "no hint: {output}");
        output
    }

    /// Runs it; it must be refused, and nothing be changed.
    pub(crate) fn refused(&self, code: &str) -> Output {
        self.world.forget_calls();
        let output = self.fails("refused", code);
        assert_eq!(self.world.mutations(), Vec::<String>::new(), "a refusal has changed something: {output}");
        assert_eq!(output.json["changed"], false, "{output}");
        output
    }

    /// Runs it twice: the first time it changes something, the second time it sends nothing that could.
    pub(crate) fn twice(&self) -> Output {
        let first = self.ok();
        assert_eq!(first.json["changed"], true, "{} changed nothing: {first}", self.action);
        self.nothing_to_do();
        first
    }

    /// Runs it where its work is done: no mutating call is sent.
    pub(crate) fn nothing_to_do(&self) -> Output {
        self.world.forget_calls();
        let output = self.ok();
        assert_eq!(self.world.mutations(), Vec::<String>::new(), "{} ran again: {output}", self.action);
        assert_eq!(output.json["changed"], false, "{} ran again: {output}", self.action);
        output
    }

    /// Runs it dry: no mutating call is sent, and the world is as it was.
    pub(crate) fn dry(&self) -> Output {
        self.world.forget_calls();
        let output = self.clone().flags(&["--dry-run"]).ok();
        assert_eq!(self.world.mutations(), Vec::<String>::new(), "{} ran dry: {output}", self.action);
        assert_eq!((&output.json["dryRun"], &output.json["changed"]), (&true.into(), &false.into()), "{output}");
        output
    }
}

/// A call that has not ended yet.
pub(crate) struct Running {
    process: Child,
    secrets: Vec<String>,
    exit_zero: bool,
}

impl Running {
    /// Sends a signal by its name.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.process.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end, where it was killed: it has printed nothing.
    pub(crate) fn killed(self) {
        let ended = self.ended();
        assert!(ended.stdout.is_empty(), "it was not killed in time: {}", ended.stdout);
    }

    /// Waits for its end, and holds it to the contract.
    pub(crate) fn end(self) -> Output {
        self.ended().held().unwrap_or_else(|wrong| panic!("{wrong}"))
    }

    /// Whether it has ended already.
    pub(crate) fn is_over(&mut self) -> bool {
        self.process.try_wait().unwrap().is_some()
    }

    /// Waits for its end, whatever that is; what it printed by then holds no secret.
    pub(crate) fn ended(self) -> Ended {
        let ended = self.process.wait_with_output().unwrap();
        let [stdout, log] = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        for secret in &self.secrets {
            assert!(!stdout.contains(secret) && !log.contains(secret), "{secret} was printed: {stdout}\n{log}");
        }
        Ended { exit: ended.status.code(), stdout, log, exit_zero: self.exit_zero }
    }
}

/// How a process ended, before it is held to anything.
pub(crate) struct Ended {
    /// None where a signal killed it.
    pub(crate) exit: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) log: String,
    exit_zero: bool,
}

impl Ended {
    /// Holds it to the contract: one line of JSON as the schema says, the exit code of its kind, and a log in which
    /// nothing but the end of a line is obeyed.
    pub(crate) fn held(self) -> Result<Output, String> {
        let Self { exit, stdout, log, exit_zero } = self;
        let exit = exit.ok_or_else(|| format!("killed by a signal: {log}"))?;
        if stdout.lines().count() != 1 {
            return Err(format!("not one line: {stdout}{log}"));
        }
        let json: Value = serde_json::from_str(&stdout).map_err(|error| format!("{error}: {stdout}"))?;
        if log.contains("panicked at") || log.contains(|c: char| c.is_control() && c != '\n') {
            return Err(format!("a panic, or a control character: {log:?}"));
        }
        let output = Output { exit, json, log };
        // A signal's exit code stays, also with --exit-zero: Jenkins forgets an abort whose process exits with 0.
        let forgiven = exit_zero && output.json["error"]["kind"] != "interrupted";
        let expected = if forgiven { 0 } else { output.expected_exit() };
        if output.exit != expected {
            return Err(format!("the exit code is not {expected}: {output}"));
        }
        output.check_schema()?;
        output.check_words()?;
        Ok(output)
    }
}

impl Output {
    /// The documented exit code of what the JSON says.
    fn expected_exit(&self) -> i32 {
        match self.json["error"]["kind"].as_str() {
            None => 0,
            Some("unexpected") => 1,
            Some("usage") => 2,
            Some("refused") => 3,
            Some("notFound") => 4,
            Some("timeout") => 5,
            Some("failed") => 6,
            Some("credentials") => 7,
            Some("unavailable") => 8,
            Some("interrupted") if self.message().contains("SIGINT") => 130,
            Some("interrupted") => 143,
            Some(other) => panic!("an unknown kind: {other}"),
        }
    }

    fn check_schema(&self) -> Result<(), String> {
        static SCHEMA: OnceLock<jsonschema::Validator> = OnceLock::new();
        let schema = SCHEMA.get_or_init(|| {
            let text = std::fs::read_to_string(root().join("resources/output.schema.json")).unwrap();
            jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
        });
        let wrong: Vec<String> =
            schema.iter_errors(&self.json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        if wrong.is_empty() {
            return Ok(());
        }
        Err(format!("not as the schema says: {}: {self}", wrong.join("; ")))
    }

    /// Every error of the suite is in words: what a library says to programmers is in no message, hint or warning, and
    /// none of them goes on for ever.
    fn check_words(&self) -> Result<(), String> {
        let warnings = self.json["warnings"].as_array().into_iter().flatten().map(|warning| &warning["message"]);
        let said = [&self.json["error"]["message"], &self.json["error"]["hint"]].into_iter().chain(warnings);
        for text in said.filter_map(Value::as_str) {
            if let Some(code) = DEBUG.iter().find(|code| text.contains(**code)) {
                return Err(format!("{code:?} is for programmers: {self}"));
            }
        }
        Ok(())
    }

    /// A value by its JSON pointer.
    pub(crate) fn at(&self, pointer: &str) -> &Value {
        self.json.pointer(pointer).unwrap_or_else(|| panic!("no {pointer} in {self}"))
    }

    /// A text by its JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("{pointer} is no text in {self}")).to_owned()
    }

    /// The error's message and hint.
    pub(crate) fn message(&self) -> String {
        let part = |key: &str| self.json["error"][key].as_str().unwrap_or_default().to_owned();
        format!("{}\n{}", part("message"), part("hint"))
    }

    /// The codes of the warnings.
    pub(crate) fn warnings(&self) -> Vec<String> {
        let codes = self.json["warnings"].as_array().unwrap().iter();
        codes.map(|warning| warning["code"].as_str().unwrap().to_owned()).collect()
    }
}

impl std::fmt::Display for Output {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "exit {}, {}\n{}", self.exit, self.json, self.log)
    }
}
