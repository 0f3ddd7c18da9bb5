//! Text is escaped for XML, and the characters that XML forbids are replaced.

use super::super::columns::visible;

/// The text, escaped for an element or for an attribute in double quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut xml = String::new();
    for c in visible(text).chars() {
        match c {
            '&' => xml += "&amp;",
            '<' => xml += "&lt;",
            '>' => xml += "&gt;",
            '"' => xml += "&quot;",
            _ => xml.push(c),
        }
    }
    xml
}
