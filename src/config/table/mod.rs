//! Every parameter, once: its name, what it takes, what it means, what holds without it. Parameters stand in groups; an
//! action says in its own file which groups it takes. The command line, what JSON and files may hold, `docs/` and the pages of
//! `vars/` follow from this.
//!
//! A new parameter is an entry in a group. Whatever follows from the table is a function of a [`Table`] that is handed over, so
//! that a test can do it with another one.

mod aws;
mod canary;
mod kind;
mod nearest;
mod pipeline;
mod report;
mod service;
mod task_set;
mod version;
mod waiting;

pub(crate) use aws::CONNECTION;
pub(crate) use canary::{CANARY, GATES, LOOK, VERDICTS, WEIGHT};
pub(crate) use kind::{Form, Kind};
pub(crate) use pipeline::{AGENT, BUILDING, HOOKS, MAKEFILE, OPTIONS, QUESTIONS};
pub(crate) use report::REPORT;
pub(crate) use service::{BUILD, DEPLOYMENT, SERVICE, TASK_SET_ARN, TRAFFIC, WEIGHTS};
pub(crate) use task_set::{SCALE, TASK_SET};
pub(crate) use version::{CONTAINER, IMAGE, REPOSITORY, REVISION, TEMPLATE};
pub(crate) use waiting::{CONFIRMATIONS, DRAIN, IDLE_SINCE, MIN_HEALTHY, POLL_INTERVAL, SETTLE, TIMEOUT};

/// All groups, in the order of the documentation.
pub(crate) const GROUPS: &[&Group] = &[
    &DEPLOYMENT, &BUILD, &TASK_SET_ARN, &SERVICE, &TRAFFIC, &WEIGHTS, &WEIGHT, &CANARY, &GATES, &VERDICTS, &LOOK,
    &IMAGE, &REPOSITORY, &BUILDING, &MAKEFILE, &TEMPLATE, &REVISION, &TASK_SET, &CONTAINER, &SCALE, &MIN_HEALTHY,
    &TIMEOUT, &SETTLE, &POLL_INTERVAL, &CONFIRMATIONS, &DRAIN, &IDLE_SINCE, &QUESTIONS, &HOOKS, &AGENT, &REPORT,
    &CONNECTION, &OPTIONS,
];

/// A parameter.
#[derive(Debug)]
pub(crate) struct Parameter {
    /// camelCase; a dot where it is in a map.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// The word for a value in a flag's usage.
    pub(crate) unit: &'static str,
    /// One sentence, the same in `--help`, in `docs/` and on Jenkins' pages. On these `<` and `&` would not be shown.
    pub(crate) meaning: &'static str,
    pub(crate) default: Fallback,
}

/// What holds where a parameter is not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fallback {
    Nothing,
    /// Most actions cannot do without it.
    Required,
    /// This value, as somebody would write it.
    Is(&'static str),
    /// It depends, on this.
    Depends(&'static str),
}

/// An entry of the table.
const fn parameter(name: &'static str, kind: Kind, meaning: &'static str) -> Parameter {
    Parameter { name, kind, unit: kind.unit(), meaning, default: Fallback::Nothing }
}

impl Parameter {
    const fn unit(self, unit: &'static str) -> Self {
        Self { unit, ..self }
    }

    const fn required(self) -> Self {
        Self { default: Fallback::Required, ..self }
    }

    const fn default(self, value: &'static str) -> Self {
        Self { default: Fallback::Is(value), ..self }
    }

    const fn otherwise(self, words: &'static str) -> Self {
        Self { default: Fallback::Depends(words), ..self }
    }

    /// Its flag: kebab-case, a dot becomes a dash.
    pub(crate) fn flag(&self) -> String {
        flag_name(self.name)
    }
}

/// Parameters that are taken together.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) section: Section,
    pub(crate) given: Given,
    pub(crate) parameters: &'static [Parameter],
}

/// How a parameter can be given, beside JSON and files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Given {
    /// A flag of the actions that take it.
    Flag,
    /// An option of the program, whatever the action.
    Option,
    /// Not at all: these steps of the Jenkins library use it, or all of them.
    Step(Option<&'static [&'static str]>),
}

/// What a group is about: the heading it stands under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Deployment,
    Service,
    Traffic,
    Canary,
    Image,
    TaskDefinition,
    TaskSet,
    Waiting,
    Pipeline,
    Report,
    Aws,
    Every,
}

impl Section {
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::Service => "Service",
            Self::Traffic => "Traffic",
            Self::Canary => "Canary and gates",
            Self::Image => "Image",
            Self::TaskDefinition => "Task definition",
            Self::TaskSet => "Task set",
            Self::Waiting => "Waiting",
            Self::Pipeline => "Pipeline",
            Self::Report => "Report",
            Self::Aws => "AWS",
            Self::Every => "Every action",
        }
    }
}

/// An action, as its file declares it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Action {
    /// As on the command line and in the JSON's `action`.
    pub(crate) name: &'static str,
    /// The step of the Jenkins library that is this action alone.
    pub(crate) step: Option<&'static str>,
    /// Its line in the list of actions.
    pub(crate) line: &'static str,
    /// What it does, in a few sentences.
    pub(crate) about: &'static str,
    pub(crate) takes: &'static [&'static Group],
    /// What may follow after `--`.
    pub(crate) command: Option<&'static str>,
    /// The keys of its `result`.
    pub(crate) result: &'static [&'static str],
    /// Of its errors those worth naming: the code, and when it comes.
    pub(crate) errors: &'static [(&'static str, &'static str)],
    /// Parameters of a call; of a deployment's id [`BUILD_TAG`], where a step of Jenkins needs none.
    pub(crate) example: &'static [(&'static str, &'static str)],
}

/// In examples: what the steps of the Jenkins library take where no id is given.
pub(crate) const BUILD_TAG: &str = "$BUILD_TAG";

/// All parameters and all actions.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) groups: Vec<&'static Group>,
    pub(crate) actions: Vec<&'static Action>,
}

impl Table {
    /// Every parameter, with its group.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static Group, &'static Parameter)> {
        self.groups.iter().flat_map(|group| group.parameters.iter().map(|parameter| (*group, parameter)))
    }

    /// The parameter of this name.
    pub(crate) fn find(&self, name: &str) -> Option<&'static Parameter> {
        self.parameters().map(|(_, parameter)| parameter).find(|parameter| parameter.name == name)
    }

    /// The keys of a map of parameters.
    pub(crate) fn keys_of(&self, name: &str) -> impl Iterator<Item = &'static str> {
        self.parameters()
            .filter_map(move |(_, other)| other.name.strip_prefix(name)?.strip_prefix('.'))
            .filter(|name| !name.contains('.'))
    }

    /// The action of this name.
    pub(crate) fn action(&self, name: &str) -> Option<&'static Action> {
        self.actions.iter().copied().find(|action| action.name == name)
    }

    /// Whether this is a flag of any action.
    pub(crate) fn is_flag(&self, flag: &str) -> bool {
        let name = flag.trim_start_matches('-').split(['=', ' ']).next().unwrap_or_default();
        self.parameters().any(|(group, parameter)| {
            !matches!(group.given, Given::Step(_)) && parameter.kind.has_flag() && parameter.flag() == name
        })
    }
}

impl Action {
    /// The parameters that it takes, with their groups.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = (&'static Group, &'static Parameter)> {
        self.takes.iter().flat_map(|group| group.parameters.iter().map(|parameter| (*group, parameter)))
    }

    /// Whether it takes the parameter of this name.
    pub(crate) fn uses(&self, name: &str) -> bool {
        self.parameters().any(|(_, parameter)| parameter.name == name)
    }
}

/// The flag of a parameter: kebab-case, a dot becomes a dash.
pub(crate) fn flag_name(key: &str) -> String {
    let mut flag = String::new();
    for c in key.chars() {
        match c {
            '.' => flag.push('-'),
            c if c.is_ascii_uppercase() => {
                flag.push('-');
                flag.push(c.to_ascii_lowercase());
            }
            c => flag.push(c),
        }
    }
    flag
}

#[cfg(test)]
mod tests;
