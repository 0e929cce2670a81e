//! What every action calls, in every state in which it has something to do: the scenarios of the fault matrix, each dry, dry
//! with nothing named, and for good; and some in which more is read.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use super::needs::Reader;
use super::policy::{Names, Need};
use crate::faults::prepare;
use crate::faults::scenario::{ALL, Scenario};
use crate::support::{Call, Mode, Value, World, json};

/// What an action needed in one world.
pub(crate) struct Recorded {
    pub(crate) names: Names,
    /// By action, and whether it was one that changes nothing: `status`, `preflight`, `check-gates`, or a dry run.
    pub(crate) needs: BTreeMap<(&'static str, bool), Vec<Need>>,
}

/// All worlds. They are made once, for all tests.
pub(crate) fn all() -> &'static [Recorded] {
    static ALL_RECORDED: OnceLock<Vec<Recorded>> = OnceLock::new();
    ALL_RECORDED.get_or_init(|| {
        let extra: [fn(Mode) -> Recorded; 3] = [in_rules_on_instances, into_a_group_that_hangs_nowhere, that_crashes];
        let jobs = ALL.len() + extra.len();
        let next = Mutex::new(0..jobs);
        let done = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for thread in 0..6 {
                let (next, done) = (&next, &done);
                let mode = if thread % 2 == 0 { Mode::Stateful } else { Mode::Second };
                scope.spawn(move || {
                    loop {
                        let Some(at) = next.lock().unwrap().next() else { break };
                        let recorded =
                            ALL.get(at).map_or_else(|| extra[at - ALL.len()](mode), |one| scenario(one, mode));
                        done.lock().unwrap().push(recorded);
                    }
                });
            }
        });
        done.into_inner().unwrap()
    })
}

fn scenario(scenario: &Scenario, mode: Mode) -> Recorded {
    let world = scenario.world(mode);
    let mut notes = Notes::of(&world);
    for step in scenario.steps {
        notes.dry(step.action, &step.call(&world));
        let nothing_named = step.call(&world).without("targetGroups").without("listeners");
        notes.dry(step.action, &nothing_named);
        notes.real(step.action, &step.call(&world));
    }
    notes.recorded
}

/// Where most is read: live and test are rules, which no tag names; tasks are on EC2 instances, and a target in each group
/// is nobody's, so that only tasks and instances tell whose the others are.
fn in_rules_on_instances(mode: Mode) -> Recorded {
    let world = World::on(mode, json!({}), json!({ "networkMode": "bridge", "rule": true }));
    for colour in ["blue", "green"] {
        let stray = aws_sdk_elasticloadbalancingv2::types::TargetDescription::builder().id("i-0stray").port(1).build();
        let group = world.text(&format!("targetGroups/{colour}"));
        world.elb(async |elb| {
            elb.register_targets().target_group_arn(group).targets(stray).send().await.map(drop).unwrap();
        });
    }
    let mut notes = Notes::of(&world);
    let of = |action: &'static str| (action, world.of(action, "new"), world.bare(action).param("deploymentId", "new"));
    let with = |action: &'static str, name: &str, value: Value| {
        let (_, named, bare) = of(action);
        (action, named.param(name, value.clone()), bare.param(name, value))
    };
    world.file("Makefile.env", "BLUE_TASK_FAMILY_PREFIX=web\nGREEN_TASK_FAMILY_PREFIX=web-green\n");
    let (register, _, families) = with("register-task-definition", "image", json!(world.image("v1")));
    notes.dry(register, &families.flags(&["--config", "Makefile.env"]));
    notes.both(with("preflight", "image", json!(world.image("v1"))));
    let (create, _, bare) = with("create-task-set", "taskDefinitionArn", json!(world.text("taskDefinitionArn")));
    notes.dry(create, &bare);
    world.stray_task_set(Some("new"), &world.text("targetGroups/green"));
    prepare::settle(&world);
    notes.both(of("status"));
    notes.both(of("wait-stable"));
    prepare::weigh(&world, &world.text("listeners/test"), 100, 0);
    notes.both(of("enable-test-listener"));
    notes.dry("delete-task-set", &of("delete-task-set").2);
    notes.both(with("scale-task-set", "scale", json!(100)));
    notes.both(with("shift-weights", "weights", json!({ "blue": 90, "green": 10 })));
    notes.both(of("status"));
    let minutes = std::time::Duration::from_mins(10);
    let since = aws_smithy_types::DateTime::from(std::time::SystemTime::now() - minutes);
    let since = since.fmt(aws_smithy_types::date_time::Format::DateTime).unwrap();
    let (look, named, bare) = with("check-gates", "since", json!(since));
    let (named, bare) = (named.param("weight", 10), bare.param("weight", 10));
    notes.both((look, named, bare));
    notes.both(of("swap-live"));
    notes.both(of("set-primary"));
    notes.both(of("rollback"));
    notes.recorded
}

/// The idle group is put into the rules first.
fn into_a_group_that_hangs_nowhere(mode: Mode) -> Recorded {
    let world = World::on(mode, json!({}), json!({ "rule": true, "greenAttached": false }));
    let mut notes = Notes::of(&world);
    notes.real("create-task-set", &world.creation("new"));
    notes.recorded
}

/// Why a version does not come up is asked of its stopped tasks.
fn that_crashes(mode: Mode) -> Recorded {
    let world = World::on(mode, json!({}), json!({}));
    world.knobs(json!({ "outcome": { ":v1": "crash" } }));
    world.creation("new").ok();
    let mut notes = Notes::of(&world);
    notes.real("wait-stable", &world.of("wait-stable", "new").param("timeout", "20s"));
    notes.recorded
}

/// What is recorded of a world.
struct Notes<'a> {
    world: &'a World,
    recorded: Recorded,
}

impl<'a> Notes<'a> {
    fn of(world: &'a World) -> Self {
        Self { world, recorded: Recorded { names: Names::of(world), needs: BTreeMap::new() } }
    }

    /// Notes what an action calls, however it ends: a refusal has read as well.
    fn note(&mut self, action: &'static str, reads: bool, call: &Call<'_>) {
        self.world.forget_calls();
        call.run();
        let calls: Vec<Value> = self.world.recorded();
        let reader = Reader { world: self.world };
        let needs = calls.iter().flat_map(|call| reader.needs(call));
        self.recorded.needs.entry((action, reads)).or_default().extend(needs);
    }

    fn dry(&mut self, action: &'static str, call: &Call<'_>) {
        self.note(action, true, &call.clone().param("dryRun", true));
    }

    fn real(&mut self, action: &'static str, call: &Call<'_>) {
        self.note(action, matches!(action, "status" | "preflight" | "check-gates"), call);
    }

    /// Dry with nothing named, then for good with everything named.
    fn both(&mut self, (action, named, bare): (&'static str, Call<'_>, Call<'_>)) {
        self.dry(action, &bare);
        self.real(action, &named);
    }
}
