//! SVG, HTML and `JUnit`'s XML as text. Whatever a report holds comes in here, and nothing of it is markup.

use std::fmt::{self, Display, Write};

use crate::report::words::shown;

#[derive(Debug, Default)]
pub(super) struct Markup {
    out: String,
}

/// A tag whose attributes are being written.
#[must_use = "a tag is open until it is closed by one of its three ends"]
pub(super) struct Tag<'a> {
    markup: &'a mut Markup,
    name: &'static str,
}

impl Markup {
    /// Begins a tag.
    pub(super) fn tag(&mut self, name: &'static str) -> Tag<'_> {
        self.out.push('<');
        self.out.push_str(name);
        Tag { markup: self, name }
    }

    /// Text.
    pub(super) fn text(&mut self, text: impl Display) {
        escape(&mut self.out, &text.to_string());
    }

    /// Markup that is complete in itself.
    pub(super) fn put(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    pub(super) fn finish(self) -> String {
        self.out
    }
}

impl Tag<'_> {
    /// Adds an attribute.
    pub(super) fn set(self, name: &str, value: impl Display) -> Self {
        let out = &mut self.markup.out;
        out.push(' ');
        out.push_str(name);
        out.push_str("=\"");
        escape(out, &value.to_string());
        out.push('"');
        self
    }

    /// Ends it with nothing in it.
    pub(super) fn empty(self) {
        self.markup.out.push_str("/>");
    }

    /// Ends it after a text.
    pub(super) fn text(self, text: impl Display) {
        self.holding(|markup| markup.text(text));
    }

    /// Ends it after what is in it.
    pub(super) fn holding(self, inner: impl FnOnce(&mut Markup)) {
        self.markup.out.push('>');
        inner(self.markup);
        self.markup.out.push_str("</");
        self.markup.out.push_str(self.name);
        self.markup.out.push('>');
    }
}

fn escape(out: &mut String, text: &str) {
    for c in shown(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
}

/// A coordinate: in tenths, as short as can be.
pub(super) struct Px(pub(super) f64);

impl Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rounded = if self.0.is_finite() { (self.0 * 10.0).round() / 10.0 } else { 0.0 };
        // Not -0.
        write!(f, "{}", rounded + 0.0)
    }
}

/// A percentage: in tenths, and no longer than one can be read.
pub(super) fn percent(part: f64) -> String {
    let mut text = String::new();
    write!(text, "{} %", Px(part.clamp(-1e6, 1e6))).ok();
    text
}
