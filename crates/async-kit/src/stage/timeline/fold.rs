//! Of many lanes the first are drawn, and the first of those that did not simply end well.

use super::{
    super::{
        record::Ending,
        rows::{Row, State, tally},
    },
    MAX_ROWS,
    wrap::Piece,
};

/// So many rows are kept free for lanes that did not end well; arbitrary.
const ODD_ROWS: usize = 4;

/// The rows to draw and the rows to count, each in their order.
pub(super) fn fold<'r, 'a>(rows: &'r [Row<'a>]) -> (Vec<&'r Row<'a>>, Vec<&'r Row<'a>>) {
    let chosen = choose(rows);
    let (shown, folded) =
        rows.iter().enumerate().partition::<Vec<_>, _>(|(id, _)| chosen.contains(id));
    let strip = |rows: Vec<(_, _)>| rows.into_iter().map(|(_, row)| row).collect();
    (strip(shown), strip(folded))
}

fn choose(rows: &[Row<'_>]) -> Vec<usize> {
    let first = MAX_ROWS - ODD_ROWS;
    let mut chosen: Vec<_> = (0..rows.len().min(first)).collect();
    let odd =
        (first..rows.len()).filter(|&id| rows[id].state != State::Ended(Ending::Done));
    chosen.extend(odd.take(ODD_ROWS));
    let more = (first..rows.len()).filter(|id| !chosen[first..].contains(id));
    let more: Vec<_> = more.take(MAX_ROWS - chosen.len()).collect();
    chosen.extend(more);
    chosen
}

/// `… and 84 more: 80 ✓ done, 4 ⊘ dropped`
pub(super) fn summary(folded: &[&Row<'_>]) -> Vec<Piece> {
    if folded.is_empty() {
        return Vec::new();
    }
    let tally = tally(folded.iter().copied());
    vec![Piece::dim(format!("… and {} more:", folded.len())), Piece::dim(tally)]
}
