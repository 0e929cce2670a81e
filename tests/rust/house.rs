//! The house: which room of `src/` may import from which, and that imports run one way.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};

use super::support::stand_in::root;

/// The rooms, from the roof down, each with those that it may import from: all of them stand below it. A file of the
/// root is a room of its own.
const ROOMS: [(&str, &[&str]); 16] = [
    ("run", &["actions", "aws", "cli", "config", "context", "last_words", "report", "exit", "system", "error"]),
    (
        "actions",
        &["observe", "context", "plan", "aws", "version", "config", "rules", "report", "system", "error", "model"],
    ),
    ("observe", &["context", "plan", "aws", "config", "report", "system", "error", "model"]),
    ("context", &["aws", "config", "report", "system", "error"]),
    ("plan", &["version", "config", "report", "system", "error", "model"]),
    ("aws", &["version", "config", "rules", "last_words", "report", "system", "error", "model"]),
    ("version", &["config", "rules", "report", "system", "error", "model"]),
    ("cli", &["config", "report", "error"]),
    ("config", &["rules", "report", "system", "error", "model"]),
    ("system", &["report", "error", "model"]),
    ("rules", &["report", "error", "model"]),
    ("last_words", &["report", "exit", "error"]),
    ("report", &["error", "model"]),
    ("exit", &["error"]),
    ("error", &["model"]),
    ("model", &[]),
];

#[test]
fn imports_between_rooms_run_down_and_each_is_in_the_list() {
    let floors: Vec<&str> = ROOMS.iter().map(|(room, _)| *room).collect();
    let floor = |room: &str| floors.iter().position(|other| *other == room);
    let allowed: BTreeSet<(String, String)> = ROOMS
        .iter()
        .flat_map(|(room, below)| below.iter().map(|other| ((*room).to_owned(), (*other).to_owned())))
        .collect();
    for (room, other) in &allowed {
        assert!(floor(room) < floor(other), "{room} may not import from {other}, which does not stand below it");
    }
    let mut seen = BTreeSet::new();
    for (file, imported) in imports() {
        for other in imported {
            let arrow = (room(&file), room(&other));
            if arrow.0 != arrow.1 {
                assert!(allowed.contains(&arrow), "{} imports from {}", file.display(), other.display());
                seen.insert(arrow);
            }
        }
    }
    let unused: Vec<_> = allowed.difference(&seen).collect();
    assert!(unused.is_empty(), "nothing needs these arrows any more: {unused:?}");
}

#[test]
fn no_files_import_from_each_other_in_a_circle() {
    let imports = imports();
    let mut clear = BTreeSet::new();
    for file in imports.keys() {
        walk(file, &imports, &mut Vec::new(), &mut clear);
    }
}

fn walk<'a>(
    file: &'a PathBuf,
    imports: &'a BTreeMap<PathBuf, BTreeSet<PathBuf>>,
    way: &mut Vec<&'a PathBuf>,
    clear: &mut BTreeSet<&'a PathBuf>,
) {
    if clear.contains(file) {
        return;
    }
    assert!(!way.contains(&file), "a circle of imports: {way:?}, and again {}", file.display());
    way.push(file);
    for other in &imports[file] {
        walk(other, imports, way, clear);
    }
    way.pop();
    clear.insert(file);
}

/// The folder below `src/` that a file is in; of a file of the root its name.
fn room(file: &Path) -> String {
    let first = file.iter().next().unwrap();
    Path::new(first).file_stem().unwrap().to_str().unwrap().to_owned()
}

/// Each file below `src/`, and those whose names it uses. A module and what is declared in its own folder count as one:
/// the module is its folder's front.
fn imports() -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
    let mut modules = BTreeMap::new();
    read_module(&[], &root().join("src/main.rs"), &mut modules);
    let files: BTreeMap<&[String], &PathBuf> =
        modules.iter().map(|(module, (file, _))| (module.as_slice(), file)).collect();
    let mut found = BTreeMap::new();
    for (module, (file, syntax)) in &modules {
        let mut collected = Names { module, paths: BTreeSet::new() };
        collected.visit_file(syntax);
        let named = collected
            .paths
            .iter()
            .filter_map(|path| (1..=path.len()).rev().find_map(|n| files.get_key_value(&path[..n])));
        let imported = named.filter(|(other, _)| !module.starts_with(other) && !other.starts_with(module));
        let relative = |file: &Path| file.strip_prefix(root().join("src")).unwrap().to_owned();
        found.insert(relative(file), imported.map(|(_, file)| relative(file)).collect());
    }
    assert!(found.len() > 60, "only {} files were found", found.len());
    found
}

type Modules = BTreeMap<Vec<String>, (PathBuf, syn::File)>;

/// Reads a module's file and those that it declares, but for tests.
fn read_module(module: &[String], file: &Path, modules: &mut Modules) {
    let syntax = syn::parse_file(&std::fs::read_to_string(file).unwrap()).unwrap();
    let is_front = file.ends_with("mod.rs") || file.ends_with("main.rs");
    let folder = if is_front { file.parent().unwrap().to_owned() } else { file.with_extension("") };
    for item in &syntax.items {
        if let syn::Item::Mod(declared) = item
            && declared.content.is_none()
            && !is_test(&declared.attrs)
        {
            let name = declared.ident.to_string();
            let flat = folder.join(format!("{name}.rs"));
            let file = if flat.exists() { flat } else { folder.join(&name).join("mod.rs") };
            read_module(&[module, &[name]].concat(), &file, modules);
        }
    }
    modules.insert(module.to_vec(), (file.to_owned(), syntax));
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|argument| argument.is_ident("test"))
    })
}

/// Collects the paths that a file names, from the root of the crate.
struct Names<'a> {
    module: &'a [String],
    paths: BTreeSet<Vec<String>>,
}

impl Names<'_> {
    fn note(&mut self, path: &[String]) {
        let absolute = match path.first().map(String::as_str) {
            Some("crate") => path[1..].to_vec(),
            Some("super") => {
                let ups = path.iter().take_while(|part| *part == "super").count();
                let Some(kept) = self.module.len().checked_sub(ups) else { return };
                [&self.module[..kept], &path[ups..]].concat()
            }
            _ => return,
        };
        self.paths.insert(absolute);
    }

    fn note_tree(&mut self, before: &[String], tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                self.note_tree(&[before, &[path.ident.to_string()]].concat(), &path.tree);
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.note_tree(before, tree);
                }
            }
            syn::UseTree::Name(name) => self.note(&[before, &[name.ident.to_string()]].concat()),
            syn::UseTree::Rename(name) => self.note(&[before, &[name.ident.to_string()]].concat()),
            syn::UseTree::Glob(_) => self.note(before),
        }
    }
}

impl<'ast> Visit<'ast> for Names<'_> {
    #[allow(clippy::wildcard_enum_match_arm, reason = "the library's enum grows")]
    fn visit_item(&mut self, item: &'ast syn::Item) {
        match item {
            syn::Item::Mod(module) if is_test(&module.attrs) => {}
            syn::Item::Use(import) => self.note_tree(&[], &import.tree),
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.note(&path.segments.iter().map(|part| part.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }
}
