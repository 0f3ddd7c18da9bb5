//! A listing shows lines of a file, and each line knows its number there.

use std::ops::Deref;

use crate::markup::{attribute, fence};

/// A program, or a part of it, as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listing {
    /// The path of the file from the root of the workspace, with `/`.
    file: String,
    lines: Vec<Line>,
}

/// A line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Its number in the file, from 1; zero if it is of no file.
    number: usize,
    text: String,
}

impl Deref for Line {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

impl Listing {
    /// All lines of a file.
    pub(crate) fn of(file: &str, text: &str) -> Self {
        let lines = text.lines().zip(1..);
        let lines = lines.map(|(text, number)| Line { number, text: text.to_owned() });
        Self { file: file.to_owned(), lines: lines.collect() }
    }

    /// These lines of the same file.
    pub(crate) fn with(&self, lines: Vec<Line>) -> Self {
        Self { file: self.file.clone(), lines }
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The lines for which `keeps` is true.
    pub(crate) fn filtered(&self, mut keeps: impl FnMut(&str) -> bool) -> Self {
        self.with(self.lines.iter().filter(|line| keeps(line)).cloned().collect())
    }

    /// Each line changed by `change`, which may not break it.
    pub(crate) fn mapped(&self, change: impl Fn(&str) -> String) -> Self {
        let change = |line: &Line| Line { number: line.number, text: change(&line.text) };
        self.with(self.lines.iter().map(change).collect())
    }

    /// The same without the empty lines at its end.
    pub(crate) fn trimmed(&self) -> Self {
        let filled = self.lines.iter().rposition(|line| !line.trim().is_empty());
        self.with(self.lines[..filled.map_or(0, |last| last + 1)].to_vec())
    }

    /// Adds lines that are of no file.
    pub(crate) fn push(&mut self, text: &str) {
        let lines = text.lines().map(|line| Line { number: 0, text: line.to_owned() });
        self.lines.extend(lines);
    }

    /// Adds lines of the same file.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.lines.append(&mut other.lines);
    }

    pub(crate) fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{}\n", line.text)).collect()
    }

    /// The code for mdBook to highlight, in an element that knows where each line is from.
    pub(crate) fn fence(&self, language: &str) -> String {
        let shown = self.trimmed();
        format!(
            "<div class=\"listing\" data-file=\"{}\" data-lines=\"{}\">\n\n{}\n</div>\n",
            attribute(&self.file),
            shown.numbers(),
            fence(language, &shown.text())
        )
    }

    /// The numbers of the lines in their order, as `12-20 22-30 0 40`: with a 0 for each line of no file.
    fn numbers(&self) -> String {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for Line { number, .. } in &self.lines {
            match ranges.last_mut() {
                Some((_, last)) if *last > 0 && *last + 1 == *number => *last = *number,
                _ => ranges.push((*number, *number)),
            }
        }
        let range = |(first, last): &(usize, usize)| match first == last {
            true => first.to_string(),
            false => format!("{first}-{last}"),
        };
        ranges.iter().map(range).collect::<Vec<_>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_names_the_number_of_each_line_that_it_shows() {
        let file = Listing::of("a.rs", "one\ntwo\n\nfour\nfive\nsix\n\n");
        let mut shown = file.filtered(|line| line != "two" && line != "five");
        shown.push("none\n\n");
        shown.append(file.filtered(|line| line == "one"));
        shown.push("\n");
        assert_eq!(shown.text(), "one\n\nfour\nsix\n\nnone\n\none\n\n");
        let shown = shown.fence("rust");
        let wrapper =
            "<div class=\"listing\" data-file=\"a.rs\" data-lines=\"1 3-4 6-7 0 0 1\">";
        assert!(shown.starts_with(wrapper), "{shown}");
        assert!(shown.ends_with("\nnone\n\none\n```\n\n</div>\n"), "{shown}");
    }

    /// A range of line 0 and line 1 would be read as a range of a file.
    #[test]
    fn a_line_of_no_file_begins_no_range() {
        let mut shown = Listing::of("a.rs", "");
        shown.push("none");
        shown.append(Listing::of("a.rs", "one\ntwo"));
        assert_eq!(shown.numbers(), "0 1-2");
    }
}
