//! A text's width is counted in terminal columns, not in characters: `界` takes two.

use unicode_width::UnicodeWidthStr;

/// The text without what would move the cursor, or turn the writing direction around.
pub(in crate::stage) fn visible(text: &str) -> String {
    text.chars().map(|c| if unseen(c) { '\u{fffd}' } else { c }).collect()
}

fn unseen(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // The last two are no characters at all, and no XML file may hold them.
    c.is_control() || turns || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// How many columns the text takes.
pub(in crate::stage) fn columns(text: &str) -> usize {
    text.width()
}

/// The longest beginning of the text that fits, and what comes after it.
pub(in crate::stage) fn split(text: &str, room: usize) -> (&str, &str) {
    // Measuring each beginning costs the square of their number, so a huge text needs a bound;
    // the factor is arbitrary: more marks than that above one letter are no name.
    let ends = text.char_indices().map(|(start, c)| start + c.len_utf8()).take(8 * room);
    // Not `take_while`: a variation selector may take back a column that was too many.
    let fits = ends.filter(|&end| columns(&text[..end]) <= room).last();
    text.split_at(fits.unwrap_or(0))
}

/// The text in at most `room` columns; `…` stands for what was cut.
pub(in crate::stage) fn shortened(text: &str, room: usize) -> String {
    let text = visible(text);
    if columns(&text) <= room {
        return text;
    }
    format!("{}…", split(&text, room.saturating_sub(1)).0)
}

/// The text, and spaces up to `room` columns.
pub(in crate::stage) fn padded(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(columns(text))))
}
