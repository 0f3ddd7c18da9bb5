//! All ticks of an axis are the same whole number of cells apart, so equal times look equal.

use std::time::Duration;

use super::super::{columns::columns, ticks::Unit};

/// If ticks were closer together than this, the axis would be hard to read; arbitrary.
const MIN_CELLS: u128 = 10;

/// The scale from time to columns.
pub(super) struct Axis {
    unit: Unit,
    end: u128,
    /// Nanoseconds from tick to tick.
    step: u128,
    /// Cells from tick to tick. If the run ends before the second tick, this can be more than the
    /// terminal has.
    cells: u128,
}

impl Axis {
    /// The finest axis whose labels fit into `room` columns.
    pub(super) fn fit(end: Duration, room: usize) -> Self {
        let unit = Unit::of(end);
        let axes = unit.steps().map(|step| Self::new(unit, end.as_nanos(), step, room));
        let mut fitting = axes.filter(Self::fits);
        fitting.next().expect("a step beyond the end always fits")
    }

    fn new(unit: Unit, end: u128, step: u128, room: usize) -> Self {
        let mut axis = Self { unit, end, step, cells: 0 };
        // The last label starts at its tick, and needs space to the right of it.
        let last_label = axis.widest_label() as u128;
        let columns = (room as u128).saturating_sub(last_label);
        axis.cells = columns * step / end.max(1);
        axis
    }

    fn fits(&self) -> bool {
        if self.step > self.end {
            // A step of at least one unit, so that the only label is `0s` and not `0.00s`.
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

    /// The cell of this time.
    pub(super) fn column(&self, at: Duration) -> usize {
        (at.as_nanos().min(self.end) * self.cells / self.step) as usize
    }

    /// The line of labels; each starts at its tick.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Millis;

    /// A label of six columns and two more are eight, so ticks may be ten columns apart.
    #[test]
    fn ticks_are_as_close_as_their_labels_allow() {
        let ruler = |room| Axis::fit(100.ms(), room).ruler();
        assert!(ruler(206).starts_with("0.000s    0.005s    0.010s"), "{}", ruler(206));
        assert!(ruler(205).starts_with("0.00s               0.01s"), "{}", ruler(205));
    }
}
