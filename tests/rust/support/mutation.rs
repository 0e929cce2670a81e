//! Good files gone bad: what a broken merge, a wrong editor, a torn copy or somebody who means harm makes of them. The
//! unit tests of src/ use it too.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// What parsers stumble over, and what a shell would run.
const FRAGMENTS: &[&[u8]] = &[
    b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\xf0\x9f\x9a\x80", b"\r", b"\n", b"\t", b"  ", b"\x1b[2K", b"[", b"]",
    b"{", b"}", b"\"", b"'", b",", b":", b": ", b"- ", b"? ", b"#", b"&a ", b"*a", b"<<: *a\n", b"a: &a [*a, *a]\n",
    b"!!binary ", b"!x ", b"|\n", b">\n", b"---\n", b"...\n", b"%YAML 1.2\n", b"null", b"~", b"1e999", b"-1", b"0x10",
    b"\\u0000", b"\\ud800", b"\\", b"=", b"$(touch pwned)", b"`touch pwned`", b"${x}", b"; touch pwned;",
];

#[derive(Debug, Clone, Copy)]
enum Change {
    Flip(u8),
    Cut,
    Drop(usize),
    Repeat(usize),
    Move(usize, Index),
    Insert(&'static [u8], usize),
}

fn any_change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => any::<u8>().prop_map(Change::Flip),
        1 => Just(Change::Cut),
        3 => (1..60_usize).prop_map(Change::Drop),
        2 => (1..60_usize).prop_map(Change::Repeat),
        2 => (1..60_usize, any::<Index>()).prop_map(|(length, to)| Change::Move(length, to)),
        6 => select(FRAGMENTS).prop_map(|fragment| Change::Insert(fragment, 1)),
        1 => (select(FRAGMENTS), 2..3_000_usize).prop_map(|(fragment, times)| Change::Insert(fragment, times)),
    ]
}

/// One of these texts, with a few changes at any place.
pub(crate) fn mutated(good: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<Index>(), any_change()), 1..6);
    (select(good), changes).prop_map(|(text, changes)| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, change) in changes {
            apply(&mut bytes, at, change);
        }
        bytes
    })
}

fn apply(bytes: &mut Vec<u8>, at: Index, change: Change) {
    let at = at.index(bytes.len() + 1);
    let part = |length: usize| at..(at + length).min(bytes.len());
    match change {
        Change::Flip(byte) => bytes.splice(part(1), [byte]).for_each(drop),
        Change::Cut => bytes.truncate(at),
        Change::Drop(length) => bytes.drain(part(length)).for_each(drop),
        Change::Repeat(length) => {
            let part = bytes[part(length)].to_vec();
            bytes.splice(at..at, part);
        }
        Change::Move(length, to) => {
            let part: Vec<u8> = bytes.drain(part(length)).collect();
            let to = to.index(bytes.len() + 1);
            bytes.splice(to..to, part);
        }
        Change::Insert(fragment, times) => bytes.splice(at..at, fragment.repeat(times)).for_each(drop),
    }
}
