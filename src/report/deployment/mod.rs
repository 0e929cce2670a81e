//! A deployment's report as files for people and programs, made of nothing but the archived JSON, and of a load generator's
//! where there is one: a picture, a page, a note for chats and tickets, and test results. The same JSON gives the same bytes:
//! no clock, no locale, no network.

mod archive;
mod cases;
mod clock;
mod ink;
mod load;
mod markup;
mod note;
mod page;
mod picture;
mod scale;
mod story;
mod terminal;

pub(crate) use archive::{Archive, ByHand, VERSION};
pub(crate) use load::{Load, Unfit};
use story::Story;
pub(crate) use story::seen::Totals;

/// What is made of a report.
#[derive(Debug)]
pub(crate) struct Drawn {
    /// One line that says it all.
    pub(crate) headline: String,
    /// What users saw, where a load generator counted it.
    pub(crate) seen: Option<Totals>,
    /// For a terminal, line by line.
    pub(crate) lines: Vec<String>,
    /// By the extensions of their files' names.
    pub(crate) files: [(&'static str, String); 4],
}

/// Draws a report, and what users saw meanwhile.
pub(crate) fn draw(archive: &Archive, load: Option<&Load>) -> Drawn {
    let story = Story::of(archive, load);
    let picture = picture::svg(&story);
    let page = page::html(&story, &picture);
    Drawn {
        seen: story.seen.as_ref().map(story::seen::Seen::totals),
        headline: ink::clip(&story.headline(), 1.0, 400.0),
        lines: terminal::lines(&story),
        files: [("svg", picture), ("html", page), ("md", note::markdown(&story)), ("xml", cases::junit(&story))],
    }
}

#[cfg(test)]
mod seen_tests;
#[cfg(test)]
mod tests;
