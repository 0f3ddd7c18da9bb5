//! The footer says in numbers what the picture shows, and what it could not show.

use super::{
    super::{
        columns::visible,
        rows::{Row, State, UNPOLLED, tally},
        ticks::spoken,
        totals,
    },
    cells::Cell,
    paint::Color,
    pieces::Piece,
};
use crate::stage::record::{Ending, Recording};

/// More labels than this are counted and not named: arbitrary, because a run that makes up a
/// label for each of its steps must not bury the rest.
const MAX_LABELS: usize = 4;

/// The parts of the footer, in their order.
pub(super) fn footer(
    recording: &Recording,
    rows: &[Row<'_>],
    shown: &[&Row<'_>],
    labels: &[&str],
) -> Vec<Piece> {
    let mut pieces = vec![Piece::dim(lanes(rows)), Piece::dim(spoken(recording.end))];
    pieces.extend(peaks(recording, labels));
    pieces.extend(stalls(shown));
    pieces.extend(totals::knobs(recording).map(|knobs| Piece::dim(visible(&knobs))));
    pieces.extend(totals::lost(recording).map(|text| Piece { text, color: Color::Bad }));
    pieces
}

/// `10 lanes`, and how they ended unless all of them ended well.
fn lanes(rows: &[Row<'_>]) -> String {
    let lanes = totals::lanes(rows);
    match rows.iter().all(|row| row.state == State::Ended(Ending::Done)) {
        true => lanes,
        false => format!("{lanes}: {}", tally(rows)),
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
