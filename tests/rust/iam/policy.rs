//! The policies of `resources/iam`, judged as IAM judges them: an allowed action, on an allowed resource, with every
//! condition met. Nothing else of IAM's language is in them, and nothing else is understood here.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::stand_in::root;
use crate::support::{Value, World};

/// What AWS asks of a caller for one call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Need {
    pub(crate) action: String,
    /// `*` where AWS knows no resource for the action.
    pub(crate) resource: String,
    /// The condition keys that the call brings along.
    pub(crate) context: BTreeMap<&'static str, String>,
}

/// What the words in braces stand for. Several where a team has several, of listeners say: each gets a line of its own.
pub(crate) struct Names(BTreeMap<&'static str, Vec<String>>);

impl Names {
    /// Those of a world's service.
    pub(crate) fn of(world: &World) -> Self {
        let one = |name: &str| vec![world.text(name)];
        let after = |arn: &str, word: &str| arn.split_once(word).unwrap().1.to_owned();
        let listeners = |arns: Vec<String>| arns.iter().map(|arn| after(arn, ":listener/")).collect::<Vec<_>>();
        let role = |name: &str| vec![after(&world.text(name), ":role/")];
        let live = [vec![world.text("listenerArns/live")], world.list("extraListeners")].concat();
        Self(BTreeMap::from([
            ("partition", vec!["aws".to_owned()]),
            ("region", one("region")),
            ("account", vec![world.account_id()]),
            ("cluster", one("cluster")),
            ("service", one("service")),
            // The fixture calls the family as the service.
            ("family", one("service")),
            ("repository", one("repository")),
            ("task-role", role("taskRoleArn")),
            ("execution-role", role("executionRoleArn")),
            ("live-listener", listeners(live)),
            ("test-listener", listeners(vec![world.text("listenerArns/test")])),
        ]))
    }

    fn fill(&self, template: &str) -> Vec<String> {
        let fill = |texts: Vec<String>, (name, values): (&&str, &Vec<String>)| {
            let word = format!("{{{name}}}");
            let each = |text: String| values.iter().map(|value| text.replace(&word, value)).collect::<BTreeSet<_>>();
            texts.into_iter().flat_map(each).collect()
        };
        let filled: Vec<String> = self.0.iter().fold(vec![template.to_owned()], fill);
        assert!(filled.iter().all(|text| !text.contains('{')), "an unknown word in braces: {template}");
        filled
    }
}

/// A statement of a policy; its resources and conditions as they stand there, with words in braces.
struct Statement {
    sid: String,
    actions: Vec<String>,
    resources: Vec<String>,
    /// Operator, key, values.
    conditions: Vec<(String, String, Vec<String>)>,
}

pub(crate) struct Policy(Vec<Statement>);

/// One thing that a policy allows, or one condition value that it names.
pub(crate) type Grant = String;

impl Policy {
    /// A policy of `resources/iam`.
    pub(crate) fn read(name: &str) -> Self {
        let statements = text(name)["Statement"].as_array().unwrap().clone();
        Self(statements.iter().map(statement).collect())
    }

    /// What of it allows this; nothing where it is denied.
    pub(crate) fn grants(&self, names: &Names, need: &Need) -> Vec<Grant> {
        self.0.iter().flat_map(|statement| statement.grants(names, need)).collect()
    }

    /// Everything that it allows.
    pub(crate) fn all(&self) -> BTreeSet<Grant> {
        let of = |statement: &Statement| {
            let values = statement.conditions.iter().flat_map(|(_, key, values)| {
                values.iter().map(|value| statement.value(key, value)).collect::<Vec<_>>()
            });
            let pairs = statement.actions.iter().flat_map(|action| {
                statement.resources.iter().map(|resource| statement.pair(action, resource)).collect::<Vec<_>>()
            });
            pairs.chain(values).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(of).collect()
    }
}

/// A policy as it stands in its file.
pub(crate) fn text(name: &str) -> Value {
    let text = std::fs::read_to_string(root().join("resources/iam").join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn statement(read: &Value) -> Statement {
    for (key, value) in read.as_object().unwrap() {
        match &**key {
            "Sid" | "Action" | "Resource" | "Condition" => {}
            "Effect" => assert_eq!(value, "Allow", "{read}"),
            other => panic!("{other} is not understood: {read}"),
        }
    }
    let operators = read["Condition"].as_object().into_iter().flatten();
    let conditions = operators.flat_map(|(operator, keys)| {
        assert!(["StringEquals", "ArnEquals"].contains(&&**operator), "{operator} is not understood: {read}");
        let keys = keys.as_object().unwrap().iter();
        keys.map(|(key, values)| (operator.clone(), key.clone(), list(values))).collect::<Vec<_>>()
    });
    Statement {
        sid: read["Sid"].as_str().unwrap().to_owned(),
        actions: list(&read["Action"]),
        resources: list(&read["Resource"]),
        conditions: conditions.collect(),
    }
}

fn list(one_or_several: &Value) -> Vec<String> {
    match one_or_several.as_array() {
        None => vec![one_or_several.as_str().unwrap().to_owned()],
        Some(several) => several.iter().map(|value| value.as_str().unwrap().to_owned()).collect(),
    }
}

impl Statement {
    fn pair(&self, action: &str, resource: &str) -> Grant {
        format!("{}: {action} on {resource}", self.sid)
    }

    fn value(&self, key: &str, value: &str) -> Grant {
        format!("{}: {key} is {value}", self.sid)
    }

    fn grants(&self, names: &Names, need: &Need) -> Vec<Grant> {
        let mut found = Vec::new();
        for (_, key, values) in &self.conditions {
            // A key that the call does not bring along is a condition that is not met.
            let given = need.context.get(&**key);
            let met = |value: &&String| given.is_some_and(|given| names.fill(value).iter().any(|text| text == given));
            match values.iter().find(met) {
                Some(value) => found.push(self.value(key, value)),
                None => return Vec::new(),
            }
        }
        // Actions are spelt out in full: the test that no star is among them is in tests/examples.
        if !self.actions.contains(&need.action) {
            return Vec::new();
        }
        let allowed = |template: &&String| names.fill(template).iter().any(|pattern| matches(pattern, &need.resource));
        match self.resources.iter().find(allowed) {
            Some(template) => found.push(self.pair(&need.action, template)),
            None => return Vec::new(),
        }
        found
    }
}

/// IAM's wildcard: `*` is any text, slashes and colons too.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((head, tail)) => text.strip_prefix(head).is_some_and(|rest| {
            (0..=rest.len()).filter(|at| rest.is_char_boundary(*at)).any(|at| matches(tail, &rest[at..]))
        }),
    }
}

#[test]
fn a_star_is_any_text_and_nothing_else_is() {
    for (pattern, text) in [("*", "x"), ("a/*", "a/b/c"), ("a/*/c", "a/b/c"), ("a*", "a"), ("a", "a")] {
        assert!(matches(pattern, text), "{pattern} {text}");
    }
    for (pattern, text) in [("a/*", "a"), ("a", "ab"), ("a/*/c", "a/b"), ("", "a"), ("a:*", "ab:1")] {
        assert!(!matches(pattern, text), "{pattern} {text}");
    }
}
