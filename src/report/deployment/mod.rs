//! A deployment's report as files for people and programs, made of nothing but the archived JSON: a picture, a page, a note
//! for chats and tickets, and test results. The same JSON gives the same bytes: no clock, no locale, no network.

mod archive;
mod cases;
mod clock;
mod ink;
mod markup;
mod note;
mod page;
mod picture;
mod scale;
mod story;
mod terminal;

pub(crate) use archive::{Archive, ByHand, VERSION};
use story::Story;

/// What is made of a report.
#[derive(Debug)]
pub(crate) struct Drawn {
    /// One line that says it all.
    pub(crate) headline: String,
    /// For a terminal, line by line.
    pub(crate) lines: Vec<String>,
    /// By the extensions of their files' names.
    pub(crate) files: [(&'static str, String); 4],
}

/// Draws a report.
pub(crate) fn draw(archive: &Archive) -> Drawn {
    let story = Story::of(archive);
    let picture = picture::svg(&story);
    let page = page::html(&story, &picture);
    Drawn {
        headline: ink::clip(&story.headline(), 1.0, 400.0),
        lines: terminal::lines(&story),
        files: [("svg", picture), ("html", page), ("md", note::markdown(&story)), ("xml", cases::junit(&story))],
    }
}

#[cfg(test)]
mod tests;
