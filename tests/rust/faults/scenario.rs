//! The actions, each in the state in which it has something to do, and whole deployments.

use std::time::{Duration, SystemTime};

use super::prepare;
use crate::support::call::Call;
use crate::support::stand_in::Mode;
use crate::support::{Value, World, json};

/// One action in a world that is ready for it; or several, one after the other.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    fixture: fn() -> Value,
    knobs: fn() -> Value,
    prepare: fn(&World),
    pub(crate) steps: &'static [Step],
    /// No version has live traffic yet, so nothing healthy can have it.
    pub(crate) is_first: bool,
}

/// One call of the binary.
pub(crate) struct Step {
    pub(crate) action: &'static str,
    call: for<'a> fn(&'a World, Call<'a>) -> Call<'a>,
    /// Failed reads are tried until this has passed, so it is short where the fault lasts: its `timeout`.
    impatient: Option<&'static str>,
}

impl Scenario {
    /// A new world, ready.
    pub(crate) fn world(&self, mode: Mode) -> World {
        let world = World::on(mode, json!({}), (self.fixture)());
        world.knobs(json!({
            "startSeconds": 0.05, "healthySeconds": 0.05, "steadySeconds": 0.1, "drainSeconds": 0.05, "goneSeconds": 0.05,
        }));
        world.knobs((self.knobs)());
        (self.prepare)(&world);
        world
    }
}

impl Step {
    /// The call, with few attempts so that they are soon spent.
    pub(crate) fn call<'a>(&self, world: &'a World) -> Call<'a> {
        let call = world.of(self.action, "new").param("listeners.live", prepare::live(world)).param("maxAttempts", 2);
        (self.call)(world, call)
    }

    /// The same for a fault that lasts.
    pub(crate) fn impatient<'a>(&self, world: &'a World) -> Call<'a> {
        match self.impatient {
            Some(timeout) => self.call(world).param("timeout", timeout),
            None => self.call(world),
        }
    }

    const fn new(action: &'static str, call: for<'a> fn(&'a World, Call<'a>) -> Call<'a>) -> Self {
        Self { action, call, impatient: None }
    }

    /// One that needs nothing but the service and the deployment.
    const fn plain(action: &'static str) -> Self {
        Self::new(action, |_, call| call)
    }

    const fn within(self, timeout: &'static str) -> Self {
        Self { impatient: Some(timeout), ..self }
    }
}

const fn scenario(name: &'static str, prepare: fn(&World), steps: &'static [Step]) -> Scenario {
    Scenario { name, fixture: || json!({}), knobs: || json!({}), prepare, steps, is_first: false }
}

impl Scenario {
    const fn fixture(self, fixture: fn() -> Value) -> Self {
        Self { fixture, ..self }
    }

    const fn knobs(self, knobs: fn() -> Value) -> Self {
        Self { knobs, ..self }
    }

    const fn first(self) -> Self {
        Self { is_first: true, ..self }
    }
}

const STATUS: Step = Step::plain("status");
const PREFLIGHT: Step = Step::new("preflight", |world, call| {
    call.param("taskDefinition", template(world)).param("image", world.image("v1")).param("gates", gates())
});
const REGISTER: Step =
    Step::new("register-task-definition", |world, call| call.param("taskDefinition", template(world)));
const REGISTER_FROM_PRIMARY: Step =
    Step::new("register-task-definition", |world, call| call.param("image", world.image("v2")));
const CREATE: Step =
    Step::new("create-task-set", |world, call| call.param("taskDefinitionArn", world.text("taskDefinitionArn")));
const CREATE_FIRST: Step = Step::new("create-task-set", |world, call| {
    call.param("taskDefinitionArn", world.text("taskDefinitionArn"))
        .param("subnets", world.list("subnets"))
        .param("securityGroups", world.list("securityGroups"))
        .param("launchType", "FARGATE")
});
const CREATE_REGISTERED: Step = Step::new("create-task-set", |_, call| call.param("taskDefinitionArn", "web:2"));
const WAIT: Step = Step::plain("wait-stable").within("3s");
const TEST: Step = Step::plain("enable-test-listener");
const SHIFT: Step = Step::new("shift-weights", |_, call| call.param("weight", 10));
const SHIFT_BOTH: Step =
    Step::new("shift-weights", |_, call| call.param("weights", json!({ "blue": 90, "green": 10 })));
const LOOK: Step = Step::new("check-gates", |_, call| {
    let since = SystemTime::now() - Duration::from_mins(10);
    let since = aws_smithy_types::DateTime::from(since).fmt(aws_smithy_types::date_time::Format::DateTime).unwrap();
    call.param("weight", 10).param("since", since).param("gates", gates())
});
const SWAP: Step = Step::plain("swap-live");
const PROMOTE: Step = Step::plain("set-primary");
const SCALE: Step = Step::new("scale-task-set", |_, call| call.param("scale", 50));
const ROLLBACK: Step = Step::plain("rollback");
const ROLLBACK_BARE: Step =
    Step::new("rollback", |_, call| ["targetGroups", "listeners"].into_iter().fold(call, Call::without));
const DELETE_OLD: Step = Step::new("delete-task-set", |world, call| {
    call.without("deploymentId").param("taskSetArn", world.text("taskSetArn"))
})
.within("3s");
const DEREGISTER_OLD: Step = Step::new("deregister-task-definition", |world, call| {
    call.param("taskDefinitionArn", world.text("taskDefinitionArn")).param("allow", json!(["not-ours"]))
});
const LOGIN: Step = Step::new("ecr-login", login);
const BUILD: Step =
    Step::new("ecr-login", |world, call| login(world, call).param("tag", "absent").flags(&["--", "true"]));

fn gates() -> Value {
    json!({ "errors": true, "latency": true, "alarms": ["web-5xx"] })
}

fn login<'a>(world: &'a World, call: Call<'a>) -> Call<'a> {
    let path = std::env::var("PATH").unwrap();
    let image = world.text("image");
    let registry = image.split('/').next().unwrap();
    call.env("PATH", format!("{}:{path}", world.dir().display()))
        .param("repository", format!("{registry}/{}", world.text("repository")))
        .param("tag", "v1")
}

/// What stands in for docker: it notes its arguments, and what it was given to read.
fn docker(world: &World) {
    use std::os::unix::fs::PermissionsExt;
    let path = world.file("docker", "#!/bin/sh\necho \"$@\" >>docker.log\ncat >>docker.stdin\n");
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A template of the family that the fixture has, with other content.
fn template(world: &World) -> String {
    let content = json!({
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": world.text("executionRoleArn"),
        "containerDefinitions": [{
            "name": "web",
            "image": world.image("v2"),
            "essential": true,
            "portMappings": [{ "containerPort": 8080, "protocol": "tcp" }],
            "environment": [{ "name": "TOKEN", "value": super::case::CANARY }],
        }],
    });
    world.file("task-definition.json", content.to_string())
}

fn nothing(_: &World) {}

fn deployed(world: &World) {
    prepare::deployed(world);
}

fn swapped(world: &World) {
    prepare::swapped(world);
}

fn promoted(world: &World) {
    prepare::promoted(world);
}

/// Two versions, both of this tool: their tags tell groups and listeners.
fn succeeded(world: &World) {
    let old = prepare::create(world, "old", "blue");
    prepare::settle(world);
    prepare::promote(world, &old);
    prepare::promoted(world);
}

/// Traffic is back, PRIMARY is not.
fn reverted(world: &World) {
    prepare::promoted(world);
    prepare::weigh_live(world, 100, 0);
}

fn canary(world: &World) {
    prepare::deployed(world);
    prepare::weigh_live(world, 90, 10);
}

/// With an alarm that has had data for a moment.
fn watched(world: &World) {
    world.control("alarms", &json!([{ "name": "web-5xx", "state": "INSUFFICIENT_DATA" }]));
    world.control("alarms", &json!([{ "name": "web-5xx", "state": "OK" }]));
}

fn watched_canary(world: &World) {
    canary(world);
    watched(world);
}

fn untested(world: &World) {
    prepare::deployed(world);
    prepare::weigh(world, &world.text("listeners/test"), 100, 0);
}

/// A revision that nothing uses any more: the old version's, once it is gone.
fn superseded(world: &World) {
    let definition = json!({
        "family": "web", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256", "memory": "512",
        "containerDefinitions": [{ "name": "other", "image": "other:1", "memory": 128 }],
    });
    prepare::ecs(world, "RegisterTaskDefinition", &definition);
}

fn two_listeners() -> Value {
    json!({ "extraListeners": 1 })
}

fn at_zero() -> Value {
    json!({ "deleteStyle": "at-zero" })
}

fn from_nothing() -> Value {
    json!({ "blue": false })
}

/// All of them. The last two are whole deployments.
pub(crate) static ALL: &[Scenario] = &[
    scenario("status", deployed, &[STATUS]),
    scenario("status of a canary", canary, &[STATUS]),
    scenario("preflight", watched, &[PREFLIGHT]),
    scenario("register-task-definition", nothing, &[REGISTER]),
    scenario("register-task-definition from PRIMARY", nothing, &[REGISTER_FROM_PRIMARY]),
    scenario("create-task-set", nothing, &[CREATE]),
    scenario("create-task-set into a group that hangs nowhere", nothing, &[CREATE])
        .fixture(|| json!({ "greenAttached": false })),
    scenario("wait-stable", deployed, &[WAIT]),
    scenario("wait-stable from the start", |world| drop(prepare::create(world, "new", "green")), &[WAIT])
        .knobs(|| json!({ "startSeconds": 0.3, "steadySeconds": 0.5 })),
    scenario("enable-test-listener", untested, &[TEST]),
    scenario("shift-weights", deployed, &[SHIFT]),
    scenario("shift-weights of two listeners", deployed, &[SHIFT_BOTH]).fixture(two_listeners),
    scenario("check-gates", watched_canary, &[LOOK]),
    scenario("swap-live of two listeners", deployed, &[SWAP]).fixture(two_listeners),
    scenario("swap-live of rules", deployed, &[SWAP]).fixture(|| json!({ "rule": true })),
    scenario("set-primary", swapped, &[PROMOTE]),
    scenario("scale-task-set", deployed, &[SCALE]),
    scenario("rollback before the swap", deployed, &[ROLLBACK]),
    scenario("rollback of a canary on two listeners", canary, &[ROLLBACK]).fixture(two_listeners),
    scenario("rollback after the swap", swapped, &[ROLLBACK]),
    scenario("rollback after the promotion", promoted, &[ROLLBACK]).fixture(two_listeners),
    scenario("rollback that was cut off", reverted, &[ROLLBACK]),
    scenario("rollback where sets are deleted at zero only", swapped, &[ROLLBACK]).knobs(at_zero),
    scenario("rollback from the deployment's id alone", succeeded, &[ROLLBACK_BARE]).fixture(from_nothing),
    scenario("delete-task-set", promoted, &[DELETE_OLD]),
    scenario("delete-task-set where sets are deleted at zero only", promoted, &[DELETE_OLD]).knobs(at_zero),
    scenario(
        "deregister-task-definition",
        superseded,
        &[Step::new("deregister-task-definition", |_, call| {
            call.param("taskDefinitionArn", "web:2").param("allow", json!(["not-ours"]))
        })],
    ),
    scenario("ecr-login", docker, &[LOGIN]),
    scenario("ecr-login with a command", docker, &[BUILD]),
    scenario("first deployment", nothing, &[CREATE_FIRST, WAIT, SWAP, PROMOTE]).fixture(from_nothing).first(),
    scenario(
        "deployment",
        watched,
        &[REGISTER, CREATE_REGISTERED, WAIT, TEST, SHIFT, LOOK, SWAP, PROMOTE, DELETE_OLD, DEREGISTER_OLD],
    ),
];
