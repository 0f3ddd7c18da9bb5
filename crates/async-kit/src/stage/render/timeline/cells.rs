//! A cell shows the most telling thing that happened in it: the end, else a line, else that the
//! lane was kept waiting for its poll, else a step.

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
    /// Alive, outside any step.
    Waiting,
    /// Inside the step of this label.
    Inside(&'a str),
    /// Of several lanes, so many eighths of the most that are ever inside a step at once.
    Crowd(usize),
    /// Woken, and not polled.
    Unpolled,
    /// A line was said.
    Said,
    /// The lane ended, or the recording did.
    End(State),
}

impl Cell<'_> {
    /// The character that stands for it.
    pub(super) fn glyph(self) -> char {
        match self {
            Self::Blank => ' ',
            Self::Waiting => '░',
            Self::Inside(_) => '█',
            Self::Crowd(eighths) => BARS[eighths.clamp(1, 8) - 1],
            Self::Unpolled => '▒',
            Self::Said => '●',
            Self::End(state) => state.mark(),
        }
    }
}

/// The cells of a row, up to its last.
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

/// The cells of a step: even one that takes no time at all is seen.
pub(super) fn span(step: &Step<'_>, axis: &Axis) -> Range<usize> {
    let (from, to) = (axis.column(step.from), axis.column(step.to));
    from..to.max(from + 1)
}
