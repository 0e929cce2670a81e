//! Texts of which AWS says how long they may be and which characters they may have.

use crate::model::tags;

/// A kind of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Model, `RegisterTaskDefinitionRequest$family` and `ContainerDefinition$name`: "Up to 255 letters (uppercase and
    /// lowercase), numbers, underscores, and hyphens are allowed."
    Name,
    /// Model, `PortMapping$name`: "up to 64 characters … lowercase letters, numbers, underscores (_), and hyphens (-).
    /// The name can't start with a hyphen."
    PortName,
    /// Model of `CloudWatch` Logs: `LogGroupName`, 1 to 512 of `[\.\-_/#A-Za-z0-9]+`.
    LogGroup,
    /// Model of STS: `roleSessionNameType`, 2 to 64 of `[\w+=,.@-]*`.
    SessionName,
    /// Model of STS: `externalIdType`, 2 to 1224 of `[\w+=,.@:\/-]*`.
    ExternalId,
    /// Model: `TagKey`, 1 to 128 of `([\p{L}\p{Z}\p{N}_.:/=+\-@]*)`.
    TagKey,
    /// Model: `TagValue`, at most 256 of the same.
    TagValue,
}

impl Format {
    /// The least and the largest number of characters.
    fn length(self) -> (usize, usize) {
        match self {
            Self::Name => (1, 255),
            Self::PortName => (1, 64),
            Self::LogGroup => (1, 512),
            Self::SessionName => (2, 64),
            Self::ExternalId => (2, 1224),
            Self::TagKey => (1, 128),
            Self::TagValue => (0, 256),
        }
    }

    fn allows(self, c: char) -> bool {
        match self {
            Self::Name => c.is_ascii_alphanumeric() || "-_".contains(c),
            Self::PortName => c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c),
            Self::LogGroup => c.is_ascii_alphanumeric() || ".-_/#".contains(c),
            Self::SessionName => c.is_ascii_alphanumeric() || "_+=,.@-".contains(c),
            Self::ExternalId => c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c),
            Self::TagKey | Self::TagValue => tags::is_taken(c),
        }
    }

    /// What is right, for a hint.
    pub(crate) fn right(self) -> &'static str {
        match self {
            Self::Name => "letters, digits, `-` and `_`, at most 255",
            Self::PortName => "lowercase letters, digits, `-` and `_`, at most 64, no `-` at the beginning",
            Self::LogGroup => "a log group's name has letters, digits and `.-_/#`, at most 512",
            Self::SessionName => "2 to 64 letters, digits and `_+=,.@-`",
            Self::ExternalId => "2 to 1224 letters, digits and `_+=,.@:/-`",
            Self::TagKey => "a tag's key has letters, digits, spaces and `_.:/=+-@`, at most 128",
            Self::TagValue => "a tag's value has letters, digits, spaces and `_.:/=+-@`, at most 256",
        }
    }

    /// What is wrong with a text of this kind; continues the text.
    pub(crate) fn problem(self, text: &str) -> Option<String> {
        let (least, most) = self.length();
        let length = text.chars().count();
        if let Some(other) = text.chars().find(|c| !self.allows(*c)) {
            return Some(format!("has `{}` in it", other.escape_debug()));
        }
        if length == 0 && least > 0 {
            return Some("is empty".to_owned());
        }
        if !(least..=most).contains(&length) {
            return Some(format!("has {length} characters"));
        }
        match self {
            Self::PortName if text.starts_with('-') => Some("begins with `-`".to_owned()),
            // Model, `RegisterTaskDefinitionRequest$tags`: "Do not use aws:, AWS:, or any upper or lowercase
            // combination of such as a prefix for either keys or values".
            Self::TagKey | Self::TagValue if tags::is_of_aws(text) => {
                Some("begins with `aws:`, which is AWS's own".to_owned())
            }
            Self::Name
            | Self::PortName
            | Self::LogGroup
            | Self::SessionName
            | Self::ExternalId
            | Self::TagKey
            | Self::TagValue => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aws_takes_has_no_problem() {
        for (format, texts) in [
            (Format::Name, vec!["web", "Web_2-a", &"x".repeat(255)]),
            (Format::PortName, vec!["web-8080-tcp", "_x"]),
            (Format::LogGroup, vec!["/ecs/web", "a#b.c_d-e", &"x".repeat(512)]),
            (Format::SessionName, vec!["ecs-bg", "a@b.example,c=d+e", &"x".repeat(64)]),
            (Format::ExternalId, vec!["a:b/c", &"x".repeat(1224)]),
            (Format::TagKey, vec!["team", "ecs-bg:live", "größe 1", "名前", "½", "a\u{2028}b", &"é".repeat(128)]),
            (Format::TagValue, vec!["", "https://ci/job/a=2Fb/7/", "a@b+c", &"x".repeat(256)]),
        ] {
            for text in texts {
                assert_eq!(format.problem(text), None, "{format:?} {text:?}");
            }
        }
    }

    #[test]
    fn what_aws_refuses_is_told() {
        for (format, text, problem) in [
            (Format::Name, "web.v2", "has `.` in it"),
            (Format::Name, "größe", "has `ö` in it"),
            (Format::Name, "", "is empty"),
            (Format::Name, &"x".repeat(256), "has 256 characters"),
            (Format::PortName, "Web", "has `W` in it"),
            (Format::PortName, "-web", "begins with `-`"),
            (Format::LogGroup, "/ecs/web:a", "has `:` in it"),
            (Format::LogGroup, "\"/ecs/web\"", "has `\\\"` in it"),
            (Format::LogGroup, &"x".repeat(513), "has 513 characters"),
            (Format::SessionName, "team/web", "has `/` in it"),
            (Format::SessionName, "web#46", "has `#` in it"),
            (Format::SessionName, "x", "has 1 characters"),
            (Format::SessionName, &"x".repeat(70), "has 70 characters"),
            (Format::ExternalId, "a b", "has ` ` in it"),
            (Format::TagKey, "feature/#46", "has `#` in it"),
            (Format::TagKey, "Aws:x", "begins with `aws:`, which is AWS's own"),
            (Format::TagKey, "", "is empty"),
            (Format::TagKey, &"x".repeat(129), "has 129 characters"),
            (Format::TagValue, "(prod)", "has `(` in it"),
            (Format::TagValue, "a\tb", "has `\\t` in it"),
            // A word of Hindi: its second character is a vowel sign, a mark.
            (Format::TagValue, "\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}", "has `\u{93f}` in it"),
            (Format::TagValue, &"x".repeat(257), "has 257 characters"),
        ] {
            assert_eq!(format.problem(text).as_deref(), Some(problem), "{format:?} {text:?}");
        }
    }
}
