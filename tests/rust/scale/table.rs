//! How many calls an action makes, in a small world and in a large one.

use std::fmt::Write as _;
use std::time::Instant;

use super::tour::{Calls, Size, Tour};
use crate::faults::prepare;
use crate::support::stand_in::root;
use crate::support::{Call, Mode, figure};

/// What grows, and its two sizes.
struct Dimension {
    name: &'static str,
    small: Size,
    large: Size,
}

const IN_RULES: Size = Size { in_rules: true, rules: 2, ..Size::SMALL };

const DIMENSIONS: [Dimension; 5] = [
    Dimension { name: "rules 2 → 100", small: IN_RULES, large: Size { rules: 100, ..IN_RULES } },
    Dimension { name: "listeners 2 → 20", small: Size::SMALL, large: Size { listeners: 20, ..Size::SMALL } },
    Dimension { name: "targets 2 → 1000", small: Size::SMALL, large: Size { targets: 1000, ..Size::SMALL } },
    Dimension { name: "revisions 1 → 500", small: Size::SMALL, large: Size { revisions: 500, ..Size::SMALL } },
    Dimension { name: "sets 2 → 5", small: Size::SMALL, large: Size { sets: 5, ..Size::SMALL } },
];

/// Pages, and what AWS tells or takes only one at a time.
fn most(operation: &str, small: usize, from: Size, to: Size) -> usize {
    let pages = |tasks: usize| tasks.div_ceil(100).max(1);
    match operation {
        // Of one listener at a time.
        "DescribeRules" => small * to.listeners / from.listeners,
        // One write for each listener that is named; the test listener is never one of several.
        "ModifyListener" => small * (to.listeners - 1) / (from.listeners - 1),
        // A hundred tasks at a time, of both versions.
        "ListTasks" | "DescribeTasks" => small * pages(2 * to.targets),
        // One at a time, each once.
        "DescribeTaskDefinition" => small + (to.sets - from.sets),
        // Of one group at a time: of two, however many sets are in them.
        "DescribeTargetHealth" => small + usize::from(to.sets > 2),
        _ => small,
    }
}

type Rows = Vec<(&'static str, Calls)>;

#[test]
fn calls_grow_only_by_pages_and_the_answers_stay_right() {
    let mut sizes: Vec<Size> = Vec::new();
    for size in DIMENSIONS.iter().flat_map(|dimension| [dimension.small, dimension.large]) {
        if !sizes.contains(&size) {
            sizes.push(size);
        }
    }
    let rows: Vec<Rows> = std::thread::scope(|scope| {
        let tour = |(at, size): (usize, Size)| {
            let mode = if at % 2 == 0 { Mode::Stateful } else { Mode::Second };
            scope.spawn(move || Tour::of(&size.world(mode), size))
        };
        let started: Vec<_> = sizes.iter().copied().enumerate().map(tour).collect();
        started.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let of = |size| &rows[sizes.iter().position(|other| *other == size).unwrap()];
    let measured = DIMENSIONS.each_ref().map(|dimension| (of(dimension.small), of(dimension.large)));
    for (dimension, (small, large)) in DIMENSIONS.iter().zip(&measured) {
        for ((action, before), (_, after)) in small.iter().zip(*large) {
            for (operation, count) in after {
                let small = before.get(operation).copied().unwrap_or(0);
                let most = most(operation, small, dimension.small, dimension.large);
                assert!(*count <= most, "{action}, {}: {operation} {small} → {count}, at most {most}", dimension.name);
            }
        }
    }
    let (table, grown) = table(&measured);
    let page = std::fs::read_to_string(root().join("docs/scale.md")).unwrap();
    assert!(page.contains(&table), "docs/scale.md has another table than this:\n{table}");
    insta::assert_snapshot!("calls", format!("{table}\n\n{grown}"));
}

#[test]
fn the_largest_world_is_told_in_one_look() {
    let size = Size { in_rules: false, rules: 100, listeners: 20, targets: 1000, revisions: 500, sets: 5 };
    let world = size.world(Mode::Second);
    let timed = |call: Call<'_>| {
        let begun = Instant::now();
        (call.ok(), begun.elapsed().as_millis())
    };
    let (status, named) = timed(world.call("status").param("listeners.live", prepare::live(&world)));
    let (found, unnamed) = timed(world.bare("status"));
    for told in [status, found] {
        assert_eq!(told.text("/result/state"), "settled", "{told}");
        assert_eq!(told.at("/result/weights").as_array().unwrap().len(), 20, "{told}");
        assert_eq!(told.at("/result/taskSets").as_array().unwrap().len(), 4, "{told}");
    }
    figure(format_args!("scale: status of the largest world: {named} ms; where nothing is named: {unnamed} ms"));
}

/// One row for each action, one column for each dimension; below it, what the growth is made of.
fn table(measured: &[(&Rows, &Rows)]) -> (String, String) {
    let mut text = format!("{:28}", "calls");
    for dimension in &DIMENSIONS {
        write!(text, "{:20}", dimension.name).unwrap();
    }
    let mut grown = String::new();
    for (at, (action, _)) in measured[0].0.iter().enumerate() {
        write!(text, "\n{action:28}").unwrap();
        for (dimension, (small, large)) in DIMENSIONS.iter().zip(measured) {
            let (before, after) = (&small[at].1, &large[at].1);
            let (few, many): (usize, usize) = (before.values().sum(), after.values().sum());
            let cell = if few == many { few.to_string() } else { format!("{few} → {many}") };
            write!(text, "{cell:20}").unwrap();
            let mut operations: Vec<&String> = before.keys().chain(after.keys()).collect();
            operations.sort();
            operations.dedup();
            for operation in operations {
                let count = |calls: &Calls| calls.get(operation).copied().unwrap_or(0);
                if count(before) != count(after) {
                    let name = dimension.name.split(' ').next().unwrap();
                    let line = format!("{action}, {name}: {operation} {} → {}", count(before), count(after));
                    writeln!(grown, "{line}").unwrap();
                }
            }
        }
    }
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    (lines.join("\n"), grown)
}
