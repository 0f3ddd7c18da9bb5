//! Pieces of a line stay whole for as long as they fit the width; none is ever left out.

use super::{
    super::{columns::columns, wrap::broken},
    paint::{Color, Paint},
};

/// A part of a line, in one colour.
pub(super) struct Piece {
    pub(super) text: String,
    pub(super) color: Color,
}

impl Piece {
    /// A part that steps back behind the picture.
    pub(super) fn dim(text: impl Into<String>) -> Self {
        Self { text: text.into(), color: Color::Dim }
    }
}

/// Joins the pieces to lines of at most `room` columns.
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
