//! The actions in resources/output.schema.json: their names, and which of its definitions each one's result is.

use std::fmt::Write;

use crate::config::table::Table;

const NAMES: (&str, &str) = ("null where the arguments named no action\",\n      \"enum\": [\n", "        null\n");
const RESULTS: (&str, &str) =
    ("{\"kind\": {\"enum\": [\"usage\", \"unexpected\", \"interrupted\"]}}}}}\n    },\n", "  ],\n  \"$defs\"");

pub(super) fn output(table: &Table) -> String {
    let mut names = String::new();
    let mut results = Vec::new();
    for action in &table.actions {
        let name = action.name;
        writeln!(names, "        \"{name}\",").unwrap();
        results.push(format!(
            r##"    {{
      "if": {{"properties": {{"action": {{"const": "{name}"}}, "ok": {{"const": true}}, "dryRun": {{"const": false}}}}}},
      "then": {{"properties": {{"result": {{"$ref": "#/$defs/{name}"}}}}}}
    }}"##
        ));
    }
    let schema = super::read("resources/output.schema.json");
    between(&between(&schema, NAMES, &names), RESULTS, &format!("{}\n", results.join(",\n")))
}

fn between(text: &str, (begin, end): (&str, &str), new: &str) -> String {
    let Some((before, rest)) = text.split_once(begin) else { panic!("output.schema.json has no {begin}") };
    let Some((_, after)) = rest.split_once(end) else { panic!("output.schema.json has no {end}") };
    format!("{before}{begin}{new}{end}{after}")
}

/// An action says in its own file what its `result` holds; the schema says it in more detail.
#[test]
fn the_results_that_actions_declare_are_those_of_the_schema() {
    let schema: serde_json::Value = serde_json::from_str(&super::read("resources/output.schema.json")).unwrap();
    for action in crate::actions::table().actions {
        let known = &schema["$defs"][action.name]["properties"];
        let missing: Vec<_> = action.result.iter().filter(|key| known.get(key).is_none()).collect();
        assert!(missing.is_empty(), "{}: {missing:?} of {known}", action.name);
        let required = schema["$defs"][action.name]["required"].as_array().into_iter().flatten();
        let untold: Vec<_> = required.filter(|key| !action.result.contains(&key.as_str().unwrap())).collect();
        assert!(untold.is_empty(), "{}: {untold:?}", action.name);
    }
}
