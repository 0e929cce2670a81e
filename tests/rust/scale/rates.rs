//! Twenty listeners at AWS's own rates.

use super::tour::Size;
use crate::faults::prepare;
use crate::support::{Mode, json};

#[test]
fn twenty_listeners_are_searched_and_swapped_within_awss_rates() {
    let world = Size { listeners: 20, ..Size::SMALL }.world(Mode::Second);
    prepare::deployed(&world);
    world.knobs(json!({ "rates": 1 }));
    world.forget_calls();
    let of = |action: &str| world.of(action, "new").param("listeners.live", prepare::live(&world));
    // One after the other: forty calls are let through at once, ten a second after that.
    of("preflight").param("taskDefinitionArn", world.text("taskDefinitionArn")).ok();
    let swapped = of("swap-live").ok();
    assert_eq!(swapped.json["changed"], true);
    assert_eq!(world.live(), (0, 100));
    of("swap-live").nothing_to_do();
    assert_eq!(swapped.at("/result/after/weights").as_array().unwrap().len(), 20);
}
