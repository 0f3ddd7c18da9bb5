//! A report shows the first line that differs, and the usual causes of the difference.

use std::fmt::Write;

use super::{
    diff::{Change, diff},
    hints::hints,
    line::Line,
    setting::Setting,
};
use crate::stage::render::wrap::broken;

/// The number of lines that are shown before the first difference, and from it on. Arbitrary: a
/// report should fit on a screen.
const ABOVE: usize = 4;
const BELOW: usize = 16;

/// The lines that both sides printed with one setting.
pub(super) struct BothSides<'a> {
    pub(super) setting: &'a Setting,
    pub(super) python: Vec<Line>,
    pub(super) rust: Vec<Line>,
}

impl BothSides<'_> {
    /// The lines that only one side printed, in the form of a `.differs` file.
    pub(super) fn difference(&self) -> Vec<String> {
        let changes = diff(&self.python, &self.rust);
        let differing = changes.iter().filter(|change| !change.is_common());
        differing.map(|change| change.to_string().trim_end().to_owned()).collect()
    }

    /// The lines around the first difference, and its usual causes.
    pub(super) fn explained(&self) -> String {
        let changes = diff(&self.python, &self.rust);
        let mut text =
            String::from("    - only Python printed it, + only Rust printed it\n\n");
        text.push_str(&excerpt(&changes));
        text.push('\n');
        for hint in hints(&changes) {
            let _ = writeln!(text, "{}", wrapped(hint));
        }
        text
    }
}

/// The lines around the first difference.
fn excerpt(changes: &[Change<'_>]) -> String {
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

/// A hint as a list item, wrapped to 80 columns.
fn wrapped(hint: &str) -> String {
    format!("    * {}", broken(hint, 74).join("\n      "))
}

fn dots(text: &mut String, hidden: usize) {
    if hidden > 0 {
        let _ = writeln!(text, "      … {hidden} more");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_counts_the_lines_that_it_leaves_out() {
        let line = |n: u64| Line { millis: n, text: "x".into() };
        let rust: Vec<_> = (0..100).map(line).collect();
        let mut python: Vec<_> = (0..100).map(line).collect();
        python[50].text = "y".into();
        let excerpt = excerpt(&diff(&python, &rust));
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

    #[test]
    fn an_excerpt_of_everything_counts_no_lines() {
        let lines = [Line { millis: 0, text: "x".into() }];
        assert_eq!(excerpt(&diff(&lines, &[])), "    - [  0.000s] x\n");
    }

    #[test]
    fn a_hint_is_a_list_item_whose_longest_line_has_eighty_columns() {
        let words = |length| ["x".repeat(36), "y".repeat(length)].join(" ");
        let item = |lines: [&str; 2]| format!("    * {}\n      {}", lines[0], lines[1]);
        let fits = words(37);
        assert_eq!(wrapped(&format!("{fits} {fits}")), item([&fits, &fits]));
        assert_eq!(format!("    * {fits}").len(), 80);
        let (x, y) = ("x".repeat(36), "y".repeat(38));
        assert_eq!(wrapped(&format!("{x} {y}")), item([&x, &y]));
    }
}
