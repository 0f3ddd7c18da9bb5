//! A file holds bytes; characters are what is left once somebody has checked that it is text.
//!
//! asyncio: before Python 3.15 `open(path)` decodes by the locale unless you say
//! `encoding="utf-8"`, and `len` of a `str` counts characters. Rust: a `String` is UTF-8 on every machine, it is checked
//! when it is made, and `len` counts bytes.

use async_kit::say;

/// The contents of five files, of which one is no text.
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
    // ß becomes SS, so even the number of characters is not what it was.
    let upper = text.to_uppercase().chars().count();
    format!("{bytes} bytes, {characters} characters, {upper} in upper case")
}

pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, NotUtf8> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        NotUtf8 { line, byte: valid.len() }
    })
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} is not UTF-8, at byte {byte} of the file")]
pub(crate) struct NotUtf8 {
    /// Counted from 1.
    pub(crate) line: usize,
    /// Counted from 0: so many bytes before it are good.
    pub(crate) byte: usize,
}
// ANCHOR_END: text

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_characters_are_counted_apart() {
        let two = measure("文件");
        assert_eq!(two, "6 bytes, 2 characters, 2 in upper case");
        let street = measure("straße");
        assert_eq!(street, "7 bytes, 6 characters, 7 in upper case");
    }

    #[test]
    fn what_is_no_text_is_an_error_that_says_where() {
        let broken = decode(b"first\nsec\xffond".to_vec());
        assert_eq!(broken, Err(NotUtf8 { line: 2, byte: 9 }));
        let cut_off = decode("文".as_bytes()[..2].to_vec());
        assert_eq!(cut_off, Err(NotUtf8 { line: 1, byte: 0 }));
        assert_eq!(decode(Vec::new()).as_deref(), Ok(""));
    }
}
