//! The tables of docs/configuration.md. What stands around them is written by hand.

use std::fmt::Write;

use crate::cli::users;
use crate::config::table::{Fallback, Given, Group, Kind, Parameter, Table};

/// The page, with its tables as the table has them.
pub(crate) fn configuration(table: &Table) -> String {
    let mut page = super::read("docs/configuration.md");
    let mut titles: Vec<&str> = table.groups.iter().map(|group| group.section.title()).collect();
    titles.dedup();
    for title in titles {
        let (begin, end) = (format!("<!-- make docs: {title} -->\n"), "<!-- end -->\n");
        let Some((before, rest)) = page.split_once(&begin) else { panic!("docs/configuration.md has no {begin}") };
        let Some((_, after)) = rest.split_once(end) else { panic!("docs/configuration.md: {begin} has no end") };
        page = format!("{before}{begin}{}{end}{after}", rows(table, title));
    }
    page
}

fn rows(table: &Table, title: &str) -> String {
    let mut rows = "| Key | Takes | Default | Meaning | Used by |\n|---|---|---|---|---|\n".to_owned();
    for (group, parameter) in table.parameters().filter(|(group, _)| group.section.title() == title) {
        if parameter.kind != Kind::Group {
            let (name, takes, meaning) = (parameter.name, parameter.kind.takes(), parameter.meaning);
            let (default, used_by) = (default(parameter), used_by(table, group, parameter));
            writeln!(rows, "| `{name}` | {takes} | {default} | {meaning} | {used_by} |").unwrap();
        }
    }
    rows
}

fn default(parameter: &Parameter) -> &'static str {
    match parameter.default {
        Fallback::Nothing => "–",
        Fallback::Required => "required",
        Fallback::Is(value) | Fallback::Depends(value) => value,
    }
}

fn used_by(table: &Table, group: &Group, parameter: &Parameter) -> String {
    let users = users(table, group, parameter);
    let code = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let without: Vec<_> = table.actions.iter().map(|action| action.name).filter(|name| !users.contains(name)).collect();
    match (group.given, without.as_slice()) {
        (Given::Step(None), _) => "every step".to_owned(),
        (Given::Step(Some(steps)), _) => code(steps),
        (Given::Option, _) | (_, []) => "all".to_owned(),
        (Given::Flag, [_] | [_, _]) => format!("all but {}", code(&without)),
        (Given::Flag, _) => code(&users),
    }
}
