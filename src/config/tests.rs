mod wrong;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::json;

use super::*;
use crate::actions::table;
use crate::model::Colour;

const EXAMPLE: [(&str, &str); 3] = [
    ("deploy/ecs.yml", include_str!("../../examples/deploy/ecs.yml")),
    ("deploy/prod.yml", include_str!("../../examples/deploy/prod.yml")),
    ("Makefile.env", include_str!("../../examples/Makefile.env")),
];

const ELB: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333";

/// A world: flags, environment, files.
struct World {
    action: &'static str,
    flags: Map<String, Value>,
    config: Vec<PathBuf>,
    env: HashMap<String, String>,
    files: HashMap<String, String>,
}

impl World {
    fn new(params: &Value) -> Self {
        let files = EXAMPLE.map(|(name, text)| (name.to_owned(), text.to_owned()));
        Self {
            action: "preflight",
            flags: Map::new(),
            config: Vec::new(),
            env: HashMap::from([(PARAMS.to_owned(), params.to_string())]),
            files: HashMap::from(files),
        }
    }

    fn action(mut self, action: &'static str) -> Self {
        self.action = action;
        self
    }

    fn flags(mut self, flags: &Value) -> Self {
        for (name, value) in flags.as_object().into_iter().flatten() {
            nest_one(&mut self.flags, name, value.clone());
        }
        self
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.to_owned(), value.to_owned());
        self
    }

    fn file(mut self, name: &str, text: &str) -> Self {
        self.files.insert(name.to_owned(), text.to_owned());
        self
    }

    fn config(mut self, names: &[&str]) -> Self {
        self.config = names.iter().map(PathBuf::from).collect();
        self
    }

    fn load(self) -> Result<Settings> {
        let read = |path: &Path| match self.files.get(path.to_str().unwrap_or_default()) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        let env = |name: &str| self.env.get(name).map(OsString::from);
        let table = table();
        load(&table, table.action(self.action).unwrap(), self.flags.clone(), self.config.clone(), env, read)
    }

    fn good(self) -> Settings {
        self.load().unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn bad(self) -> Error {
        self.load().expect_err("it should not load")
    }
}

fn target_group(name: &str) -> String {
    format!("{ELB}:targetgroup/{name}/0123456789abcdef")
}

fn listener(id: u32) -> String {
    format!("{ELB}:listener/app/web/23456789abcdef01/{id}")
}

#[test]
fn nothing_given_is_the_defaults() {
    let settings = World::new(&json!(null)).good();
    assert_eq!((settings.min_healthy, settings.confirmations), (100, 3));
    assert_eq!((settings.settle, settings.poll_interval), (Duration::from_mins(5), Duration::from_secs(2)));
    assert_eq!(settings.connection.max_attempts, 8);
    assert_eq!(settings.connection.attempt_timeout, Duration::from_secs(10));
    assert_eq!(settings.connection.operation_timeout, Duration::from_mins(5));
    assert_eq!(settings.pipeline.bake, Duration::from_mins(10));
    assert!(settings.connection.region.is_none() && !settings.dry_run && settings.allow.is_empty());
    let expected = json!({
        "minHealthy": 100, "settle": 300, "pollInterval": 2, "confirmations": 3, "maxAttempts": 8, "attemptTimeout": 10,
        "operationTimeout": 300, "onFailure": "rollback", "for": 0,
        "gates": {"alarmsBefore": "refuse", "errors": false, "latency": false, "every": 60, "period": 60},
        "approve": {"message": "Swap live traffic to the new version?", "submitter": null, "submitterParameter": null,
            "timeout": 86400},
        "cleanup": {"bake": 600, "previous": "delete", "deregister": false,
            "approve": {"message": "The new version is live. Delete the previous one?", "submitter": null,
                "submitterParameter": null, "timeout": 86400}},
    });
    assert_eq!(Value::Object(settings.pipeline.resolved), expected);
}

#[test]
fn flags_win_over_params_over_later_files_over_earlier_ones_over_the_environment() {
    let world = || {
        World::new(&json!({"config": ["a.yml", "b.yml"], "service": "params", "cpu": null}))
            .file("a.yml", "cluster: a\nservice: a\nregion: eu-west-1\ncpu: 256\nfamily: a\ntag: a\n")
            .file("b.yml", "service: b\nfamily: b\ntag: b\n")
            .file("c.json", "{\"tag\": \"c\"}")
            .config(&["c.json"])
            .env("AWS_REGION", "us-east-1")
    };
    let settings = world().flags(&json!({"service": "flag"})).good();
    assert_eq!(settings.service.as_deref(), Some("flag"));
    assert_eq!(settings.cluster.as_deref(), Some("a"));
    assert_eq!(settings.version.family.as_deref(), Some("b"));
    assert_eq!(settings.image_tag.as_deref(), Some("c"));
    assert_eq!(settings.version.cpu.as_deref(), Some("256"), "null in a higher layer is not given");
    assert_eq!(settings.connection.region.as_deref(), Some("eu-west-1"));
    assert_eq!(world().good().service.as_deref(), Some("params"));
    let region = World::new(&json!({})).env("AWS_DEFAULT_REGION", "us-east-2").env("AWS_REGION", "us-east-1").good();
    assert_eq!(region.connection.region.as_deref(), Some("us-east-1"));
    assert_eq!(region.pipeline.resolved.get("region"), Some(&json!("us-east-1")));
}

#[test]
fn maps_are_laid_over_each_other_entry_by_entry() {
    let settings = World::new(&json!({"config": "a.yml", "environment": {"B": 2}, "tags": {"env": "prod"},
            "cleanup": {"bake": "1m"}}))
    .file("a.yml", "environment: {A: 1, B: 1, side: {C: 3}}\ntags: {team: x}\ncleanup: {previous: keep, bake: 5m}\n")
    .good();
    let entries = |map: &BTreeMap<String, String>| map.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>();
    assert_eq!(entries(&settings.version.environment), ["A=1", "B=2"]);
    assert_eq!(entries(settings.version.container_environment.get("side").unwrap()), ["C=3"]);
    assert_eq!(entries(&settings.version.tags), ["env=prod", "team=x"]);
    assert_eq!(settings.pipeline.bake, Duration::from_mins(1));
    assert_eq!(settings.pipeline.cleanup.get("previous"), Some(&json!("keep")));
}

#[test]
fn an_approval_is_a_map_or_false() {
    let approve = |low: Value, high: Value| {
        World::new(&json!({"config": "a.json", "approve": high}))
            .file("a.json", &json!({"approve": low}).to_string())
            .good()
            .pipeline
            .resolved["approve"]
            .clone()
    };
    let timeout = |value: &Value| value.get("timeout").cloned();
    assert_eq!(approve(json!({"timeout": "2h"}), json!(false)), json!(false));
    assert_eq!(timeout(&approve(json!(false), json!({"submitter": "ops"}))), Some(json!(86400)));
    assert_eq!(timeout(&approve(json!({"timeout": "2h"}), json!({"submitter": "ops"}))), Some(json!(7200)));
    assert_eq!(approve(json!(false), json!(null)), json!(false));
    assert_eq!(timeout(&approve(json!({"timeout": 5}), json!(true))), Some(json!(5)));
    let cleanup = World::new(&json!({"cleanup": {"approve": false}})).good().pipeline.cleanup;
    assert_eq!(cleanup.get("approve"), Some(&json!(false)));
}

#[test]
fn resolved_settings_load_to_themselves() {
    let params = json!({
        "config": ["deploy/ecs.yml", "deploy/prod.yml"], "deploymentId": "b-1", "image": "web:1", "validate": true,
        "notify": true, "agent": "linux", "checkout": true, "environment": {"TOKEN": "hunter2"}, "allow": "is-live",
        "secrets": {"KEY": "arn:aws:ssm:eu-west-1:111122223333:parameter/key"}, "timeout": "90",
    });
    let first = World::new(&params).good().pipeline.resolved;
    let again = World::new(&Value::Object(first.clone())).good().pipeline.resolved;
    assert_eq!(Value::Object(first.clone()), Value::Object(again));
    assert_eq!(first.get("timeout"), Some(&json!(90)));
    assert_eq!(first.get("validate"), Some(&json!(true)));
    assert_eq!(first.get("allow"), Some(&json!(["is-live"])));
    assert_eq!(
        first.get("targetGroups").and_then(|groups| groups.get("green")).and_then(Value::as_str).map(str::len),
        Some(90)
    );
    assert!(!first.contains_key("config") && !Value::Object(first).to_string().contains("hunter2"));
}

#[test]
fn arns_are_handed_on_for_the_identity_check() {
    let settings = World::new(&json!({"cluster": "a", "listeners": {"live": listener(1)},
        "roleArn": "arn:aws:iam::111122223333:role/x"}))
    .good();
    let keys: Vec<_> = settings.arns().into_iter().map(|(key, arn)| (key, arn.account)).collect();
    assert_eq!(keys, [("roleArn", "111122223333".to_owned()), ("listeners.live", "111122223333".to_owned())]);
}

#[test]
fn a_services_arn_gives_the_cluster() {
    let arn = "arn:aws:ecs:eu-west-1:111122223333:service/prod/web";
    let settings = World::new(&json!({"service": arn})).good();
    assert_eq!(settings.cluster.as_deref(), Some("prod"));
    assert_eq!(settings.pipeline.resolved.get("cluster"), Some(&json!("prod")));
    let cluster = "arn:aws:ecs:eu-west-1:111122223333:cluster/prod";
    assert_eq!(World::new(&json!({"service": arn, "cluster": cluster})).good().cluster_name().as_deref(), Some("prod"));
    let short = World::new(&json!({"service": "arn:aws:ecs:eu-west-1:111122223333:service/web"})).good();
    assert_eq!((short.cluster, short.service.as_deref().map(str::len)), (None, Some(46)));
}

#[test]
fn of_a_template_and_a_revision_the_nearer_one_counts() {
    let config = ["deploy/ecs.yml"];
    let revision = World::new(&json!({"taskDefinitionArn": "web:41"})).config(&config).good();
    assert!(revision.version.template.is_none() && !revision.pipeline.resolved.contains_key("taskDefinition"));
    let both = json!({"taskDefinitionArn": "web:41", "taskDefinition": "x.json"});
    assert_eq!(World::new(&both).bad().code, "ambiguous-version");
    let create = World::new(&both).action("create-task-set").good();
    assert_eq!(create.version.task_definition_arn.as_deref(), Some("web:41"));
    let launch = json!({"launchType": "FARGATE", "capacityProviders": "FARGATE_SPOT"});
    assert_eq!(World::new(&launch).bad().code, "ambiguous-launch-type");
    let nearer = World::new(&launch).flags(&json!({"launchType": "EC2"})).good();
    assert!(nearer.task_set.capacity_providers.is_empty());
}

#[test]
fn a_makefile_env_is_enough() {
    let settings = World::new(&json!({"config": "Makefile.env", "accountId": "111122223333"})).good();
    assert_eq!(settings.cluster_name().as_deref(), Some("web"));
    assert_eq!(settings.task_set.container_port, Some(9000));
    assert_eq!(settings.task_set.subnets.len(), 2);
    assert_eq!(settings.version.families.as_ref().map(|families| families.green.as_str()), Some("web"));
    assert_eq!(settings.version.log_region.as_deref(), Some("eu-west-1"));
    let by_env = World::new(&json!({"config": "Makefile.env"})).env("AWS_ACCOUNT_NUMBER", "111122223333").good();
    assert_eq!(by_env.connection.account_id.as_deref(), Some("111122223333"));
    assert_eq!(World::new(&json!({"config": "Makefile.env"})).bad().code, "missing-parameter");
    let error = World::new(&json!({"config": "Makefile.env"})).env("AWS_ACCOUNT_NUMBER", "1").bad();
    assert!(error.message.contains("AWS_ACCOUNT_NUMBER"));
    let moved =
        World::new(&json!({"config": "Makefile.env", "accountId": "111122223333", "region": "us-east-1"})).good();
    assert!(moved.listeners.live.iter().all(|arn| arn.contains("us-east-1")));
    let wrong =
        World::new(&json!({"config": "x.env", "accountId": "111122223333"})).file("x.env", "\nAPP_PORT=web\n").bad();
    assert_eq!(wrong.message, "`containerPort` (APP_PORT in x.env:2) is wrong: 'web' is not a whole number");
}

#[test]
fn the_family_is_that_of_the_idle_colour() {
    let load = |text: &str, params: Value| {
        let world = World::new(&params).file("x.env", text).config(&["x.env"]);
        world.good()
    };
    let two = "BLUE_TASK_FAMILY_PREFIX=b\nGREEN_TASK_FAMILY_PREFIX=g\nNEXT_ENV=green\n";
    let settings = load(two, json!({}));
    assert_eq!(settings.family(None), None);
    assert_eq!(settings.family(Some(Colour::Green)), Some("g"));
    assert_eq!(settings.next_env, Some(Colour::Green));
    let resolved = settings.resolved("eu-west-1", Some(Colour::Blue));
    assert_eq!((resolved.get("family"), resolved.get("region")), (Some(&json!("b")), Some(&json!("eu-west-1"))));
    assert_eq!(load(two, json!({"family": "mine"})).family(Some(Colour::Green)), Some("mine"));
    let same = "BLUE_TASK_FAMILY_PREFIX=x\nGREEN_TASK_FAMILY_PREFIX=x\n";
    assert_eq!(load(same, json!({})).version.family.as_deref(), Some("x"));
}

#[test]
fn globals_are_settings_too() {
    let settings = World::new(&json!({"allow": ["a"], "dryRun": true})).flags(&json!({"allow": ["b"]})).good();
    assert!(settings.dry_run && settings.allows("b") && !settings.allows("a"));
}

#[test]
fn gates_are_off_unless_they_are_given_and_true_means_their_defaults() {
    let resolved = |params: Value| World::new(&params).good().pipeline.resolved["gates"].clone();
    assert_eq!(
        resolved(json!({"gates": {"errors": true}}))["errors"],
        json!({"times": 2, "minRequests": 100, "dryRun": false})
    );
    assert_eq!(resolved(json!({"gates": {"latency": {"max": "300ms"}}}))["latency"]["max"], json!(0.3));
    let both = json!({"config": ["a.yml"], "gates": {"errors": {"times": 3}}});
    let over = |params: &Value| {
        World::new(params)
            .file("a.yml", "gates:\n  alarms: [a]\n  errors: {max: 1%, dryRun: true}\n  latency: true\n")
            .good()
    };
    let gates = over(&both).gates;
    let errors = gates.errors.unwrap();
    assert_eq!((errors.times, errors.max, errors.dry_run, gates.alarms.len()), (3.0, Some(1.0), true, 1));
    let gates = over(&json!({"config": ["a.yml"], "gates": {"errors": false}})).gates;
    assert!(gates.errors.is_none() && gates.latency.is_some());
    assert_eq!(
        World::new(&json!({"gates": {"errors": 5}})).bad().message,
        "`gates.errors` (ECS_BG_PARAMS) is not a map"
    );
}

#[test]
fn a_step_has_the_deployments_scale_unless_it_says_less_and_a_scale_never_falls() {
    let scales = |params: Value| {
        World::new(&params).load().map(|settings| settings.canary.iter().map(|step| step.scale).collect::<Vec<_>>())
    };
    let steps = |one: Value, two: Value| json!([{"weight": 5, "bake": 1, "scale": one}, {"weight": 10, "bake": 1, "scale": two}]);
    assert_eq!(scales(json!({"canary": steps(json!(null), json!(null))})).unwrap(), [100.0, 100.0]);
    assert_eq!(scales(json!({"canary": steps(json!(20), json!(null)), "scale": 50})).unwrap(), [20.0, 50.0]);
    for params in
        [json!({"canary": steps(json!(50), json!(20))}), json!({"canary": steps(json!(60), json!(80)), "scale": 70})]
    {
        let error = scales(params).unwrap_err();
        assert_eq!((&*error.code, error.kind), ("invalid-value", crate::error::Kind::Usage));
    }
}

#[test]
fn a_part_of_the_traffic_is_given_in_one_way() {
    let world = |params: Value| World::new(&params).action("shift-weights");
    assert_eq!(world(json!({"weight": 5})).good().weight, Some(5.0));
    let error = world(json!({"weight": 5, "weights": {"blue": 1, "green": 1}})).bad();
    assert_eq!(error.code, "ambiguous-weights");
    let settings = world(json!({"weights": {"blue": 1, "green": 1}})).flags(&json!({"weight": "10"})).good();
    assert!(settings.weights.is_none() && settings.weight == Some(10.0), "the one with precedence stays");
}
