//! The tags by which a deployment can be found again without Jenkins. Their names are API.

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
/// The hash of the request that a task definition was registered with.
pub(crate) const FINGERPRINT: &str = "ecs-bg:fingerprint";
/// Every tag of this tool begins so.
pub(crate) const PREFIX: &str = "ecs-bg:";

/// AWS's limit for a tag's value, in characters.
const MAX_VALUE: usize = 256;

/// A tag's value cannot hold `%`, which a Jenkins URL does: `%2F` becomes `=2F`. Other characters that AWS does not
/// allow become `_`, and what is too long is cut.
pub(crate) fn encode(value: &str) -> String {
    value
        .chars()
        .map(|c| match c {
            '%' => '=',
            c if c.is_alphanumeric() || " +-=._:/@".contains(c) => c,
            _ => '_',
        })
        .take(MAX_VALUE)
        .collect()
}

/// The URL that [`encode`] was given, as far as it can be told.
pub(crate) fn decode(value: &str) -> String {
    let bytes: Vec<char> = value.chars().collect();
    bytes
        .iter()
        .enumerate()
        .map(|(at, c)| {
            let escape =
                *c == '=' && bytes.get(at + 1..at + 3).is_some_and(|next| next.iter().all(char::is_ascii_hexdigit));
            if escape { '%' } else { *c }
        })
        .collect()
}

/// The tags of a new task set.
pub(crate) fn of_task_set(
    deployment: &str,
    build: Option<&str>,
    groups: &Pair<String>,
    live: &[String],
    test: &[String],
) -> Vec<(String, String)> {
    let mut tags = vec![
        (DEPLOYMENT.to_owned(), encode(deployment)),
        (BLUE.to_owned(), groups.blue.clone()),
        (GREEN.to_owned(), groups.green.clone()),
    ];
    tags.extend(build.map(|url| (BUILD.to_owned(), encode(url))));
    tags.extend(numbered(LIVE, live));
    tags.extend(numbered(TEST, test));
    tags
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
    fn what_a_tag_cannot_hold_is_replaced_and_cut() {
        assert_eq!(encode("a\n(b)"), "a__b_");
        assert_eq!(encode(&"x".repeat(300)).len(), 256);
    }
}
