mod canary;
mod place;
mod traffic;
mod version;

use std::collections::BTreeSet;

use serde_json::json;

use super::*;
use crate::model::TaskSetStatus::{Active, Draining, Primary};
use crate::model::Weight;
use crate::model::{Colour, Role};
use crate::plan::state::classify;
use crate::plan::world::{self, groups, set};
use Colour::{Blue, Green};

const BALANCER: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1";
const LIVE: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/1/2";
const TEST: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/1/3";
const OTHER: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/web/1/4/5";

/// Facts and settings of a service where everything is well; each test spoils something.
struct Case {
    facts: Facts,
    settings: Settings,
    deployment: Option<&'static str>,
}

impl Case {
    fn new() -> Self {
        let forward = |arn: &str, role, blue, green| Forward { arn: arn.to_owned(), role, ..world::live(blue, green) };
        let group = |name: &str| TargetGroup {
            arn: name.to_owned(),
            name: name.to_owned(),
            vpc: Some("vpc-1".into()),
            protocol: Some("HTTP".into()),
            protocol_version: Some("HTTP1".into()),
            target_type: Some("ip".into()),
            load_balancers: vec![BALANCER.into()],
        };
        let rule = |arn: &str, listener: &str, weights: &[Weight]| Rule {
            arn: arn.to_owned(),
            listener: listener.to_owned(),
            is_default: true,
            weights: weights.to_vec(),
            host: None,
            path: None,
        };
        let (live, test) = (forward(LIVE, Role::Live, 100, 0), forward(TEST, Role::Test, 0, 100));
        let service = world::service(vec![set("old", Blue, 10, Primary)]);
        let definition = json!({
            "networkMode": "awsvpc",
            "containerDefinitions": [{ "name": "web", "image": "web:2", "portMappings": [{ "containerPort": 80 }] }],
        });
        let Value::Object(definition) = definition else { unreachable!() };
        let facts = Facts {
            traffic: Some(Traffic {
                groups: groups(),
                standing: classify(&service, &groups(), std::slice::from_ref(&live)),
                complete: true,
                target_groups: vec![group("tg-blue"), group("tg-green")],
                target_stickiness: BTreeMap::new(),
                attributes: Pair::default(),
                deregistration_delay: Duration::from_secs(5),
                balancers: vec![LoadBalancer {
                    arn: BALANCER.into(),
                    dns_name: "web".into(),
                    kind: "application".into(),
                    vpc: Some("vpc-1".into()),
                }],
                rules: vec![rule("rule-live", LIVE, &live.weights), rule("rule-test", TEST, &test.weights)],
                live: vec![live],
                test: vec![test],
            }),
            version: Some(Version {
                origin: "taskdef.json".into(),
                family: "web".into(),
                existing: None,
                fingerprint: Some("f".into()),
                definition,
                images: [("web".to_owned(), "web:2".to_owned())].into(),
                kept: BTreeMap::new(),
                task_set: Some(NewSet {
                    container_name: "web".into(),
                    container_port: 80,
                    has_subnets: true,
                    has_registries: false,
                    scale: 100.0,
                }),
                stored: Vec::new(),
            }),
            primary_health: Some(Health { healthy: 2, ..Health::default() }),
            resumed: Vec::new(),
            watch: Watch::default(),
            service,
        };
        let mut settings = Settings::default();
        settings.pipeline.cleanup = json!({ "previous": "delete" });
        settings.pipeline.bake = Duration::from_mins(10);
        Self { facts, settings, deployment: Some("new") }
    }

    fn traffic(&mut self) -> &mut Traffic {
        self.facts.traffic.as_mut().unwrap()
    }

    fn version(&mut self) -> &mut Version {
        self.facts.version.as_mut().unwrap()
    }

    fn new_set(&mut self) -> &mut NewSet {
        self.version().task_set.as_mut().unwrap()
    }

    fn sets(&mut self, sets: Vec<TaskSet>) {
        self.facts.service.task_sets = sets;
    }

    fn weights(&mut self, blue: i32, green: i32) {
        self.traffic().live[0].weights = world::live(blue, green).weights;
    }

    fn place(&mut self) -> Place {
        let service = self.facts.service.clone();
        let traffic = self.facts.traffic.as_mut().unwrap();
        traffic.standing = classify(&service, &traffic.groups, &traffic.live);
        place(&service, &traffic.groups, &traffic.live, &traffic.standing, self.deployment)
    }

    fn judged(&mut self) -> Vec<Finding> {
        let place = self.place();
        judged(findings(&self.facts, &place, &self.settings, Vec::new()), &self.settings)
    }

    /// Codes; a `!` stands before what blocks whatever is allowed, a `?` before what may be allowed.
    fn codes(&mut self) -> Vec<String> {
        let mark = |finding: &Finding| match (finding.severity, finding.allowed_by.is_some()) {
            (Severity::Warning, _) => "",
            (Severity::Blocking, true) => "?",
            (Severity::Blocking, false) => "!",
        };
        self.judged().iter().map(|finding| format!("{}{}", mark(finding), finding.code)).collect()
    }
}

type Spoil = fn(&mut Case);

fn check(table: &[(&str, Spoil, &[&str])]) {
    for (name, spoil, expected) in table {
        let mut case = Case::new();
        spoil(&mut case);
        assert_eq!(case.codes(), *expected, "{name}");
    }
}

fn primary() -> TaskSet {
    set("old", Blue, 10, Primary)
}

#[test]
fn nothing_is_found_where_all_is_well() {
    check(&[
        ("a deployment beside PRIMARY", |_| {}, &[]),
        (
            "the very first one",
            |case| {
                case.sets(vec![]);
                case.facts.primary_health = None;
            },
            &[],
        ),
        (
            "listeners that bring only the group that is live",
            |case| {
                let Traffic { live, test, .. } = case.traffic();
                for forward in live.iter_mut().chain(test) {
                    forward.weights.truncate(1);
                }
            },
            &[],
        ),
        (
            "another group with a share of the traffic",
            |case| {
                case.traffic().live[0] = {
                    let live = case.traffic().live[0].clone();
                    world::beside(live, 50)
                }
            },
            &[],
        ),
    ]);
}

#[test]
fn the_service_itself_must_be_fit_for_it() {
    check(&[
        ("another controller", |case| case.facts.service.controller = "ECS".into(), &["!not-external"]),
        ("not active", |case| case.facts.service.status = "DRAINING".into(), &["!not-active"]),
        ("no tasks wanted", |case| case.facts.service.desired_count = 0, &["!zero-desired-count"]),
        ("a scale of nothing", |case| case.new_set().scale = 0.0, &["!no-capacity"]),
        ("a scale of half", |case| case.new_set().scale = 50.0, &["partial-scale"]),
        (
            "a grace period as long as the wait",
            |case| {
                case.facts.service.grace_period = Some(Duration::from_mins(5));
                case.settings.timeout = Some(Duration::from_mins(5));
            },
            &["grace-period"],
        ),
        ("a long grace period alone", |case| case.facts.service.grace_period = Some(Duration::from_hours(1)), &[]),
        ("PRIMARY not well", |case| case.facts.primary_health = Some(Health::default()), &["primary-not-full"]),
        ("service discovery", |case| case.new_set().has_registries = true, &["?service-registries"]),
        (
            "service discovery of PRIMARY, where the new set is not known",
            |case| {
                case.facts.service.task_sets[0].registries = true;
                case.facts.version = None;
            },
            &["?service-registries"],
        ),
        (
            "service discovery given up",
            |case| case.facts.service.task_sets[0].registries = true,
            &["service-registries-dropped"],
        ),
        ("a colour that was typed right", |case| case.settings.next_env = Some(Green), &[]),
        ("a colour that was typed wrong", |case| case.settings.next_env = Some(Blue), &["?next-env"]),
    ]);
}

#[test]
fn every_code_is_told_once_with_what_blocks_first() {
    let mut case = Case::new();
    case.traffic().test.clear();
    case.new_set().container_port = 81;
    case.version().images.insert("web".into(), "web:latest".into());
    case.facts.service.desired_count = 0;
    case.facts.primary_health = Some(Health::default());
    let found = case.judged();
    let severities: Vec<Severity> = found.iter().map(|finding| finding.severity).collect();
    assert!(severities.is_sorted(), "{found:?}");
    let unique: BTreeSet<(&str, &str)> =
        found.iter().map(|finding| (&*finding.code, finding.message.as_str())).collect();
    assert_eq!(unique.len(), found.len());
    let error = failure(&found).unwrap();
    assert_eq!((error.kind, &*error.code), (Kind::Refused, "zero-desired-count"));
    assert!(found.iter().all(|finding| finding.hint.is_some() || finding.code == "state"), "{found:?}");
    let allow = found.iter().find(|finding| finding.code == "mutable-tag").unwrap();
    assert!(allow.hint.as_deref().unwrap().ends_with("--allow mutable-tag:web does it all the same"));
}

#[test]
fn what_must_not_be_is_not_allowed_by_its_name() {
    let mut case = Case::new();
    case.facts.service.controller = "ECS".into();
    case.new_set().has_registries = true;
    case.settings.allow = vec!["not-external".into(), "service-registries".into()];
    assert_eq!(case.codes(), ["!not-external", "service-registries"]);
    assert!(case.judged()[1].message.starts_with("allowed: "));
}

#[test]
fn a_permission_that_lacks_decides_the_kind() {
    let denied = Finding::blocking(Error::new(Kind::Credentials, "access-denied", "no"));
    let refused = Finding::blocking(Error::refused("not-external", "no"));
    let error = failure(&[refused.clone(), denied]).unwrap();
    assert_eq!((error.kind, &*error.code), (Kind::Credentials, "access-denied"));
    assert_eq!(failure(&[refused]).unwrap().kind, Kind::Refused);
    assert!(failure(&[Finding::warning("partial-scale", "half", "")]).is_none());
}
