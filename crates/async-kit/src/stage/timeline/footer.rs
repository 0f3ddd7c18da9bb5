//! The footer says in numbers what the picture shows, and what it could not show.

use super::{
    super::{
        columns::visible,
        record::{Ending, Recording},
        rows::{Row, State, tally},
        ticks::spoken,
    },
    paint::Color,
    wrap::Piece,
};

/// More labels than this are counted and not named: arbitrary, because a run that makes up a
/// label for each of its steps must not bury the rest.
const MAX_LABELS: usize = 4;

/// The parts of the footer, in their order.
pub(super) fn footer(
    recording: &Recording,
    rows: &[Row<'_>],
    labels: &[&str],
    twin: Option<&str>,
) -> Vec<Piece> {
    let mut pieces = vec![Piece::dim(lanes(rows)), Piece::dim(spoken(recording.end))];
    pieces.extend(peaks(recording, labels));
    pieces.extend(knobs(recording));
    pieces.extend(twin.map(|twin| Piece::dim(format!("twin {}", visible(twin)))));
    pieces.extend(lost(recording));
    pieces
}

/// `10 lanes`, and how they ended unless all of them ended well.
fn lanes(rows: &[Row<'_>]) -> String {
    let count = match rows.len() {
        0 => return "no lanes".to_owned(),
        1 => "1 lane".to_owned(),
        count => format!("{count} lanes"),
    };
    if rows.iter().all(|row| row.state == State::Ended(Ending::Done)) {
        return count;
    }
    format!("{count}: {}", tally(rows))
}

fn peaks(recording: &Recording, labels: &[&str]) -> Vec<Piece> {
    let named = labels.iter().take(MAX_LABELS).enumerate().map(|(number, label)| Piece {
        text: format!("at most {} {}", recording.peak(label), visible(label)),
        color: Color::Label(number),
    });
    let more = labels.len().saturating_sub(MAX_LABELS);
    let unnamed = (more > 0).then(|| Piece::dim(format!("{more} more kinds of step")));
    named.chain(unnamed).collect()
}

fn knobs(recording: &Recording) -> Option<Piece> {
    let knobs = recording.knobs.iter();
    let knobs: Vec<_> =
        knobs.map(|knob| format!("{}={}", knob.name, knob.value)).collect();
    (!knobs.is_empty())
        .then(|| Piece::dim(visible(&format!("knobs {}", knobs.join(" ")))))
}

fn lost(recording: &Recording) -> Option<Piece> {
    let text = format!("{} events came too late to be kept", recording.lost);
    (recording.lost > 0).then_some(Piece { text, color: Color::Bad })
}
