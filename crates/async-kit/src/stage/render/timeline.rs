//! A timeline is never wider than the terminal, and each lane is drawn or counted.

mod axis;
mod cells;
mod folded;
mod footer;
mod paint;
mod pieces;

use std::{iter, time::Duration};

use self::{
    axis::Axis,
    paint::{Color, Paint},
    pieces::{Piece, wrap},
};
use super::{
    columns::{columns, padded, shortened},
    fold::fold,
    rows::{Row, rows, state_counts},
};
use crate::stage::record::Recording;

/// If there are more lanes than this, the others share one row.
const MAX_ROWS: usize = 16;
const INDENT: &str = "   ";
const GAP: &str = "  ";

/// How a timeline is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The number of columns of the terminal. A value below 20 counts as 20, above 300 as 300.
    pub width: usize,
    /// Whether to colour with ANSI escapes.
    pub color: bool,
}

/// Draws a recording as text; every line ends with a line break.
///
/// A row shows a lane from its creation to its end: `░` while it waits, `█` inside a step, `▒`
/// where it had been woken and was not polled for a hundredth of the run or longer, `●` where it
/// printed a line. The row ends with ✓ done, ✗ failed or panicked, ⊘ dropped, ∅ never polled, or →
/// unfinished when the recording ended. If several of these fall into one cell, the cell shows the
/// end, else the line. The footer explains `▒` if it occurs, and the end marks if one of them is
/// not ✓.
///
/// If there are more than 16 lanes, 16 are drawn. The others are counted by how they ended, and
/// share one row of bars `▁▂▃▄▅▆▇█`: the more of them are inside a step, the higher the bar.
///
/// # Examples
///
/// ```
/// use async_kit::stage::{Recording, timeline::{Style, render}};
///
/// let nothing = render(&Recording::default(), Style { width: 80, color: false });
/// assert_eq!(nothing, "   no lanes · 0.00 s\n");
/// ```
pub fn render(recording: &Recording, style: Style) -> String {
    let width = style.width.clamp(20, 300);
    let room = width - INDENT.len();
    let labels = recording.labels();
    let paint = Paint::new(style.color, recording, &labels);
    let rows = rows(recording);
    let (shown, folded) = fold(&rows, MAX_ROWS);
    let mut lines = picture(recording.end, &shown, &folded, width, &paint);
    lines.extend(wrap(&summary(&folded), " ", room, &paint));
    lines.extend(wrap(
        &footer::footer(recording, &rows, &shown, &labels),
        " · ",
        room,
        &paint,
    ));
    lines.iter().map(|line| format!("{INDENT}{line}\n")).collect()
}

/// The axis, a line per row, and one line for all folded lanes together.
fn picture(
    end: Duration,
    shown: &[&Row<'_>],
    folded: &[&Row<'_>],
    width: usize,
    paint: &Paint<'_>,
) -> Vec<String> {
    if shown.is_empty() {
        return Vec::new();
    }
    let names = names(shown, folded, width / 3 - GAP.len());
    let margin = names.iter().map(|name| columns(name)).max().unwrap_or(0);
    let axis = Axis::fit(end, width - INDENT.len() - margin - GAP.len());
    let mut bodies = vec![paint.in_color(Color::Dim, &axis.ruler())];
    bodies.extend(shown.iter().map(|row| paint.cells(&cells::cells(row, &axis))));
    if !folded.is_empty() {
        bodies.push(paint.cells(&folded::cells(folded, &axis)));
    }
    let lanes = shown.iter().map(|row| row.lane.name.as_str());
    // The axis and the row of the folded lanes have no name to colour.
    let lanes = iter::once("").chain(lanes).chain(iter::once(""));
    let lines = names.iter().zip(lanes).zip(bodies);
    lines
        .map(|((name, lane), body)| {
            let name = padded(name, margin);
            format!("{}{GAP}{body}", paint.name(lane, &name))
        })
        .collect()
}

/// The text to the left of the axis, of each row, and of the row of the folded lanes.
fn names(shown: &[&Row<'_>], folded: &[&Row<'_>], room: usize) -> Vec<String> {
    let mut names = vec![String::new()];
    names.extend(shown.iter().map(|row| shortened(&row.lane.name, room)));
    if !folded.is_empty() {
        names.push("…".to_owned());
    }
    names
}

/// `… and 84 more: 80 ✓ done, 4 ⊘ dropped`
fn summary(folded: &[&Row<'_>]) -> Vec<Piece> {
    if folded.is_empty() {
        return Vec::new();
    }
    let state_counts = state_counts(folded.iter().copied());
    vec![Piece::dim(format!("… and {} more:", folded.len())), Piece::dim(state_counts)]
}
