//! What a parameter takes, and how that is written.

use crate::rules::Format;

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Has keys of its own.
    Group,
    /// Has keys of its own, or is `false`; `true` means the defaults.
    Question,
    /// Has keys of its own; `true` means their defaults. Off where it is not given.
    Optional,
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
    /// Text as AWS takes it.
    Format(Format),
    /// A task's CPU.
    Cpu,
    /// A task's memory.
    Memory,
    /// Texts that must begin with this, and at most so many.
    Ids(&'static str, usize),
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
    /// More than 0 and less than 100, in tenths.
    Share,
    /// 1 or more, with a fraction.
    Factor,
    /// A period that CloudWatch knows.
    Period,
    /// Names of alarms.
    Alarms,
    /// Steps of a canary, or a name for them.
    Canary,
    Time,
    Bool,
    /// A closure of the pipeline: `true` where one was given.
    Hook,
    /// A label, or `true` for a closure.
    Agent,
}

/// How often a flag may be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Without a value.
    Switch,
    One,
    /// Again for each file. A path is no text, and need not be.
    Paths,
    /// Again for each item, or several separated by commas.
    List,
    /// Again for each NAME=VALUE.
    Map,
}

impl Kind {
    /// Maps of parameters have none, their keys have.
    pub(crate) fn has_flag(self) -> bool {
        !matches!(self, Self::Group | Self::Question | Self::Optional)
    }

    /// The form of its flag.
    pub(crate) fn form(self) -> Form {
        match self {
            Self::Bool => Form::Switch,
            Self::Files => Form::Paths,
            Self::Listeners | Self::Ids(..) | Self::Codes | Self::Providers | Self::Alarms => Form::List,
            Self::Images | Self::Variables | Self::Tags => Form::Map,
            Self::Group
            | Self::Question
            | Self::Optional
            | Self::Text
            | Self::DeploymentId
            | Self::Path
            | Self::Region
            | Self::Account
            | Self::Url
            | Self::Cluster
            | Self::Service
            | Self::Role
            | Self::TargetGroup
            | Self::TaskSet
            | Self::TaskDefinition
            | Self::Image
            | Self::Repository
            | Self::ImageTag
            | Self::Format(_)
            | Self::Cpu
            | Self::Memory
            | Self::People
            | Self::OneOf(_)
            | Self::Enabled
            | Self::Duration(_)
            | Self::Integer(..)
            | Self::Percent
            | Self::Share
            | Self::Factor
            | Self::Period
            | Self::Canary
            | Self::Time
            | Self::Hook
            | Self::Agent => Form::One,
        }
    }

    /// The word for a value in a flag's usage, where the parameter has no better one.
    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::DeploymentId | Self::Account | Self::Ids(..) => "ID",
            Self::Path | Self::Files => "FILE",
            Self::Region => "REGION",
            Self::Url => "URL",
            Self::Cluster
            | Self::Service
            | Self::Repository
            | Self::People
            | Self::Providers
            | Self::Alarms
            | Self::Canary => "NAME",
            Self::Role | Self::TargetGroup | Self::Listeners | Self::TaskSet => "ARN",
            Self::TaskDefinition => "REVISION",
            Self::Image => "IMAGE",
            Self::Images => "CONTAINER=IMAGE",
            Self::ImageTag => "TAG",
            Self::Variables => "NAME=VALUE",
            Self::Tags => "KEY=VALUE",
            Self::Codes => "CODE",
            Self::OneOf(_) => "WORD",
            Self::Enabled => "STATE",
            Self::Duration(_) | Self::Period | Self::Time => "TIME",
            Self::Integer(..) | Self::Factor => "N",
            Self::Percent | Self::Share => "PERCENT",
            Self::Agent => "LABEL",
            Self::Cpu => "UNITS",
            Self::Memory => "MIB",
            Self::Text | Self::Format(_) | Self::Group | Self::Question | Self::Optional | Self::Bool | Self::Hook => {
                "TEXT"
            }
        }
    }

    /// Whether what it takes belongs to what it means: numbers with an end, a choice.
    pub(crate) fn is_limited(self) -> bool {
        matches!(self, Self::Integer(..) | Self::Percent | Self::Share | Self::OneOf(_) | Self::Enabled | Self::Time)
    }

    /// In a few words, for the reference.
    pub(crate) fn takes(self) -> String {
        let words = match self {
            Self::Group => "a map of its keys",
            Self::Question => "a map of its keys, or `false`",
            Self::Optional => "a map of its keys, `true` or `false`",
            Self::Text | Self::Format(_) | Self::DeploymentId => "text",
            Self::Path => "path",
            Self::Files => "paths",
            Self::Region => "region",
            Self::Account => "12 digits, in quotes",
            Self::Url => "URL",
            Self::Cluster | Self::Service => "name or ARN",
            Self::Role | Self::TargetGroup | Self::TaskSet => "ARN",
            Self::Listeners => "list of ARNs",
            Self::TaskDefinition => "`family:revision` or ARN",
            Self::Image => "image",
            Self::Images => "map of images by container",
            Self::Repository => "name",
            Self::ImageTag => "tag",
            Self::Variables => "map, or map of maps by container",
            Self::Tags => "map",
            Self::Cpu => "CPU units",
            Self::Memory => "MiB",
            Self::Ids(prefix, _) => return format!("list of `{prefix}…`"),
            Self::People | Self::Alarms => "list of names",
            Self::Codes => "list of codes",
            Self::OneOf(names) => {
                return names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
            }
            Self::Enabled => "`ENABLED` or `DISABLED`",
            Self::Providers => "list of `NAME`, `NAME:WEIGHT:BASE` or `{name, weight, base}`",
            Self::Duration(_) => "duration",
            Self::Integer(least, most) => return format!("{least} to {most}"),
            Self::Percent => "0 to 100",
            Self::Share => "0.1 to 99.9",
            Self::Factor => "1 or more",
            Self::Period => "duration, whole minutes or 1, 5, 10, 20 or 30 s",
            Self::Canary => "list of steps, or a name",
            Self::Time => "RFC 3339 in UTC",
            Self::Bool => "`true` or `false`",
            Self::Hook => "closure",
            Self::Agent => "label or closure",
        };
        words.to_owned()
    }
}
