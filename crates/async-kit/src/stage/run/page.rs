//! The output fits the width of the terminal, and no word is lost.

use std::{ffi::OsStr, time::Duration};

use crate::stage::render::{
    columns::{columns, padded, shortened},
    plain_line,
    wrap::{broken, joined},
};

/// How a run is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Page {
    /// Each line that is printed with `say!` stays one line, whatever its length.
    pub(super) plain: bool,
    pub(super) color: bool,
    /// The number of columns, at least 20.
    pub(super) width: usize,
}

/// The maximum width of the column of lane names. A longer name moves only the text of its own line
/// to the right.
const WIDEST_COLUMN: usize = 16;

/// On a narrower page, a text is printed below its time and lane name, not beside them.
const NARROW: usize = 40;

const INDENT: &str = "   ";
const GAP: &str = "  ";

impl Page {
    /// The page is plain if the output does not go to a terminal.
    pub(super) fn new(plain: bool, color: bool, terminal: Option<usize>) -> Self {
        let color = color && !plain && terminal.is_some();
        let width = terminal.unwrap_or(80).max(20);
        Self { plain: plain || terminal.is_none(), color, width }
    }

    /// The heading of a section: its name and its claim.
    pub(super) fn heading(&self, name: &str, claim: &str) -> String {
        if self.plain {
            return format!("{name}{INDENT}{claim}\n");
        }
        let column = columns(name) + INDENT.len();
        self.entry("", name, column, claim)
    }

    /// A term, and its explanation from `column` on. On a narrow page, the explanation is below the
    /// term.
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

    /// Dim items below an entry with this column.
    pub(super) fn aside(&self, indent: &str, column: usize, items: &[String]) -> String {
        let margin = self.margin(indent, column);
        let lines = self.lines_of(margin, items);
        lines.iter().map(|line| indented(margin, &self.paint(DIM, line))).collect()
    }

    /// Items of a list, indented.
    pub(super) fn items(&self, items: &[String]) -> String {
        let lines = self.lines_of(INDENT.len(), items);
        lines.iter().map(|line| indented(INDENT.len(), line)).collect()
    }

    /// The items, a few on each line; no item is broken if it fits on a line.
    fn lines_of(&self, margin: usize, items: &[String]) -> Vec<String> {
        joined(items, " · ", self.width.saturating_sub(margin).max(2))
    }

    /// The column in which explanations begin.
    fn margin(&self, indent: &str, column: usize) -> usize {
        let is_beside = self.width >= column + NARROW / 2;
        if is_beside { column } else { columns(indent) + INDENT.len() }
    }

    /// A line of a run. `lane` is the name and the colour of the lane, and `column` is the width of
    /// the column of names.
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
        // Three decimals: with fewer, 15 ms and 25 ms would be shown as 0.01 s and 0.03 s.
        let time = format!("{:8.3}s", at.as_secs_f64());
        let mut margin = columns(&time) + GAP.len();
        let mut head = self.paint(DIM, &time);
        if let Some((name, hue)) = lane {
            // If the text is below, the names need no alignment.
            let column = if self.width < NARROW { 0 } else { column };
            let name = shortened(name, self.width - margin);
            head += &format!("{GAP}{}", self.paint(hue, &padded(&name, column)));
            margin += columns(&name).max(column) + GAP.len();
        }
        self.beside(&head, margin, text)
    }

    fn beside(&self, head: &str, margin: usize, text: &str) -> String {
        // Below the head if there is too little space beside it.
        let is_below = self.width < NARROW || self.width < margin + NARROW / 4;
        let margin = if is_below { INDENT.len() } else { margin };
        let indent = format!("\n{}", " ".repeat(margin));
        let text = broken(text, self.width - margin).join(&indent);
        let gap = if is_below { &indent } else { GAP };
        format!("{head}{gap}{text}\n")
    }

    /// The width that the column of names needs for this lane.
    pub(super) fn column(&self, lane: &str) -> usize {
        columns(lane).min(WIDEST_COLUMN).min(self.width / 3)
    }

    /// A message, line by line. A line that is too long is wrapped, and its further lines are
    /// indented.
    pub(super) fn wrapped(&self, message: &str) -> String {
        if self.plain {
            return message.to_owned();
        }
        let lines: Vec<_> =
            message.lines().map(|line| self.with_hanging_indent(line)).collect();
        lines.join("\n")
    }

    fn with_hanging_indent(&self, line: &str) -> String {
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

fn indented(margin: usize, line: &str) -> String {
    format!("{}{line}\n", " ".repeat(margin))
}

/// Whether the environment variables `NO_COLOR` and `TERM` allow colour.
pub(super) fn color_is_allowed(no_color: Option<&OsStr>, term: Option<&OsStr>) -> bool {
    no_color.is_none_or(OsStr::is_empty) && term.is_none_or(|term| term != "dumb")
}

pub(super) const BOLD: &str = "1";
const DIM: &str = "2";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Millis;

    fn page(width: usize) -> Page {
        Page { plain: false, color: false, width }
    }

    #[test]
    fn a_text_is_below_its_time_and_lane_if_there_is_too_little_space_beside_them() {
        let text = "a text that is longer than the page is wide";
        let line = |width, lane| page(width).line(1500.ms(), Some((lane, "")), 8, text);
        assert_eq!(
            line(40, "worker"),
            "   1.500s  worker    a text that is
                     longer than the
                     page is wide
"
        );
        assert_eq!(
            line(39, "worker"),
            "   1.500s  worker
   a text that is longer than the page
   is wide
"
        );
        // Beside such a name, 55 columns have ten for the text.
        let name = "a name of thirty-two letters, oh";
        assert_eq!(
            line(55, name),
            format!(
                "   1.500s  {name}  a text
{margin}that is
{margin}longer
{margin}than the
{margin}page is
{margin}wide
",
                margin = " ".repeat(45)
            )
        );
        assert_eq!(line(54, name), format!("   1.500s  {name}\n   {text}\n"));
    }

    #[test]
    fn the_column_of_names_is_at_most_sixteen_wide_and_a_third_of_the_page() {
        let long = "a name of twenty-one l";
        assert_eq!(page(80).column("job-1"), 5);
        assert_eq!(page(80).column(long), 16);
        assert_eq!(page(31).column(long), 10);
    }

    #[test]
    fn an_explanation_is_below_its_term_if_there_is_too_little_space_beside_it() {
        let entry = |width, term| page(width).entry("   ", term, 12, "an explanation");
        assert_eq!(entry(32, "term"), "   term     an explanation\n");
        assert_eq!(entry(31, "term"), "   term\n      an explanation\n");
        assert_eq!(entry(31, "t"), "   t\n      an explanation\n");
        let below = "   nine more\n            an explanation\n";
        assert_eq!(entry(32, "nine more"), below);
    }

    #[test]
    fn the_further_lines_of_a_message_are_indented() {
        assert_eq!(
            page(20).wrapped("a message of six words in all\n  and more of them below"),
            "a message of six
   words in all
  and more of
     them below"
        );
    }
}
