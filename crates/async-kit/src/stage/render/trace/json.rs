//! A JSON string needs escapes only for quotes, backslashes and control characters.
//!
//! These few lines replace a JSON crate, which would make every reader's first build longer.

/// The text as a JSON string, with its quotes.
pub(super) fn quoted(text: &str) -> String {
    let mut json = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => json.extend(['\\', c]),
            '\0'..='\u{1f}' => json += &format!("\\u{:04x}", u32::from(c)),
            _ => json.push(c),
        }
    }
    json + "\""
}
