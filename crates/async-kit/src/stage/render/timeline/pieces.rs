//! A line is wrapped between its pieces, and inside a piece only if the piece is too wide.

use super::{
    super::{columns::columns, wrap::broken},
    paint::{Color, Paint},
};

/// A part of a line, with its colour.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) color: Color,
}

impl Piece {
    /// A part in a dim colour, so that the picture is more prominent.
    pub(super) fn dim(text: impl Into<String>) -> Self {
        Self { text: text.into(), color: Color::Dim }
    }
}

/// Joins the pieces into lines of at most `room` columns.
pub(super) fn wrap(
    pieces: &[Piece],
    separator: &str,
    room: usize,
    paint: &Paint<'_>,
) -> Vec<String> {
    let mut lines = Vec::<String>::new();
    let mut used = 0;
    let parts = pieces.iter().flat_map(|piece| {
        broken(&piece.text, room).into_iter().map(|part| (part, piece.color))
    });
    for (part, color) in parts {
        let needed = columns(separator) + columns(&part);
        match lines.last_mut() {
            Some(line) if used + needed <= room => {
                *line += &paint.in_color(Color::Dim, separator);
                *line += &paint.in_color(color, &part);
                used += needed;
            }
            _ => {
                used = columns(&part);
                lines.push(paint.in_color(color, &part));
            }
        }
    }
    lines
}
