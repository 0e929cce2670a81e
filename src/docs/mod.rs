//! What of `docs/`, `vars/` and `resources/` is made from the table. It is committed; `make docs` writes it, and a test holds it
//! in step. Nothing of this is in the program.

mod markdown;
mod pages;
mod schema;

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::actions::table;
use crate::cli;
use crate::config::table::Table;

pub(crate) use markdown::configuration;
pub(crate) use pages::page;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file, with what it should hold.
fn files(table: &Table) -> Vec<(PathBuf, String)> {
    let pages = pages::steps(table).map(|step| (format!("vars/{step}.txt"), page(table, step)));
    pages
        .chain([
            ("docs/configuration.md".to_owned(), configuration(table)),
            ("resources/output.schema.json".to_owned(), schema::output(table)),
        ])
        .map(|(path, text)| (root().join(path), text))
        .collect()
}

#[test]
fn what_is_made_from_the_table_is_in_step_with_it() {
    let write = std::env::var_os("ECS_BG_DOCS").is_some_and(|what| what == "write");
    for (path, text) in files(&table()) {
        if write {
            fs::write(&path, text).unwrap();
        } else {
            let committed = fs::read_to_string(&path).unwrap_or_default();
            assert!(committed == text, "{} is not what the table says: run `make docs`", path.display());
        }
    }
}

/// A flag that changed is a difference that somebody reviews; `make docs` accepts it.
#[test]
fn the_whole_command_line_is_as_it_was_reviewed() {
    let mut command = cli::command(&table());
    command.build();
    let mut text = command.render_help().to_string();
    for action in command.get_subcommands_mut() {
        let help = action.render_help();
        write!(text, "\n==== {}\n\n{help}", action.get_name()).unwrap();
    }
    insta::assert_snapshot!("command_line", text);
}
