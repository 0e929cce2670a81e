//! `shift-weights`: the live listeners to given weights; the step of a canary.

use crate::actions::{Report, traffic};
use crate::config::required;
use crate::context::Context;
use crate::error::Result;
use crate::model::Colour;
use crate::observe::observe;
use crate::plan::state::{Start, check_start, in_group};
use crate::plan::traffic::Goal;

/// Splits live traffic between the version and the other group.
pub(crate) async fn run(cx: &Context) -> Result<Report> {
    let weights = *required(cx.settings.weights.as_ref(), "weights")?;
    let goal = Goal::Split(weights);
    let before = observe(cx).await?;
    let set = before.required_version(&cx.settings)?;
    before.required_colour(set)?;
    let changes = traffic::changes(&before.live, &before, goal)?;
    if changes.is_empty() {
        return Ok(traffic::moved(set, &before, None));
    }
    check_start(&before.standing, Start::Shift)?;
    traffic::check_whole(cx, &changes)?;
    traffic::check_gaining(cx, &before, &changes).await?;
    if cx.dry_run() {
        return Ok(traffic::planned(set, &before, &changes.iter().collect::<Vec<_>>()));
    }
    traffic::apply(cx, &changes).await?;
    let weighted = [(Colour::Blue, weights.blue), (Colour::Green, weights.green)].into_iter();
    let gets = weighted.filter(|(_, weight)| *weight > 0).map(|(colour, _)| colour);
    let sets: Vec<_> = gets.filter_map(|colour| in_group(&before.service, &before.groups, colour).next()).collect();
    let after = traffic::landed(cx, &changes, goal, &sets).await?;
    Ok(traffic::moved(set, &before, Some(&after)))
}
