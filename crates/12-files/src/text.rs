//! A file holds bytes; they become characters only after a check that they are valid text.
//!
//! asyncio: before Python 3.15 `open(path)` decodes by the locale unless you pass
//! `encoding="utf-8"`, and `len` of a `str` counts characters. Rust: a `String` is UTF-8 on every
//! machine, the check is made when the `String` is made, and `len` counts bytes.

use async_kit::say;

use crate::utf8::decode;

/// The contents of five files, one of which is not text.
const FILES: [(&str, &[u8]); 5] = [
    ("plain.txt", b"text"),
    ("two.txt", "文件".as_bytes()),
    ("street.txt", "straße".as_bytes()),
    ("accent.txt", "e\u{301}te\u{301}".as_bytes()),
    ("broken.txt", b"first line\nsecond \xff line\n"),
];

/// For each file: its bytes, its characters, and the characters in upper case.
pub(crate) async fn run() -> anyhow::Result<()> {
    for (name, bytes) in FILES {
        match decode(bytes.to_vec()) {
            Ok(text) => say!("{name}: {}", measure(&text)),
            Err(error) => say!("{name}: {error}"),
        }
    }
    Ok(())
}

// ANCHOR: text
fn measure(text: &str) -> String {
    let (bytes, characters) = (text.len(), text.chars().count());
    // ß becomes SS, so upper case may have more characters than the original.
    let upper = text.to_uppercase().chars().count();
    format!("{bytes} bytes, {characters} characters, {upper} in upper case")
}
// ANCHOR_END: text

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_characters_are_counted_separately() {
        let two = measure("文件");
        assert_eq!(two, "6 bytes, 2 characters, 2 in upper case");
        let street = measure("straße");
        assert_eq!(street, "7 bytes, 6 characters, 7 in upper case");
    }
}
