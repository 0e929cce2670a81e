//! A YAML document as it was written. YAML guesses what a scalar without quotes is, and a guess loses how it was
//! spelt: 0xFF00FF is 16711935, 1.10 is 1.1, 12e4567 is no number at all. Here each scalar is its text, and what a
//! parameter takes decides what that text means. One guess is kept: `null`, `~` and nothing at all mean "not given".

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::Spanned;

/// A node of a document.
#[derive(Debug)]
pub(super) enum Node {
    Null,
    Text(String),
    /// What YAML takes for a number or a truth, as far as its value goes: its text is in the document.
    Guessed(String),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

/// The document as parameters; `text` is what it was read from.
pub(super) fn parameters(node: Spanned<Node>, text: &str) -> Value {
    let span = node.defined.span();
    match node.value {
        Node::Null => Value::Null,
        Node::Text(written) => Value::String(written),
        Node::Guessed(value) => Value::String(plain(text, span).map_or(value, str::to_owned)),
        Node::List(items) => items.into_iter().map(|item| parameters(item, text)).collect(),
        Node::Map(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key.value, parameters(value, text)));
            Value::Object(entries.collect::<Map<_, _>>())
        }
    }
}

/// The plain scalar at this place. One in quotes or a block is a number only by its tag (`!!int "5"`).
fn plain(text: &str, span: serde_saphyr::Span) -> Option<&str> {
    let (at, length) = (usize::try_from(span.byte_offset()?).ok()?, usize::try_from(span.byte_len()?).ok()?);
    text.get(at..at.checked_add(length)?)
        .map(str::trim)
        .filter(|written| !written.is_empty() && !written.starts_with(['"', '\'', '|', '>']))
}

impl Node {
    /// The line of a key, given as the names on the way to it.
    pub(super) fn line_of(&self, path: &str) -> Option<u64> {
        let mut here = self;
        let mut line = None;
        for name in path.split('.') {
            let Self::Map(entries) = here else { return None };
            let (key, value) = entries.iter().find(|(key, _)| key.value == name)?;
            line = Some(key.referenced.line());
            here = &value.value;
        }
        line
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

/// What YAML guessed.
macro_rules! guesses {
    ($($visit:ident: $type:ty),*) => {
        $(fn $visit<E>(self, value: $type) -> Result<Node, E> { Ok(Node::Guessed(value.to_string())) })*
    };
}

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("anything")
    }

    guesses!(visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Node, E> {
        Ok(Node::Text(text))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            map.push(entry);
        }
        Ok(Node::Map(map))
    }
}
