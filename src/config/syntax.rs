//! What a parser complains of, for the person who wrote the file: no advice to programmers, and nothing that the file
//! holds, which may be secret.

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::localizer::Localizer;
use serde_saphyr::{Location, UserMessageFormatter};

use super::bounded;

/// What is wrong with JSON; where, the caller says.
pub(crate) fn json(text: &[u8], error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let said = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    let there = text.split(|byte| *byte == b'\n').nth(line.saturating_sub(1));
    let there = there.and_then(|line| line.get(column.saturating_sub(1)));
    let words = match (said, there) {
        ("key must be a string" | "expected value", Some(b'/' | b'#')) => "JSON has no comments",
        ("key must be a string" | "expected value", Some(b'\'')) => "JSON has double quotes only",
        ("key must be a string", _) => "a key must be in double quotes",
        ("expected value" | "expected ident", _) => {
            "no value: texts are in double quotes, and true, false and null in small letters"
        }
        ("trailing characters", _) => "something follows after the end of the JSON",
        ("recursion limit exceeded", _) => "it is nested too deeply",
        (said, _) if said.starts_with("control character") => {
            "a line end, a tab or another control character in a text: write it as \\n, \\t or \\u…"
        }
        (said, _) if said.starts_with("EOF while parsing") => "it ends too early: a bracket or a quote is not closed",
        (said, _) => said,
    };
    bounded(words, 200)
}

/// What is wrong with YAML; where, the caller says.
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "the parser's list is long, and its words for people are mostly good"
)]
pub(super) fn yaml(error: &serde_saphyr::Error) -> String {
    use serde_saphyr::Error;
    match error.without_snippet() {
        // What an alias stands for is wrong; where, the place says.
        Error::AliasError { error, .. } => yaml(error),
        Error::Budget { breach: BudgetBreach::Documents { .. }, .. } | Error::MultipleDocuments { .. } => {
            "a second YAML document begins here (after `---`): a file holds one; give several files for several"
                .to_owned()
        }
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => {
            "it is too large, nested too deeply, or has too many anchors and aliases".to_owned()
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => format!("`{}` is given twice", bounded(key, 80)),
        Error::DuplicateMappingKey { key: None, .. } => "a key is given twice".to_owned(),
        Error::RecursiveReferencesRequireWeakTypes { .. } => "an alias stands for what it is a part of".to_owned(),
        Error::UnknownAnchor { .. } => "an alias (`*…`) of an anchor (`&…`) that is not above it".to_owned(),
        Error::NonFiniteFloat { .. } => "a number that is too large, or none; a text belongs in quotes".to_owned(),
        Error::InvalidScalar { .. } | Error::InvalidBinaryBase64 { .. } | Error::BinaryNotUtf8 { .. } => {
            "the value is not what its tag (`!!…`) says".to_owned()
        }
        Error::NullIntoString { .. } | Error::Unexpected { expected: "string scalar", .. } => {
            "a name is needed as the key: a text, not a list, a map or nothing".to_owned()
        }
        other => {
            let said = other.render_with_formatter(&UserMessageFormatter.with_localizer(&WithoutPlace));
            // The first line alone: the rest may quote the file.
            let said = said.lines().next().unwrap_or("not YAML");
            let hardly_meant = said.starts_with("mapping values are not allowed");
            let words = if hardly_meant {
                "no `key: value` can stand here: is the indentation right, is a text with `: ` in quotes?"
            } else {
                said
            };
            bounded(words, 200)
        }
    }
}

/// The place stands before the words already.
struct WithoutPlace;

impl Localizer for WithoutPlace {
    fn attach_location<'a>(&self, base: std::borrow::Cow<'a, str>, _: Location) -> std::borrow::Cow<'a, str> {
        base
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn json_is_complained_of_in_the_words_of_who_wrote_it() {
        for (text, words) in [
            ("{ // why\n\"a\": 1}", "JSON has no comments"),
            ("{\n\"a\": 1, # why\n\"b\": 2}", "JSON has no comments"),
            ("{\"a\": /* 1 */ 2}", "JSON has no comments"),
            ("{'a': 1}", "JSON has double quotes only"),
            ("{\"a\": 'x'}", "JSON has double quotes only"),
            ("{a: 1}", "a key must be in double quotes"),
            ("{\"a\": True}", "no value: texts are in double quotes, and true, false and null in small letters"),
            ("{\"a\": 1} x", "something follows after the end of the JSON"),
            ("{\"a\": 1", "it ends too early: a bracket or a quote is not closed"),
            ("", "it ends too early: a bracket or a quote is not closed"),
            ("{\"a\": 1,}", "trailing comma"),
        ] {
            let error = serde_json::from_str::<Value>(text).unwrap_err();
            assert_eq!(json(text.as_bytes(), &error), words, "{text}");
        }
        let deep = "[".repeat(1000);
        let error = serde_json::from_str::<Value>(&deep).unwrap_err();
        assert_eq!(json(deep.as_bytes(), &error), "it is nested too deeply");
    }
}
