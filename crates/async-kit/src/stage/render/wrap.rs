//! A text is wrapped into lines that fit, and no word is lost.

use super::columns::{columns, split};

/// Splits the text into parts of at most `room` columns; `room` is at least 2. It breaks between
/// words, and inside a word only if the word alone is too wide.
pub(in crate::stage) fn broken(text: &str, room: usize) -> Vec<String> {
    let mut parts = Vec::<String>::new();
    for mut word in text.split(' ') {
        match parts.last_mut() {
            Some(part) if columns(part) + 1 + columns(word) <= room => {
                *part += " ";
                *part += word;
                continue;
            }
            _ => {}
        }
        while columns(word) > room {
            let (head, tail) = split(word, room);
            parts.push(head.to_owned());
            word = tail;
        }
        parts.push(word.to_owned());
    }
    parts
}

/// Joins the items into lines of at most `room` columns, with `separator` between items on the
/// same line.
pub(in crate::stage) fn joined(
    items: &[String],
    separator: &str,
    room: usize,
) -> Vec<String> {
    let mut lines = Vec::<String>::new();
    for part in items.iter().flat_map(|item| broken(item, room)) {
        let needed = columns(separator) + columns(&part);
        match lines.last_mut() {
            Some(line) if columns(line) + needed <= room => {
                *line += separator;
                *line += &part;
            }
            _ => lines.push(part),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_breaks_between_words_and_inside_a_word_that_is_too_long() {
        assert_eq!(broken("one two three", 7), ["one two", "three"]);
        assert_eq!(broken("a abcdefgh b", 3), ["a", "abc", "def", "gh", "b"]);
        assert_eq!(broken("東京 大阪", 4), ["東京", "大阪"]);
        assert_eq!(broken("  indented", 20), ["  indented"]);
        assert_eq!(broken("", 5), [""]);
    }

    #[test]
    fn items_are_on_one_line_while_they_fit() {
        let items = ["a=1", "b=2", "c=3", "d is longer"].map(str::to_owned);
        assert_eq!(joined(&items, " · ", 9), ["a=1 · b=2", "c=3", "d is", "longer"]);
    }
}
