//! The picture's width is fixed; its height grows with its lanes.

use super::{Row, columns, shortened};

pub(super) const WIDTH: f64 = 860.0;
pub(super) const PADDING: f64 = 22.0;
/// Where the title ends and the axis begins.
pub(super) const TOP: f64 = 48.0;
/// The height of the axis with its labels.
pub(super) const AXIS: f64 = 28.0;
pub(super) const ROW: f64 = 26.0;
/// From the last row to the middle of the legend's first line.
pub(super) const LEGEND: f64 = 30.0;
/// The advance of the 12 px monospaced font of the names.
const LETTER: f64 = 7.3;
/// Longer names are cut; the whole one is a tooltip.
const MAX_NAME: usize = 24;

/// A name as the picture has room for it.
pub(super) fn name(row: &Row<'_>) -> String {
    shortened(&row.lane.name, MAX_NAME)
}

/// Where the axis starts: right of the widest name.
pub(super) fn margin(rows: &[&Row<'_>]) -> f64 {
    let widest = rows.iter().map(|row| columns(&name(row))).max().unwrap_or(0);
    PADDING + widest as f64 * LETTER + 18.0
}

/// The middle of a row.
pub(super) fn middle(number: usize) -> f64 {
    TOP + AXIS + ROW * (number as f64 + 0.5)
}
