//! A world of its own for each test: an account of the stand-in with a service in it.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use super::call::{Call, Output};
use super::stand_in::{Mode, StandIn, stand_in};

pub(crate) struct World {
    pub(crate) account: Value,
    pub(crate) fixture: Value,
    /// Whether tasks have a network interface of their own; else they run on instances.
    pub(crate) awsvpc: bool,
    mode: Mode,
    dir: TempDir,
}

/// One call that the stand-in has recorded.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) operation: String,
    pub(crate) mutating: bool,
    pub(crate) params: Value,
}

impl World {
    /// A PRIMARY blue version, an hour old, that has all live traffic.
    pub(crate) fn new() -> Self {
        Self::with(json!({}))
    }

    /// The same, with keys of the stand-in's fixture.
    pub(crate) fn with(spec: Value) -> Self {
        Self::on(Mode::of_this_test(), json!({}), spec)
    }

    /// An account of a mode, with a fixture.
    pub(crate) fn on(mode: Mode, account: Value, spec: Value) -> Self {
        let account = stand_in(mode).post("accounts", &account);
        let awsvpc = spec["networkMode"] != "bridge";
        let mut world = Self { account, fixture: Value::Null, awsvpc, mode, dir: tempfile::tempdir().unwrap() };
        world.fixture = world.control("fixture", &spec);
        world
    }

    /// Another service of the same account, by another `name`.
    pub(crate) fn beside(&self, spec: Value) -> Self {
        let (account, mode) = (self.account.clone(), self.mode);
        let fixture = self.control("fixture", &spec);
        Self { account, fixture, awsvpc: self.awsvpc, mode, dir: tempfile::tempdir().unwrap() }
    }

    fn stand_in(&self) -> &'static StandIn {
        stand_in(self.mode)
    }

    /// Where AWS is.
    pub(crate) fn url(&self) -> &'static str {
        &self.stand_in().url
    }

    /// A directory of this test's own, where its calls run.
    pub(crate) fn dir(&self) -> PathBuf {
        self.dir.path().to_owned()
    }

    /// Writes a file into it; its path.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        let path = self.dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// The account's number.
    pub(crate) fn account_id(&self) -> String {
        self.account["accountId"].as_str().unwrap().to_owned()
    }

    /// What no output may hold: its credentials, the token for its registry as AWS gives it and as docker takes it, and
    /// the value of a container's variable.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let mut secrets =
            ["secretAccessKey", "sessionToken"].map(|key| self.account[key].as_str().unwrap().to_owned()).to_vec();
        let password = format!("{}-auth-token", self.account_id());
        secrets.push(aws_smithy_types::base64::encode(format!("AWS:{password}")));
        secrets.push(password);
        // There is no fixture yet where a test makes none.
        secrets.extend(self.fixture["canary"].as_str().map(str::to_owned));
        secrets
    }

    fn path(&self, what: &str) -> String {
        format!("{}/{what}", self.account["accountId"].as_str().unwrap())
    }

    /// A control call for this account.
    pub(crate) fn control(&self, what: &str, body: &Value) -> Value {
        self.stand_in().post(&self.path(what), body)
    }

    /// Turns knobs of the stand-in.
    pub(crate) fn knobs(&self, knobs: Value) {
        self.control("knobs", &knobs);
    }

    /// Orders faults.
    pub(crate) fn faults(&self, faults: Value) {
        self.control("faults", &faults);
    }

    /// Ends them.
    pub(crate) fn no_faults(&self) {
        self.stand_in().delete(&self.path("faults"));
    }

    /// What was called since the last time that this was forgotten.
    pub(crate) fn calls(&self) -> Vec<Recorded> {
        let calls = self.stand_in().get(&self.path("calls"));
        let of = |call: &Value| Recorded {
            operation: call["operation"].as_str().unwrap().to_owned(),
            mutating: call["mutating"].as_bool().unwrap(),
            params: call["params"].clone(),
        };
        calls.as_array().unwrap().iter().map(of).collect()
    }

    /// Everything that the stand-in noted of the calls.
    pub(crate) fn recorded(&self) -> Vec<Value> {
        self.stand_in().get(&self.path("calls")).as_array().unwrap().clone()
    }

    /// The operations that were called, in order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.calls().into_iter().map(|call| call.operation).collect()
    }

    /// The mutating operations that were called, in order.
    pub(crate) fn mutations(&self) -> Vec<String> {
        self.calls().into_iter().filter(|call| call.mutating).map(|call| call.operation).collect()
    }

    /// Forgets the recorded calls.
    pub(crate) fn forget_calls(&self) {
        self.stand_in().delete(&self.path("calls"));
    }

    /// What the world has looked like, from change to change.
    pub(crate) fn history(&self) -> Vec<Value> {
        self.stand_in().get(&self.path("history")).as_array().unwrap().clone()
    }

    /// Forgets how it has looked; how it looks now is the first entry.
    pub(crate) fn forget_history(&self) {
        self.stand_in().delete(&self.path("history"));
    }

    /// How it looks now.
    pub(crate) fn now(&self) -> Value {
        self.stand_in().get(&self.path("now"))
    }

    /// The weights of blue and green in a listener or rule, as the load balancer has them.
    pub(crate) fn weights(&self, arn: &str) -> (i64, i64) {
        let now = self.now();
        let of =
            |colour: &str| now["weights"][arn][self.text(&format!("targetGroups/{colour}"))].as_i64().unwrap_or(-1);
        (of("blue"), of("green"))
    }

    /// The weights of the live listener.
    pub(crate) fn live(&self) -> (i64, i64) {
        self.weights(&self.text("listeners/live"))
    }

    /// The weights of the test listener.
    pub(crate) fn test(&self) -> (i64, i64) {
        self.weights(&self.text("listeners/test"))
    }

    /// The task sets that exist, as the stand-in notes them.
    pub(crate) fn task_sets(&self) -> Vec<Value> {
        self.now()["taskSets"].as_array().unwrap().clone()
    }

    /// The statuses of the task sets that exist, sorted.
    pub(crate) fn statuses(&self) -> Vec<String> {
        let mut all: Vec<String> =
            self.task_sets().iter().map(|set| set["status"].as_str().unwrap().to_owned()).collect();
        all.sort();
        all
    }

    /// A text of the fixture, by its path: `targetGroups/blue`.
    pub(crate) fn text(&self, path: &str) -> String {
        let found = self.fixture.pointer(&format!("/{path}")).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("the fixture has no {path}")).to_owned()
    }

    /// A list of texts of the fixture.
    pub(crate) fn list(&self, key: &str) -> Vec<String> {
        self.fixture[key].as_array().unwrap().iter().map(|item| item.as_str().unwrap().to_owned()).collect()
    }

    /// The image of the service's repository with this tag.
    pub(crate) fn image(&self, tag: &str) -> String {
        let image = self.text("image");
        let (repository, _) = image.rsplit_once(':').unwrap();
        format!("{repository}:{tag}")
    }

    /// Cluster, service and region: all that `status` and `rollback` need.
    pub(crate) fn service_params(&self) -> Map<String, Value> {
        let keys = ["cluster", "service", "region"];
        keys.iter().map(|key| ((*key).to_owned(), self.fixture[*key].clone())).collect()
    }

    /// What a team's configuration says of this service.
    pub(crate) fn params(&self) -> Map<String, Value> {
        let mut params = self.service_params();
        params.insert("targetGroups".into(), self.fixture["targetGroups"].clone());
        params.insert("listeners".into(), self.fixture["listeners"].clone());
        params.insert("pollInterval".into(), json!("100ms"));
        params.insert("confirmations".into(), json!(2));
        params.insert("drain".into(), json!(0));
        params
    }

    /// A call of the binary, with this service's parameters.
    pub(crate) fn call(&self, action: &str) -> Call<'_> {
        Call::new(self, action, self.params())
    }

    /// A call of the binary for a deployment.
    pub(crate) fn of(&self, action: &str, deployment: &str) -> Call<'_> {
        self.call(action).param("deploymentId", deployment)
    }

    /// A call that knows only cluster, service and region.
    pub(crate) fn bare(&self, action: &str) -> Call<'_> {
        Call::new(self, action, self.service_params())
    }

    /// Creates a deployment's task set from the PRIMARY's (or the fixture's) task definition; the task set's ARN.
    pub(crate) fn create(&self, deployment: &str) -> String {
        let created = self.creation(deployment).ok();
        created.text("/result/taskSetArn")
    }

    /// The call that does so.
    pub(crate) fn creation(&self, deployment: &str) -> Call<'_> {
        let call = self.of("create-task-set", deployment).param("taskDefinitionArn", self.text("taskDefinitionArn"));
        if self.fixture["taskSetArn"].is_null() {
            return call
                .param("subnets", self.fixture["subnets"].clone())
                .param("securityGroups", self.fixture["securityGroups"].clone())
                .param("launchType", "FARGATE");
        }
        call
    }

    /// Creates a deployment's task set and waits until it is stable; its ARN.
    pub(crate) fn deploy(&self, deployment: &str) -> String {
        let arn = self.create(deployment);
        self.of("wait-stable", deployment).ok();
        arn
    }

    /// Deploys a version and brings it live and to PRIMARY; its ARN.
    pub(crate) fn release(&self, deployment: &str) -> String {
        let arn = self.deploy(deployment);
        self.of("swap-live", deployment).ok();
        self.of("set-primary", deployment).ok();
        arn
    }

    /// `status`, as the binary tells it.
    pub(crate) fn status(&self) -> Output {
        self.call("status").ok()
    }

    /// The state that `status` tells.
    pub(crate) fn state(&self) -> String {
        self.status().text("/result/state")
    }

    /// Waits until something is so.
    pub(crate) fn until(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < Duration::from_secs(20), "waited in vain until {what}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
