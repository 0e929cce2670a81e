//! What one build of vars/blueGreenDeploy.groovy calls next.

use super::model::{Action, Version};

/// When a build promotes its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Order {
    /// When the question after the bake is answered: until then AWS shows everybody that the deployment is under way.
    PromotedLast,
    /// Right after the swap, as it once was: the model has to see what that breaks.
    PromotedFirst,
}

/// How far a build is. What it remembers of its answers is what it deletes later, by ARN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Build {
    Preflight,
    /// Of the previous version that preflight saw in the idle group.
    RemoveKept(Version),
    Create,
    Wait,
    Test,
    Swap,
    /// With what stood in the other group when it swapped.
    Promote(Option<Version>),
    /// It bakes, or somebody is asked about the previous version, which stands by.
    Bake(Version),
    /// Nothing is undone from here on.
    CleanUp(Version),
    /// Something failed after its creation.
    Undo,
    Ended,
}

/// What becomes of a build. One that is killed is never on the move again, so that needs no word of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Move {
    GoOn,
    /// The question is answered so, or not at all, or the build is aborted there: both versions stay.
    Keep,
    /// A person aborts it, or has it rolled back, or somebody undoes what a killed one has left.
    Abort,
}

/// What an answer says: whether it is `ok`, and the versions that it names.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answer {
    pub(crate) ok: bool,
    /// Of a failed creation: refused, with nothing to be undone.
    pub(crate) nothing_created: bool,
    /// Preflight's `previous`, or swap-live's.
    pub(crate) previous: Option<Version>,
}

impl Build {
    /// What can become of it, and what it does then.
    pub(crate) fn moves(self, order: Order) -> Vec<(Move, Action)> {
        let next = match self {
            Self::Preflight => Action::Preflight,
            Self::RemoveKept(version) | Self::CleanUp(version) => Action::Delete(version),
            Self::Create => Action::Create,
            Self::Wait => Action::Wait,
            Self::Test => Action::EnableTest,
            Self::Swap => Action::Swap,
            Self::Promote(_) => Action::SetPrimary,
            Self::Bake(version) => match order {
                Order::PromotedLast => Action::SetPrimary,
                Order::PromotedFirst => Action::Delete(version),
            },
            Self::Undo => Action::Rollback,
            Self::Ended => return Vec::new(),
        };
        let undone = matches!(self, Self::Wait | Self::Test | Self::Swap | Self::Promote(_) | Self::Bake(_));
        let abort = undone.then_some((Move::Abort, Action::Rollback));
        let keeps = matches!(self, Self::Bake(_)) && next == Action::SetPrimary;
        let keep = keeps.then_some((Move::Keep, next));
        [(Move::GoOn, next)].into_iter().chain(keep).chain(abort).collect()
    }

    /// Where it is after an action.
    pub(crate) fn after(self, order: Order, way: Move, action: Action, answer: Answer) -> Self {
        match (self, action) {
            (_, Action::Rollback) | (Self::CleanUp(_) | Self::Ended, _) => Self::Ended,
            (Self::Preflight | Self::RemoveKept(_), _) if !answer.ok => Self::Ended,
            (Self::Create, _) if answer.nothing_created => Self::Ended,
            (Self::Bake(previous), Action::SetPrimary) if answer.ok && way == Move::GoOn => Self::CleanUp(previous),
            // What is live stays live, promoted or not.
            (Self::Bake(_), _) => Self::Ended,
            (_, _) if !answer.ok => Self::Undo,
            (Self::Preflight, _) => answer.previous.map_or(Self::Create, Self::RemoveKept),
            (Self::RemoveKept(_), _) => Self::Create,
            (Self::Create, _) => Self::Wait,
            (Self::Wait, _) => Self::Test,
            (Self::Test, _) => Self::Swap,
            (Self::Swap, _) => match (order, answer.previous) {
                (Order::PromotedLast, Some(previous)) => Self::Bake(previous),
                // A first version has nothing to go back to, so there is nothing to wait for.
                (Order::PromotedFirst, _) | (_, None) => Self::Promote(answer.previous),
            },
            (Self::Promote(previous), _) => previous.map_or(Self::Ended, Self::Bake),
            (Self::Undo, _) => Self::Undo,
        }
    }
}
