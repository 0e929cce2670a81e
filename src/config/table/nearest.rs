//! "Did you mean …?": the known name that somebody meant.

use super::Table;

impl Table {
    /// The known name that is nearest to an unknown one: among its siblings first, then anywhere.
    pub(crate) fn nearest(&self, name: &str) -> Option<&'static str> {
        let group = |name: &str| name.rfind('.').map_or(0, |dot| dot + 1);
        let own_group = name.get(..group(name)).unwrap_or_default();
        let tail = |name: &'static str| name.get(group(name)..).unwrap_or(name);
        let wanted = plain(name.get(group(name)..).unwrap_or(name));
        let best = |same_group: bool, enough: f64| {
            self.parameters()
                .map(|(_, parameter)| parameter.name)
                .filter(|known| !same_group || known.get(..group(known)) == Some(own_group))
                .map(|known| {
                    let whole = strsim::normalized_damerau_levenshtein(&plain(name), &plain(known));
                    let last = strsim::normalized_damerau_levenshtein(&wanted, &plain(tail(known)));
                    (known, whole.max(last))
                })
                .filter(|(_, score)| *score >= enough)
                // The first of equals, so that the answer does not hang on the table's end.
                .fold(None, |best: Option<(&str, f64)>, next| match best {
                    Some(best) if best.1 >= next.1 => Some(best),
                    Some(_) | None => Some(next),
                })
                .map(|(name, _)| name)
        };
        best(true, 0.5).or_else(|| best(false, 0.6))
    }
}

/// `target-groups`, `TARGET_GROUPS` and `targetGroups` are the same word, misspelt or not.
fn plain(name: &str) -> String {
    // Nobody's typing slip is longer; the distance of megabytes would take for ever.
    name.chars().filter(|c| !matches!(c, '-' | '_')).take(64).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use crate::actions::table;

    #[test]
    fn the_nearest_name_is_the_one_that_was_meant() {
        for (typed, meant) in [
            ("clustr", "cluster"),
            ("targetGroups.bleu", "targetGroups.blue"),
            ("approve.submiter", "approve.submitter"),
            ("cleanup.aprove", "cleanup.approve"),
            ("cleanup.approve.time-out", "cleanup.approve.timeout"),
            ("target_groups", "targetGroups"),
            ("bake", "cleanup.bake"),
            ("targetGroup", "targetGroups"),
            ("poll-interval", "pollInterval"),
            ("roleARN", "roleArn"),
        ] {
            assert_eq!(table().nearest(typed), Some(meant), "{typed}");
        }
        assert_eq!(table().nearest("zzzzzzzzzz"), None);
        assert_eq!(table().nearest(""), None);
    }
}
