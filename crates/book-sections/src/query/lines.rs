//! A text finds a line only if the text begins and ends at a word of the line.

use anyhow::{Result, bail};

use super::{Pick, Which};
use crate::recorded::Line;

impl Pick {
    pub(super) fn line<'a>(&self, lines: &'a [Line]) -> Result<&'a Line> {
        let found: Vec<_> = lines.iter().filter(|it| self.is(&it.text)).collect();
        match (self.which, &found[..]) {
            (_, []) => bail!("{}", no_line(&self.text, lines)),
            (Which::Only, [_, _, ..]) => bail!(
                "{} lines have {:?}: write `first` or `last` before it, or more of its text",
                found.len(),
                self.text
            ),
            (Which::Only | Which::First, [line, ..]) | (Which::Last, [.., line]) => {
                Ok(line)
            }
        }
    }

    fn is(&self, line: &str) -> bool {
        has(line, &self.text) || part(line, &self.text).is_some()
    }
}

pub(super) fn no_line(text: &str, lines: &[Line]) -> String {
    let printed: String = lines.iter().map(|line| format!("\n  {}", line.text)).collect();
    format!("no line has {text:?}; the run prints{printed}")
}

/// Whether the text is a part of the line, and no word is cut: `item 1` is not in `item 10`.
pub(super) fn has(line: &str, text: &str) -> bool {
    let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    line.match_indices(text).any(|(at, _)| {
        let (before, after) = (&line[..at], &line[at + text.len()..]);
        let cuts = |outer, inner| is_word(outer) && is_word(inner);
        !cuts(before.chars().last(), text.chars().next())
            && !cuts(after.chars().next(), text.chars().last())
    })
}

/// What a line has in place of the `{}` of a text.
pub(super) fn part<'a>(line: &'a str, text: &str) -> Option<&'a str> {
    let (before, after) = text.split_once("{}")?;
    let (_, rest) = line.split_once(before)?;
    let part = if after.is_empty() { rest } else { rest.split_once(after)?.0 };
    (!part.trim().is_empty()).then(|| part.trim())
}
