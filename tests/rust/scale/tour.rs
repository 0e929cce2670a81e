//! Every action once, in the order of a deployment, in a world of some size: what it called, its answers checked.

use std::collections::BTreeMap;

use crate::faults::prepare;
use crate::support::{Call, Output, Value, World, json};

/// How much there is of everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Live and test are rules among others; else the default rules of their listeners.
    pub(crate) in_rules: bool,
    /// On the live listener, its default rule too.
    pub(crate) rules: usize,
    /// On the load balancer, the test listener too; they all forward to the two groups, and are named.
    pub(crate) listeners: usize,
    /// Of each version.
    pub(crate) targets: usize,
    /// Of the family.
    pub(crate) revisions: usize,
    /// Of the service, the new one too; those beside it and PRIMARY are being deleted.
    pub(crate) sets: usize,
}

impl Size {
    pub(crate) const SMALL: Self = Self { in_rules: false, rules: 1, listeners: 2, targets: 2, revisions: 1, sets: 2 };

    /// A new world of this size.
    pub(crate) fn world(&self, mode: crate::support::Mode) -> World {
        let world = World::on(
            mode,
            json!({}),
            json!({
                "rule": self.in_rules,
                "extraRules": self.rules - 1 - usize::from(self.in_rules),
                "extraListeners": self.listeners - 2,
                "desiredCount": self.targets,
                "revisions": self.revisions,
            }),
        );
        world.knobs(json!({
            "startSeconds": 0.05, "healthySeconds": 0.05, "steadySeconds": 0.05, "drainSeconds": 0, "goneSeconds": 0,
            "outcome": { ":lingers": { "outcome": "healthy", "goneSeconds": 86_400 } },
        }));
        for n in 2..self.sets {
            let definition = lingering(&world, n);
            let name = format!("old-{n}");
            // Its tags name all listeners: who names none later finds them there.
            let create = world.creation(&name).param("listeners.live", prepare::live(&world)).param("scale", 1);
            let created = create.param("taskDefinitionArn", definition).ok();
            world.delete_task_set(&created.text("/result/taskSetArn"));
        }
        world
    }
}

/// A task definition of a family of its own, whose sets stay DRAINING for long.
fn lingering(world: &World, n: usize) -> String {
    let made = prepare::ecs(
        world,
        "RegisterTaskDefinition",
        &json!({
            "family": format!("old-{n}"),
            "networkMode": "awsvpc",
            "requiresCompatibilities": ["FARGATE"],
            "cpu": "256",
            "memory": "512",
            "containerDefinitions": [{
                "name": "web", "image": world.image("lingers"), "memory": 128, "portMappings": [{ "containerPort": 8080 }],
            }],
        }),
    );
    made["taskDefinition"]["taskDefinitionArn"].as_str().unwrap().to_owned()
}

/// How often an action called each operation.
pub(crate) type Calls = BTreeMap<String, usize>;

/// A world, and what was called in it so far.
pub(crate) struct Tour<'a> {
    world: &'a World,
    size: Size,
    pub(crate) calls: Vec<(&'static str, Calls)>,
}

impl<'a> Tour<'a> {
    /// All actions, one after the other.
    pub(crate) fn of(world: &'a World, size: Size) -> Vec<(&'static str, Calls)> {
        let mut tour = Self { world, size, calls: Vec::new() };
        tour.look();
        let revision = tour.bring_up();
        tour.go_live_and_back();
        tour.clean_up(&revision);
        tour.calls
    }

    fn call(&self, action: &str) -> Call<'a> {
        self.world.of(action, "new").param("listeners.live", prepare::live(self.world))
    }

    fn run(&mut self, name: &'static str, call: &Call<'_>) -> Output {
        self.world.forget_calls();
        // On a busy machine a thousand tasks take their time, and an attempt that is given up would be counted twice.
        let patient = call.clone().param("attemptTimeout", "1m").param("operationTimeout", "5m");
        let output = patient.ok();
        let mut calls = Calls::new();
        for operation in self.world.operations() {
            *calls.entry(operation).or_default() += 1;
        }
        self.calls.push((name, calls));
        output
    }

    fn look(&mut self) {
        let size = self.size;
        let named = self.run("status", &self.call("status"));
        // The tags of a set name the listeners; without any the load balancer is searched.
        let found = self.run("status, nothing named", &self.world.bare("status"));
        for status in [named, found] {
            assert_eq!(status.text("/result/state"), "settled", "{status}");
            assert_eq!(status.text("/result/live/taskSetArn"), self.world.text("taskSetArn"));
            assert_eq!(status.at("/result/weights").as_array().unwrap().len(), size.listeners, "{status}");
            let sets = status.at("/result/taskSets").as_array().unwrap();
            assert_eq!(sets.len(), size.sets - 1);
            assert_eq!(sets.iter().map(images).max(), Some(1), "{status}");
            let primary = sets.iter().find(|set| set["status"] == "PRIMARY").unwrap();
            assert_eq!(primary["health"]["healthy"], json!(size.targets), "{status}");
        }
        let preflight = self.run("preflight", &self.call("preflight").param("image", self.world.image("v1")));
        assert_eq!(preflight.text("/result/state"), "settled", "{preflight}");
        assert_eq!(preflight.at("/result/plan/from/healthy"), &json!(size.targets), "{preflight}");
    }

    /// The revision of the new version, which is up in the end.
    fn bring_up(&mut self) -> String {
        let size = self.size;
        let register = self.call("register-task-definition").param("memory", "1024");
        let registered = self.run("register-task-definition", &register);
        assert_eq!(registered.at("/result/revision"), &json!(size.revisions + 1));
        assert_eq!(register.nothing_to_do().at("/result/revision"), &json!(size.revisions + 1));
        let revision = registered.text("/result/taskDefinitionArn");
        let create = self.call("create-task-set").param("taskDefinitionArn", revision.as_str());
        let created = self.run("create-task-set", &create);
        assert_eq!(created.at("/result/colour"), "green", "{created}");
        assert_eq!(created.at("/result/desired"), &json!(size.targets), "{created}");
        prepare::settle(self.world);
        let stable = self.run("wait-stable", &self.call("wait-stable"));
        assert_eq!(stable.at("/result/health/healthy"), &json!(size.targets), "{stable}");
        revision
    }

    fn go_live_and_back(&mut self) {
        let test = self.world.text("listeners/test");
        prepare::weigh(self.world, &test, 100, 0);
        self.run("enable-test-listener", &self.call("enable-test-listener"));
        self.weights((100, 0), (0, 100));
        let shift = self.call("shift-weights").param("weights", json!({ "blue": 90, "green": 10 }));
        self.run("shift-weights", &shift);
        self.weights((90, 10), (0, 100));
        let since = std::time::SystemTime::now() - std::time::Duration::from_mins(10);
        let since = aws_smithy_types::DateTime::from(since).fmt(aws_smithy_types::date_time::Format::DateTime).unwrap();
        self.world.control("alarms", &json!([{ "name": "web-5xx", "state": "OK" }]));
        let gates = json!({ "errors": true, "latency": true, "alarms": ["web-5xx"] });
        let look = self.call("check-gates").param("weight", 10).param("since", since).param("gates", gates);
        self.run("check-gates", &look);
        self.run("swap-live", &self.call("swap-live"));
        self.weights((0, 100), (100, 0));
        let promoted = self.run("set-primary", &self.call("set-primary"));
        assert_eq!(promoted.json["changed"], true);
        let rolled_back = self.run("rollback", &self.call("rollback"));
        assert_eq!(rolled_back.text("/result/restored"), self.world.text("taskSetArn"), "{rolled_back}");
        self.weights((100, 0), (0, 100));
    }

    fn weights(&self, live: (i64, i64), test: (i64, i64)) {
        let now = self.world.now();
        let group = |colour: &str| self.world.text(&format!("targetGroups/{colour}"));
        let of = |arn: &str| {
            let weight = |colour: &str| now["weights"][arn][group(colour)].as_i64().unwrap();
            (weight("blue"), weight("green"))
        };
        for arn in prepare::live(self.world) {
            assert_eq!(of(&arn), live, "{arn}");
        }
        assert_eq!(of(&self.world.text("listeners/test")), test);
    }

    fn clean_up(&mut self, revision: &str) {
        prepare::settle(self.world);
        let next = prepare::create(self.world, "next", "green");
        prepare::settle(self.world);
        let delete = self.call("delete-task-set").without("deploymentId").param("taskSetArn", next.as_str());
        self.run("delete-task-set", &delete);
        assert!(self.world.task_sets().iter().all(|set| set["arn"] != next.as_str()));
        let deregister = self.call("deregister-task-definition").param("taskDefinitionArn", revision);
        let deregistered = self.run("deregister-task-definition", &deregister);
        assert_eq!(deregistered.at("/result/deregistered"), true, "{deregistered}");
    }
}

fn images(set: &Value) -> usize {
    set["images"].as_object().unwrap().len()
}
