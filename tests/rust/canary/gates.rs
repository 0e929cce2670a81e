//! Gates that read CloudWatch: what they say of readings and alarms as AWS tells them, within few calls.

use std::time::{Duration, Instant};

use super::{ago, at, look};
use crate::support::{Call, Output, Value, World, json};

/// A thousand requests a minute for the last hour, shared as the weights are; versions as they are given.
fn traffic(world: &World, versions: &Value) {
    world.control("metrics", &json!({ "model": { "requests": 1000, "versions": versions } }));
}

/// So many minutes of the new version's, and of the old one's, that end now.
fn series(world: &World, minutes: usize, new: (i64, i64), old: (i64, i64)) {
    let of = |group: &str, metric: &str, value: i64| json!({ "targetGroup": group, "metric": metric, "values": vec![value; minutes], "start": -i64::try_from(minutes).unwrap() });
    world.control(
        "metrics",
        &json!({ "series": [
            of("green", "RequestCount", new.0), of("green", "HTTPCode_Target_5XX_Count", new.1),
            of("blue", "RequestCount", old.0), of("blue", "HTTPCode_Target_5XX_Count", old.1),
        ] }),
    );
}

fn gate(output: &Output, name: &str) -> Value {
    let gates = output.at("/result/gates").as_array().unwrap();
    gates.iter().find(|gate| gate["gate"] == name).unwrap_or_else(|| panic!("no {name}: {output}")).clone()
}

fn with_errors(world: &World) -> Call<'_> {
    look(world, 5.0).param("gates.errors", true).param("since", ago(Duration::from_mins(30)))
}

#[test]
fn a_version_that_fails_twenty_percent_is_found_and_one_like_the_other_passes() {
    let world = at(5.0);
    series(&world, 40, (50, 10), (950, 1));
    let failed = with_errors(&world).fails("failed", "gate-failed");
    assert!(
        failed.message().contains("errors: odds") && failed.message().contains("of the other version's"),
        "{failed}"
    );
    assert_eq!(gate(&failed, "errors")["verdict"], "fail");
    assert_eq!(gate(&failed, "state")["verdict"], "pass");
    assert_eq!(failed.exit, 6);

    series(&world, 40, (50, 0), (950, 1));
    let passed = with_errors(&world).nothing_to_do();
    assert_eq!((passed.text("/result/verdict"), passed.at("/result/share")), ("pass".into(), &json!(5.0)), "{passed}");
    let window = gate(&passed, "errors")["window"].clone();
    // Of 30 minutes the first is the weights' way, and the newest two are not whole.
    assert!((26..=27).contains(&window["readings"].as_u64().unwrap()), "{window}");

    series(&world, 40, (50, 10), (950, 1));
    let dry = with_errors(&world).param("gates.errors", json!({ "dryRun": true })).ok();
    assert_eq!((dry.text("/result/verdict"), gate(&dry, "errors")["verdict"].as_str()), ("pass".into(), Some("fail")));
    assert!(dry.log.contains("errors: fail (dry run: decides nothing)"), "{dry}");
}

#[test]
fn connections_that_fail_count_as_errors_of_the_version() {
    let world = at(5.0);
    series(&world, 40, (50, 0), (950, 1));
    let resets =
        json!({ "targetGroup": "green", "metric": "TargetConnectionErrorCount", "values": vec![10; 40], "start": -40 });
    world.control("metrics", &json!({ "series": [resets] }));
    with_errors(&world).fails("failed", "gate-failed");
}

#[test]
fn too_few_requests_are_inconclusive_and_so_is_what_cannot_be_read() {
    let world = at(5.0);
    let inconclusive = |why: &str, says: &str| {
        let output = with_errors(&world).ok();
        assert_eq!(output.text("/result/verdict"), "inconclusive", "{why}: {output}");
        let words = gate(&output, "errors")["words"].as_str().unwrap().to_owned();
        assert!(words.contains(says), "{why}: {words}");
    };
    inconclusive("nobody asks for anything", "no readings yet");
    series(&world, 40, (2, 0), (38, 0));
    inconclusive("two a minute", "too few");
    series(&world, 40, (50, 0), (950, 1));
    world.control(
        "metrics",
        &json!({ "statuses": [{ "metric": "RequestCount", "targetGroup": "green", "status": "InternalError" }] }),
    );
    inconclusive("a metric that fails", "InternalError");
    world.control("metrics", &json!({ "statuses": [] }));
    world.faults(json!([{ "operation": "GetMetricData", "kind": "error", "status": 400, "code": "AccessDeniedException", "message": "no", "times": 99 }]));
    let denied = with_errors(&world).run();
    assert_eq!(denied.text("/result/verdict"), "inconclusive", "{denied}");
}

#[test]
fn a_new_version_that_is_slower_fails_by_its_percentile() {
    let world = at(50.0);
    let latency = |seconds: f64| json!({ "p90": seconds });
    traffic(&world, &json!({ "green": { "latency": latency(0.4) }, "*": { "latency": latency(0.1) } }));
    let series = |group: &str, metric: &str, value: f64, stat: &str| json!({ "targetGroup": group, "metric": metric, "stat": stat, "values": vec![value; 30], "start": -30 });
    world.control(
        "metrics",
        &json!({ "series": [
            series("green", "RequestCount", 500.0, "Sum"), series("blue", "RequestCount", 500.0, "Sum"),
            series("green", "TargetResponseTime", 0.4, "p90"), series("blue", "TargetResponseTime", 0.1, "p90"),
        ] }),
    );
    let call = look(&world, 50.0).param("gates.latency", true).param("since", ago(Duration::from_mins(20)));
    let failed = call.fails("failed", "gate-failed");
    assert!(failed.message().contains("p90 was above 1.5 times the other version's and 50ms more"), "{failed}");
    call.param("gates.latency", json!({ "atLeast": "1s" })).ok();
}

#[test]
fn after_the_swap_errors_are_held_against_the_old_versions_hour_before() {
    let world = at(5.0);
    world.of("swap-live", "new").ok();
    let minutes = |group: &str, metric: &str, values: Vec<i64>| {
        let start = -i64::try_from(values.len()).unwrap();
        json!({ "targetGroup": group, "metric": metric, "values": values, "start": start })
    };
    // The old version for an hour, then the new one for twenty minutes.
    let (old, new) = (|value| [vec![value; 60], vec![0; 20]].concat(), |value| vec![value; 20]);
    let given = |errors: i64| {
        world.control(
            "metrics",
            &json!({ "series": [
                minutes("blue", "RequestCount", old(1000)), minutes("blue", "HTTPCode_Target_5XX_Count", old(1)),
                minutes("green", "RequestCount", new(1000)), minutes("green", "HTTPCode_Target_5XX_Count", new(errors)),
            ] }),
        );
        look(&world, 5.0)
            .without("weight")
            .param("gates.errors", true)
            .param("since", ago(Duration::from_mins(20)))
            .param("baseline", ago(Duration::from_mins(20)))
    };
    let passed = given(1).ok();
    assert_eq!((passed.text("/result/verdict"), passed.at("/result/share")), ("pass".into(), &json!(null)), "{passed}");
    given(20).fails("failed", "gate-failed");
}

#[test]
fn alarms_of_every_kind_decide_and_what_they_were_before_does_not() {
    let world = at(5.0);
    let call = look(&world, 5.0).param("gates.alarms", json!(["metric", "all", "logs"]));
    let all = |state: &str| {
        world.control(
            "alarms",
            &json!([
                { "name": "metric", "state": "OK" }, { "name": "all", "type": "composite", "state": "OK" },
                { "name": "logs", "type": "log", "state": state },
            ]),
        );
    };
    all("OK");
    assert_eq!(call.ok().text("/result/verdict"), "pass");
    world.control("alarms", &json!([{ "name": "all", "state": "ALARM" }]));
    let failed = call.fails("failed", "gate-failed");
    assert!(failed.message().contains("alarm all: ALARM since"), "{failed}");
    world.control("alarms", &json!([{ "name": "all", "gone": true }]));
    assert!(call.fails("failed", "gate-failed").message().contains("alarm all: there is no alarm of this name"));

    // It has been in ALARM for an hour.
    world.control("alarms", &json!([{ "name": "old", "state": "ALARM", "ago": 3600 }]));
    let old = look(&world, 5.0).param("gates.alarms", json!(["old"]));
    old.fails("failed", "gate-failed");
    let ignored = old.param("gates.alarmsBefore", "ignore-those").ok();
    assert_eq!(ignored.text("/result/verdict"), "pass");
    assert!(ignored.log.contains("is ignored until it is OK"), "{ignored}");
}

#[test]
fn an_alarm_that_flapped_between_two_looks_is_found_in_its_history() {
    let world = at(5.0);
    world.control("alarms", &json!([{ "name": "a", "state": "OK" }]));
    let call = look(&world, 5.0).param("gates.alarms", json!(["a"]));
    world.control("alarms", &json!([{ "name": "a", "state": "ALARM" }, { "name": "a", "state": "OK" }]));
    let failed = call.fails("failed", "gate-failed");
    assert!(failed.message().contains("it was in ALARM after traffic began"), "{failed}");
    // The first data of an alarm is no alarm.
    world.control("alarms", &json!([{ "name": "b", "state": "INSUFFICIENT_DATA" }]));
    world.control("alarms", &json!([{ "name": "b", "state": "OK" }]));
    let first = look(&world, 5.0).param("gates.alarms", json!(["b"])).ok();
    assert_eq!(first.text("/result/verdict"), "pass", "{first}");
}

/// The bar: at most six calls, a third of a second.
#[test]
fn a_look_with_all_gates_is_six_calls_at_most_and_quick() {
    let world = at(5.0);
    series(&world, 40, (50, 0), (950, 1));
    world.control("alarms", &json!([{ "name": "a", "state": "OK" }, { "name": "b", "state": "OK" }]));
    let call = with_errors(&world).param("gates.latency", true).param("gates.alarms", json!(["a", "b"]));
    call.ok();
    world.forget_calls();
    let begun = Instant::now();
    call.ok();
    let took = begun.elapsed();
    let operations = world.operations();
    assert!(operations.len() <= 6, "{operations:?}");
    assert!(operations.contains(&"GetMetricData".to_owned()) && operations.contains(&"DescribeAlarms".to_owned()));
    // Generous, as many tests run at once.
    assert!(took < Duration::from_secs(2), "{took:?}");
    crate::support::figure(format_args!(
        "canary: a look with all gates: {} calls, {} ms",
        operations.len(),
        took.as_millis()
    ));
}

#[test]
fn preflight_reads_what_the_gates_will_read() {
    let world = World::new();
    world.control("metrics", &json!({ "model": { "requests": 1000 } }));
    world.control(
        "alarms",
        &json!([{ "name": "a", "state": "OK", "targetGroup": "green" }, { "name": "b", "state": "ALARM" }]),
    );
    let canary = json!([{ "weight": 5, "bake": "10m" }, { "weight": 50, "bake": "10m" }]);
    let call = world
        .of("preflight", "new")
        .param("taskDefinitionArn", world.text("taskDefinitionArn"))
        .param("canary", canary)
        .param("gates", json!({ "errors": true, "alarms": ["a", "b", "c"] }));
    let refused = call.refused("alarm-before");
    let codes: Vec<&str> =
        refused.at("/result/findings").as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    for code in ["alarm-before", "alarm-not-found", "alarm-of-one-colour"] {
        assert!(codes.contains(&code), "{code}: {codes:?}");
    }
    world.control("alarms", &json!([{ "name": "b", "state": "OK" }, { "name": "c", "state": "OK" }]));
    let told = call.ok();
    let steps = told.at("/result/canary/steps");
    assert_eq!((&steps[1]["weight"], &steps[1]["after"]), (&json!(50.0), &json!(600.0)), "{told}");
    let requests = steps[0]["requests"].as_f64().unwrap();
    assert!((300.0..=400.0).contains(&requests), "of 5 % of 1,000 a minute seven minutes are judged: {requests}");
    assert!(told.log.contains("canary 1/2: after 0s: 5 % of the live traffic for 10m, on 2 tasks, about"), "{told}");
}

#[test]
fn a_service_without_requests_has_none_and_not_less() {
    let world = World::new();
    let told = world
        .of("preflight", "new")
        .param("taskDefinitionArn", world.text("taskDefinitionArn"))
        .param("canary", json!([{ "weight": 5, "bake": "10m" }]))
        .param("gates", json!({ "errors": true }))
        .ok();
    let requests = told.at("/result/canary/steps/0/requests").as_f64().unwrap();
    assert_eq!((requests, requests.is_sign_negative()), (0.0, false), "{told}");
    assert!(
        told.to_string().contains("by the last hour's 0 requests, step 1 of the canary would judge about 0 "),
        "{told}"
    );
}
