//! The width of a text is counted in terminal columns, not in characters: `界` takes two.

use unicode_width::UnicodeWidthStr;

/// The text with `\u{fffd}` for each character that would move the cursor or reverse the writing
/// direction.
pub(in crate::stage) fn visible(text: &str) -> String {
    text.chars().map(|c| if must_be_replaced(c) { '\u{fffd}' } else { c }).collect()
}

fn must_be_replaced(c: char) -> bool {
    let sets_direction = matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    // The last two are not characters, and XML forbids them.
    c.is_control() || sets_direction || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// The number of columns that the text takes.
pub(in crate::stage) fn columns(text: &str) -> usize {
    text.width()
}

/// The longest beginning of the text that fits into `room` columns, and the rest of the text.
pub(in crate::stage) fn split(text: &str, room: usize) -> (&str, &str) {
    // Measuring every beginning takes quadratic time, so a huge text needs a bound. The factor
    // is arbitrary: no name has more than seven combining marks on every letter.
    let ends = text.char_indices().map(|(start, c)| start + c.len_utf8()).take(8 * room);
    // Not `take_while`: a variation selector can make a text narrower, so that a longer
    // beginning fits again.
    let fits = ends.filter(|&end| columns(&text[..end]) <= room).last();
    text.split_at(fits.unwrap_or(0))
}

/// The text in at most `room` columns. If it is too long, it is cut and ends with `…`.
pub(in crate::stage) fn shortened(text: &str, room: usize) -> String {
    let text = visible(text);
    if columns(&text) <= room {
        return text;
    }
    format!("{}…", split(&text, room.saturating_sub(1)).0)
}

/// The text, filled with spaces up to `room` columns.
pub(in crate::stage) fn padded(text: &str, room: usize) -> String {
    format!("{text}{}", " ".repeat(room.saturating_sub(columns(text))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_with_seven_combining_marks_each_are_not_cut_too_early() {
        let text = format!("a{}", "\u{301}".repeat(7)).repeat(10);
        assert_eq!(split(&text, 10), (text.as_str(), ""));
    }
}
