//! Which weights a forward gets. Only the two groups of ours change; every other group keeps its weight.

use crate::error::{Error, Result};
use crate::model::{Colour, Forward, Pair, Service, TaskSet, Weight};

/// AWS's largest weight.
pub(crate) const MAX_WEIGHT: i32 = 999;

/// The weight of a group that has all traffic, where no other group shares the forward.
const ALL: i32 = 100;

/// A listener's action holds at most this many target groups.
const MAX_GROUPS: usize = 5;

/// What the two groups of ours shall have between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Goal {
    /// Everything to one group.
    All(Colour),
    /// Split as these weights are to each other.
    Split(Pair<u16>),
}

/// So many percent for one colour, and the rest for the other; in tenths where it has some.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a percentage, in tenths at most")]
pub(crate) fn split(colour: Colour, percent: f64) -> Pair<u16> {
    let whole: u16 = if percent.fract() == 0.0 { 100 } else { 1000 };
    let part = (percent * f64::from(whole) / 100.0).round().clamp(0.0, f64::from(whole)) as u16;
    match colour {
        Colour::Blue => Pair { blue: part, green: whole - part },
        Colour::Green => Pair { blue: whole - part, green: part },
    }
}

/// How much of what our two groups have in a forward is one colour's, in percent; nothing where they have none.
pub(crate) fn share(forward: &Forward, groups: &Pair<String>, colour: Colour) -> Option<f64> {
    let (own, other) = (forward.weight(groups, colour), forward.weight(groups, colour.other()));
    (own + other > 0).then(|| 100.0 * f64::from(own) / f64::from(own + other))
}

/// Refuses a part of the traffic to a version that has a smaller part of the tasks.
pub(crate) fn check_size(service: &Service, set: &TaskSet, percent: f64) -> Result<()> {
    let desired = set.computed_desired(service.desired_count);
    let part = 100.0 * f64::from(desired) / f64::from(service.desired_count.max(1));
    if part >= percent {
        return Ok(());
    }
    Err(Error::refused(
        "canary-undersized",
        format!(
            "{} has {desired} of the {} tasks that carry all traffic, and would get {percent} % of it",
            set.describe(),
            service.desired_count
        ),
    )
    .hint("scale it up first with scale-task-set, or give the canary's step a larger `scale`"))
}

/// The weights that bring a forward to a goal; `None` where it is there already. A group that is missing in the forward
/// is added, at 0 if need be: a group that hangs on no forward cannot take a task set.
pub(crate) fn plan(forward: &Forward, groups: &Pair<String>, goal: Goal) -> Result<Option<Vec<Weight>>> {
    if let Goal::Split(to) = goal {
        not_both_zero(to)?;
    }
    let now = forward.ours(groups);
    let (blue, green) = (now.blue.unwrap_or(0), now.green.unwrap_or(0));
    if now.blue.is_some() && now.green.is_some() && is_reached(blue, green, goal) {
        return Ok(None);
    }
    let others = forward.others(groups);
    let wanted = if others > 0 { within(forward, blue + green, goal)? } else { alone(goal) };
    let mut weights = forward.weights.clone();
    for colour in [Colour::Blue, Colour::Green] {
        let (group, weight) = (groups.get(colour), *wanted.get(colour));
        match weights.iter_mut().find(|entry| entry.target_group == *group) {
            Some(entry) => entry.weight = weight,
            None => weights.push(Weight { target_group: group.clone(), weight }),
        }
    }
    check_room(forward, &weights)?;
    Ok((weights != forward.weights).then_some(weights))
}

fn is_reached(blue: i32, green: i32, goal: Goal) -> bool {
    match goal {
        Goal::All(Colour::Blue) => blue > 0 && green == 0,
        Goal::All(Colour::Green) => green > 0 && blue == 0,
        Goal::Split(to) => {
            blue + green > 0 && i64::from(blue) * i64::from(to.green) == i64::from(green) * i64::from(to.blue)
        }
    }
}

/// The weights where nobody else has a share in the forward.
fn alone(goal: Goal) -> Pair<i32> {
    match goal {
        Goal::All(Colour::Blue) => Pair { blue: ALL, green: 0 },
        Goal::All(Colour::Green) => Pair { blue: 0, green: ALL },
        Goal::Split(to) => Pair { blue: i32::from(to.blue), green: i32::from(to.green) },
    }
}

/// The weights where other groups have a share: what ours have together stays what it is, so that theirs does too.
fn within(forward: &Forward, sum: i32, goal: Goal) -> Result<Pair<i32>> {
    if sum == 0 || sum > MAX_WEIGHT {
        return Err(Error::refused(
            "no-share",
            format!("in {} the two groups have weight {sum} together, beside other target groups", forward.arn),
        )
        .hint(format!("give one of the two groups the share of traffic that the service shall have (1 to {MAX_WEIGHT}), once and by hand")));
    }
    match goal {
        Goal::All(Colour::Blue) => Ok(Pair { blue: sum, green: 0 }),
        Goal::All(Colour::Green) => Ok(Pair { blue: 0, green: sum }),
        Goal::Split(to) => {
            let total = i32::from(to.blue) + i32::from(to.green);
            let green = (sum * i32::from(to.green) + total / 2) / total;
            let split = Pair { blue: sum - green, green };
            if (split.blue == 0) != (to.blue == 0) || (split.green == 0) != (to.green == 0) {
                return Err(Error::refused(
                    "weights-too-coarse",
                    format!(
                        "{} gives the two groups {sum} in all beside other target groups: too little to split {} to {}",
                        forward.arn, to.blue, to.green
                    ),
                )
                .hint("multiply all weights of the forward by the same number (they are relative), then shift"));
            }
            Ok(split)
        }
    }
}

fn not_both_zero(to: Pair<u16>) -> Result<()> {
    if to.blue == 0 && to.green == 0 {
        return Err(Error::refused("both-zero", "both weights are 0: nothing would get the traffic")
            .hint("give at least one of `weights.blue` and `weights.green` more than 0"));
    }
    Ok(())
}

/// The colours that have a larger part of a forward's traffic with these weights than they have now.
pub(crate) fn gaining(forward: &Forward, groups: &Pair<String>, weights: &[Weight]) -> Vec<Colour> {
    let sum = |all: &[Weight]| all.iter().map(|entry| i64::from(entry.weight)).sum::<i64>();
    let of = |all: &[Weight], group: &String| {
        all.iter().find(|entry| entry.target_group == *group).map_or(0, |entry| i64::from(entry.weight))
    };
    let (before, after) = (sum(&forward.weights), sum(weights));
    [Colour::Blue, Colour::Green]
        .into_iter()
        .filter(|colour| {
            let group = groups.get(*colour);
            let (old, new) = (of(&forward.weights, group), of(weights, group));
            new > 0 && (before == 0 || new * before > old * after)
        })
        .collect()
}

/// The weights with both groups in the forward, the missing ones at 0; `None` where both are there. A target group that
/// hangs on no load balancer cannot take a task set.
pub(crate) fn attach(forward: &Forward, groups: &Pair<String>) -> Result<Option<Vec<Weight>>> {
    let mut weights = forward.weights.clone();
    for group in [&groups.blue, &groups.green] {
        if !weights.iter().any(|entry| entry.target_group == *group) {
            weights.push(Weight { target_group: group.clone(), weight: 0 });
        }
    }
    check_room(forward, &weights)?;
    Ok((weights != forward.weights).then_some(weights))
}

fn check_room(forward: &Forward, weights: &[Weight]) -> Result<()> {
    if weights.len() <= MAX_GROUPS {
        return Ok(());
    }
    Err(Error::refused(
        "too-many-groups",
        format!(
            "{} forwards to {} target groups; with both of ours it would be more than {MAX_GROUPS}",
            forward.arn,
            forward.weights.len()
        ),
    )
    .hint("AWS allows five target groups in one action: remove one that is not used"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::world::{beside, groups, live};

    fn ours(weights: &[Weight]) -> (i32, i32) {
        let of =
            |group: &str| weights.iter().find(|entry| entry.target_group == group).map_or(-1, |entry| entry.weight);
        (of("tg-blue"), of("tg-green"))
    }

    #[test]
    fn all_traffic_goes_to_one_group_and_the_other_stays_at_zero() {
        let to = plan(&live(100, 0), &groups(), Goal::All(Colour::Green)).unwrap().unwrap();
        assert_eq!(ours(&to), (0, 100));
    }

    #[test]
    fn nothing_is_planned_where_the_goal_is_reached_with_other_numbers() {
        assert_eq!(plan(&live(0, 1), &groups(), Goal::All(Colour::Green)).unwrap(), None);
        assert_eq!(plan(&live(1, 9), &groups(), Goal::Split(Pair { blue: 10, green: 90 })).unwrap(), None);
    }

    #[test]
    fn a_missing_group_is_added() {
        let mut forward = live(100, 0);
        forward.weights.truncate(1);
        assert_eq!(ours(&plan(&forward, &groups(), Goal::All(Colour::Blue)).unwrap().unwrap()), (100, 0));
        assert_eq!(ours(&attach(&forward, &groups()).unwrap().unwrap()), (100, 0));
        assert_eq!(attach(&live(1, 0), &groups()).unwrap(), None);
    }

    #[test]
    fn beside_another_group_ours_keep_their_sum() {
        let to = plan(&beside(live(30, 10), 60), &groups(), Goal::All(Colour::Green)).unwrap().unwrap();
        assert_eq!(ours(&to), (0, 40));
        assert_eq!(to.first().map(|entry| entry.weight), Some(60));
    }

    #[test]
    fn what_would_leave_nobody_with_the_traffic_is_refused() {
        for (forward, goal, code) in [
            (live(100, 0), Goal::Split(Pair { blue: 0, green: 0 }), "both-zero"),
            (beside(live(0, 0), 60), Goal::All(Colour::Green), "no-share"),
            (beside(live(1, 0), 60), Goal::Split(Pair { blue: 90, green: 10 }), "weights-too-coarse"),
        ] {
            assert_eq!(plan(&forward, &groups(), goal).unwrap_err().code, code);
        }
    }

    #[test]
    fn a_sixth_group_is_refused() {
        let mut forward = live(100, 0);
        forward.weights.truncate(1);
        for n in 0..4 {
            forward.weights.push(Weight { target_group: format!("tg-{n}"), weight: 0 });
        }
        assert_eq!(attach(&forward, &groups()).unwrap_err().code, "too-many-groups");
    }

    #[test]
    fn a_group_gains_where_its_part_grows() {
        let to = |blue, green| live(blue, green).weights;
        assert_eq!(gaining(&live(100, 0), &groups(), &to(90, 10)), [Colour::Green]);
        assert_eq!(gaining(&live(90, 10), &groups(), &to(100, 0)), [Colour::Blue]);
        assert_eq!(gaining(&live(50, 50), &groups(), &to(1, 1)), []);
    }
}

#[cfg(test)]
#[path = "traffic_properties.rs"]
mod properties;
