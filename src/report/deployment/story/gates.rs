//! What each gate saw, look after look.

use super::super::archive::{Archive, Gate, Look, Verdict, What};
use super::super::clock::MINUTE;
use super::stages::Stage;

/// A gate, in all looks.
#[derive(Debug)]
pub(in super::super) struct Row<'a> {
    pub(in super::super) name: &'a str,
    pub(in super::super) cells: Vec<Cell<'a>>,
    /// Whether it decided nothing.
    pub(in super::super) dry_run: bool,
}

/// One look, or several one after the other.
#[derive(Debug, Clone)]
pub(in super::super) struct Cell<'a> {
    /// Since the look before, or the beginning of the stage.
    pub(in super::super) from: i64,
    pub(in super::super) to: i64,
    pub(in super::super) verdict: Verdict,
    pub(in super::super) looks: usize,
    /// Of the last look with this verdict.
    pub(in super::super) gate: &'a Gate,
    pub(in super::super) look: &'a Look,
}

impl<'a> Row<'a> {
    /// Of the last look.
    pub(in super::super) fn last(&self) -> Option<&Cell<'a>> {
        self.cells.last()
    }

    pub(in super::super) fn count(&self, verdict: Verdict) -> usize {
        self.cells.iter().filter(|cell| cell.verdict == verdict).count()
    }

    /// The cells, those that come one after the other as one where `same` says so; the worst verdict counts.
    pub(in super::super) fn merged(&self, same: impl Fn(&Cell<'a>, &Cell<'a>) -> bool) -> Vec<Cell<'a>> {
        let mut out: Vec<Cell<'a>> = Vec::new();
        for cell in &self.cells {
            match out.last_mut() {
                Some(last) if same(last, cell) => {
                    last.to = cell.to;
                    last.looks += cell.looks;
                    if cell.verdict >= last.verdict {
                        last.verdict = cell.verdict;
                        (last.gate, last.look) = (cell.gate, cell.look);
                    }
                }
                Some(_) | None => out.push(cell.clone()),
            }
        }
        out
    }
}

pub(super) fn rows<'a>(archive: &'a Archive, stages: &[Stage<'a>]) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let mut index = std::collections::HashMap::new();
    let mut before: Option<i64> = None;
    for event in &archive.events {
        let What::Look(look) = &event.what else { continue };
        let stage = stages.partition_point(|stage| stage.from < event.at).checked_sub(1).and_then(|at| stages.get(at));
        let began = stage.map_or(event.at - MINUTE, |stage| stage.from);
        let from = before.unwrap_or(began).max(began).min(event.at);
        for gate in &look.gates {
            let at = *index.entry(gate.name.as_str()).or_insert_with(|| {
                rows.push(Row { name: &gate.name, cells: Vec::new(), dry_run: false });
                rows.len() - 1
            });
            if let Some(row) = rows.get_mut(at) {
                row.dry_run |= gate.dry_run;
                row.cells.push(Cell { from, to: event.at, verdict: gate.verdict, looks: 1, gate, look });
            }
        }
        before = Some(event.at);
    }
    // What failed has to be seen, also where there are more gates than places.
    rows.sort_by_key(|row| row.dry_run || row.count(Verdict::Fail) == 0);
    rows
}
