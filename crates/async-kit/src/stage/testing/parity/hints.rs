//! The kind of difference between two sides shows its usual causes.

use std::collections::BTreeMap;

use super::{diff::Change, line::Line};

/// The usual causes of such a difference, the most likely first.
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
    In Python, a line of a lane begins with the lane's name: print(\"job-0 starts\") where \
    Rust has say!(\"starts\") in the lane job-0.";
const SPAWN: &str = "\
    The lines are the same, but their order within one instant differs: spawn every \
    concurrent part, in the twin's order, and await the handles in that order. `join!`, \
    `join_all` and `yield_now` do not poll in the order of the wake-ups.";
const FIFO: &str = "\
    Notify, Semaphore, Mutex and mpsc wake their waiters in FIFO order. A watch channel \
    does not, and channels of other crates may not.";
const SELECT: &str = "\
    `select!` starts at a random branch unless it is `biased;`: add `biased;`, and put \
    the cancellation first.";
const GROUP: &str = "\
    A TaskGroup cancels its children in the order of a set: let them print nothing \
    while they are cancelled.";
const DURATIONS: &str = "\
    The lines are the same, but their times differ: compare the durations and the \
    defaults of the knobs on both sides.";
const SLOWER: &str = "\
    Two awaits in sequence take the sum of their times, two tasks the longer of them: \
    check that both sides start all work before they wait for it.";
const SENTINEL: &str = "\
    A sentinel takes a slot of a bounded queue, closing a channel takes none. The \
    languages really differ here: assert the difference.";
const TIE: &str = "\
    If a timeout expires in the same millisecond in which the work ends, the timeout \
    wins in Python and the work wins in Tokio: choose other durations.";
const ENDS: &str = "\
    A task that still runs when the section returns is dropped immediately, but \
    asyncio.run cancels it and lets it clean up: await every handle on both sides.";
const GATHER: &str = "\
    The first error ends `gather` and `try_join!`, but not `join_all`. `gather` lets the \
    other awaitables continue, `try_join!` drops the other futures.";

/// The lines that only Python printed, and the lines that only Rust printed.
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

/// The first two differing lines are equal except for one more word at the start of Rust's.
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
        assert!(hints(&[a], &["[  0.200s] b goes"]).contains(&ENDS));
        assert!(hints(&[a, a, b], &[b, a]).contains(&ENDS), "a line is missing");
    }
}
