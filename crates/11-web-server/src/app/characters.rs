//! Unicode says which characters of a text are seen, and which have two spellings.

use icu_normalizer::ComposingNormalizerBorrowed;
use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{
        DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup,
        VariationSelector,
    },
};

/// Between two characters these are part of a word or of an emoji.
pub(super) const JOINERS: [char; 2] = ['\u{200c}', '\u{200d}'];

/// Unicode has two spellings of `é`, and NFC is the one with fewer characters.
pub(super) fn nfc(text: &str) -> String {
    ComposingNormalizerBorrowed::new_nfc().normalize(text).into_owned()
}

/// Whether a character changes how a text is shown, but is not itself shown.
pub(super) fn is_hidden(c: char) -> bool {
    use GeneralCategory::*;
    let unseen = matches!(
        category(c),
        Control | Format | LineSeparator | ParagraphSeparator | PrivateUse | Unassigned
    );
    unseen || CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// Whether a character leaves ink: a letter, a digit, a sign or a symbol.
pub(super) fn is_visible(c: char) -> bool {
    let ink = [
        GeneralCategoryGroup::Letter,
        GeneralCategoryGroup::Number,
        GeneralCategoryGroup::Punctuation,
        GeneralCategoryGroup::Symbol,
    ];
    // The Braille pattern without dots is a symbol.
    ink.iter().any(|group| group.contains(category(c)))
        && !is_hidden(c)
        && c != '\u{2800}'
}

/// Whether a character is drawn onto the one before it, as an accent is.
pub(super) fn is_mark(c: char) -> bool {
    GeneralCategoryGroup::Mark.contains(category(c))
}

/// Whether a hidden character chooses the form of the characters around it.
pub(super) fn is_modifier(c: char) -> bool {
    JOINERS.contains(&c) || CodePointSetData::new::<VariationSelector>().contains(c)
}

/// Whether each modifier follows a character that it can modify.
pub(super) fn modifiers_follow_characters(text: &str) -> bool {
    let mut before = ' ';
    text.chars().all(|c| {
        let fits =
            !is_modifier(c) || !(before.is_whitespace() || JOINERS.contains(&before));
        before = c;
        fits
    })
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}
