//! A cell shows the most important event in it: the end, else a printed line, else that the woken
//! lane was not polled, else a step.

use std::ops::Range;

use super::{
    super::rows::{Row, State, Step},
    axis::Axis,
};

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// One column of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// Before the lane was made.
    Blank,
    /// Not ended, and outside any step.
    Waiting,
    /// Inside the step of this label.
    Inside(&'a str),
    /// How many of the folded lanes are inside a step, in eighths of their peak.
    Folded(usize),
    /// Woken and not polled.
    Unpolled,
    /// The lane printed a line.
    Said,
    /// The lane or the recording ended.
    End(State),
}

impl Cell<'_> {
    /// The character that is printed for this cell.
    pub(super) fn glyph(self) -> char {
        match self {
            Self::Blank => ' ',
            Self::Waiting => '░',
            Self::Inside(_) => '█',
            Self::Folded(eighths) => BARS[eighths.clamp(1, 8) - 1],
            Self::Unpolled => '▒',
            Self::Said => '●',
            Self::End(state) => state.mark(),
        }
    }
}

/// The cells of a row, up to its end mark.
pub(super) fn cells<'a>(row: &Row<'a>, axis: &Axis) -> Vec<Cell<'a>> {
    let (from, to) = (axis.column(row.from), axis.column(row.to));
    let mut cells = vec![Cell::Blank; to + 1];
    cells[from..].fill(Cell::Waiting);
    for step in &row.steps {
        cells[span(step, axis)].fill(Cell::Inside(step.label));
    }
    for stall in row.stalls() {
        cells[span(stall, axis)].fill(Cell::Unpolled);
    }
    for &(at, _) in &row.said {
        cells[axis.column(at)] = Cell::Said;
    }
    cells[to] = Cell::End(row.state);
    cells
}

/// The cells of a step: at least one, so that a step that takes no time is visible.
pub(super) fn span(step: &Step<'_>, axis: &Axis) -> Range<usize> {
    let (from, to) = (axis.column(step.from), axis.column(step.to));
    from..to.max(from + 1)
}
