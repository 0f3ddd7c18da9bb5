//! A transcript is what a program printed, with the time of each line.

/// A printed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Seconds with three decimals, `0.050`.
    pub(crate) seconds: String,
    pub(crate) text: String,
}

impl Line {
    /// Reads `[  0.050s] text`.
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let (time, text) = line.strip_prefix('[')?.split_once("s]")?;
        let (seconds, text) = (time.trim().to_owned(), text.trim().to_owned());
        Some(Self { seconds, text })
    }
}

/// As many seconds as a line shows: `0.130`.
pub(crate) fn seconds(micros: u64) -> String {
    format!("{}.{:03}", micros / 1_000_000, micros / 1000 % 1000)
}

/// The lines of a recorded run.
pub(crate) fn parse(text: &str) -> Vec<Line> {
    text.lines().filter_map(Line::parse).collect()
}

/// For each line, whether it is one of `others`, which come in the same order.
pub(crate) fn marked<'a>(lines: &'a [Line], others: &[Line]) -> Vec<(&'a Line, bool)> {
    let mut others = others.iter().peekable();
    let mark = |line| (line, others.next_if_eq(&line).is_some());
    lines.iter().map(mark).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_only_one_side_prints_is_marked() {
        let lines = parse("[  0.100s] a\n[  0.100s] b\n[  1.200s] a\n");
        let marks: Vec<_> = marked(&lines, &lines[1..]).iter().map(|it| it.1).collect();
        assert_eq!(marks, [false, true, true]);
        assert_eq!(lines[2], Line { seconds: "1.200".into(), text: "a".into() });
    }
}
