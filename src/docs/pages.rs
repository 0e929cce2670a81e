//! The pages of `vars/`, which Jenkins shows one after the other under *Global Variables Reference*: plain text in one `<pre>`,
//! since its default formatter shows tags as text. What a step does is its action's own words; for steps that are more than one
//! action, `docs/pages/` has the words, with `{keys}` in the place of the keys.

use serde_json::{Map, Value};

use crate::actions::table;
use crate::cli::{WIDTH, meaning_of, wrap};
use crate::config::nest_one;
use crate::config::table::{
    AGENT, Action, BUILD, BUILD_TAG, CANARY, CONFIRMATIONS, CONNECTION, CONTAINER, DEPLOYMENT, DRAIN, Fallback, GATES,
    Given, Group, HOOKS, IMAGE, Kind, LOOK, MAKEFILE, MIN_HEALTHY, OPTIONS, POLL_INTERVAL, Parameter, QUESTIONS,
    REPOSITORY, REVISION, SCALE, SERVICE, SETTLE, TASK_SET, TASK_SET_ARN, TEMPLATE, TIMEOUT, TRAFFIC, Table, VERDICTS,
    WEIGHT,
};

/// The page that explains a group's keys; others only name them. A group that is not here is one step's own.
const EXPLAINED: &[(&str, &[&Group])] = &[
    (
        DEPLOY,
        &[
            &DEPLOYMENT, &BUILD, &SERVICE, &TRAFFIC, &IMAGE, &CANARY, &VERDICTS, &QUESTIONS, &HOOKS, &AGENT,
            &CONNECTION, &OPTIONS,
        ],
    ),
    ("ecsBuildImage", &[&REPOSITORY, &MAKEFILE]),
    ("ecsRegisterTaskDefinition", &[&REVISION, &TEMPLATE]),
    ("ecsCreateTaskSet", &[&TASK_SET, &CONTAINER]),
    ("ecsWaitStable", &[&TASK_SET_ARN, &MIN_HEALTHY, &TIMEOUT, &POLL_INTERVAL, &CONFIRMATIONS]),
    ("ecsSwapLive", &[&SETTLE]),
    ("ecsShiftWeights", &[&WEIGHT]),
    ("ecsCheckGates", &[&GATES, &LOOK]),
    ("ecsScaleTaskSet", &[&SCALE]),
    ("ecsDeleteTaskSet", &[&DRAIN]),
];

/// What every step takes, in a block of its own.
const EVERY_STEP: &[&Group] = &[&AGENT, &CONNECTION, &OPTIONS];

const DEPLOY: &str = "blueGreenDeploy";

/// Steps that are more than an action: the actions whose keys they take.
const COMPOSED: &[(&str, &[&str])] = &[
    (
        DEPLOY,
        &[
            "preflight",
            "register-task-definition",
            "create-task-set",
            "wait-stable",
            "enable-test-listener",
            "swap-live",
            "set-primary",
            "rollback",
            "delete-task-set",
            "deregister-task-definition",
        ],
    ),
    ("ecsBuildImage", &["ecr-login"]),
    ("ecsPushImage", &["ecr-login"]),
];

/// Between a key and its value no line ends.
const UNBROKEN: &str = "\u{a0}";

/// A whole deployment gives these itself.
const GIVEN_BY_DEPLOYMENT: [&str; 2] = ["taskSetArn", "idleSince"];

/// Every step with a page of this kind.
pub(super) fn steps(table: &Table) -> impl Iterator<Item = &'static str> {
    COMPOSED.iter().map(|(step, _)| *step).chain(table.actions.iter().filter_map(|action| action.step))
}

/// A step's page.
pub(crate) fn page(table: &Table, step: &str) -> String {
    let text = match table.actions.iter().find(|action| action.step == Some(step)) {
        Some(action) => of_action(table, action, step),
        None => super::read(&format!("docs/pages/{step}.txt")).replace("{keys}\n", &keys(table, step)),
    };
    format!("<pre>{}</pre>\n", text.trim_end())
}

fn of_action(table: &Table, action: &Action, step: &str) -> String {
    let fails: Vec<_> = action.errors.iter().map(|(code, when)| format!("{when} ({code})")).collect();
    format!(
        "{}\n{}\n\n{}{}\n{}",
        wrap("", action.about, ""),
        wrap("    ", &format!("Map r = {step}({})", example(action)), "      ").replace(UNBROKEN, " "),
        keys(table, step),
        wrap("Returns: ", &format!("{}; changed, warnings.", action.result.join(", ")), ""),
        wrap("Fails, among others: ", &format!("{}.", fails.join("; ")), ""),
    )
}

/// The keys that a step takes: explained, or named with the page that explains them.
fn keys(table: &Table, step: &str) -> String {
    let taken = taken(table, step);
    let page =
        |group: &Group| EXPLAINED.iter().find(|(_, groups)| is_among(groups, group)).map_or(step, |(page, _)| page);
    let (own, others): (Vec<_>, Vec<_>) = taken.iter().partition(|(group, _)| page(group) == step);
    let (common, own): (Vec<_>, Vec<_>) = own.into_iter().partition(|(group, _)| is_among(EVERY_STEP, group));
    let mut pages: Vec<(&str, Vec<String>)> = Vec::new();
    for (group, parameter) in others.into_iter().filter(|(group, _)| !is_among(EVERY_STEP, group)) {
        let name = in_short(table, &taken, parameter);
        match pages.iter_mut().find(|(other, _)| *other == page(group)) {
            Some((_, names)) if names.contains(&name) => {}
            Some((_, names)) => names.push(name),
            None => pages.push((page(group), vec![name])),
        }
    }
    let mut pointers: Vec<_> =
        pages.iter().map(|(page, names)| format!("under {page}: {}", names.join(", "))).collect();
    let mut text = own.iter().map(|(_, parameter)| row(parameter)).collect::<Vec<_>>().concat();
    if common.is_empty() {
        pointers.push("what every step takes".to_owned());
    } else {
        text.push_str("What every step takes:\n");
        text.extend(common.iter().map(|(_, parameter)| row(parameter)));
    }
    text + &wrap("Keys explained ", &format!("{}.\n", pointers.join("; ")), "")
}

/// A key's name, with its default; of a map that is taken whole, the map's.
fn in_short(table: &Table, taken: &[(&Group, &Parameter)], parameter: &Parameter) -> String {
    let map = parameter.name.split('.').next().unwrap_or_default();
    let is_whole = |map: &str| {
        table.keys_of(map).all(|key| {
            let name = format!("{map}.{key}");
            taken.iter().any(|(_, other)| other.name == name)
        })
    };
    match parameter.default {
        _ if map != parameter.name && is_whole(map) => map.to_owned(),
        Fallback::Is(value) => format!("{} ({value})", parameter.name),
        Fallback::Nothing | Fallback::Required | Fallback::Depends(_) => parameter.name.to_owned(),
    }
}

fn row(parameter: &Parameter) -> String {
    let default = match parameter.default {
        Fallback::Nothing => String::new(),
        Fallback::Required => " (required)".to_owned(),
        Fallback::Is(value) | Fallback::Depends(value) => format!(" ({value})"),
    };
    format!("{}\n", wrap("  ", &format!("{}{default}: {}", parameter.name, meaning_of(parameter)), "    "))
}

/// The parameters that a step takes, in the order of the table.
fn taken(table: &Table, step: &str) -> Vec<(&'static Group, &'static Parameter)> {
    let composed = COMPOSED.iter().find(|(name, _)| *name == step).map(|(_, actions)| *actions);
    let actions: Vec<_> = table
        .actions
        .iter()
        .filter(|action| composed.map_or(action.step == Some(step), |names| names.contains(&action.name)))
        .collect();
    table
        .parameters()
        .filter(|(_, parameter)| parameter.kind != Kind::Group)
        .filter(|(group, parameter)| {
            let of_steps = match group.given {
                Given::Flag => false,
                Given::Option | Given::Step(None) => true,
                Given::Step(Some(steps)) => steps.contains(&step),
            };
            of_steps || actions.iter().any(|action| action.uses(parameter.name))
        })
        .filter(|(_, parameter)| step != DEPLOY || !GIVEN_BY_DEPLOYMENT.contains(&parameter.name))
        .collect()
}

/// A copy of a table has copies of its groups.
fn is_among(groups: &[&Group], one: &Group) -> bool {
    let first = |group: &Group| group.parameters.first().map(|parameter| parameter.name);
    groups.iter().any(|group| first(group) == first(one))
}

/// The example's parameters as a Jenkinsfile has them.
fn example(action: &Action) -> String {
    let mut nested = Map::new();
    for (name, value) in action.example.iter().filter(|(_, value)| *value != BUILD_TAG) {
        nest_one(&mut nested, name, Value::from(*value));
    }
    entries(&nested)
}

fn entries(map: &Map<String, Value>) -> String {
    let entry = |(name, value): (&String, &Value)| match value {
        Value::Object(inner) => format!("{name}:{UNBROKEN}[{}]", entries(inner)),
        Value::String(number) if number.chars().all(|c| c.is_ascii_digit()) => format!("{name}:{UNBROKEN}{number}"),
        Value::String(text) => format!("{name}:{UNBROKEN}'{text}'"),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => panic!("an example's values are texts"),
    };
    map.iter().map(entry).collect::<Vec<_>>().join(", ")
}

#[test]
fn a_page_is_text_that_both_of_jenkins_formatters_show() {
    let (mut pages, mut lines) = (0, 0);
    let all = std::fs::read_dir(super::root().join("vars")).unwrap().map(|entry| entry.unwrap().path());
    for path in all.filter(|path| path.extension().is_some_and(|extension| extension == "txt")) {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let made = steps(&table()).any(|step| step == name);
        let text = if made { page(&table(), name) } else { std::fs::read_to_string(&path).unwrap() };
        let inner = text.strip_prefix("<pre>").and_then(|text| text.strip_suffix("</pre>\n"));
        let Some(inner) = inner else { panic!("{name}: one <pre>") };
        assert!(!inner.contains(['<', '&', '\t']), "{name}");
        for line in inner.lines() {
            assert!(line.chars().count() <= WIDTH && line.trim_end() == line, "{name}: {line}");
        }
        assert!(made || inner.starts_with("Not for Jenkinsfiles: "), "{name} says for whom it is");
        (pages, lines) = (pages + 1, lines + text.lines().count());
    }
    assert!(lines < 18 * pages, "{pages} pages have {lines} lines: nobody reads so much");
}
