//! What a world came to, in a form that two runs can be compared by; and what must never have been so on the way.

use std::collections::{BTreeMap, BTreeSet};

use super::prepare;
use crate::support::{Value, World, json};

/// What a world came to: weights, task sets, ACTIVE revisions.
pub(crate) fn end(world: &World) -> Value {
    prepare::settle(world);
    let now = world.now();
    let sets: BTreeSet<String> = array(&now["taskSets"]).iter().map(|set| of_set(world, set).to_string()).collect();
    let weights: BTreeMap<String, Value> = listeners(world)
        .into_iter()
        .map(|(name, arn)| {
            let of = |colour| now["weights"][&arn][group(world, colour)].clone();
            (name, json!({ "blue": of("blue"), "green": of("green") }))
        })
        .collect();
    let listed = prepare::ecs(world, "ListTaskDefinitions", &json!({ "familyPrefix": "web", "sort": "ASC" }));
    let revisions: Vec<&str> =
        array(&listed["taskDefinitionArns"]).iter().filter_map(Value::as_str).map(last_part).collect();
    json!({ "weights": weights, "taskSets": sets, "revisions": revisions })
}

fn of_set(world: &World, set: &Value) -> Value {
    let colour = ["blue", "green"].into_iter().find(|colour| set["targetGroupArn"] == group(world, colour).as_str());
    json!({
        "deployment": set["externalId"],
        "colour": colour,
        "status": set["status"],
        "scale": set["scale"],
        "healthy": set["healthy"],
        "taskDefinition": set["taskDefinition"].as_str().map(last_part),
    })
}

fn group(world: &World, colour: &str) -> String {
    world.text(&format!("targetGroups/{colour}"))
}

/// The listeners or rules that matter, by a name that is the same in every world.
fn listeners(world: &World) -> Vec<(String, String)> {
    let live = prepare::live(world).into_iter().enumerate().map(|(at, arn)| (format!("live {at}"), arn));
    live.chain([("test".to_owned(), world.text("listeners/test"))]).collect()
}

/// What was wrong at any instant since the history began; nothing, where all was well.
pub(crate) fn wrong_on_the_way(world: &World, is_first: bool) -> Vec<String> {
    let history = world.history();
    let Some(start) = history.first() else { return vec!["there is no history".to_owned()] };
    let mut wrong = BTreeSet::new();
    let mut seen_sets: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for entry in &history {
        let mut note = |what: String| wrong.insert(format!("{what} (at {})", entry["cause"]));
        for arn in prepare::live(world) {
            // Before the first deployment the live listener names a group where nothing is.
            if is_first && entry["weights"][&arn] == start["weights"][&arn] {
                continue;
            }
            let of = |colour: &str| entry["weights"][&arn][group(world, colour)].as_i64().unwrap_or(0);
            // promise 2
            if of("blue") + of("green") == 0 {
                note(format!("{arn} has no weight on either group"));
            }
            for colour in ["blue", "green"] {
                let healthy = entry["groups"][group(world, colour)]["healthy"].as_i64().unwrap_or(0);
                // promise 1
                if of(colour) > 0 && healthy == 0 {
                    note(format!("{arn} has live weight on {colour}, where no target is healthy"));
                }
            }
        }
        let sets = array(&entry["taskSets"]);
        // promise 3
        let primaries = sets.iter().filter(|set| set["status"] == "PRIMARY").count();
        let least = usize::from(!is_first);
        if primaries > 1 || primaries < least {
            note(format!("{primaries} PRIMARY task sets"));
        }
        for set in sets {
            if let (Some(id), Some(arn)) = (set["externalId"].as_str(), set["arn"].as_str()) {
                seen_sets.entry(id).or_default().insert(arn);
            }
        }
    }
    // promise 4
    let several = seen_sets.into_iter().filter(|(_, arns)| arns.len() > 1);
    wrong.extend(several.map(|(id, arns)| format!("the deployment {id} had {} task sets", arns.len())));
    wrong.into_iter().collect()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What follows the last slash.
fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}
