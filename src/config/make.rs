//! The variables of a file that a Makefile includes, as make reads them. Only assignments are read, and a value only
//! where it is asked for: what make would run, or what the rest of the Makefile decides, cannot be known here, and is
//! an error as soon as something hangs on it. The tests hold this against GNU make itself.

mod lines;

use std::collections::BTreeMap;

use lines::{BLANKS, logical_lines, split_reference, without_comment};

/// Nobody's values are longer, or made of more; what doubles itself ends here.
const LONGEST: usize = 64 * 1024;
const LONGEST_OF_ALL: usize = 4 * 1024 * 1024;
const MOST_REFERENCES: usize = 1_000;
const DEEPEST: usize = 50;

/// What cannot be known, and the line it is at. It says nothing of what the file's values are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unknown {
    pub(super) line: usize,
    /// Continues "… ".
    pub(super) problem: String,
    pub(super) hint: &'static str,
    /// make itself reads no further, or nobody could mean it.
    ends: bool,
}

impl Unknown {
    fn new(line: usize, problem: impl Into<String>, hint: &'static str) -> Self {
        Self { line, problem: problem.into(), hint, ends: false }
    }

    fn end(line: usize, problem: impl Into<String>, hint: &'static str) -> Self {
        Self { ends: true, ..Self::new(line, problem, hint) }
    }
}

#[derive(Debug)]
struct Variable {
    line: usize,
    value: Flavour,
    /// By `override`: what is assigned without that later does not count.
    pinned: bool,
}

/// make's two flavours of variables.
#[derive(Debug)]
enum Flavour {
    /// Expanded whenever it is asked for.
    Recursive(String),
    /// Expanded when it was assigned.
    Simple(Result<String, Unknown>),
}

/// The variables of one file.
#[derive(Debug)]
pub(super) struct Variables {
    of: BTreeMap<String, Variable>,
    /// Variables of make's command line, which win over what the file assigns, and what stands for their values.
    given: &'static [(&'static str, char)],
    /// How much was expanded when it was assigned.
    expanded: usize,
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Recursive,
    Simple,
    IfUndefined,
    Append,
    Shell,
}

const OPERATORS: [(&str, Operator); 6] = [
    ("::=", Operator::Simple),
    (":=", Operator::Simple),
    ("?=", Operator::IfUndefined),
    ("+=", Operator::Append),
    ("!=", Operator::Shell),
    ("=", Operator::Recursive),
];

/// Reads all assignments.
pub(super) fn read(text: &str, given: &'static [(&'static str, char)]) -> Result<Variables, Unknown> {
    let mut variables = Variables { of: BTreeMap::new(), given, expanded: 0 };
    for (line, text) in logical_lines(text) {
        let text = without_comment(&text);
        let text = text.trim_start_matches(BLANKS);
        if !text.is_empty() {
            variables.take(line, text)?;
        }
    }
    Ok(variables)
}

impl Variables {
    /// A variable's value as make would have it, and its line; `None` where the file does not assign it.
    pub(super) fn get(&self, name: &str) -> Option<(Result<String, Unknown>, usize)> {
        let variable = self.of.get(name)?;
        Some((Expansion::of(self).variable(name, variable), variable.line))
    }

    /// The lines of a file that say something.
    fn take(&mut self, line: usize, text: &str) -> Result<(), Unknown> {
        let mut rest = text;
        let mut pinned = false;
        loop {
            if let Some((name, operator, value)) = assignment(rest) {
                if name.is_empty() || name.contains('$') {
                    let problem = "has an assignment whose name is not written out";
                    return Err(Unknown::new(line, problem, "write NAME=value"));
                }
                return self.assign(line, name, operator, value, pinned);
            }
            let (word, after) = rest.split_once(BLANKS).unwrap_or((rest, ""));
            let after = after.trim_start_matches(BLANKS);
            match word {
                "override" => pinned = true,
                "export" | "unexport" if !after.contains('=') && !is_directive(after) => {
                    return self.export(line, after);
                }
                "export" => {}
                _ => return Err(not_an_assignment(line, word, text)),
            }
            rest = after;
        }
    }

    /// `export A B`. It changes no value, but make has a variable from there on, where it had none.
    fn export(&mut self, line: usize, names: &str) -> Result<(), Unknown> {
        if names.contains('$') {
            return Err(not_an_assignment(line, names, names));
        }
        for name in names.split(BLANKS).filter(|name| !name.is_empty()) {
            let empty = || Variable { line, value: Flavour::Simple(Ok(String::new())), pinned: false };
            self.of.entry(name.to_owned()).or_insert_with(empty);
        }
        Ok(())
    }

    fn assign(
        &mut self,
        line: usize,
        name: &str,
        operator: Operator,
        value: &str,
        pinned: bool,
    ) -> Result<(), Unknown> {
        let old = self.of.get(name);
        let at_once = match operator {
            Operator::Simple | Operator::Shell => true,
            Operator::Append => old.is_some_and(|old| matches!(old.value, Flavour::Simple(_))),
            Operator::Recursive | Operator::IfUndefined => false,
        };
        let expanded = if at_once { Expansion::of(self).text(value, line) } else { Ok(String::new()) };
        // Also where it does not count, or is assigned anew below.
        if let Err(unknown) = &expanded
            && unknown.ends
        {
            return Err(unknown.clone());
        }
        if old.is_some_and(|old| old.pinned && !pinned) {
            return Ok(());
        }
        let value = match (operator, old.map(|old| &old.value)) {
            (Operator::IfUndefined, Some(_)) => return Ok(()),
            (Operator::Recursive | Operator::IfUndefined, _) | (Operator::Append, None) => {
                Flavour::Recursive(value.to_owned())
            }
            (Operator::Simple, _) => Flavour::Simple(expanded),
            // Nothing is done for nothing: not even `override` counts then.
            (Operator::Append, Some(Flavour::Recursive(_))) if value.is_empty() => return Ok(()),
            (Operator::Append, Some(Flavour::Recursive(old))) => Flavour::Recursive(appended(old, value)),
            (Operator::Append, Some(Flavour::Simple(old))) => match expanded {
                Ok(more) if more.is_empty() => return Ok(()),
                more => {
                    let both = old.clone().and_then(|old| Ok(appended(&old, &more?)));
                    Flavour::Simple(both.and_then(|text| bounded(text, line)))
                }
            },
            (Operator::Shell, _) => {
                let problem = "is what a program prints (`!=`), which only make runs";
                Flavour::Simple(Err(Unknown::new(line, problem, WRITE_IT)))
            }
        };
        if let Flavour::Simple(Ok(text)) = &value {
            self.expanded += text.len();
            if self.expanded > LONGEST_OF_ALL {
                return Err(Unknown::new(line, "makes the values of this file too long", WRITE_IT));
            }
        }
        self.of.insert(name.to_owned(), Variable { line, value, pinned });
        Ok(())
    }
}

const WRITE_IT: &str = "write the value itself, or give the parameter in a YAML file or in the Jenkinsfile";

/// There is one blank between the two, where there is something to be parted.
fn appended(old: &str, new: &str) -> String {
    if old.is_empty() { new.to_owned() } else { format!("{old} {new}") }
}

fn bounded(text: String, line: usize) -> Result<String, Unknown> {
    if text.len() > LONGEST { Err(Unknown::end(line, "is longer than 64 KiB", WRITE_IT)) } else { Ok(text) }
}

/// One value on its way: what it is inside of, and how much was looked up for it.
struct Expansion<'a> {
    variables: &'a Variables,
    inside: Vec<&'a str>,
    references: usize,
}

impl<'a> Expansion<'a> {
    fn of(variables: &'a Variables) -> Self {
        Self { variables, inside: Vec::new(), references: 0 }
    }

    fn variable(&mut self, name: &'a str, variable: &'a Variable) -> Result<String, Unknown> {
        match &variable.value {
            Flavour::Simple(value) => value.clone(),
            Flavour::Recursive(text) => {
                self.inside.push(name);
                let value = self.text(text, variable.line);
                self.inside.pop();
                value
            }
        }
    }

    fn text(&mut self, text: &'a str, line: usize) -> Result<String, Unknown> {
        let mut out = String::new();
        let mut rest = text;
        let mut unknown = None;
        while let Some((before, found)) = rest.find('$').and_then(|at| rest.split_at_checked(at)) {
            out.push_str(before);
            match self.reference(found, line) {
                Ok((value, after)) => {
                    out.push_str(&value);
                    out = bounded(out, line)?;
                    rest = after;
                }
                Err(end) if end.ends => return Err(end),
                // Behind it there may be what make stops at.
                Err(first) => {
                    unknown.get_or_insert(first);
                    rest = split_reference(found).map_or("", |(_, after)| after);
                }
            }
        }
        out.push_str(rest);
        unknown.map_or_else(|| bounded(out, line), Err)
    }

    /// The value of the reference at the beginning, and the text after it.
    fn reference(&mut self, found: &'a str, line: usize) -> Result<(String, &'a str), Unknown> {
        let text = found.strip_prefix('$').unwrap_or_default();
        let mut after = text.chars();
        let close = match after.next() {
            None => return Ok(("$".to_owned(), "")),
            Some('$') => return Ok(("$".to_owned(), after.as_str())),
            Some('(') => ')',
            Some('{') => '}',
            Some(c) if c.is_ascii_alphanumeric() || c == '_' => {
                let (name, rest) = text.split_at(1);
                let hint = "make takes one letter after `$`: write $(NAME), or $$ for a dollar";
                return Ok((self.named(name, line, hint)?, rest));
            }
            Some(_) => {
                return Err(Unknown::new(line, "has a `$` that names nothing", "write $$ where a dollar is meant"));
            }
        };
        let unended = || Unknown::end(line, "has a reference that does not end", "write $(NAME)");
        let (name, rest) = after.as_str().split_once(close).ok_or_else(unended)?;
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c)) {
            let word: String =
                name.chars().take_while(|c| c.is_alphanumeric() || "_-.".contains(*c)).take(40).collect();
            split_reference(found).ok_or_else(unended)?;
            let problem = format!("needs `$({word}…)`, which only make can work out");
            return Err(Unknown::new(line, problem, WRITE_IT));
        }
        let hint = "assign it in this file (above this line, where `:=` needs it), or write the value itself";
        Ok((self.named(name, line, hint)?, rest))
    }

    fn named(&mut self, name: &'a str, line: usize, hint: &'static str) -> Result<String, Unknown> {
        let shown = || crate::report::words::bounded(name, 60);
        if self.inside.contains(&name) {
            return Err(Unknown::end(line, format!("needs `$({})`, which refers to itself", shown()), WRITE_IT));
        }
        self.references += 1;
        if self.references > MOST_REFERENCES || self.inside.len() > DEEPEST {
            return Err(Unknown::end(line, "refers to too much", WRITE_IT));
        }
        if let Some((_, mark)) = self.variables.given.iter().find(|(given, _)| *given == name) {
            return Ok(mark.to_string());
        }
        let Some((name, variable)) = self.variables.of.get_key_value(name) else {
            return Err(Unknown::new(line, format!("needs `$({})`, which this file does not assign", shown()), hint));
        };
        self.variable(name, variable)
    }
}

/// Name, operator and value of an assignment, as make finds them: the first operator ends the name, and a blank does.
fn assignment(text: &str) -> Option<(&str, Operator, &str)> {
    for (at, c) in text.char_indices() {
        let (name, rest) = text.split_at_checked(at)?;
        let blank = BLANKS.contains(&c);
        let rest = rest.trim_start_matches(BLANKS);
        if let Some((operator, value)) = OPERATORS.iter().find_map(|(sign, op)| Some((*op, rest.strip_prefix(sign)?))) {
            return Some((name, operator, value.trim_start_matches(BLANKS)));
        }
        if blank || matches!(c, ':' | '#') {
            return None;
        }
    }
    None
}

fn is_directive(text: &str) -> bool {
    matches!(text.split(BLANKS).next(), Some("define" | "undefine" | "private" | "override"))
}

fn not_an_assignment(line: usize, word: &str, text: &str) -> Unknown {
    let what = match word {
        "ifeq" | "ifneq" | "ifdef" | "ifndef" | "else" | "endif" => "is a conditional",
        "include" | "-include" | "sinclude" | "load" | "-load" => "includes another file",
        "define" | "endef" => "defines more than a line",
        "undefine" | "private" | "unexport" | "vpath" | "override" => "is a directive that is not read here",
        _ if word.contains('$') => "is for make to expand",
        _ if text.contains(':') => "is a rule",
        _ => "is no assignment",
    };
    let hint = "this file is for NAME=value; what only make can do belongs into the Makefile that includes it";
    Unknown::new(line, what, hint)
}

#[cfg(test)]
#[path = "make_tests.rs"]
mod tests;
