//! What one build of vars/blueGreenDeploy.groovy calls next.

use super::model::{Action, Version};

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
    Bake(Version),
    /// Something failed after its creation.
    Undo,
    Ended,
}

/// What becomes of a build. One that is killed is never on the move again, so that needs no word of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Move {
    GoOn,
    /// A person aborts it, or somebody undoes what a killed one has left.
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
    pub(crate) fn moves(self) -> Vec<(Move, Action)> {
        let next = match self {
            Self::Preflight => Action::Preflight,
            Self::RemoveKept(version) | Self::Bake(version) => Action::Delete(version),
            Self::Create => Action::Create,
            Self::Wait => Action::Wait,
            Self::Test => Action::EnableTest,
            Self::Swap => Action::Swap,
            Self::Promote(_) => Action::SetPrimary,
            Self::Undo => Action::Rollback,
            Self::Ended => return Vec::new(),
        };
        let undone = matches!(self, Self::Wait | Self::Test | Self::Swap | Self::Promote(_) | Self::Bake(_));
        let abort = undone.then_some((Move::Abort, Action::Rollback));
        [(Move::GoOn, next)].into_iter().chain(abort).collect()
    }

    /// Where it is after an action.
    pub(crate) fn after(self, action: Action, answer: Answer) -> Self {
        match (self, action) {
            (_, Action::Rollback) | (Self::Bake(_) | Self::Ended, _) => Self::Ended,
            (Self::Preflight | Self::RemoveKept(_), _) if !answer.ok => Self::Ended,
            (Self::Create, _) if answer.nothing_created => Self::Ended,
            (_, _) if !answer.ok => Self::Undo,
            (Self::Preflight, _) => answer.previous.map_or(Self::Create, Self::RemoveKept),
            (Self::RemoveKept(_), _) => Self::Create,
            (Self::Create, _) => Self::Wait,
            (Self::Wait, _) => Self::Test,
            (Self::Test, _) => Self::Swap,
            (Self::Swap, _) => Self::Promote(answer.previous),
            (Self::Promote(previous), _) => previous.map_or(Self::Ended, Self::Bake),
            (Self::Undo, _) => Self::Undo,
        }
    }
}
