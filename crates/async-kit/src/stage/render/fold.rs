//! Of many lanes the first are drawn, and the first of those that did not simply end well.

use super::rows::{Row, State};
use crate::stage::record::Ending;

/// So many rows are kept free for lanes that did not end well; arbitrary.
const ODD_ROWS: usize = 4;

/// At most `max` rows to draw, and the rows to count; both in their order.
pub(super) fn fold<'r, 'a>(
    rows: &'r [Row<'a>],
    max: usize,
) -> (Vec<&'r Row<'a>>, Vec<&'r Row<'a>>) {
    let chosen = choose(rows, max);
    let (shown, folded) =
        rows.iter().enumerate().partition::<Vec<_>, _>(|(id, _)| chosen.contains(id));
    let strip = |rows: Vec<(_, _)>| rows.into_iter().map(|(_, row)| row).collect();
    (strip(shown), strip(folded))
}

fn choose(rows: &[Row<'_>], max: usize) -> Vec<usize> {
    if rows.len() <= max {
        return (0..rows.len()).collect();
    }
    let first = max - ODD_ROWS;
    let odd = |id: &usize| rows[*id].state != State::Ended(Ending::Done);
    let odd: Vec<_> = (first..rows.len()).filter(odd).take(ODD_ROWS).collect();
    let fill = (first..rows.len()).filter(|id| !odd.contains(id));
    let fill = fill.take(ODD_ROWS - odd.len());
    (0..first).chain(fill).chain(odd.iter().copied()).collect()
}
