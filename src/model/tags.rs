//! The tags by which a deployment can be found again without Jenkins. Their names are API.

use sha2::{Digest, Sha256};
use unicode_general_category::{GeneralCategory, get_general_category};

use crate::model::{Pair, TaskSet};

/// The deployment's id, on the task set.
pub(crate) const DEPLOYMENT: &str = "ecs-bg:deployment";
/// The build's URL, on task set and task definition.
pub(crate) const BUILD: &str = "ecs-bg:build";
/// A live listener or rule; further ones are `ecs-bg:live.2` and so on.
pub(crate) const LIVE: &str = "ecs-bg:live";
/// A test listener or rule; further ones are `ecs-bg:test.2` and so on.
pub(crate) const TEST: &str = "ecs-bg:test";
/// The blue target group.
pub(crate) const BLUE: &str = "ecs-bg:blue";
/// The green target group.
pub(crate) const GREEN: &str = "ecs-bg:green";
/// The steps of its canary, each `WEIGHT:SECONDS`, as far as a tag holds them.
pub(crate) const CANARY: &str = "ecs-bg:canary";
/// The hash of the request that a task definition was registered with.
pub(crate) const FINGERPRINT: &str = "ecs-bg:fingerprint";
/// Every tag of this tool begins so.
pub(crate) const PREFIX: &str = "ecs-bg:";

/// AWS's limit for a tag's value, in characters.
const MAX_VALUE: usize = 256;

/// AWS takes `\p{L}`, `\p{Z}`, `\p{N}` and `_.:/=+-@` in a tag's value. `%2F`, as a Jenkins URL has it, becomes `=2F`;
/// each byte of what else AWS does not take, and of `=`, becomes `==XX`. [`decode`] takes it back, but for what is too
/// long: that ends in a hash of the whole.
pub(crate) fn encode(value: &str) -> String {
    let pieces = pieces(value);
    if length(&pieces) <= MAX_VALUE {
        return pieces.concat();
    }
    let hash = hex("-", "", Sha256::digest(value).iter().take(8).copied());
    let mut used = hash.len();
    let kept = pieces.iter().take_while(|piece| {
        used += piece.chars().count();
        used <= MAX_VALUE
    });
    kept.cloned().collect::<String>() + &hash
}

fn length(pieces: &[String]) -> usize {
    pieces.iter().map(|piece| piece.chars().count()).sum()
}

/// What each character becomes.
fn pieces(value: &str) -> Vec<String> {
    let piece = |(at, c): (usize, char)| match c {
        '%' if value.get(at + 1..at + 3).is_some_and(is_hex) => "=".to_owned(),
        c if c != '=' && is_taken(c) => c.to_string(),
        c => hex("", "==", c.encode_utf8(&mut [0; 4]).bytes()),
    };
    value.char_indices().map(piece).collect()
}

fn hex(before: &str, before_each: &str, bytes: impl Iterator<Item = u8>) -> String {
    bytes.fold(before.to_owned(), |text, byte| text + before_each + &format!("{byte:02X}"))
}

/// Whether a tag's key is this tool's or AWS's own.
pub(crate) fn is_reserved(key: &str) -> bool {
    key.starts_with(PREFIX) || is_of_aws(key)
}

/// Whether a tag's key or value begins as AWS's own do, in whatever case.
pub(crate) fn is_of_aws(text: &str) -> bool {
    text.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

/// Whether AWS takes it in a tag.
pub(crate) fn is_taken(c: char) -> bool {
    use GeneralCategory as G;
    // Marks, as the vowel signs of Indian scripts, are no letters.
    matches!(
        get_general_category(c),
        G::UppercaseLetter
            | G::LowercaseLetter
            | G::TitlecaseLetter
            | G::ModifierLetter
            | G::OtherLetter
            | G::DecimalNumber
            | G::LetterNumber
            | G::OtherNumber
            | G::SpaceSeparator
            | G::LineSeparator
            | G::ParagraphSeparator
    ) || "_.:/=+-@".contains(c)
}

fn is_hex(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// What [`encode`] was given, as far as it can be told.
pub(crate) fn decode(value: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('=') {
        bytes.extend_from_slice(before.as_bytes());
        let raw = after
            .strip_prefix('=')
            .and_then(|code| u8::from_str_radix(code.get(..2).filter(|code| is_hex(code))?, 16).ok());
        rest = if let Some(byte) = raw {
            bytes.push(byte);
            after.get(3..).unwrap_or_default()
        } else {
            bytes.push(if after.get(..2).is_some_and(is_hex) { b'%' } else { b'=' });
            after
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The tags of a new task set.
pub(crate) fn of_task_set(
    deployment: &str,
    build: Option<&str>,
    groups: &Pair<String>,
    live: &[String],
    test: &[String],
    canary: &[(f64, u64)],
) -> Vec<(String, String)> {
    let mut tags = vec![
        (DEPLOYMENT.to_owned(), encode(deployment)),
        (BLUE.to_owned(), groups.blue.clone()),
        (GREEN.to_owned(), groups.green.clone()),
    ];
    tags.extend(build.map(|url| (BUILD.to_owned(), encode(url))));
    tags.extend(numbered(LIVE, live));
    tags.extend(numbered(TEST, test));
    tags.extend((!canary.is_empty()).then(|| (CANARY.to_owned(), steps(canary))));
    tags
}

fn steps(canary: &[(f64, u64)]) -> String {
    let mut text = String::new();
    for (weight, bake) in canary {
        let step = format!("{weight}:{bake}");
        if text.len() + step.len() + 1 > MAX_VALUE {
            break;
        }
        text = if text.is_empty() { step } else { text + " " + &step };
    }
    text
}

/// A set's canary: the weight of each step and the seconds of its bake.
pub(crate) fn canary(set: &TaskSet) -> Vec<(f64, u64)> {
    let step = |text: &str| {
        let (weight, bake) = text.split_once(':')?;
        Some((weight.parse().ok()?, bake.parse().ok()?))
    };
    set.tag(CANARY).into_iter().flat_map(|text| text.split(' ')).map_while(step).collect()
}

fn numbered<'a>(key: &'a str, values: &'a [String]) -> impl Iterator<Item = (String, String)> + 'a {
    values.iter().enumerate().map(move |(at, value)| {
        let key = if at == 0 { key.to_owned() } else { format!("{key}.{}", at + 1) };
        (key, value.clone())
    })
}

/// The values of a numbered tag of a set, in order.
pub(crate) fn list(set: &TaskSet, key: &str) -> Vec<String> {
    set.tag(key)
        .map(str::to_owned)
        .into_iter()
        .chain((2..).map_while(|at| set.tag(&format!("{key}.{at}")).map(str::to_owned)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builds_url_comes_back_from_its_tag() {
        let url = "https://ci.example.com/job/team/job/web/job/feature%2Fx/12/";
        let value = encode(url);
        assert!(!value.contains('%'));
        assert_eq!(decode(&value), url);
    }

    #[test]
    fn what_a_tag_cannot_hold_is_escaped() {
        for (value, encoded) in [
            ("a\n(b)", "a==0A==28b==29"),
            ("jenkins-तै-7", "jenkins-त==E0==A5==88-7"),
            ("größe-日本-½", "größe-日本-½"),
            ("x=2F&y=1", "x==3D2F==26y==3D1"),
            ("100%", "100==25"),
            ("a%2fb", "a=2fb"),
            ("==41", "==3D==3D41"),
        ] {
            assert_eq!(encode(value), encoded, "{value:?}");
            assert_eq!(decode(encoded), value, "{encoded}");
        }
    }

    #[test]
    fn a_tag_of_an_earlier_version_is_read() {
        for (tag, value) in [("a=2Fb", "a%2Fb"), ("a=b", "a=b"), ("a=", "a="), ("a==", "a=="), ("=", "=")] {
            assert_eq!(decode(tag), value);
        }
    }

    #[test]
    fn what_is_too_long_ends_in_a_hash_of_the_whole() {
        for value in ["x".repeat(257), "ै".repeat(100), format!("{}%2F", "x".repeat(255)), "日".repeat(300)] {
            let (encoded, other) = (encode(&value), encode(&format!("{value}y")));
            assert!(encoded.chars().count() <= 256 && encoded.chars().count() > 230, "{encoded}");
            assert_ne!(encoded, other);
            assert!(encoded.chars().all(is_taken) && decode(&encoded).starts_with(&value[..30]), "{encoded}");
        }
        assert_eq!(encode(&"x".repeat(256)), "x".repeat(256));
    }

    proptest::proptest! {
        #[test]
        fn any_id_is_a_tags_value_and_comes_back(id in "(\\PC|[=%\u{900}-\u{94f}\u{300}-\u{36f}]|[=%][0-9A-Fa-f]{0,2}|a){0,60}") {
            let encoded = encode(&id);
            proptest::prop_assert!(encoded.chars().count() <= MAX_VALUE && encoded.chars().all(is_taken), "{}", encoded);
            let whole = length(&pieces(&id)) <= MAX_VALUE;
            proptest::prop_assert!(!whole || decode(&encoded) == id, "{:?}: {} is {:?}", id, encoded, decode(&encoded));
        }

        #[test]
        fn any_tag_is_read(tag in "(=|[0-9A-Fa-f]|\\PC){0,30}") {
            decode(&tag);
        }
    }
}
