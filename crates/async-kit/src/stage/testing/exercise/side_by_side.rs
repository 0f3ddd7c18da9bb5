//! Two transcripts side by side, and the first difference is marked.

use crate::stage::render::{
    columns::{columns, padded, shortened, visible},
    wrap::broken,
};

/// The two texts as columns, each with its title. The first line that differs has a `>`. If the
/// difference is in what is cut from that line, the line follows in full.
pub(super) fn side_by_side(
    left: (&str, &str),
    right: (&str, &str),
    width: usize,
) -> String {
    let (left_lines, right_lines) = (lines(left.1), lines(right.1));
    let room = (width - MARK.len() - GAP.len()) / 2;
    let widest = left_lines.iter().map(|line| columns(line)).max().unwrap_or(0);
    let column = widest.max(columns(left.0)).min(room);
    let rest = width - MARK.len() - column - GAP.len();
    let row = |mark: &str, left: &str, right: &str| {
        let left = padded(&shortened(left, column), column);
        let row = format!("{mark}{left}{GAP}{}", shortened(right, rest));
        row.trim_end().to_owned() + "\n"
    };
    let first = first_difference(&left_lines, &right_lines);
    let count = left_lines.len().max(right_lines.len());
    let both = |number| (line(&left_lines, number), line(&right_lines, number));
    let mut text = row(MARK, left.0, right.0);
    for number in first.saturating_sub(ABOVE)..count.min(first + BELOW) {
        let mark = if number == first { " > " } else { MARK };
        text += &row(mark, both(number).0, both(number).1);
    }
    let (left_line, right_line) = both(first);
    if shortened(left_line, column) == shortened(right_line, rest.min(column)) {
        text += &in_full(left.0, left_line, width);
        text += &in_full(right.0, right_line, width);
    }
    text
}

/// A line that was cut, below its title.
fn in_full(title: &str, line: &str, width: usize) -> String {
    let rows = broken(&visible(line), width - MARK.len() - GAP.len());
    let rows = rows.iter().map(|row| format!("{MARK}{GAP}{row}\n"));
    format!("\n{MARK}{title}, in full:\n{}", rows.collect::<String>())
}

/// The number of lines that are shown before the first difference, and from it on.
const ABOVE: usize = 6;
const BELOW: usize = 10;

const MARK: &str = "   ";
const GAP: &str = "   ";

fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim_end).collect()
}

fn line<'a>(lines: &[&'a str], number: usize) -> &'a str {
    lines.get(number).copied().unwrap_or("-")
}

fn first_difference(left: &[&str], right: &[&str]) -> usize {
    left.iter().zip(right).take_while(|(left, right)| left == right).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_or_is_missing_has_a_mark() {
        let run = ("your run", "[  0.100s] a is here\n[  0.200s] b is here\n");
        let asyncio = "[  0.100s] a is here\n[  0.100s] b is here\n";
        assert_eq!(
            side_by_side(("asyncio", asyncio), run, 80),
            "   asyncio                your run
   [  0.100s] a is here   [  0.100s] a is here
 > [  0.100s] b is here   [  0.200s] b is here
"
        );
        assert_eq!(
            side_by_side(("your prediction", "[  0.100s] a is here\n"), run, 80),
            "   your prediction        your run
   [  0.100s] a is here   [  0.100s] a is here
 > -                      [  0.200s] b is here
"
        );
    }

    #[test]
    fn two_lines_that_differ_where_they_are_cut_are_shown_in_full() {
        let [left, right] = ["one", "two"].map(|end| {
            format!("[  0.000s] same\n[  0.100s] a line that ends with {end}\n")
        });
        let text = side_by_side(("asyncio", &left), ("your run", &right), 40);
        assert_eq!(
            text,
            "   asyncio             your run
   [  0.000s] same     [  0.000s] same
 > [  0.100s] a lin…   [  0.100s] a lin…

   asyncio, in full:
      [  0.100s] a line that ends with
      one

   your run, in full:
      [  0.100s] a line that ends with
      two
"
        );
        let wide = side_by_side(("asyncio", &left), ("your run", &right), 120);
        assert!(!wide.contains("in full"), "{wide}");
    }

    /// The lines from 20 on differ.
    #[test]
    fn six_lines_before_the_first_difference_and_ten_from_it_on_are_shown() {
        let text = |others: &str| {
            let line =
                |n| if n < 20 { format!("{n}\n") } else { format!("{others}{n}\n") };
            (0..50).map(line).collect::<String>()
        };
        let shown = side_by_side(("asyncio", &text("a")), ("your run", &text("b")), 80);
        let rows: Vec<_> = shown.lines().skip(1).collect();
        let ends =
            [rows.first(), rows.get(6), rows.last()].map(|row| row.unwrap().trim());
        assert_eq!(ends, ["14        14", "> a20       b20", "a29       b29"], "{shown}");
    }
}
