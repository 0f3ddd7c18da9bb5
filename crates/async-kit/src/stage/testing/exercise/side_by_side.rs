//! Two transcripts side by side, and the first difference is marked.

use crate::stage::render::columns::{columns, padded, shortened};

/// The two texts as columns. The first line that differs has a `>`.
pub(super) fn side_by_side(
    left: (&str, &str),
    right: (&str, &str),
    width: usize,
) -> String {
    let (left_lines, right_lines) = (lines(left.1), lines(right.1));
    let room = width.saturating_sub(MARK.len() + GAP.len()) / 2;
    let widest = left_lines.iter().map(|line| columns(line)).max().unwrap_or(0);
    let column = widest.max(columns(left.0)).min(room);
    let row = |mark: &str, left: &str, right: &str| {
        let left = padded(&shortened(left, column), column);
        let row =
            format!("{mark}{left}{GAP}{}", shortened(right, width.max(40) - column - 6));
        row.trim_end().to_owned() + "\n"
    };
    let first = first_difference(&left_lines, &right_lines);
    let count = left_lines.len().max(right_lines.len());
    let mut text = row(MARK, left.0, right.0);
    for number in first.saturating_sub(ABOVE)..count.min(first + BELOW) {
        let mark = if number == first { " > " } else { MARK };
        let line = |lines: &[&str]| lines.get(number).copied().unwrap_or("-").to_owned();
        text += &row(mark, &line(&left_lines), &line(&right_lines));
    }
    text
}

/// The number of lines that are shown before the first difference, and from it on.
const ABOVE: usize = 6;
const BELOW: usize = 10;

const MARK: &str = "   ";
const GAP: &str = "   ";

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).collect()
}

fn first_difference(left: &[&str], right: &[&str]) -> usize {
    left.iter().zip(right).take_while(|(left, right)| left == right).count()
}
