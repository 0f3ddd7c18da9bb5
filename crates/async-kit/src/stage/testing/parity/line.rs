//! Two lines are equal if their text and the millisecond in which they were printed are equal.

use std::fmt;

/// A printed line with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) millis: u64,
    pub(super) text: String,
}

impl Line {
    /// Reads `[  0.500s] text`; any other text is not a line of a run.
    pub(super) fn parse(line: &str) -> Option<Self> {
        let (time, text) = line.strip_prefix('[')?.split_once("s]")?;
        let (seconds, millis) = time.trim_start().split_once('.')?;
        if millis.len() != 3 {
            return None;
        }
        let millis = seconds.parse::<u64>().ok()? * 1000 + millis.parse::<u64>().ok()?;
        // Spaces at the end are not visible in a report, so they are not compared.
        let text = text.strip_prefix(' ').unwrap_or(text).trim_end();
        Some(Self { millis, text: text.to_owned() })
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.millis / 1000, self.millis % 1000);
        write!(f, "[{seconds:>3}.{millis:03}s] {}", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::Line;

    #[test]
    fn a_parsed_line_is_displayed_as_it_was_read() {
        for text in ["[  0.500s] job-0 starts", "[1000.001s] done", "[  0.000s] "] {
            let line =
                Line::parse(text).unwrap_or_else(|| panic!("{text:?} is not a line"));
            assert_eq!(line.to_string(), text);
        }
    }

    #[test]
    fn a_header_is_not_a_line() {
        for text in
            ["", "semaphore   three permits", "[note] hi", "[0.5s] x", "[a.bcds] x"]
        {
            assert_eq!(Line::parse(text), None, "{text:?}");
        }
    }
}
