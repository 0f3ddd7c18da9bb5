//! A mistyped word differs from the intended word in at most half of its letters.

use crate::stage::render::columns::shortened;

/// The known word that a reader probably meant to type.
pub(in crate::stage::run) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let known = known.into_iter();
    let distances = known.map(|word| (strsim::damerau_levenshtein(typed, word), word));
    // If more than half of the letters differ, it is another word and not a typing mistake.
    let near = distances.filter(|(distance, word)| *distance <= word.len() / 2);
    near.min_by_key(|(distance, _)| *distance).map(|(_, word)| word)
}

/// `; did you mean …?`, or nothing.
pub(in crate::stage::run) fn hint<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let near = nearest(typed, known);
    near.map_or(String::new(), |near| format!("; did you mean {near}?"))
}

/// What a reader typed, in quotes, cut if it is long.
pub(in crate::stage::run) fn quoted(typed: &str) -> String {
    format!("{:?}", shortened(typed, LONGEST))
}

/// In columns. Arbitrary: longer than every name of a section.
const LONGEST: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_mistake_is_near_and_another_word_is_not() {
        let known = ["bounded", "unbounded", "priority"];
        assert_eq!(nearest("boundde", known), Some("bounded"));
        assert_eq!(nearest("Priority", known), Some("priority"));
        assert_eq!(nearest("semaphore", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn a_long_word_is_cut_before_it_is_quoted() {
        assert_eq!(quoted("boundde"), "\"boundde\"");
        let long = quoted(&"x".repeat(10_000));
        assert_eq!(long, format!("\"{}…\"", "x".repeat(39)));
    }
}
