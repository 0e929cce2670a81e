//! What a report tells, whoever shows it: stages, traffic, gates, and how it ended. All of its readers show this.

pub(super) mod ending;
pub(super) mod gates;
pub(super) mod seen;
pub(super) mod stages;
pub(super) mod traffic;
pub(super) mod versions;

use super::archive::{Archive, Question, Told, What, millis};
use super::clock::Clock;
use super::load::Load;
use super::scale::Scale;
use crate::model::Colour;
use ending::Ending;
use gates::Row;
use seen::Seen;
use stages::Stage;
use traffic::Strip;
use versions::Versions;

#[derive(Debug)]
pub(super) struct Story<'a> {
    pub(super) archive: &'a Archive,
    pub(super) clock: Clock,
    /// When it began and ended; none where there are no events.
    pub(super) span: Option<(i64, i64)>,
    pub(super) versions: Versions,
    pub(super) stages: Vec<Stage<'a>>,
    /// Of live listeners that had the same weights all the time, one strip.
    pub(super) live: Vec<Strip>,
    pub(super) test: Vec<Strip>,
    /// What a load generator saw, where its result was given.
    pub(super) seen: Option<Seen>,
    pub(super) gates: Vec<Row<'a>>,
    pub(super) questions: Vec<(i64, &'a Question)>,
    pub(super) warnings: Vec<(Option<i64>, &'a Told)>,
    pub(super) ending: Ending,
}

impl<'a> Story<'a> {
    pub(super) fn of(archive: &'a Archive, load: Option<&Load>) -> Self {
        let clock = if archive.version == 1 { Clock::Since } else { Clock::Utc };
        let span = span(archive);
        let versions = Versions::of(archive);
        let stages = stages::of(archive, span.map_or(0, |(_, end)| end));
        let end = span.map_or(0, |(_, end)| end);
        let [live, test] = ["live", "test"].map(|role| traffic::strips(archive, role, versions.new, end));
        let gates = gates::rows(archive, &stages);
        let questions: Vec<_> = archive
            .events
            .iter()
            .filter_map(
                |event| if let What::Question(question) = &event.what { Some((event.at, question)) } else { None },
            )
            .collect();
        let seen = load.map(|load| Seen::of(archive, load, clock, span));
        let ending = ending::of(archive, clock, &versions, &stages, &live, seen.as_ref(), &questions);
        let warnings = warnings(archive);
        Self { archive, clock, span, versions, stages, live, test, seen, gates, questions, warnings, ending }
    }

    /// The service, as a title.
    pub(super) fn service(&self) -> &'a str {
        self.archive.service.as_deref().unwrap_or("a deployment")
    }

    pub(super) fn place(&self) -> Vec<&'a str> {
        [&self.archive.cluster, &self.archive.region].into_iter().flatten().map(String::as_str).collect()
    }

    pub(super) fn took(&self) -> Option<i64> {
        self.span.map(|(begin, end)| end - begin)
    }

    pub(super) fn scale(&self) -> Option<Scale> {
        let (begin, end) = self.span?;
        let waits: Vec<_> = self.questions.iter().map(|(at, asked)| (*at, *at + millis(asked.seconds))).collect();
        Some(Scale::new(begin, end, &waits))
    }

    /// One line that says it all.
    pub(super) fn headline(&self) -> String {
        format!("{}: {}", self.service(), self.ending.sentence)
    }
}

fn span(archive: &Archive) -> Option<(i64, i64)> {
    let begin = archive.events.first()?.at;
    let ends = archive.events.iter().map(|event| match &event.what {
        What::Action(action) => event.at + millis(action.seconds),
        What::Question(question) => event.at + millis(question.seconds),
        What::Start
        | What::End
        | What::Stage(_)
        | What::Weights(_)
        | What::Look(_)
        | What::Warning(_)
        | What::Failure(_)
        | What::Rollback(_) => event.at,
    });
    Some((begin, ends.max().unwrap_or(begin)))
}

/// The report's own list has all of them; the events say when.
fn warnings(archive: &Archive) -> Vec<(Option<i64>, &Told)> {
    let mut all: Vec<(Option<i64>, &Told)> = archive
        .events
        .iter()
        .filter_map(|event| if let What::Warning(told) = &event.what { Some((Some(event.at), told)) } else { None })
        .collect();
    let timed: std::collections::HashSet<_> = all.iter().map(|(_, told)| (&told.code, &told.message)).collect();
    let others: Vec<_> = archive.warnings.iter().filter(|told| !timed.contains(&(&told.code, &told.message))).collect();
    all.extend(others.into_iter().map(|told| (None, told)));
    all
}

/// The last part of an ARN, or of a path.
pub(super) fn tail(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

pub(super) fn colour(name: Option<&str>) -> Option<Colour> {
    [Colour::Blue, Colour::Green].into_iter().find(|colour| Some(colour.name()) == name)
}
