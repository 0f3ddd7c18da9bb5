//! Folded lanes share one row of bars: the more lanes are inside a step, the higher the bar.

use super::{
    super::rows::Row,
    axis::Axis,
    cells::{Cell, span},
};

/// The cells of all these rows together, up to the last end.
pub(super) fn cells(rows: &[&Row<'_>], axis: &Axis) -> Vec<Cell<'static>> {
    let ends = rows.iter().map(|row| axis.column(row.to) + 1);
    let mut alive = vec![false; ends.max().unwrap_or(0)];
    let mut inside = vec![0; alive.len()];
    for row in rows {
        alive[axis.column(row.from)..=axis.column(row.to)].fill(true);
        for (count, busy) in inside.iter_mut().zip(busy(row, axis)) {
            *count += usize::from(busy);
        }
    }
    let peak = inside.iter().copied().max().unwrap_or(0);
    let cells = alive.into_iter().zip(inside).map(|cell| match cell {
        (false, _) => Cell::Blank,
        (true, 0) => Cell::Waiting,
        (true, count) => Cell::Folded(count * 8 / peak),
    });
    cells.collect()
}

/// For each cell, whether the lane is inside a step there.
fn busy(row: &Row<'_>, axis: &Axis) -> Vec<bool> {
    let mut busy = vec![false; axis.column(row.to) + 1];
    for step in &row.steps {
        busy[span(step, axis)].fill(true);
    }
    busy
}
