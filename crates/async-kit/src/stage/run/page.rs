//! A page is as wide and as colourful as its reader's terminal, and loses no word.

use std::{ffi::OsStr, time::Duration};

use crate::stage::render::{
    columns::{columns, padded, shortened},
    plain_line,
    wrap::{broken, joined},
};

/// How a run is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// One whole line for each thing said, whatever its length.
    pub(super) plain: bool,
    pub(super) color: bool,
    /// How many columns there are; fewer than 20 are taken for 20.
    pub(super) width: usize,
}

/// A longer lane name pushes its own line to the right instead of everybody's.
const WIDEST_COLUMN: usize = 16;

/// On a narrower page a text stands below its time and name, not beside them.
const NARROW: usize = 40;

const INDENT: &str = "   ";
const GAP: &str = "  ";

impl Page {
    /// What goes to anything but a terminal is plain.
    pub(super) fn new(plain: bool, color: bool, terminal: Option<usize>) -> Self {
        let color = color && !plain && terminal.is_some();
        let width = terminal.unwrap_or(80).max(20);
        Self { plain: plain || terminal.is_none(), color, width }
    }

    /// The beginning of a section: its name and what it claims.
    pub(super) fn heading(&self, name: &str, claim: &str) -> String {
        if self.plain {
            return format!("{name}{INDENT}{claim}\n");
        }
        let column = columns(name) + INDENT.len();
        self.entry("", name, column, claim)
    }

    /// A term, and its explanation from `column` on; below the term where that is too narrow.
    pub(super) fn entry(
        &self,
        indent: &str,
        term: &str,
        column: usize,
        text: &str,
    ) -> String {
        let margin = self.margin(indent, column);
        let text = broken(text, self.width.saturating_sub(margin).max(2));
        let below = format!("\n{}", " ".repeat(margin));
        let gap = match margin.checked_sub(columns(indent) + columns(term)) {
            Some(gap) if gap > 0 && margin == column => " ".repeat(gap),
            _ => below.clone(),
        };
        format!("{indent}{}{gap}{}\n", self.paint(BOLD, term), text.join(&below))
    }

    /// Items that step back below an entry with this column.
    pub(super) fn aside(&self, indent: &str, column: usize, items: &[String]) -> String {
        let margin = self.margin(indent, column);
        let lines = joined(items, " · ", self.width.saturating_sub(margin).max(2));
        let margin = " ".repeat(margin);
        let lines =
            lines.iter().map(|line| format!("{margin}{}\n", self.paint(DIM, line)));
        lines.collect()
    }

    /// Where explanations begin.
    fn margin(&self, indent: &str, column: usize) -> usize {
        let beside = self.width >= column + NARROW / 2;
        if beside { column } else { columns(indent) + INDENT.len() }
    }

    /// A line of a run. `column` is how wide the names of lanes are, and `hue` is the lane's.
    pub(super) fn line(
        &self,
        at: Duration,
        lane: Option<(&str, &str)>,
        column: usize,
        text: &str,
    ) -> String {
        if self.plain {
            return plain_line::plain(at, lane.map(|(name, _)| name), text) + "\n";
        }
        // Whole milliseconds: with less, 15 ms and 25 ms would be a riddle.
        let time = format!("{:8.3}s", at.as_secs_f64());
        let mut margin = columns(&time) + GAP.len();
        let mut head = self.paint(DIM, &time);
        if let Some((name, hue)) = lane {
            // With the text below, there is nothing to align.
            let column = if self.width < NARROW { 0 } else { column };
            let name = shortened(name, self.width - margin);
            head += &format!("{GAP}{}", self.paint(hue, &padded(&name, column)));
            margin += columns(&name).max(column) + GAP.len();
        }
        self.beside(&head, margin, text)
    }

    fn beside(&self, head: &str, margin: usize, text: &str) -> String {
        // Below the head, where too little is left beside it.
        let below = self.width < NARROW || self.width < margin + NARROW / 4;
        let margin = if below { INDENT.len() } else { margin };
        let indent = format!("\n{}", " ".repeat(margin));
        let text = broken(text, self.width - margin).join(&indent);
        let gap = if below { &indent } else { GAP };
        format!("{head}{gap}{text}\n")
    }

    /// How wide the column of names gets once there is this lane.
    pub(super) fn column(&self, lane: &str) -> usize {
        columns(lane).min(WIDEST_COLUMN).min(self.width / 3)
    }

    /// A message, line by line; what does not fit stands below, a little to the right.
    pub(super) fn wrapped(&self, message: &str) -> String {
        if self.plain {
            return message.to_owned();
        }
        let lines: Vec<_> = message.lines().map(|line| self.hanging(line)).collect();
        lines.join("\n")
    }

    fn hanging(&self, line: &str) -> String {
        let indent = line.len() - line.trim_start().len() + INDENT.len();
        let room = self.width.saturating_sub(indent).max(2);
        broken(line, room).join(&format!("\n{}", " ".repeat(indent)))
    }

    pub(super) fn paint(&self, style: &str, text: &str) -> String {
        match self.color && !text.is_empty() {
            true => format!("\x1b[{style}m{text}\x1b[0m"),
            false => text.to_owned(),
        }
    }
}

/// Whether colour is welcome, going by the variables `NO_COLOR` and `TERM`.
pub(super) fn color_is_welcome(no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    no_color.is_none_or(OsStr::is_empty) && term.is_none_or(|term| term != "dumb")
}

pub(super) const BOLD: &str = "1";
const DIM: &str = "2";
