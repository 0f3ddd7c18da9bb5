//! The footer gives the numbers of the run, and says what is missing from the picture.

use super::{
    super::{
        columns::visible,
        rows::{Row, State, UNPOLLED, state_counts},
        ticks::with_unit,
        totals,
    },
    cells::Cell,
    paint::Color,
    pieces::Piece,
};
use crate::stage::record::{Ending, Recording};

/// If there are more labels than this, the others are only counted. The number is arbitrary: a run
/// with a different label for each step must not fill the whole footer.
const MAX_LABELS: usize = 4;

/// The parts of the footer, in order.
pub(super) fn footer(
    recording: &Recording,
    rows: &[Row<'_>],
    shown: &[&Row<'_>],
    labels: &[&str],
) -> Vec<Piece> {
    let mut pieces = vec![Piece::dim(lanes(rows)), Piece::dim(with_unit(recording.end))];
    pieces.extend(peaks(recording, labels));
    pieces.extend(stalls(shown));
    pieces.extend(totals::knobs(recording).map(|knobs| Piece::dim(visible(&knobs))));
    pieces.extend(totals::processes(recording).map(|text| Piece::dim(visible(&text))));
    pieces.extend(totals::lost(recording).map(|text| Piece { text, color: Color::Bad }));
    pieces
}

/// `10 lanes`, and how they ended if not all of them are done.
fn lanes(rows: &[Row<'_>]) -> String {
    let lanes = totals::lanes(rows);
    match rows.iter().all(|row| row.state == State::Ended(Ending::Done)) {
        true => lanes,
        false => format!("{lanes}: {}", state_counts(rows)),
    }
}

fn stalls(shown: &[&Row<'_>]) -> Option<Piece> {
    let any = shown.iter().any(|row| row.stalls().next().is_some());
    let text = format!("{} {UNPOLLED}", Cell::Unpolled.glyph());
    any.then_some(Piece { text, color: Color::Open })
}

fn peaks(recording: &Recording, labels: &[&str]) -> Vec<Piece> {
    let (named, more) = totals::peaks(recording, labels, MAX_LABELS);
    let named = named
        .iter()
        .enumerate()
        .map(|(number, text)| Piece { text: visible(text), color: Color::Label(number) });
    named.chain(more.map(Piece::dim)).collect()
}
