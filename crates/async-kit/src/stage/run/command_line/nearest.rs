//! A mistyped word is near the one that was meant.

/// The known word that a mistyped one was probably meant to be.
pub(in super::super) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let known = known.into_iter();
    let distances = known.map(|word| (strsim::damerau_levenshtein(typed, word), word));
    // Farther than half of the word is another word, not a slip of the finger.
    let near = distances.filter(|(distance, word)| *distance <= word.len() / 2);
    near.min_by_key(|(distance, _)| *distance).map(|(_, word)| word)
}

/// `; did you mean …?`, or nothing.
pub(in super::super) fn hint<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> String {
    let near = nearest(typed, known);
    near.map_or(String::new(), |near| format!("; did you mean {near}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_near_and_another_word_is_not() {
        let known = ["bounded", "unbounded", "priority"];
        assert_eq!(nearest("boundde", known), Some("bounded"));
        assert_eq!(nearest("Priority", known), Some("priority"));
        assert_eq!(nearest("semaphore", known), None);
        assert_eq!(nearest("", known), None);
    }
}
