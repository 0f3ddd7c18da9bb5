//! Two texts have the same meaning even if they write a number or a time in different forms.

/// The same words for two texts with the same meaning: `0.05 s` and `50 ms`, `three items` and `3 items.`
pub(super) fn meaning(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let text = text.to_lowercase();
    let is_part = |c: char| c.is_alphanumeric() || c == '.' || c == '-' || c == '_';
    let parts = text.split(|c| !is_part(c)).map(|word| word.trim_matches(['.', '-']));
    for part in parts.filter(|part| !part.is_empty()) {
        let end =
            part.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(part.len());
        let (number, unit) = part.split_at(end);
        let is_number = number.parse::<f64>().is_ok();
        let pieces = if is_number { vec![number, unit] } else { vec![part] };
        words.extend(pieces.into_iter().filter(|it| !it.is_empty()).map(number_of));
    }
    let mut at = 0;
    while at + 1 < words.len() {
        let micros = match words[at + 1].as_str() {
            "s" => 1e6,
            "ms" => 1e3,
            "µs" => 1.0,
            _ => 0.0,
        };
        if let Ok(number) = words[at].parse::<f64>()
            && micros > 0.0
        {
            words[at] = format!("{:.0}µs", number * micros);
            words.remove(at + 1);
        }
        at += 1;
    }
    words
}

/// A number as digits: `three` and `3.0` become `3`.
fn number_of(word: &str) -> String {
    const WORDS: [&str; 13] = [
        "no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
        "ten", "eleven", "twelve",
    ];
    let number =
        WORDS.iter().position(|it| *it == word || (word == "none" && *it == "no"));
    match (number, word.parse::<f64>()) {
        (Some(number), _) => number.to_string(),
        (None, Ok(number)) => number.to_string(),
        (None, Err(_)) => word.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_in_other_words_have_the_same_meaning() {
        for (one, other) in [
            ("three items", "3 items."),
            ("none of them", "0 of them"),
            ("after 1.5 s", "After 1500 ms"),
            ("`job-1`", "job-1"),
        ] {
            assert_eq!(meaning(one), meaning(other), "{one}, {other}");
        }
        for (one, other) in [("job-1", "job-2"), ("3 s", "3 ms"), ("a 12", "a 1 2")] {
            assert_ne!(meaning(one), meaning(other), "{one}, {other}");
        }
    }
}
