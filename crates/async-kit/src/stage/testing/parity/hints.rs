//! The way in which two sides differ tells the usual cause.

use std::collections::BTreeMap;

use super::{diff::Change, line::Line};

/// What usually makes the sides differ in this way, the likeliest first.
pub(super) fn hints(changes: &[Change<'_>]) -> Vec<&'static str> {
    let (python, rust) = sides(changes);
    if lacks_lane(&python, &rust) {
        vec![LANE]
    } else if counted(&python, by_line) == counted(&rust, by_line) {
        vec![SPAWN, FIFO, SELECT, GROUP]
    } else if counted(&python, by_text) == counted(&rust, by_text) {
        vec![DURATIONS, SENTINEL, SLOWER, TIE]
    } else {
        vec![TIE, SENTINEL, ENDS, GATHER]
    }
}

const LANE: &str = "\
    A line said inside a lane begins with the lane's name in Python: print(\"job-0 \
    starts\") where Rust has say!(\"starts\") in the lane job-0.";
const SPAWN: &str = "\
    The lines are the same, only their order within one instant is not: spawn every \
    concurrent part, in the twin's order, and await the handles in that order. `join!`, \
    `join_all` and `yield_now` poll in another order than that of the wake-ups.";
const FIFO: &str = "\
    Waiters are served in order by Notify, Semaphore, Mutex and mpsc; not by watch, and \
    not by other crates' channels.";
const SELECT: &str = "\
    `select!` starts at a random branch unless it is `biased;`: put the cancellation \
    first.";
const GROUP: &str = "\
    A TaskGroup cancels its children in the order of a set: compare no line that they \
    print while they are cancelled.";
const DURATIONS: &str = "\
    The lines are the same, only their times are not: compare the durations and the \
    knobs' defaults of both sides; one second of real life is 100 ms here.";
const SLOWER: &str = "\
    Two awaits in a row take the sum of their times, two tasks the longer one: does each \
    side start its work before it waits for it?";
const SENTINEL: &str = "\
    A sentinel takes a slot of a bounded queue, closing a channel takes none. This \
    difference is real: assert it.";
const TIE: &str = "\
    When a limit and the work end in the same millisecond, Python's timeout wins and \
    Tokio's work wins: choose durations that do not tie.";
const ENDS: &str = "\
    What still runs when a section returns is dropped at once, while asyncio.run cancels \
    it and lets it clean up: await every handle on both sides.";
const GATHER: &str = "\
    The first error ends `gather` and `try_join!`, not `join_all`; `gather` lets the \
    others run on, `try_join!` drops them.";

/// The lines that only one side has.
fn sides<'a>(changes: &[Change<'a>]) -> (Vec<&'a Line>, Vec<&'a Line>) {
    let (mut python, mut rust) = (Vec::new(), Vec::new());
    for change in changes {
        match *change {
            Change::Both(_) => {}
            Change::Python(line) => python.push(line),
            Change::Rust(line) => rust.push(line),
        }
    }
    (python, rust)
}

/// The first lines that differ are the same but for the word in front.
fn lacks_lane(python: &[&Line], rust: &[&Line]) -> bool {
    let Some((python, rust)) = python.first().zip(rust.first()) else { return false };
    rust.text.split_once(' ').is_some_and(|(_, text)| text == python.text)
}

fn counted<'a, K: Ord>(lines: &[&'a Line], key: fn(&'a Line) -> K) -> BTreeMap<K, usize> {
    let mut counts = BTreeMap::new();
    for line in lines {
        *counts.entry(key(line)).or_default() += 1;
    }
    counts
}

fn by_line(line: &Line) -> (u64, &str) {
    (line.millis, &line.text)
}

fn by_text(line: &Line) -> &str {
    &line.text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::testing::parity::diff::diff;

    fn hints(python: &[&str], rust: &[&str]) -> Vec<&'static str> {
        let read = |line: &&str| Line::parse(line).unwrap_or_else(|| panic!("{line}"));
        let python: Vec<_> = python.iter().map(read).collect();
        let rust: Vec<_> = rust.iter().map(read).collect();
        super::hints(&diff(&python, &rust))
    }

    #[test]
    fn each_kind_of_difference_has_its_own_hint() {
        let (a, b) = ("[  0.100s] a goes", "[  0.100s] b goes");
        assert!(hints(&[a, b], &[b, a]).contains(&SPAWN));
        assert!(hints(&[a], &["[  0.200s] a goes"]).contains(&DURATIONS));
        assert!(hints(&[a], &["[  0.100s] job-0 a goes"]).contains(&LANE));
        assert!(hints(&[a, b], &[a]).contains(&ENDS));
    }
}
