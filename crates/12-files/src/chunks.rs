//! A chunk may end in the middle of a character, so whoever decodes chunks keeps the rest.
//!
//! asyncio: `codecs.getincrementaldecoder("utf-8")()`. Rust: `Utf8Error` says where the text
//! ends, and `error_len` whether the bytes after it are wrong or only too few. Reading by lines
//! needs none of this: no character has a newline inside.

use std::mem;

use async_kit::{knob, say};

const TEXT: &str = "naïve 文件";

/// The same bytes in chunks of a fixed size: decoded each for itself, and by one that remembers.
pub(crate) async fn run() -> anyhow::Result<()> {
    let size = knob("size", 3, 1..=20_usize);
    let mut decoder = Decoder::default();
    for chunk in TEXT.as_bytes().chunks(size) {
        let alone = if str::from_utf8(chunk).is_ok() { "text" } else { "an error" };
        let text = decoder.decode(chunk)?;
        say!("{} bytes: alone {alone}, remembered {text:?}", chunk.len());
    }
    decoder.finish()?;
    Ok(())
}

// ANCHOR: chunks
#[derive(Default)]
struct Decoder {
    /// The first bytes of a character, at most three.
    rest: Vec<u8>,
}

impl Decoder {
    fn decode(&mut self, chunk: &[u8]) -> Result<String, Wrong> {
        let mut bytes = mem::take(&mut self.rest);
        bytes.extend_from_slice(chunk);
        if let Err(error) = str::from_utf8(&bytes) {
            if error.error_len().is_some() {
                return Err(Wrong::NotUtf8);
            }
            self.rest = bytes.split_off(error.valid_up_to());
        }
        String::from_utf8(bytes).map_err(|_| Wrong::NotUtf8)
    }

    fn finish(self) -> Result<(), Wrong> {
        if self.rest.is_empty() { Ok(()) } else { Err(Wrong::CutOff) }
    }
}
// ANCHOR_END: chunks

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum Wrong {
    #[error("a chunk is not UTF-8")]
    NotUtf8,
    #[error("the last character is cut off")]
    CutOff,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_of_any_size_make_the_same_text() {
        for size in 1..=TEXT.len() {
            let mut decoder = Decoder::default();
            let mut text = String::new();
            for chunk in TEXT.as_bytes().chunks(size) {
                text += &decoder.decode(chunk).expect("it is UTF-8");
                assert!(decoder.rest.len() < 4, "{:?} at size {size}", decoder.rest);
            }
            assert_eq!(decoder.finish(), Ok(()), "at size {size}");
            assert_eq!(text, TEXT, "at size {size}");
        }
    }

    #[test]
    fn a_wrong_byte_is_an_error_at_once_and_a_missing_one_at_the_end() {
        assert_eq!(Decoder::default().decode(b"a\xff"), Err(Wrong::NotUtf8));
        let mut decoder = Decoder::default();
        assert_eq!(decoder.decode(&"文".as_bytes()[..2]).as_deref(), Ok(""));
        assert_eq!(decoder.finish(), Err(Wrong::CutOff));
    }
}
