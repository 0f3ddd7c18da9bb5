//! The width of the picture is fixed; its height grows with the number of lanes.

use super::super::{
    columns::{columns, shortened},
    rows::Row,
};

pub(super) const WIDTH: f64 = 860.0;
pub(super) const PADDING: f64 = 22.0;
/// The height of the title; the axis begins below it.
pub(super) const TOP: f64 = 48.0;
/// The height of the axis with its labels.
pub(super) const AXIS: f64 = 28.0;
pub(super) const ROW: f64 = 26.0;
/// The distance from the last row to the middle of the legend's first line.
pub(super) const LEGEND: f64 = 30.0;
/// The width of a letter in the 12 px monospaced font of the names.
const LETTER: f64 = 7.3;
/// Longer names are cut; the tooltip shows the whole name.
const MAX_NAME: usize = 24;

/// The name of a lane, cut if it is too long for the picture.
pub(super) fn name(row: &Row<'_>) -> String {
    shortened(&row.lane.name, MAX_NAME)
}

/// The x position where the axis starts: right of the widest name.
pub(super) fn margin(rows: &[&Row<'_>]) -> f64 {
    let widest = rows.iter().map(|row| columns(&name(row))).max().unwrap_or(0);
    PADDING + widest as f64 * LETTER + 18.0
}

/// The y position of the middle of a row.
pub(super) fn middle(number: usize) -> f64 {
    TOP + AXIS + ROW * (number as f64 + 0.5)
}
