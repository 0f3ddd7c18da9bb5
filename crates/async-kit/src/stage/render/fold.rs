//! If there are too many lanes, the first ones are drawn, and the first ones that are not done.

use super::rows::{Row, State};
use crate::stage::record::Ending;

/// The number of rows reserved for lanes that failed, were dropped or have not ended; arbitrary.
const NOT_DONE_ROWS: usize = 4;

/// Splits the rows into at most `max` rows to draw and the rows that are only counted. Both keep
/// their order.
pub(super) fn fold<'r, 'a>(
    rows: &'r [Row<'a>],
    max: usize,
) -> (Vec<&'r Row<'a>>, Vec<&'r Row<'a>>) {
    let chosen = choose(rows, max);
    let (shown, folded) =
        rows.iter().enumerate().partition::<Vec<_>, _>(|(id, _)| chosen.contains(id));
    let without_index =
        |rows: Vec<(_, _)>| rows.into_iter().map(|(_, row)| row).collect();
    (without_index(shown), without_index(folded))
}

/// The indexes of the rows to draw.
fn choose(rows: &[Row<'_>], max: usize) -> Vec<usize> {
    if rows.len() <= max {
        return (0..rows.len()).collect();
    }
    let first = max - NOT_DONE_ROWS;
    let is_not_done = |id: &usize| rows[*id].state != State::Ended(Ending::Done);
    let not_done: Vec<_> =
        (first..rows.len()).filter(is_not_done).take(NOT_DONE_ROWS).collect();
    let fill = (first..rows.len()).filter(|id| !not_done.contains(id));
    let fill = fill.take(NOT_DONE_ROWS - not_done.len());
    (0..first).chain(fill).chain(not_done.iter().copied()).collect()
}
