use super::*;

#[test]
fn the_load_balancer_must_be_able_to_do_it() {
    check(&[
        ("another type", |case| case.traffic().balancers[0].kind = "network".into(), &["!network-load-balancer"]),
        (
            "a test listener elsewhere",
            |case| {
                let traffic = case.traffic();
                traffic.test[0].arn = TEST.replace("app/web/1", "app/api/1");
            },
            // Its own rule is not named then.
            &["!other-load-balancer", "?unnamed-rule"],
        ),
        (
            "a group elsewhere",
            |case| case.traffic().target_groups[1].load_balancers = vec![BALANCER.replace("web", "api")],
            &["!other-load-balancer"],
        ),
        ("a group that hangs nowhere yet", |case| case.traffic().target_groups[1].load_balancers.clear(), &[]),
        ("another VPC", |case| case.traffic().target_groups[1].vpc = Some("vpc-2".into()), &["!other-vpc"]),
        (
            "another protocol",
            |case| case.traffic().target_groups[1].protocol = Some("HTTPS".into()),
            &["groups-differ"],
        ),
        (
            "five groups already",
            |case| {
                let live = &mut case.traffic().live[0];
                live.weights.truncate(1);
                live.weights.extend((0..4).map(|n| Weight { target_group: format!("tg-{n}"), weight: 0 }));
            },
            &["!too-many-groups"],
        ),
        (
            "a load balancer with a hundred groups",
            |case| {
                let rules = &mut case.traffic().rules;
                for rule in rules.iter_mut() {
                    rule.weights.truncate(1);
                }
                rules[0].weights.extend((0..99).map(|n| Weight { target_group: format!("tg-{n}"), weight: 1 }));
            },
            &["!load-balancer-full"],
        ),
        (
            "no share of the traffic",
            |case| case.traffic().test[0].weights = world::beside(world::live(0, 0), 5).weights,
            &["!no-share"],
        ),
    ]);
}

#[test]
fn every_rule_that_sends_traffic_to_the_groups_is_named_once() {
    check(&[
        (
            "a rule that nobody named",
            |case| {
                let mut rule = case.traffic().rules[0].clone();
                (rule.arn, rule.is_default) = (OTHER.into(), false);
                case.traffic().rules.push(rule);
            },
            &["?unnamed-rule"],
        ),
        (
            "a rule of somebody else",
            |case| {
                let mut rule = case.traffic().rules[0].clone();
                rule.arn = OTHER.into();
                rule.is_default = false;
                rule.weights = vec![
                    Weight { target_group: "tg-other".into(), weight: 1 },
                    Weight { target_group: "tg-blue".into(), weight: 0 },
                ];
                case.traffic().rules.push(rule);
            },
            &[],
        ),
        (
            "a default rule by its own ARN",
            |case| case.traffic().test[0].arn = "rule-test".into(),
            &["!other-load-balancer"],
        ),
        (
            "a listener and its default rule",
            |case| {
                let arn = TEST.replace(":listener/", ":listener-rule/") + "/4";
                case.traffic().rules[1].arn.clone_from(&arn);
                let mut again = case.traffic().test[0].clone();
                again.arn = arn;
                case.traffic().test.push(again);
            },
            &["!duplicate-listener"],
        ),
    ]);
}

#[test]
fn stickiness_of_a_group_is_weighed_against_a_second_group() {
    check(&[
        (
            "target stickiness, and a group is to be added",
            |case| {
                case.traffic().live[0].weights.truncate(1);
                case.traffic().target_stickiness.insert("tg-green".into(), "lb_cookie".into());
            },
            &["!target-stickiness"],
        ),
        (
            "target stickiness, and both are there",
            |case| drop(case.traffic().target_stickiness.insert("tg-green".into(), "lb_cookie".into())),
            &[],
        ),
        (
            "an application's cookie",
            |case| drop(case.traffic().target_stickiness.insert("tg-green".into(), "app_cookie".into())),
            &["target-stickiness"],
        ),
        (
            "no test listener",
            |case| {
                case.traffic().test.clear();
                case.traffic().rules.pop();
            },
            &["no-test-listener"],
        ),
    ]);
}

#[test]
fn clients_that_stick_are_weighed_against_bake_and_drain() {
    fn sticky(case: &mut Case, seconds: u64) {
        case.traffic().live[0].stickiness = Some(Duration::from_secs(seconds));
    }
    check(&[
        ("shorter than the bake", |case| sticky(case, 60), &["sticky-sessions"]),
        ("longer than anybody waits", |case| sticky(case, 86_400), &["?sticky-sessions"]),
        (
            "longer than the drain",
            |case| {
                sticky(case, 60);
                case.settings.drain = Some(Duration::from_secs(30));
            },
            &["?sticky-sessions"],
        ),
        (
            "longer, and allowed",
            |case| {
                sticky(case, 86_400);
                case.settings.allow = vec!["sticky-sessions".into()];
            },
            &["sticky-sessions"],
        ),
        (
            "longer, and nothing is deleted",
            |case| {
                sticky(case, 86_400);
                case.settings.pipeline.cleanup = json!({ "previous": "keep" });
            },
            &[],
        ),
        (
            "longer, and a kept one goes first",
            |case| {
                sticky(case, 86_400);
                case.settings.pipeline.cleanup = json!({ "previous": "keep" });
                case.sets(vec![primary(), set("x", Green, 5, Active)]);
            },
            &["?sticky-sessions"],
        ),
        (
            "longer, and there is nothing before it",
            |case| {
                sticky(case, 86_400);
                case.sets(vec![]);
                case.facts.primary_health = None;
            },
            &[],
        ),
    ]);
}
