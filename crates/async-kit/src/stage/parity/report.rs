//! A report shows the first line that differs, why that may be, and what to do next.

use std::{collections::BTreeMap, fmt::Write};

use super::{
    diff::{Change, diff},
    line::Line,
    setting::Setting,
};

/// How many equal lines stand above the first difference, and how many lines from there on are
/// shown: arbitrary, a report should fit a screen.
const ABOVE: usize = 4;
const BELOW: usize = 16;

/// What both sides printed with one setting.
pub(super) struct Outcome<'a> {
    pub(super) setting: &'a Setting,
    pub(super) python: Vec<Line>,
    pub(super) rust: Vec<Line>,
}

impl Outcome<'_> {
    /// The lines that only one side printed, as a `.differs` file has them.
    pub(super) fn difference(&self) -> Vec<String> {
        let changes = diff(&self.python, &self.rust);
        let apart = changes.iter().filter(|change| !change.is_common());
        apart.map(|change| change.to_string().trim_end().to_owned()).collect()
    }

    /// The lines around the first difference, and its usual causes.
    pub(super) fn explained(&self) -> String {
        let mut text = String::from("    - only in Python, + only in Rust\n\n");
        text.push_str(&self.excerpt());
        text.push('\n');
        for hint in self.hints() {
            let _ = writeln!(text, "{}", wrapped(hint));
        }
        text
    }

    /// The lines around the first difference.
    fn excerpt(&self) -> String {
        let changes = diff(&self.python, &self.rust);
        let first = changes.iter().position(|change| !change.is_common()).unwrap_or(0);
        let from = first.saturating_sub(ABOVE);
        let to = changes.len().min(first + BELOW);
        let mut text = String::new();
        dots(&mut text, from);
        for change in &changes[from..to] {
            let _ = writeln!(text, "    {change}");
        }
        dots(&mut text, changes.len() - to);
        text
    }

    /// What usually makes the sides differ in this way.
    fn hints(&self) -> Vec<&'static str> {
        let changes = diff(&self.python, &self.rust);
        let apart: Vec<_> = changes.iter().filter(|change| !change.is_common()).collect();
        let (python, rust): (Vec<&Line>, Vec<&Line>) = sides(&apart);
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
}

const LANE: &str = "A line said inside a lane begins with the lane's name in Python: \
    print(\"job-0 starts\") where Rust has say!(\"starts\") in the lane job-0.";
const SPAWN: &str = "The lines are the same, only their order within one instant is not: spawn \
    every concurrent part, in the twin's order, and await the handles in that order. \
    `join!`, `join_all` and `yield_now` poll in another order than that of the wake-ups.";
const FIFO: &str = "Waiters are served in order by Notify, Semaphore, Mutex and mpsc; not by \
    watch, and not by other crates' channels.";
const SELECT: &str = "`select!` starts at a random branch unless it is `biased;`: put the \
    cancellation first.";
const GROUP: &str = "A TaskGroup cancels its children in the order of a set: compare no line \
    that they print while they are cancelled.";
const DURATIONS: &str = "The lines are the same, only their times are not: compare the durations \
    and the knobs' defaults of both sides; one second of real life is 100 ms here.";
const SLOWER: &str = "Two awaits in a row take the sum of their times, two tasks the longer one: \
    does each side start its work before it waits for it?";
const SENTINEL: &str = "A sentinel takes a slot of a bounded queue, closing a channel takes \
    none. This difference is real: assert it.";
const TIE: &str = "When a limit and the work end in the same millisecond, Python's timeout wins \
    and Tokio's work wins: choose durations that do not tie.";
const ENDS: &str = "What still runs when a section returns is dropped at once, while asyncio.run \
    cancels it and lets it clean up: await every handle on both sides.";
const GATHER: &str = "The first error ends `gather` and `try_join!`, not `join_all`; `gather` lets \
    the others run on, `try_join!` drops them.";

fn sides<'a>(apart: &[&Change<'a>]) -> (Vec<&'a Line>, Vec<&'a Line>) {
    let (mut python, mut rust) = (Vec::new(), Vec::new());
    for change in apart {
        match change {
            Change::Both(_) => {}
            Change::Python(line) => python.push(*line),
            Change::Rust(line) => rust.push(*line),
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

/// A hint as a list item, in lines that fit a terminal of 80 columns.
fn wrapped(hint: &str) -> String {
    let (mut text, mut width) = (String::from("    *"), 5);
    for word in hint.split_whitespace() {
        if width + 1 + word.len() > 80 {
            text.push_str("\n     ");
            width = 6;
        }
        let _ = write!(text, " {word}");
        width += 1 + word.len();
    }
    text
}

fn dots(text: &mut String, hidden: usize) {
    if hidden > 0 {
        let _ = writeln!(text, "      … {hidden} more");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(python: &[&str], rust: &[&str]) -> Vec<&'static str> {
        let read = |line: &&str| Line::parse(line).unwrap_or_else(|| panic!("{line}"));
        let python = python.iter().map(read).collect();
        let rust = rust.iter().map(read).collect();
        Outcome { setting: &Setting::default(), python, rust }.hints()
    }

    #[test]
    fn each_kind_of_difference_has_its_own_hint() {
        let (a, b) = ("[  0.100s] a goes", "[  0.100s] b goes");
        assert!(hints(&[a, b], &[b, a]).contains(&SPAWN));
        assert!(hints(&[a], &["[  0.200s] a goes"]).contains(&DURATIONS));
        assert!(hints(&[a], &["[  0.100s] job-0 a goes"]).contains(&LANE));
        assert!(hints(&[a, b], &[a]).contains(&ENDS));
    }

    #[test]
    fn an_excerpt_says_how_much_it_leaves_out() {
        let line = |n: u64| Line { millis: n, text: "x".into() };
        let rust = (0..100).map(line).collect();
        let mut python: Vec<_> = (0..100).map(line).collect();
        python[50].text = "y".into();
        let excerpt = Outcome { setting: &Setting::default(), python, rust }.excerpt();
        assert!(
            excerpt.starts_with("      … 46 more\n      [  0.046s] x\n"),
            "{excerpt}"
        );
        assert!(
            excerpt.contains("    - [  0.050s] y\n    + [  0.050s] x\n"),
            "{excerpt}"
        );
        assert!(excerpt.ends_with("      … 35 more\n"), "{excerpt}");
    }
}
