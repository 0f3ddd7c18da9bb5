//! Text goes into XML escaped, and without the characters that XML cannot hold at all.

use super::visible;

/// The text for an element or an attribute in double quotes.
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
