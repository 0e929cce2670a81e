//! The state of a service, from which every action decides.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::model::{Colour, Forward, Pair, Service, TaskSet};

/// Where a service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum State {
    /// There is no PRIMARY yet.
    First,
    /// All live weight is on PRIMARY's group.
    Settled,
    /// Both groups have live weight.
    Shifting,
    /// All live weight is on the other group, which holds a set younger than PRIMARY: swapped, not promoted.
    Unpromoted,
    /// All live weight is on the other group, which holds a set older than PRIMARY: a rollback was cut off, or somebody
    /// moved the weights back by hand.
    Reverted,
    /// The live listeners differ.
    Uneven,
    /// Anything else: nothing here may act on it.
    Crossed,
}

impl State {
    /// As users see it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Settled => "settled",
            Self::Shifting => "shifting",
            Self::Unpromoted => "unpromoted",
            Self::Reverted => "reverted",
            Self::Uneven => "uneven",
            Self::Crossed => "crossed",
        }
    }
}

/// The state, with the facts it follows from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) state: State,
    /// The facts, in one sentence.
    pub(crate) reason: String,
    /// The group that has all live weight; `None` where both or neither have some, or listeners differ.
    pub(crate) live: Option<Colour>,
}

/// How the live weight of one forward lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Share {
    None,
    All(Colour),
    Both(i32, i32),
}

impl Share {
    fn of(forward: &Forward, groups: &Pair<String>) -> Self {
        match (forward.weight(groups, Colour::Blue), forward.weight(groups, Colour::Green)) {
            (0, 0) => Self::None,
            (_, 0) => Self::All(Colour::Blue),
            (0, _) => Self::All(Colour::Green),
            (blue, green) => Self::Both(blue, green),
        }
    }

    /// Whether two listeners split the traffic alike: 50/50 and 1/1 do.
    fn same_as(self, other: Self) -> bool {
        match (self, other) {
            (Self::Both(blue, green), Self::Both(b, g)) => {
                i64::from(blue) * i64::from(g) == i64::from(b) * i64::from(green)
            }
            (Self::None, Self::None) => true,
            (Self::All(one), Self::All(two)) => one == two,
            (Self::None | Self::All(_) | Self::Both(..), _) => false,
        }
    }
}

/// Works out the state from the task sets and the live forwards.
pub(crate) fn classify(service: &Service, groups: &Pair<String>, live: &[Forward]) -> Standing {
    let shares: Vec<Share> = live.iter().map(|forward| Share::of(forward, groups)).collect();
    let Some(&share) = shares.first() else {
        return crossed("no live listener is known", None);
    };
    let even = shares.iter().all(|other| share.same_as(*other));
    let live_colour = match share {
        Share::All(colour) if even => Some(colour),
        Share::All(_) | Share::None | Share::Both(..) => None,
    };
    if let Some(stray) = sets(service).find(|set| colour_of(set, groups).is_none()) {
        let place = stray.target_group.as_deref().unwrap_or("no target group at all");
        return crossed(
            format!("the task set {} is in {place}, neither blue nor green", stray.describe()),
            live_colour,
        );
    }
    let Some(primary) = service.primary() else {
        return Standing { state: State::First, reason: "there is no PRIMARY task set yet".into(), live: live_colour };
    };
    let Some(primary_colour) = colour_of(primary, groups) else {
        return crossed(format!("PRIMARY {} is in neither target group", primary.describe()), live_colour);
    };
    if !even {
        let reason = "the live listeners have different weights".into();
        return Standing { state: State::Uneven, reason, live: None };
    }
    match share {
        Share::None => crossed("the live listener has no weight on either target group", None),
        Share::Both(blue, green) => {
            if let Some(empty) =
                [Colour::Blue, Colour::Green].into_iter().find(|c| in_group(service, groups, *c).next().is_none())
            {
                return crossed(format!("the {} group has live weight and no task set", empty.name()), None);
            }
            let reason = format!("both groups have live weight: blue {blue}, green {green}");
            Standing { state: State::Shifting, reason, live: None }
        }
        Share::All(colour) if colour == primary_colour => {
            let reason = format!("all live weight is on {}, where PRIMARY {} is", colour.name(), primary.describe());
            Standing { state: State::Settled, reason, live: Some(colour) }
        }
        Share::All(colour) => beside_primary(service, groups, primary, colour),
    }
}

/// All live weight is on the group that PRIMARY is not in.
fn beside_primary(service: &Service, groups: &Pair<String>, primary: &TaskSet, colour: Colour) -> Standing {
    let there: Vec<&TaskSet> = in_group(service, groups, colour).collect();
    let younger = there.iter().filter(|set| set.age_order() > primary.age_order()).count();
    let reason = |what: &str| {
        format!("all live weight is on {}, with a task set {what} than PRIMARY {}", colour.name(), primary.describe())
    };
    if there.is_empty() {
        crossed(format!("all live weight is on {}, where no task set is", colour.name()), Some(colour))
    } else if younger == there.len() {
        Standing { state: State::Unpromoted, reason: reason("younger"), live: Some(colour) }
    } else if younger == 0 {
        Standing { state: State::Reverted, reason: reason("older"), live: Some(colour) }
    } else {
        crossed(
            format!("all live weight is on {}, with task sets older and younger than PRIMARY", colour.name()),
            Some(colour),
        )
    }
}

fn crossed(reason: impl Into<String>, live: Option<Colour>) -> Standing {
    Standing { state: State::Crossed, reason: reason.into(), live }
}

/// The sets that stand: DRAINING ones are on their way out.
pub(crate) fn sets(service: &Service) -> impl Iterator<Item = &TaskSet> {
    service.task_sets.iter().filter(|set| set.stands())
}

/// The colour of the group that a set is in.
pub(crate) fn colour_of(set: &TaskSet, groups: &Pair<String>) -> Option<Colour> {
    groups.colour_of(set.target_group.as_deref()?)
}

/// The standing sets of one group.
pub(crate) fn in_group<'a>(
    service: &'a Service,
    groups: &'a Pair<String>,
    colour: Colour,
) -> impl Iterator<Item = &'a TaskSet> {
    sets(service).filter(move |set| colour_of(set, groups) == Some(colour))
}

/// The idle group: where the next version goes. Before the first deployment it is the one without live weight, blue
/// where neither has any; `None` where both carry live traffic.
pub(crate) fn idle(service: &Service, groups: &Pair<String>, live: &[Forward]) -> Option<Colour> {
    if let Some(primary) = service.primary() {
        return colour_of(primary, groups).map(Colour::other);
    }
    [Colour::Blue, Colour::Green]
        .into_iter()
        .find(|colour| live.iter().all(|forward| forward.weight(groups, *colour) == 0))
}

/// The actions whose start depends on the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    Create,
    EnableTest,
    Shift,
    Swap,
    SetPrimary,
    Scale,
    Delete,
}

/// Which actions may start in a state. `rollback` decides for itself (see [`super::rollback`]), as it is what repairs
/// most of them. This table is the design's; the tests generate every row of it.
fn may_start(state: State, action: Start) -> bool {
    match state {
        State::First => match action {
            Start::Create
            | Start::EnableTest
            | Start::Shift
            | Start::Swap
            | Start::SetPrimary
            | Start::Scale
            | Start::Delete => true,
        },
        State::Settled => match action {
            Start::Create | Start::EnableTest | Start::Shift | Start::Swap | Start::Scale | Start::Delete => true,
            Start::SetPrimary => false,
        },
        State::Shifting | State::Uneven => match action {
            Start::Shift | Start::Swap | Start::Scale => true,
            Start::Create | Start::EnableTest | Start::SetPrimary | Start::Delete => false,
        },
        State::Unpromoted => match action {
            Start::SetPrimary | Start::Scale => true,
            Start::Create | Start::EnableTest | Start::Shift | Start::Swap | Start::Delete => false,
        },
        State::Reverted => match action {
            Start::Swap | Start::Scale => true,
            Start::Create | Start::EnableTest | Start::Shift | Start::SetPrimary | Start::Delete => false,
        },
        State::Crossed => false,
    }
}

/// Refuses an action that may not start in this state, naming the facts and the way out.
pub(crate) fn check_start(standing: &Standing, action: Start) -> Result<()> {
    if may_start(standing.state, action) {
        return Ok(());
    }
    let name = standing.state.name();
    let hint = match standing.state {
        State::First | State::Settled => "run `ecs-bg status` to see what is live",
        State::Shifting => "finish the shift with swap-live, or undo it with rollback",
        State::Unpromoted => {
            "a deployment is live and not PRIMARY yet, until its bake and the question after it are over: keep it with set-primary, or go back with rollback"
        }
        State::Reverted => "finish going back with rollback of PRIMARY's deployment, or go forward with swap-live",
        State::Uneven => "swap-live or rollback of the deployment under way makes the listeners agree",
        State::Crossed => {
            "a person must put this right: compare `ecs-bg status` with what should be, then set the weights or delete the stray task set by hand"
        }
    };
    Err(Error::refused(format!("state-{name}"), format!("the service is {name}: {}", standing.reason)).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TaskSetStatus::{Active, Draining, Primary};
    use crate::plan::world::{groups, live, service, set};

    fn state_of(sets: Vec<TaskSet>, live: &[Forward]) -> State {
        classify(&service(sets), &groups(), live).state
    }

    #[test]
    fn the_state_follows_from_primary_and_the_live_weights() {
        use Colour::{Blue, Green};
        let primary = || set("old", Blue, 10, Primary);
        let younger = || set("new", Green, 20, Active);
        let older = || set("older", Green, 5, Active);
        for (name, sets, forwards, expected) in [
            ("no set at all", vec![], vec![live(100, 0)], State::First),
            ("a first set without PRIMARY", vec![set("a", Green, 1, Active)], vec![live(0, 100)], State::First),
            ("PRIMARY alone", vec![primary()], vec![live(100, 0)], State::Settled),
            ("PRIMARY and an idle set", vec![primary(), younger()], vec![live(1, 0)], State::Settled),
            ("a canary", vec![primary(), younger()], vec![live(90, 10)], State::Shifting),
            ("swapped", vec![primary(), younger()], vec![live(0, 100)], State::Unpromoted),
            ("gone back by hand", vec![primary(), older()], vec![live(0, 100)], State::Reverted),
            ("two listeners that differ", vec![primary(), younger()], vec![live(100, 0), live(0, 100)], State::Uneven),
            (
                "two listeners with the same split",
                vec![primary(), younger()],
                vec![live(50, 50), live(1, 1)],
                State::Shifting,
            ),
            ("no weight at all", vec![primary()], vec![live(0, 0)], State::Crossed),
            ("live where no set is", vec![primary()], vec![live(0, 100)], State::Crossed),
            (
                "live where the set is going",
                vec![primary(), set("gone", Green, 20, Draining)],
                vec![live(0, 100)],
                State::Crossed,
            ),
            ("a canary to nobody", vec![primary()], vec![live(90, 10)], State::Crossed),
            ("older and younger together", vec![primary(), older(), younger()], vec![live(0, 100)], State::Crossed),
            ("no live listener", vec![primary()], vec![], State::Crossed),
        ] {
            assert_eq!(state_of(sets, &forwards), expected, "{name}");
        }
    }

    #[test]
    fn a_set_in_a_third_group_is_crossed_unless_it_is_going() {
        let mut stray = set("stray", Colour::Green, 20, Active);
        stray.target_group = Some("tg-third".into());
        let primary = set("old", Colour::Blue, 10, Primary);
        assert_eq!(state_of(vec![primary.clone(), stray.clone()], &[live(100, 0)]), State::Crossed);
        stray.status = Draining;
        assert_eq!(state_of(vec![primary, stray], &[live(100, 0)]), State::Settled);
    }

    #[test]
    fn the_idle_group_is_the_one_without_primary() {
        let primary = set("old", Colour::Green, 10, Primary);
        assert_eq!(idle(&service(vec![primary]), &groups(), &[live(0, 100)]), Some(Colour::Blue));
        assert_eq!(idle(&service(vec![]), &groups(), &[live(100, 0)]), Some(Colour::Green));
        assert_eq!(idle(&service(vec![]), &groups(), &[live(50, 50)]), None);
    }
}

#[cfg(test)]
#[path = "state_properties.rs"]
mod properties;
