//! Every parameter there is: its name, its type, and who uses it. The one place that knows them.

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// Has keys of its own.
    Group,
    /// Has keys of its own, or is `false`; `true` means the defaults.
    Question,
    /// Any text but the empty one.
    Text,
    /// Text of 1 to 255 characters.
    DeploymentId,
    /// A path.
    Path,
    /// Paths of further parameter files.
    Files,
    /// A region's name.
    Region,
    /// Twelve digits.
    Account,
    /// http or https, with a host.
    Url,
    Cluster,
    Service,
    Role,
    TargetGroup,
    /// ARNs of listeners or rules.
    Listeners,
    TaskSet,
    /// ARN or family:revision.
    TaskDefinition,
    /// An image's reference.
    Image,
    /// Images by container.
    Images,
    /// A repository's name, with or without its registry.
    Repository,
    ImageTag,
    /// Variables, or variables by container. Their values are never repeated in a message.
    Variables,
    /// Tags of AWS resources.
    Tags,
    /// Texts that must begin with this.
    Ids(&'static str),
    /// Names, joined by commas.
    People,
    /// Codes of refusals.
    Codes,
    OneOf(&'static [&'static str]),
    /// ENABLED, DISABLED, true or false.
    Enabled,
    Providers,
    /// Not below this many milliseconds.
    Duration(u64),
    Integer(i64, i64),
    /// 0 to 100, with a fraction.
    Percent,
    Time,
    Bool,
    /// A closure of the pipeline: `true` where one was given.
    Hook,
    /// A label, or `true` for a closure.
    Agent,
}

/// Who uses a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum User {
    /// At least one action; it is a flag of those.
    Action,
    /// Every action, by a global option.
    Global,
    /// The pipeline alone: known to files and JSON, and no flag.
    Pipeline,
}

/// A parameter.
#[derive(Debug)]
pub(super) struct Key {
    /// camelCase; a dot where it is in a group.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) user: User,
}

const fn action(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, user: User::Action }
}

const fn pipeline(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, user: User::Pipeline }
}

const fn global(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, user: User::Global }
}

/// All of them.
pub(super) const KEYS: &[Key] = &[
    global("config", Kind::Files),
    global("allow", Kind::Codes),
    global("dryRun", Kind::Bool),
    action("cluster", Kind::Cluster),
    action("service", Kind::Service),
    action("region", Kind::Region),
    action("profile", Kind::Text),
    action("roleArn", Kind::Role),
    action("roleExternalId", Kind::Text),
    action("roleSessionName", Kind::Text),
    action("endpointUrl", Kind::Url),
    action("accountId", Kind::Account),
    action("maxAttempts", Kind::Integer(1, 20)),
    action("attemptTimeout", Kind::Duration(100)),
    action("operationTimeout", Kind::Duration(100)),
    pipeline("targetGroups", Kind::Group),
    action("targetGroups.blue", Kind::TargetGroup),
    action("targetGroups.green", Kind::TargetGroup),
    pipeline("listeners", Kind::Group),
    action("listeners.live", Kind::Listeners),
    action("listeners.test", Kind::Listeners),
    action("deploymentId", Kind::DeploymentId),
    action("taskSetArn", Kind::TaskSet),
    action("build", Kind::Text),
    action("taskDefinition", Kind::Path),
    action("taskDefinitionArn", Kind::TaskDefinition),
    action("taskSet", Kind::Path),
    action("image", Kind::Image),
    action("images", Kind::Images),
    action("family", Kind::Text),
    action("containerName", Kind::Text),
    action("containerPort", Kind::Integer(1, 65535)),
    action("environment", Kind::Variables),
    action("secrets", Kind::Variables),
    action("taskRoleArn", Kind::Role),
    action("executionRoleArn", Kind::Role),
    action("logGroup", Kind::Text),
    action("logRegion", Kind::Region),
    action("cpu", Kind::Text),
    action("memory", Kind::Text),
    action("tags", Kind::Tags),
    action("subnets", Kind::Ids("subnet-")),
    action("securityGroups", Kind::Ids("sg-")),
    action("assignPublicIp", Kind::Enabled),
    action("launchType", Kind::OneOf(&["EC2", "FARGATE", "EXTERNAL", "MANAGED_INSTANCES"])),
    action("capacityProviders", Kind::Providers),
    action("platformVersion", Kind::Text),
    action("repository", Kind::Repository),
    action("tag", Kind::ImageTag),
    pipeline("weights", Kind::Group),
    action("weights.blue", Kind::Integer(0, 999)),
    action("weights.green", Kind::Integer(0, 999)),
    action("scale", Kind::Percent),
    action("minHealthy", Kind::Integer(1, 100)),
    action("timeout", Kind::Duration(0)),
    action("settle", Kind::Duration(0)),
    action("pollInterval", Kind::Duration(100)),
    action("confirmations", Kind::Integer(1, 100)),
    action("drain", Kind::Duration(0)),
    action("idleSince", Kind::Time),
    pipeline("agent", Kind::Agent),
    pipeline("checkout", Kind::Bool),
    pipeline("validate", Kind::Hook),
    pipeline("notify", Kind::Hook),
    pipeline("helper", Kind::Text),
    pipeline("onFailure", Kind::OneOf(&["rollback", "keep"])),
    pipeline("approve", Kind::Question),
    pipeline("approve.message", Kind::Text),
    pipeline("approve.submitter", Kind::People),
    pipeline("approve.submitterParameter", Kind::Text),
    pipeline("approve.timeout", Kind::Duration(1000)),
    pipeline("cleanup", Kind::Group),
    pipeline("cleanup.bake", Kind::Duration(0)),
    pipeline("cleanup.approve", Kind::Question),
    pipeline("cleanup.approve.message", Kind::Text),
    pipeline("cleanup.approve.submitter", Kind::People),
    pipeline("cleanup.approve.submitterParameter", Kind::Text),
    pipeline("cleanup.approve.timeout", Kind::Duration(1000)),
    pipeline("cleanup.previous", Kind::OneOf(&["delete", "keep"])),
    pipeline("cleanup.deregister", Kind::Bool),
    pipeline("context", Kind::Path),
    pipeline("dockerfile", Kind::Path),
    pipeline("makefile", Kind::Path),
];

/// The parameter of this name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

/// The known name that is nearest to an unknown one: among its siblings first, then anywhere.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let group = |name: &str| name.rfind('.').map_or(0, |dot| dot + 1);
    let own_group = name.get(..group(name)).unwrap_or_default();
    let tail = |name: &'static str| name.get(group(name)..).unwrap_or(name);
    let wanted = plain(name.get(group(name)..).unwrap_or(name));
    let best = |same_group: bool, enough: f64| {
        KEYS.iter()
            .filter(|key| !same_group || key.name.get(..group(key.name)) == Some(own_group))
            .map(|key| {
                let whole = strsim::normalized_damerau_levenshtein(&plain(name), &plain(key.name));
                let last = strsim::normalized_damerau_levenshtein(&wanted, &plain(tail(key.name)));
                (key.name, whole.max(last))
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

/// `target-groups`, `TARGET_GROUPS` and `targetGroups` are the same word, misspelt or not.
fn plain(name: &str) -> String {
    // Nobody's typing slip is longer; the distance of megabytes would take for ever.
    name.chars().filter(|c| !matches!(c, '-' | '_')).take(64).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_group_comes_before_its_keys() {
        for (at, key) in KEYS.iter().enumerate() {
            assert!(KEYS.iter().skip(at + 1).all(|other| other.name != key.name), "{}", key.name);
            if let Some((group, _)) = key.name.rsplit_once('.') {
                assert!(matches!(find(group).unwrap().kind, Kind::Group | Kind::Question), "{}", key.name);
            }
        }
    }

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
            assert_eq!(nearest(typed), Some(meant), "{typed}");
        }
        assert_eq!(nearest("zzzzzzzzzz"), None);
        assert_eq!(nearest(""), None);
    }
}
