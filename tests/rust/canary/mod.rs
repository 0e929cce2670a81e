//! A canary: a part of the traffic, looks at how the version does, forward and back.

mod gates;
mod sequences;

use std::time::{Duration, SystemTime};

use crate::support::{Call, World, json};

/// A version that is ready, beside one that has all the traffic.
fn ready() -> World {
    let world = World::new();
    world.deploy("new");
    world
}

/// The same with a part of the traffic.
fn at(percent: f64) -> World {
    let world = ready();
    shift(&world, percent).ok();
    world
}

fn shift(world: &World, percent: f64) -> Call<'_> {
    world.of("shift-weights", "new").param("weight", percent)
}

/// A time that lies back.
fn ago(time: Duration) -> String {
    humantime(SystemTime::now() - time)
}

fn humantime(at: SystemTime) -> String {
    aws_smithy_types::DateTime::from(at).fmt(aws_smithy_types::date_time::Format::DateTime).unwrap()
}

/// A look at a version that should have this part of the traffic.
fn look(world: &World, percent: f64) -> Call<'_> {
    world.of("check-gates", "new").param("weight", percent).param("since", ago(Duration::from_mins(10)))
}

#[test]
fn a_part_of_the_traffic_is_percent_whatever_the_numbers_of_the_listener() {
    let world = ready();
    for (percent, weights) in [(5.0, (95, 5)), (0.5, (995, 5)), (12.5, (875, 125)), (50.0, (50, 50))] {
        let shifted = shift(&world, percent).twice();
        assert_eq!(world.live(), weights, "{percent}");
        assert!(shifted.text("/result/movedAt").starts_with("20"), "{shifted}");
        assert!(shift(&world, percent).ok().at("/result/movedAt").is_null(), "nothing was moved again");
    }
    let planned = shift(&world, 80.0).dry();
    assert_eq!(planned.at("/result/after/weights/0/green"), &json!(80));
    for wrong in [json!(0), json!(100), json!(5.05), json!("many")] {
        world.of("shift-weights", "new").param("weight", wrong).fails("usage", "invalid-value");
    }
    world.of("shift-weights", "new").fails("usage", "missing-parameter");
}

#[test]
fn a_version_with_fewer_tasks_than_traffic_is_refused_unless_that_is_allowed() {
    let world = World::with(json!({ "desiredCount": 4 }));
    world.creation("new").param("scale", 25).ok();
    world.of("wait-stable", "new").ok();
    shift(&world, 25.0).twice();
    let refused = shift(&world, 26.0).refused("canary-undersized");
    assert!(refused.message().contains("1 of the 4 tasks") && refused.message().contains("26 %"), "{refused}");
    shift(&world, 26.0).param("allow", json!(["canary-undersized"])).ok();
    assert_eq!(world.live(), (74, 26));
}

#[test]
fn a_look_changes_nothing_and_tells_how_the_version_does() {
    let world = at(5.0);
    let looked = look(&world, 5.0).nothing_to_do();
    assert_eq!(looked.text("/result/verdict"), "pass");
    assert_eq!((looked.at("/result/weight"), looked.at("/result/share")), (&json!(5.0), &json!(null)));
    assert_eq!((looked.text("/result/gates/0/gate"), looked.at("/result/looks")), ("state".into(), &json!(1)));
    assert!(looked.log.contains("state: pass: 2 of 2 tasks healthy"), "{looked}");
    world.forget_calls();
    look(&world, 5.0).ok();
    assert!(
        world.operations().len() <= 4,
        "who names no alarms and no metrics asks for none: {:?}",
        world.operations()
    );
}

#[test]
fn somebody_who_moves_the_traffic_forward_is_followed_and_one_who_moves_it_back_is_a_foreign_hand() {
    let world = at(5.0);
    shift(&world, 25.0).ok();
    let ahead = look(&world, 5.0).param("for", "30s").ok();
    assert_eq!((ahead.at("/result/weight"), ahead.text("/result/verdict")), (&json!(25.0), "pass".into()));
    let back = look(&world, 50.0).refused("weights-changed-meanwhile");
    assert!(back.message().contains("25.0 %") && back.message().contains("50 %"), "{back}");
    world.of("swap-live", "new").ok();
    assert_eq!(look(&world, 50.0).ok().at("/result/weight"), &json!(100.0));
    let after = look(&world, 50.0).without("weight");
    assert_eq!(after.ok().at("/result/weight"), &json!(100.0));
    world.set_weights(&world.text("listeners/live"), 100, 0);
    after.refused("weights-changed-meanwhile");
}

#[test]
fn a_version_that_has_no_healthy_task_fails_and_one_that_scales_does_not() {
    let world = at(5.0);
    world.knobs(json!({ "startSeconds": 60 }));
    world.set_desired_count(4);
    let scaling = look(&world, 5.0).ok();
    assert_eq!(scaling.text("/result/verdict"), "pass");
    assert!(scaling.text("/result/gates/0/words").contains("it scales: 2 of 4"), "{scaling}");

    let arn = world.task_sets().last().unwrap()["arn"].clone();
    world.control("tasks", &json!({ "taskSet": arn, "action": "stop", "count": 1, "exitCode": 137 }));
    world.until("one has stopped", || world.task_sets().last().unwrap()["running"] == 1);
    let failed = look(&world, 5.0).fails("failed", "gate-failed");
    assert!(failed.message().contains("exit code 137"), "{failed}");
    assert_eq!(failed.text("/result/gates/0/verdict"), "fail");
}

#[test]
fn a_look_goes_on_for_as_long_as_it_is_told_and_ends_at_once_where_it_fails_or_is_stopped() {
    let world = at(5.0);
    let call = look(&world, 5.0).param("for", "2s").param("gates.every", "1s");
    let looked = call.ok();
    assert!(looked.at("/result/looks").as_u64().unwrap() >= 3, "{looked}");
    assert_eq!(looked.log.matches("state: pass").count(), 1, "what is the same is said once: {looked}");

    let call = look(&world, 5.0).param("for", "60s").param("gates.every", "1s");
    let running = call.start();
    std::thread::sleep(Duration::from_millis(500));
    running.signal("TERM");
    assert_eq!(running.end().exit, 143);

    let running = call.start();
    std::thread::sleep(Duration::from_millis(500));
    world.set_weights(&world.text("listeners/live"), 100, 0);
    let ended = running.end();
    assert_eq!(ended.text("/error/code"), "weights-changed-meanwhile");
}

#[test]
fn a_version_that_goes_is_no_version_to_look_at() {
    let world = at(5.0);
    world.of("rollback", "new").ok();
    let gone = look(&world, 5.0).run();
    assert!(["draining", "task-set-not-found"].contains(&&*gone.text("/error/code")), "{gone}");
    world.of("check-gates", "new").fails("usage", "missing-parameter");
}

#[test]
fn status_says_whose_canary_it_is_and_what_comes_next() {
    let world = World::new();
    let canary = json!([{ "weight": 5, "bake": "10m" }, { "weight": 25, "bake": "20m" }]);
    world.creation("new").param("canary", canary).param("build", "https://ci.example.com/job/web/7/").ok();
    world.of("wait-stable", "new").ok();
    assert!(world.bare("status").ok().at("/result/canary").is_null());
    shift(&world, 5.0).ok();
    let status = world.bare("status").ok();
    let told = status.at("/result/canary");
    assert_eq!((&told["deploymentId"], &told["weight"]), (&json!("new"), &json!(5.0)), "{status}");
    assert_eq!(told["build"], "https://ci.example.com/job/web/7/");
    assert_eq!((&told["next"]["weight"], &told["steps"][0]["bake"]), (&json!(25.0), &json!(600)));
    assert!(status.log.contains("canary new: 5 % by the weights") && status.log.contains("next 25 %"), "{status}");
    shift(&world, 30.0).ok();
    assert!(world.bare("status").ok().log.contains("next the swap"));
}
