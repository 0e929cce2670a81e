//! The worlds that builds meet in, their calls of the real binary, and what was seen of both.

use std::collections::BTreeMap;

use super::build::Answer;
use super::model::{self, Action, Colour, Outcome, Version};
use crate::faults::outcome::wrong_on_the_way;
use crate::faults::prepare;
use crate::support::call::{Call, Output};
use crate::support::stand_in::Mode;
use crate::support::{Value, World, json};

/// A service before the builds begin.
pub(crate) struct Start {
    pub(crate) name: &'static str,
    is_first: bool,
    prepare: fn(&World),
    pub(crate) world: fn() -> model::World,
}

/// One version, two of which the older is kept for going back, none at all.
pub(crate) static STARTS: [Start; 3] = [
    Start {
        name: "settled",
        is_first: false,
        prepare: |_| {},
        world: || model::World {
            sets: vec![(Version::OLD, Colour::Blue)],
            primary: Some(Version::OLD),
            live: Colour::Blue,
            test: Colour::Green,
        },
    },
    Start {
        name: "kept",
        is_first: false,
        prepare: prepare::promoted,
        world: || model::World {
            sets: vec![(Version::OLD, Colour::Blue), (Version::NEW, Colour::Green)],
            primary: Some(Version::NEW),
            live: Colour::Green,
            test: Colour::Blue,
        },
    },
    Start {
        name: "first",
        is_first: true,
        prepare: |_| {},
        world: || model::World { sets: Vec::new(), primary: None, live: Colour::Blue, test: Colour::Green },
    },
];

/// A world of the stand-in with builds in it.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) is_first: bool,
}

impl Stage {
    pub(crate) fn of(start: &Start, mode: Mode) -> Self {
        let stage = Self::bare(start.is_first, mode);
        (start.prepare)(&stage.world);
        stage.begin();
        stage
    }

    /// A world as the model has it, brought about without the program.
    pub(crate) fn set(model: &model::World, mode: Mode) -> Self {
        let stage = Self { is_first: model.primary.is_none(), ..Self::bare(true, mode) };
        let world = &stage.world;
        for (version, colour) in &model.sets {
            prepare::create(world, &version.id(), colour.name());
        }
        if let Some(primary) = model.primary {
            prepare::promote(world, &stage.arn(primary));
        }
        prepare::settle(world);
        for (listener, colour) in [("live", model.live), ("test", model.test)] {
            let of = |other| if colour == other { 100 } else { 0 };
            prepare::weigh(world, &world.text(&format!("listeners/{listener}")), of(Colour::Blue), of(Colour::Green));
        }
        stage.begin();
        stage
    }

    fn bare(is_first: bool, mode: Mode) -> Self {
        let world = World::on(mode, json!({}), json!({ "blue": !is_first }));
        world.knobs(json!({
            "startSeconds": 0.05, "healthySeconds": 0.05, "steadySeconds": 0.1, "drainSeconds": 0.05, "goneSeconds": 0.05,
        }));
        Self { world, is_first }
    }

    /// What was seen so far is not looked at again.
    pub(crate) fn begin(&self) {
        self.world.forget_history();
        self.world.forget_calls();
    }

    /// The call of a version's action; the stand-in knows it by the version's id.
    pub(crate) fn call(&self, action: Action, own: Version) -> Call<'_> {
        let call = match action {
            Action::Delete(version) => self.world.call(action.name()).param("taskSetArn", self.arn(version)),
            Action::Create | Action::Preflight => {
                let call = self.world.of(action.name(), &own.id());
                let call = call.param("taskDefinitionArn", self.world.text("taskDefinitionArn"));
                if self.is_first {
                    call.param("subnets", self.world.list("subnets"))
                        .param("securityGroups", self.world.list("securityGroups"))
                        .param("launchType", "FARGATE")
                } else {
                    call
                }
            }
            Action::Wait | Action::EnableTest | Action::Swap | Action::SetPrimary | Action::Rollback => {
                self.world.of(action.name(), &own.id())
            }
        };
        self.by(call, own)
    }

    /// The same for any call.
    pub(crate) fn by<'a>(&self, call: Call<'a>, own: Version) -> Call<'a> {
        call.env("AWS_SDK_UA_APP_ID", own.id())
            .param("pollInterval", "100ms")
            .param("confirmations", 1)
            // Who is held is not to try again meanwhile.
            .param("attemptTimeout", "5m")
            .param("operationTimeout", "5m")
    }

    /// The ARN of a version's set, also when that is gone, or never was.
    pub(crate) fn arn(&self, version: Version) -> String {
        let of_version = |set: &&Value| set["externalId"] == version.id().as_str();
        let history = self.world.history();
        let sets = history.iter().rev().flat_map(|entry| array(&entry["taskSets"]));
        sets.filter(of_version).find_map(|set| set["arn"].as_str()).map_or_else(
            || format!("{}/ecs-svc/1", self.world.text("serviceArn").replace(":service/", ":task-set/")),
            str::to_owned,
        )
    }

    /// How the world looks when nothing is under way in it any more.
    pub(crate) fn settled(&self) -> Result<model::World, String> {
        prepare::settle(&self.world);
        let now = self.world.now();
        let mut world = model::World {
            sets: Vec::new(),
            primary: None,
            live: self.lit(&now, "live")?,
            test: self.lit(&now, "test")?,
        };
        for set in array(&now["taskSets"]) {
            let (version, colour) = self.placed(set).ok_or_else(|| format!("a set of nobody: {set}"))?;
            if set["status"] == "PRIMARY" && world.primary.replace(version).is_some() {
                return Err(format!("two are PRIMARY: {now}"));
            }
            world.sets.push((version, colour));
        }
        Ok(world)
    }

    /// The same in words.
    pub(crate) fn looks(&self) -> String {
        self.settled().map_or_else(|split| split, |world| world.to_string())
    }

    fn placed(&self, set: &Value) -> Option<(Version, Colour)> {
        let colour =
            [Colour::Blue, Colour::Green].into_iter().find(|colour| set["targetGroupArn"] == self.group(*colour));
        Some((Version::of_id(set["externalId"].as_str()?)?, colour?))
    }

    pub(crate) fn group(&self, colour: Colour) -> String {
        self.world.text(&format!("targetGroups/{}", colour.name()))
    }

    /// The group that has all weight of a listener.
    fn lit(&self, now: &Value, listener: &str) -> Result<Colour, String> {
        let weights = &now["weights"][self.world.text(&format!("listeners/{listener}"))];
        let of = |colour| weights[self.group(colour)].as_i64().unwrap_or(0);
        match (of(Colour::Blue), of(Colour::Green)) {
            (1.., 0) => Ok(Colour::Blue),
            (0, 1..) => Ok(Colour::Green),
            (blue, green) => Err(format!("the {listener} listener is split, {blue} to {green}")),
        }
    }
}

/// How an action ended, as the model says it.
pub(crate) fn outcome(output: &Output) -> Result<Outcome, String> {
    if output.json["ok"] == true {
        return Ok(if output.json["changed"] == true { Outcome::Changed } else { Outcome::Nothing });
    }
    let code = output.json["error"]["code"].as_str().ok_or_else(|| format!("no code: {output}"))?;
    Ok(Outcome::Fails(code.to_owned().leak()))
}

/// What a build learns from an answer, as vars/blueGreenDeploy.groovy reads it.
pub(crate) fn answer(output: &Output) -> Answer {
    let (json, error) = (&output.json, &output.json["error"]["kind"]);
    let nothing = json["changed"] == false && json["result"]["taskSetArn"].is_null();
    Answer {
        ok: json["ok"] == true,
        nothing_created: nothing && (error == "refused" || error == "usage"),
        previous: json["result"]["previous"]["deploymentId"].as_str().and_then(Version::of_id),
    }
}

pub(crate) fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What must never have been so since the stage was begun, but for what `may` have been.
pub(crate) fn wrong(stage: &Stage, may: &[&str]) -> Result<(), String> {
    let mut wrong = wrong_on_the_way(&stage.world, stage.is_first);
    wrong.extend(wrong_deletions(stage));
    wrong.retain(|what| !may.iter().any(|part| what.contains(part)));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("; ")) }
}

/// Task sets that were deleted though they had the live traffic or were PRIMARY, or by a deployment whose they were not;
/// but the previous version is removed by whoever needs its place. Promises 3 and 5.
pub(crate) fn wrong_deletions(stage: &Stage) -> Vec<String> {
    let history = stage.world.history();
    let mut wrong = Vec::new();
    for (before, after) in history.iter().zip(history.iter().skip(1)) {
        let status: BTreeMap<&str, &str> = array(&after["taskSets"])
            .iter()
            .filter_map(|set| Some((set["arn"].as_str()?, set["status"].as_str()?)))
            .collect();
        let sets = array(&before["taskSets"]);
        for (at, set) in sets.iter().enumerate() {
            let goes = set["status"] != "DRAINING" && status.get(set["arn"].as_str().unwrap()) == Some(&"DRAINING");
            if !goes {
                continue;
            }
            let what = format!("{} was deleted by {}", set["externalId"], after["by"]);
            let weight = prepare::live(&stage.world)
                .iter()
                .filter_map(|arn| before["weights"][arn][set["targetGroupArn"].as_str()?].as_i64())
                .sum::<i64>();
            let has_company =
                sets.iter().any(|other| other["arn"] != set["arn"] && other["targetGroupArn"] == set["targetGroupArn"]);
            if weight > 0 && !has_company {
                wrong.push(format!("{what}, with live weight"));
            }
            let id = set["externalId"].as_str();
            let is_own = after["by"].as_str().and_then(|by| by.split('.').next()) == id;
            let primary = sets.iter().position(|set| set["status"] == "PRIMARY");
            if set["status"] == "PRIMARY" {
                wrong.push(format!("{what}, as PRIMARY"));
            } else if !is_own && primary.is_none_or(|primary| primary < at) {
                wrong.push(what);
            }
        }
    }
    wrong
}
