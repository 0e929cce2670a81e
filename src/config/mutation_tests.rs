//! Whole loads of files and parameters that were good once: settings, or one usage error that says what to do.

use std::os::unix::ffi::OsStringExt;

use proptest::prelude::*;

use serde_json::json;

use super::*;
use crate::actions::table;
use crate::mutation::mutated;

const YAML: &[&str] =
    &[include_str!("../../examples/deploy/ecs.yml"), include_str!("../../examples/deploy/prod.yml"), RARE];

/// What the examples do not use: anchors, merges, blocks, flows.
const RARE: &str = r#"%YAML 1.2
---
service: &name web
cluster: *name
region: "eu-west-1"
approve: &asked {message: 'Swap?', timeout: 5}
cleanup: {approve: {<<: *asked}, bake: 1h30m}
environment:
  web:
    A: |
      two
      lines
    B: >-
      folded
      lines
tags: {team: shop, "a b": ''}
...
"#;

const JSON: &[&str] = &[r#"{
  "cluster": "prod", "service": "web", "region": "eu-west-1", "deploymentId": "build-7", "accountId": "111122223333",
  "targetGroups": {
    "blue": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/blue/0123456789abcdef",
    "green": "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/green/0123456789abcdef"
  },
  "listeners": { "live": ["arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/23456789abcdef01/1"] },
  "images": { "web": "web:1", "log": "log:2" }, "taskDefinition": "taskdef.json", "tags": { "team": "shop" },
  "environment": { "web": { "A": "x" } }, "secrets": { "B": "arn:aws:ssm:eu-west-1:111122223333:parameter/b" },
  "subnets": ["subnet-0123456789abcdef0"], "capacityProviders": [{ "name": "FARGATE", "weight": 1, "base": 0 }],
  "weights": { "blue": 90, "green": 10 }, "scale": 50, "minHealthy": 100, "timeout": "1h30m", "drain": 0,
  "cpu": "256", "memory": 512, "logGroup": "/ecs/web", "allow": ["sticky-sessions"], "roleArn": null,
  "approve": { "message": "Swap?", "submitter": "ops", "timeout": "2h" },
  "cleanup": { "bake": "10m", "approve": false, "previous": "delete", "deregister": true }, "onFailure": "keep"
}"#];

const MAKEFILE_ENV: &[&str] = &[include_str!("../../examples/Makefile.env")];

fn loaded(file: Option<(&str, &[u8])>, params: Option<&[u8]>) -> Result<Settings> {
    let mut flags = Map::new();
    if let Some((name, _)) = file {
        flags.insert("config".to_owned(), json!([name]));
    }
    let env = |name: &str| match name {
        PARAMS => params.map(|bytes| OsString::from_vec(bytes.to_vec())),
        "AWS_ACCOUNT_NUMBER" => Some("111122223333".into()),
        _ => None,
    };
    let read = |_: &Path| Ok(file.map(|(_, bytes)| bytes.to_vec()).unwrap_or_default());
    let table = table();
    load(&table, table.action("preflight").unwrap(), flags, env, read)
}

fn check(loaded: Result<Settings>) -> Result<(), TestCaseError> {
    if let Err(error) = loaded {
        prop_assert_eq!(error.kind.name(), "usage");
        prop_assert!(error.hint.is_some(), "{:?}", error);
        prop_assert!(error.message.len() + error.hint.iter().map(String::len).sum::<usize>() < 3_000, "{:?}", error);
        prop_assert!(!error.message.contains(|c: char| c.is_control()), "{:?}", error);
    }
    Ok(())
}

#[test]
fn the_good_ones_are_good() {
    for (name, texts) in [("a.yml", YAML), ("a.json", JSON), ("Makefile.env", MAKEFILE_ENV)] {
        for text in texts {
            loaded(Some((name, text.as_bytes())), None).unwrap_or_else(|error| panic!("{name}: {error:?}"));
        }
    }
    loaded(None, Some(JSON[0].as_bytes())).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_yaml_is_settings_or_one_error(bytes in mutated(YAML)) {
        check(loaded(Some(("a.yml", &bytes)), None))?;
    }

    #[test]
    fn mutated_json_is_settings_or_one_error(bytes in mutated(JSON)) {
        check(loaded(Some(("a.json", &bytes)), None))?;
        check(loaded(Some(("a.yml", &bytes)), None))?;
        check(loaded(None, Some(&bytes)))?;
    }

    #[test]
    fn a_mutated_makefile_env_is_settings_or_one_error(bytes in mutated(MAKEFILE_ENV)) {
        check(loaded(Some(("Makefile.env", &bytes)), None))?;
    }
}
