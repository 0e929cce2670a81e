//! The state table of the design: every action in every state, one row one test.
//!
//! In each world the version `new` stands beside the PRIMARY version, as far as the state has both.

use crate::support::{World, json};

/// Makes a world in a state; `new` is the younger version.
fn world_in(state: &str) -> World {
    let spec = match state {
        "first" => json!({ "blue": false }),
        "uneven" => json!({ "extraListeners": 1 }),
        _ => json!({}),
    };
    let world = World::with(spec);
    world.knobs(json!({ "startSeconds": 0.05, "healthySeconds": 0.05, "steadySeconds": 0.1 }));
    world.deploy("new");
    let live = world.text("listeners/live");
    match state {
        "first" | "settled" => {}
        "shifting" => world.set_weights(&live, 50, 50),
        "reverted" => {
            world.set_weights(&live, 0, 100);
            world.of("set-primary", "new").ok();
            world.set_weights(&live, 100, 0);
        }
        "unpromoted" | "uneven" => world.set_weights(&live, 0, 100),
        "crossed" => {
            world.forward(&live, &[(world.text("targetGroups/blue"), 0), (world.text("targetGroups/green"), 0)]);
        }
        other => panic!("no such state: {other}"),
    }
    // Away from where it belongs, so that there is something to enable.
    world.set_weights(&world.text("listeners/test"), 100, 0);
    world
}

/// What an action does there: `work` (and nothing the second time), `nothing`, or the code of its refusal.
fn row(state: &str, action: &str, expected: &str) {
    let world = world_in(state);
    let live: Vec<String> = std::iter::once(world.text("listeners/live")).chain(world.list("extraListeners")).collect();
    let in_state = |call: crate::support::Call<'_>| call.param("listeners.live", json!(live)).run();
    assert_eq!(in_state(world.call("status")).text("/result/state"), state);
    let call = match action {
        "create-task-set" => world.creation("newer"),
        "create-again" => world.creation("new"),
        "shift-weights" => world.of(action, "new").param("weights", json!({ "blue": 70, "green": 30 })),
        "scale-task-set" => world.of(action, "new").param("scale", 99),
        "delete-primary" => {
            let primary = in_state(world.call("status")).json["result"]["taskSets"].as_array().unwrap().clone();
            let primary = primary.iter().find(|set| set["status"] == "PRIMARY").unwrap()["arn"].clone();
            world.call("delete-task-set").param("taskSetArn", primary)
        }
        "rollback-primary" => world.of("rollback", "blue-0"),
        "swap-back" => world.of("swap-live", "blue-0"),
        other => world.of(other, "new"),
    };
    let call = call.param("listeners.live", json!(live));
    match expected {
        "work" => drop(call.twice()),
        "nothing" => drop(call.nothing_to_do()),
        code => drop(call.refused(code)),
    }
}

macro_rules! table {
    ($($state:ident { $($action:literal $name:ident $expected:literal)+ })+) => {
        $(mod $state {
            $(#[test]
            fn $name() {
                super::row(stringify!($state), $action, $expected);
            })+
        })+
    };
}

table! {
    first {
        "status" status "nothing"
        "create-task-set" create_another "other-deployment"
        "create-again" create_again "nothing"
        "wait-stable" wait_stable "nothing"
        "enable-test-listener" enable_test "work"
        "shift-weights" shift "work"
        "swap-live" swap "work"
        "set-primary" set_primary "not-live"
        "scale-task-set" scale "work"
        "rollback" rollback "work"
        "delete-task-set" delete "work"
    }
    settled {
        "status" status "nothing"
        "create-task-set" create_another "other-deployment"
        "create-again" create_again "nothing"
        "wait-stable" wait_stable "nothing"
        "enable-test-listener" enable_test "work"
        "shift-weights" shift "work"
        "swap-live" swap "work"
        "swap-back" swap_to_primary "work"
        "set-primary" set_primary "state-settled"
        "scale-task-set" scale "work"
        "rollback" rollback "work"
        "rollback-primary" rollback_of_primary "newer-deployment"
        "delete-task-set" delete "work"
        "delete-primary" delete_primary "is-primary"
    }
    shifting {
        "status" status "nothing"
        "create-task-set" create_another "other-deployment"
        "create-again" create_again "nothing"
        "wait-stable" wait_stable "nothing"
        "enable-test-listener" enable_test "state-shifting"
        "shift-weights" shift "work"
        "swap-live" swap "work"
        "set-primary" set_primary "state-shifting"
        "scale-task-set" scale "is-live"
        "rollback" rollback "work"
        "rollback-primary" rollback_of_primary "newer-deployment"
        "delete-task-set" delete "is-live"
        "delete-primary" delete_primary "is-primary"
    }
    unpromoted {
        "status" status "nothing"
        "create-task-set" create_another "other-deployment"
        "create-again" create_again "nothing"
        "wait-stable" wait_stable "nothing"
        "enable-test-listener" enable_test "state-unpromoted"
        "shift-weights" shift "state-unpromoted"
        "swap-live" swap "nothing"
        "swap-back" swap_back "state-unpromoted"
        "set-primary" set_primary "work"
        "scale-task-set" scale "is-live"
        "rollback" rollback "work"
        "rollback-primary" rollback_of_primary "newer-deployment"
        "delete-task-set" delete "is-live"
        "delete-primary" delete_primary "is-primary"
    }
    reverted {
        "status" status "nothing"
        "create-task-set" create_another "state-reverted"
        "create-again" create_again "nothing"
        "wait-stable" wait_stable "nothing"
        "enable-test-listener" enable_test "state-reverted"
        "shift-weights" shift "state-reverted"
        "swap-live" swap_forward_again "work"
        "set-primary" set_primary "nothing"
        "scale-task-set" scale "work"
        "rollback" rollback_finishes "work"
        "rollback-primary" rollback_of_the_elder "newer-deployment"
        "delete-task-set" delete "is-primary"
    }
    uneven {
        "status" status "nothing"
        "create-task-set" create_another "other-deployment"
        "create-again" create_again "nothing"
        "wait-stable" wait_stable "nothing"
        "enable-test-listener" enable_test "state-uneven"
        "shift-weights" shift "work"
        "swap-live" swap "work"
        "set-primary" set_primary "state-uneven"
        "scale-task-set" scale "is-live"
        "rollback" rollback "work"
        "delete-task-set" delete "is-live"
        "delete-primary" delete_primary "is-primary"
    }
    crossed {
        "status" status "nothing"
        "create-task-set" create_another "state-crossed"
        "create-again" create_again "nothing"
        "wait-stable" wait_stable "nothing"
        "enable-test-listener" enable_test "state-crossed"
        "shift-weights" shift "state-crossed"
        "swap-live" swap "state-crossed"
        "set-primary" set_primary "state-crossed"
        "scale-task-set" scale "state-crossed"
        "rollback" rollback "state-crossed"
        "delete-task-set" delete "state-crossed"
        "delete-primary" delete_primary "is-primary"
    }
}
