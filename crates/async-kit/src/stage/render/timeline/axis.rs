//! An axis gives every tick the same whole number of cells, so equal times look equal.

use std::time::Duration;

use super::super::{columns::columns, ticks::Unit};

/// Fewer cells from tick to tick look like a comb; arbitrary.
const MIN_CELLS: u128 = 10;

/// The scale from time to columns.
pub(super) struct Axis {
    unit: Unit,
    end: u128,
    /// Nanoseconds from tick to tick.
    step: u128,
    /// Cells from tick to tick; more than there is room for if the end comes before a second tick.
    cells: u128,
}

impl Axis {
    /// The finest axis that has room for its labels in this many columns.
    pub(super) fn fit(end: Duration, room: usize) -> Self {
        let unit = Unit::of(end);
        let axes = unit.steps().map(|step| Self::new(unit, end.as_nanos(), step, room));
        let mut fitting = axes.filter(Self::fits);
        fitting.next().expect("a step beyond the end always fits")
    }

    fn new(unit: Unit, end: u128, step: u128, room: usize) -> Self {
        let mut axis = Self { unit, end, step, cells: 0 };
        // The last label starts at its tick, and needs room there.
        let last_label = axis.widest_label() as u128;
        let columns = (room as u128).saturating_sub(last_label);
        axis.cells = columns * step / end.max(1);
        axis
    }

    fn fits(&self) -> bool {
        if self.step > self.end {
            // A whole unit, so that the only label is `0s` and not `0.00s`.
            return self.step >= self.unit.nanos;
        }
        self.cells >= MIN_CELLS.max(self.widest_label() as u128 + 2)
    }

    fn widest_label(&self) -> usize {
        columns(&self.label(self.end / self.step))
    }

    fn label(&self, tick: u128) -> String {
        self.unit.label(tick * self.step, self.step)
    }

    /// The cell in which this moment lies.
    pub(super) fn column(&self, at: Duration) -> usize {
        (at.as_nanos().min(self.end) * self.cells / self.step) as usize
    }

    /// The labels, each starting at its tick.
    pub(super) fn ruler(&self) -> String {
        let mut ruler = String::new();
        for tick in 0..=self.end / self.step {
            let gap = (tick * self.cells) as usize - columns(&ruler);
            ruler += &" ".repeat(gap);
            ruler += &self.label(tick);
        }
        ruler
    }
}
