use std::collections::BTreeSet;
use std::ffi::OsString;

use serde::de::value::Error as Refused;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde_json::{Map, Value, json};

use super::*;
use crate::actions::table;
use crate::cli::{Parsed, command, parse};
use crate::config::settings::{Connection, Listeners, Settings, TaskSetOverrides, VersionSource};
use crate::config::values::normalise;
use crate::config::{ErrorsGate, Gates, LatencyGate};
use crate::config::{PARAMS, load};
use crate::model::Pair;

#[test]
fn names_are_unique_and_every_map_comes_before_its_keys() {
    let table = table();
    let names: Vec<_> = table.parameters().map(|(_, parameter)| parameter.name).collect();
    for (at, name) in names.iter().enumerate() {
        assert!(!names.iter().skip(at + 1).any(|other| other == name), "{name}");
        if let Some((map, _)) = name.rsplit_once('.') {
            assert!(matches!(table.find(map).unwrap().kind, Kind::Group | Kind::Question | Kind::Optional), "{name}");
            assert!(names.iter().take(at).any(|other| *other == map), "{name}");
        }
    }
}

#[test]
fn an_action_takes_groups_of_the_table_and_each_once() {
    let all: BTreeSet<_> = table().parameters().map(|(_, parameter)| parameter.name).collect();
    for action in table().actions {
        let own: Vec<_> = action.parameters().map(|(_, parameter)| parameter.name).collect();
        assert_eq!(own.iter().collect::<BTreeSet<_>>().len(), own.len(), "{}", action.name);
        assert!(own.iter().all(|name| all.contains(name)), "{}", action.name);
    }
}

#[test]
fn what_is_said_can_be_shown_everywhere() {
    let table = table();
    let parameters = table.parameters().map(|(_, parameter)| (parameter.name, parameter.meaning));
    let actions = table.actions.iter().flat_map(|action| [(action.name, action.line), (action.name, action.about)]);
    for (name, text) in parameters.chain(actions) {
        assert!(!text.contains(['<', '&', '|', '\n']) && !text.contains("  "), "{name}: {text}");
        assert!(text.starts_with(char::is_uppercase) && !text.is_empty(), "{name}: {text}");
    }
    for (_, parameter) in table.parameters() {
        assert!(!parameter.meaning.ends_with('.'), "{}: one sentence, which goes on with its default", parameter.name);
    }
}

#[test]
fn defaults_and_examples_are_values_that_their_parameters_take() {
    let table = table();
    for (_, parameter) in table.parameters() {
        if let Fallback::Is(value) = parameter.default {
            assert!(normalise(parameter.kind, &value.into()).is_ok(), "{}", parameter.name);
        }
    }
    for action in &table.actions {
        for (name, value) in action.example {
            let parameter = table.find(name).unwrap_or_else(|| panic!("{}: {name}", action.name));
            assert!(action.uses(name) || OPTIONS.parameters.iter().any(|option| option.name == *name), "{name}");
            assert!(normalise(parameter.kind, &(*value).into()).is_ok(), "{}: {name}", action.name);
        }
    }
}

/// The names that a structure reads, as serde knows them.
struct Names(&'static str);

impl Names {
    fn of<'de, T: Deserialize<'de>>(map: &str) -> Vec<String> {
        let names = T::deserialize(Names("")).err().map(|error| error.to_string()).unwrap();
        names.split(' ').map(|name| format!("{map}{name}")).collect()
    }
}

impl<'de> Deserializer<'de> for Names {
    type Error = Refused;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Refused> {
        Err(Refused::custom(self.0))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Refused> {
        Err(Refused::custom(fields.join(" ")))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[test]
fn the_settings_read_every_parameter_of_an_action_and_nothing_else() {
    let read: BTreeSet<String> = [
        Names::of::<Settings>(""),
        Names::of::<Connection>(""),
        Names::of::<VersionSource>(""),
        Names::of::<TaskSetOverrides>(""),
        Names::of::<Pair<String>>("targetGroups."),
        Names::of::<Pair<u16>>("weights."),
        Names::of::<Listeners>("listeners."),
        Names::of::<Gates>("gates."),
        Names::of::<ErrorsGate>("gates.errors."),
        Names::of::<LatencyGate>("gates.latency."),
    ]
    .concat()
    .into_iter()
    .collect();
    let declared: BTreeSet<String> = table()
        .parameters()
        .filter(|(group, _)| !matches!(group.given, Given::Step(_)))
        .map(|(_, parameter)| parameter.name.to_owned())
        // Files are read before there are settings.
        .filter(|name| name != "config")
        .collect();
    assert_eq!(read, declared);
}

/// A copy of the table with one more parameter in a group.
fn with(group: &'static Group, parameter: Parameter) -> Table {
    let first = |group: &Group| group.parameters.first().map(|parameter| parameter.name);
    let same = |one: &Group| first(one) == first(group);
    let mut parameters: Vec<Parameter> = group
        .parameters
        .iter()
        .map(|known| Parameter {
            name: known.name,
            kind: known.kind,
            unit: known.unit,
            meaning: known.meaning,
            default: known.default,
        })
        .collect();
    parameters.push(parameter);
    let wider: &'static Group =
        Box::leak(Box::new(Group { section: group.section, given: group.given, parameters: Vec::leak(parameters) }));
    let replaced = |groups: &[&'static Group]| -> Vec<&'static Group> {
        groups.iter().map(|one| if same(one) { wider } else { *one }).collect()
    };
    let Table { groups, actions } = table();
    Table {
        groups: replaced(&groups),
        actions: actions
            .into_iter()
            .map(|action| {
                let takes = Vec::leak(replaced(action.takes));
                &*Box::leak(Box::new(Action { takes, ..*action }))
            })
            .collect(),
    }
}

/// The bar of this table: nothing else has to be touched.
#[test]
fn an_entry_alone_is_a_documented_and_validated_flag() {
    let pretend = parameter("patience", Kind::Duration(1000), "How long somebody is patient").default("90s");
    let table = with(&MIN_HEALTHY, pretend);
    let line = |arguments: &[&str]| {
        parse(&table, std::iter::once("ecs-bg").chain(arguments.iter().copied()).map(OsString::from))
    };
    let loaded = |action: &str, flags: Map<String, Value>, params: Value| {
        let env = |name: &str| (name == PARAMS).then(|| OsString::from(params.to_string()));
        load(&table, table.action(action).unwrap(), flags, Vec::new(), env, |_| Ok(Vec::new()))
    };

    let mut all = command(&table);
    all.build();
    let help =
        |all: &mut clap::Command, action: &str| all.find_subcommand_mut(action).unwrap().render_help().to_string();
    let told = help(&mut all, "swap-live");
    let words = "How long somebody is patient; seconds, or as 10m, 1h30m, 500ms. Default: 90s";
    assert!(told.lines().any(|line| line.contains("--patience <TIME> ") && line.ends_with(words)), "{told}");
    assert!(!help(&mut all, "status").contains("patience"));

    let Parsed::Run(run) = line(&["swap-live", "--patience", "2m"]) else { panic!("it is a flag") };
    assert_eq!(Value::Object(run.flags.clone()), json!({"patience": "2m"}));
    let resolved = |flags, params| loaded("swap-live", flags, params).unwrap().pipeline.resolved["patience"].clone();
    assert_eq!(resolved(run.flags, json!({})), json!(120));
    assert_eq!(resolved(Map::new(), json!({"patience": "1m"})), json!(60));
    assert_eq!(resolved(Map::new(), json!({})), json!(90), "the default");

    let error = loaded("swap-live", Map::new(), json!({"patience": "soon"})).unwrap_err();
    assert_eq!(error.message, "`patience` (ECS_BG_PARAMS) is wrong: 'soon' is not a duration");
    let error = loaded("swap-live", Map::new(), json!({"patiense": 1})).unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("did you mean `patience`?"));
    let Parsed::Wrong { error, .. } = line(&["status", "--patience", "2m"]) else { panic!("status does not take it") };
    assert!(error.hint.unwrap().contains("`status` does not use --patience"));
    let Parsed::Text(entry) = line(&["help", "--patience"]) else { panic!("it has an entry") };
    assert!(entry.contains("How long somebody is patient") && entry.contains("Default:  90s"), "{entry}");

    assert!(
        crate::docs::configuration(&table).contains("| `patience` | duration | 90s | How long somebody is patient |")
    );
    assert!(crate::docs::page(&table, "ecsWaitStable").contains("  patience (90s): How long somebody is patient"));
}
