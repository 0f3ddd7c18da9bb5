//! A diff keeps the longest common subsequence and marks all other lines, in order.

use std::fmt;

use super::line::Line;

/// A line of one side or of both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change<'a> {
    Both(&'a Line),
    Python(&'a Line),
    Rust(&'a Line),
}

impl Change<'_> {
    pub(super) fn is_common(&self) -> bool {
        matches!(self, Self::Both(_))
    }
}

/// `- ` marks a line that only Python printed, `+ ` a line that only Rust printed.
impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Both(line) => write!(f, "  {line}"),
            Self::Python(line) => write!(f, "- {line}"),
            Self::Rust(line) => write!(f, "+ {line}"),
        }
    }
}

/// All lines of both sides; a common line is listed once.
pub(super) fn diff<'a>(python: &'a [Line], rust: &'a [Line]) -> Vec<Change<'a>> {
    let common = python.iter().zip(rust).take_while(|(p, r)| p == r).count();
    let (start, python) = python.split_at(common);
    let rust = &rust[common..];
    let mut changes: Vec<_> = start.iter().map(Change::Both).collect();
    let lengths = common_lengths(python, rust);
    let (mut p, mut r) = (0, 0);
    while p < python.len() || r < rust.len() {
        if p < python.len() && r < rust.len() && python[p] == rust[r] {
            changes.push(Change::Both(&python[p]));
            (p, r) = (p + 1, r + 1);
        } else if r == rust.len()
            || p < python.len() && lengths[p + 1][r] == lengths[p][r]
        {
            changes.push(Change::Python(&python[p]));
            p += 1;
        } else {
            changes.push(Change::Rust(&rust[r]));
            r += 1;
        }
    }
    changes
}

/// At `[p][r]`: the length of the longest common subsequence of `python[p..]` and `rust[r..]`.
fn common_lengths(python: &[Line], rust: &[Line]) -> Vec<Vec<usize>> {
    let mut lengths = vec![vec![0; rust.len() + 1]; python.len() + 1];
    for p in (0..python.len()).rev() {
        for r in (0..rust.len()).rev() {
            lengths[p][r] = if python[p] == rust[r] {
                lengths[p + 1][r + 1] + 1
            } else {
                lengths[p + 1][r].max(lengths[p][r + 1])
            };
        }
    }
    lengths
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(texts: &str) -> Vec<Line> {
        texts.chars().map(|text| Line { millis: 0, text: text.into() }).collect()
    }

    /// The diff of two strings of one-letter lines: `a -b +c`.
    fn shown(python: &str, rust: &str) -> String {
        let (python, rust) = (lines(python), lines(rust));
        let short = |change: &Change<'_>| match change {
            Change::Both(line) => line.text.clone(),
            Change::Python(line) => format!("-{}", line.text),
            Change::Rust(line) => format!("+{}", line.text),
        };
        diff(&python, &rust).iter().map(short).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_lines_of_python_come_before_the_lines_of_rust_in_their_place() {
        assert_eq!(shown("abcd", "axyd"), "a -b -c +x +y d");
    }

    /// The length of the longest common subsequence, by its definition.
    fn longest(python: &str, rust: &str) -> usize {
        let (Some(p), Some(r)) = (python.chars().next(), rust.chars().next()) else {
            return 0;
        };
        match p == r {
            true => 1 + longest(&python[1..], &rust[1..]),
            false => longest(&python[1..], rust).max(longest(python, &rust[1..])),
        }
    }

    /// All words of up to five letters, each a or b.
    fn words() -> Vec<String> {
        let of_length = |length: u32| {
            let letter = |bits: u32, n| if bits >> n & 1 == 0 { 'a' } else { 'b' };
            (0..1 << length)
                .map(move |bits| (0..length).map(|n| letter(bits, n)).collect())
        };
        (0..=5).flat_map(of_length).collect()
    }

    #[test]
    fn the_longest_common_part_is_kept() {
        for python in words() {
            for rust in words() {
                let shown = shown(&python, &rust);
                let common = shown.split(' ').filter(|word| word.len() == 1).count();
                assert_eq!(common, longest(&python, &rust), "{python} {rust}: {shown}");
            }
        }
    }

    #[test]
    fn if_one_side_is_empty_the_diff_is_the_other_side() {
        assert_eq!(shown("", "ab"), "+a +b");
        assert_eq!(shown("ab", ""), "-a -b");
        assert_eq!(shown("", ""), "");
    }

    #[test]
    fn the_same_text_at_another_time_is_a_different_line() {
        let early = [Line { millis: 100, text: "x".into() }];
        let late = [Line { millis: 200, text: "x".into() }];
        let shown: Vec<_> = diff(&early, &late).iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["- [  0.100s] x", "+ [  0.200s] x"]);
    }
}
