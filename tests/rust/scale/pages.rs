//! Lists in many pages: each is read to its end, or the action says that it was not.

use super::tour::{Size, Tour};
use crate::faults::prepare;
use crate::support::{Mode, Output, Value, World, json};

/// Several of everything, so that each list has pages where a page holds three.
const SEVERAL: Size = Size { in_rules: false, rules: 4, listeners: 4, targets: 4, revisions: 2, sets: 3 };

/// A world in which `status` reads every list that there is, in pages of one: no tag names listeners, and which target is
/// whose only the tasks tell.
fn paged() -> World {
    let world = Size { sets: 2, ..SEVERAL }.world(Mode::Stateful);
    for _ in 0..2 {
        world.stray_task_set(None, &world.text("targetGroups/green"));
    }
    prepare::settle(&world);
    world.knobs(json!({ "pageSize": 1 }));
    world
}

/// The lists, and which of their calls is a page in the middle. Of listeners there are two: those of the load balancer, and
/// those that were named; of rules one for each listener, and only the live one's is long.
const PAGES: [(&str, usize); 5] = [
    ("ListTasks", 7),
    ("DescribeListeners", 3),
    ("DescribeListeners", SEVERAL.listeners + 3),
    ("DescribeRules", SEVERAL.listeners + 2),
    ("DescribeTargetGroups", 2),
];

/// What is to be seen of the lists.
fn told(output: &Output) -> String {
    let result = &output.json["result"];
    let sets = result["taskSets"].as_array().unwrap().iter();
    let health: Vec<String> = sets.map(|set| format!("{} {}", set["colour"], set["health"])).collect();
    format!("{} {} {}", result["state"], result["weights"], health.join(", "))
}

#[test]
fn pages_of_one_two_and_three_are_read_to_the_last() {
    std::thread::scope(|scope| {
        for size in 1..=3 {
            scope.spawn(move || {
                let world = SEVERAL.world(if size == 1 { Mode::Stateful } else { Mode::Second });
                world.knobs(json!({ "pageSize": size }));
                // It holds every answer against the world's size.
                Tour::of(&world, SEVERAL);
            });
        }
    });
}

#[test]
fn a_page_that_fails_once_is_read_again() {
    let world = paged();
    let whole = told(&world.bare("status").ok());
    for (operation, nth) in PAGES {
        world.faults(json!([{ "operation": operation, "kind": "500", "nth": nth }]));
        world.forget_calls();
        let output = world.bare("status").ok();
        let met = world.recorded().iter().filter(|call| !call["fault"].is_null()).count();
        assert_eq!((met, output.warnings()), (1, vec![]), "{operation} {nth}: {output}");
        assert_eq!(told(&output), whole, "{operation} {nth}");
    }
}

#[test]
fn a_page_that_cannot_be_read_is_said_and_no_half_of_a_list_is_told() {
    let world = paged();
    let nothing = json!({ "healthy": 0, "unhealthy": 0, "initial": 0, "draining": 0, "unused": 0, "unavailable": 0 });
    for (operation, nth) in PAGES {
        let denied = json!({ "operation": operation, "kind": "access-denied", "nth": nth, "times": 1000 });
        world.faults(json!([denied]));
        let output = world.bare("status").ok();
        world.no_faults();
        assert!(output.warnings().contains(&"access-denied".to_owned()), "{operation} {nth}: {output}");
        let weights = output.at("/result/weights").as_array().unwrap().len();
        let green = |set: &&Value| set["colour"] != "blue" && set["status"] != "PRIMARY";
        let sets = output.at("/result/taskSets").as_array().unwrap();
        if operation == "ListTasks" {
            assert_eq!(weights, SEVERAL.listeners);
            assert!(sets.iter().filter(green).all(|set| set["health"] == nothing), "{output}");
        } else {
            assert_eq!(weights, 0, "{operation} {nth}: {output}");
        }
    }
}
