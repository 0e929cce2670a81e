//! What is read here is what GNU make reads.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::*;

const NAMES: [&str; 6] = ["APP_NAME", "LOG_GROUP", "REPO_NAME", "X", "E", "Y-z.1"];

/// What make's command line has, and what stands for it here.
const GIVEN: &[(&str, char)] = &[("REGION", '\u{fdd0}')];

/// What make makes of each name; `None` where it ends with an error. Like the pipeline, it is given the region.
fn by_make(text: &str) -> Option<BTreeMap<&'static str, String>> {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("m.env"), text).unwrap();
    let mut printer = "include m.env\n".to_owned();
    for name in NAMES {
        writeln!(printer, "$(info {name} [$({name})])").unwrap();
    }
    std::fs::write(dir.path().join("printer"), printer + ".PHONY: all\nall: ;\n").unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let mut make = Command::new("make");
    make.current_dir(dir.path()).env_clear().env("PATH", path).env("LC_ALL", "C");
    let done = make.args(["-s", "-f", "printer", "REGION=eu-west-1", "all"]).output().unwrap();
    // Where `$é` cuts a letter in two, nothing is known here.
    let out = String::from_utf8_lossy(&done.stdout);
    let value = |name: &'static str| {
        let line = out.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" ["));
        Some((name, line?.strip_suffix(']')?.to_owned()))
    };
    done.status.success().then(|| NAMES.into_iter().filter_map(value).collect())
}

/// What is known here, each held against make; how many that were.
fn compare(text: &str) -> usize {
    let Ok(variables) = read(text, GIVEN) else { return 0 };
    let known = |name| Some((name, variables.get(name)?.0.ok()?.replace('\u{fdd0}', "eu-west-1")));
    let known: Vec<(&str, String)> = NAMES.into_iter().filter_map(known).collect();
    // make stops at a variable that refers to itself, also where nothing hangs on it.
    if let Some(made) = by_make(text) {
        for (name, value) in &known {
            assert_eq!(made.get(name), Some(value), "{name} of {text:?}");
        }
        known.len()
    } else {
        assert!(known.len() < variables.of.len(), "make refuses {text:?}, and all of it is known here: {known:?}");
        0
    }
}

#[test]
fn corners_are_as_in_make() {
    for text in [
        "X = a  # b",
        "X = a\\#b # c",
        "X = a\\\\#b",
        "X = a\\\\\\#b",
        "X = \\a \\\\ b\\",
        "X = a \\\n   b \\\n\\\n c",
        "X = a\\\\\n",
        "X = a\\\\\\\n b",
        "X = a \\",
        "X = a \\\n",
        "# a \\\nX = b\nE = c",
        "X = a\r\nE = b \\\r\n c\r\n",
        "   X = a\n\tE = b",
        "X=a=b:c",
        "X := a\nE := $(X)\nX := b",
        "X = a\nE = $(X)\nX = b",
        "X = a\nX += b",
        "X := a\nX += $(REGION)",
        "X =\nX += b",
        "X = a\nX +=",
        "E = a\nX += $(E)\nE = b",
        "X ?= a\nX ?= b",
        "X =\nX ?= b",
        "override X = a\nX = b\nX += c\nX := d\nX ?= e",
        "override X = a\noverride X += c",
        "X = a\noverride X += b\nX = c",
        "export X\nexport X = a\nexport override E := b\nunexport X\nexport",
        "export X\nX ?= a\nunexport E\nE += $(X)\nX = b",
        "X ::= a$$b$",
        "X = a$$$$b",
        "X = $(E)${E}$E\nE = c",
        "export = a\nX = $(export)",
        "X += a\nE+=b",
        "X = a $(E#b) c",
        "X = $(E) # $(E)\nE = a",
        "Y-z.1=a\nX=$(Y-z.1)",
        "REGION = us-east-1\nX = $(REGION)b",
        "X = é日\\#",
    ] {
        assert!(compare(text) > 0 || text.contains("(E#"), "{text:?}");
    }
}

#[test]
fn what_make_stops_at_is_known_here_neither() {
    for text in [
        "override X=\nX:=$(\n",
        "override X := a\nX += ${E\n",
        "override X = a\nX != $(\n",
        "X:=$(\nX=a\n",
        "X:=$(E)$(\nX=a\n",
        "X:=$é$(E) $(E\nX=a\n",
        "X:=$(subst $(E)\nX=a\n",
        "E=$(\nX:=$(E)\nE=a\n",
        "E=$(E)\nX:=$(E)\nE=a\n",
        "X:=a\nX+=$(E)$(\nX=a\n",
    ] {
        assert_eq!(by_make(text), None, "make reads {text:?}");
        assert_eq!(compare(text), 0);
    }
    assert_eq!(compare("override X = a\nX = $(\nX += $(\nX ?= $(\n"), 1, "what is never expanded ends nothing");
}

#[test]
fn whatever_is_known_here_is_what_make_reads() {
    let name = || prop::sample::select(&NAMES[..]);
    let piece = prop_oneof![
        4 => prop::sample::select(vec!["web", "/ecs/x", "a:b=c", "1", "é", "(", "{", "!", "?", "+", "'q'", "\"", "\\", "\\\\"]),
        3 => prop::sample::select(vec![" ", "\t", "  ", "#", "\\#", " # c", "\\\n", " \\\n\t ", "\\\r\n", "\\\\\\\n", "$$", "$"]),
        3 => prop::sample::select(vec!["$(APP_NAME)", "${LOG_GROUP}", "$X", "$(X)", "${E}", "$(REGION)", "$(Y-z.1)", "$(nobody)", "$(X#)"]),
    ];
    let value = prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat());
    let before = prop::sample::select(vec![
        "", "", "", "", "  ", "\t", "export ", "override ", "export  override ", "override export\t",
    ]);
    let operator = prop::sample::select(vec!["=", " = ", ":=", " := ", "::=", "?=", " ?=\t", "+=", " += ", "\\\n= "]);
    let end = prop::sample::select(vec!["\n", "\n", "\n", "\r\n", " \n"]);
    let line = prop_oneof![
        8 => (before, name(), operator, value.clone(), end).prop_map(|(b, n, o, v, e)| format!("{b}{n}{o}{v}{e}")),
        1 => value.prop_map(|text| format!("# {text}\n")),
        1 => prop::sample::select(vec!["\n", "  \n", "export\n", "export X\n", "unexport X E\n", "# \\\n"]).prop_map(str::to_owned),
    ];
    let file = prop::collection::vec(line, 1..7).prop_map(|lines| lines.concat());
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { ProptestConfig::default().cases } else { 200 };
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) });
    let compared = std::cell::Cell::new(0_usize);
    runner
        .run(&file, |text| {
            compared.set(compared.get() + compare(&text));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
    let compared = compared.get();
    assert!(compared > usize::try_from(cases).unwrap() / 2, "only {compared} values were known");
}

proptest! {
    #[test]
    fn any_text_is_variables_or_one_error(text in "([A-Z]{0,3} ?[:?+!]{0,2}=?[$(){}A-Z\\\\# \\PC]{0,12}\\n?){0,6}") {
        if let Ok(variables) = read(&text, GIVEN) {
            for name in variables.of.keys() {
                drop(variables.get(name));
            }
        }
    }
}
