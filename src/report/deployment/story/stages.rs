//! The stages of a deployment, each with what was done in it and how that went.

use super::super::archive::{Action, Archive, Failure, Named, Question, Verdict, What, millis};

#[derive(Debug)]
pub(in super::super) struct Stage<'a> {
    pub(in super::super) name: &'a str,
    pub(in super::super) from: i64,
    pub(in super::super) to: i64,
    pub(in super::super) state: State,
    /// With the times at which they began.
    pub(in super::super) actions: Vec<(i64, &'a Action)>,
    pub(in super::super) question: Option<&'a Question>,
    pub(in super::super) failure: Option<&'a Failure>,
}

/// How a stage went; the later, the more it has to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum State {
    Done,
    Answered,
    Undone,
    Unanswered,
    Aborted,
    Failed,
}

impl State {
    pub(in super::super) fn mark(self) -> &'static str {
        match self {
            Self::Done => "✓",
            Self::Answered => "☑",
            Self::Undone => "↶",
            Self::Unanswered => "?",
            Self::Aborted => "■",
            Self::Failed => "✕",
        }
    }

    pub(in super::super) fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Answered => "answered",
            Self::Undone => "rolled back",
            Self::Unanswered => "not answered",
            Self::Aborted => "aborted",
            Self::Failed => "failed",
        }
    }

    /// Whether it is what a deployment ended with.
    pub(in super::super) fn is_bad(self) -> bool {
        matches!(self, Self::Aborted | Self::Failed)
    }
}

impl<'a> Stage<'a> {
    fn new(name: &'a str, from: i64) -> Self {
        let state = if name == "rollback" { State::Undone } else { State::Done };
        Self { name, from, to: from, state, actions: Vec::new(), question: None, failure: None }
    }

    fn is(&mut self, state: State) {
        self.state = self.state.max(state);
    }
}

/// The stages; what was done outside of any is one of its own.
pub(super) fn of(archive: &Archive, end: i64) -> Vec<Stage<'_>> {
    let mut stages: Vec<Stage<'_>> = Vec::new();
    for event in &archive.events {
        match &event.what {
            What::Stage(Named { name }) => {
                close(&mut stages, event.at);
                stages.push(Stage::new(name, event.at));
            }
            What::Action(action) => {
                let stage = current(&mut stages, &action.name, event.at);
                stage.actions.push((event.at, action));
                stage.to = stage.to.max(event.at + millis(action.seconds));
                if !action.ok {
                    stage.is(if action.code.as_deref() == Some("interrupted") {
                        State::Aborted
                    } else {
                        State::Failed
                    });
                }
            }
            What::Question(question) => {
                let stage = current(&mut stages, &question.name, event.at);
                stage.question = Some(question);
                stage.to = stage.to.max(event.at + millis(question.seconds));
                stage.is(if question.over { State::Unanswered } else { State::Answered });
            }
            What::Look(look) => {
                if let Some(stage) = stages.last_mut()
                    && look.verdict == Verdict::Fail
                {
                    stage.is(State::Failed);
                }
            }
            What::Failure(failure) => {
                if let Some(stage) = stages.last_mut() {
                    stage.failure = Some(failure);
                    let aborted = failure.kind.as_deref() == Some("interrupted");
                    stage.is(if aborted { State::Aborted } else { State::Failed });
                }
            }
            What::Rollback(rollback) => {
                if let Some(stage) = stages.last_mut()
                    && !rollback.ok
                {
                    stage.failure = rollback.error.as_ref();
                    stage.is(State::Failed);
                }
            }
            What::End => close(&mut stages, event.at),
            What::Start | What::Weights(_) | What::Warning(_) => {}
        }
    }
    let is_closed = archive.events.iter().any(|event| matches!(event.what, What::End));
    if !is_closed {
        close(&mut stages, end);
    }
    stages
}

/// A stage ends where the next one begins.
fn close(stages: &mut [Stage<'_>], at: i64) {
    if let Some(last) = stages.last_mut() {
        last.to = last.to.max(at);
    }
}

fn current<'s, 'a>(stages: &'s mut Vec<Stage<'a>>, name: &'a str, at: i64) -> &'s mut Stage<'a> {
    if stages.is_empty() {
        stages.push(Stage::new(name, at));
    }
    let last = stages.len() - 1;
    &mut stages[last]
}
