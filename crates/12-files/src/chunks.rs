//! A chunk may end in the middle of a character, so a decoder must keep the unfinished bytes.
//!
//! asyncio: `codecs.getincrementaldecoder("utf-8")()`. Rust: `Utf8Error` has the end of the valid
//! text, and its `error_len` is `None` if the bytes after it are only incomplete. Reading by lines
//! needs no such decoder: no character contains a newline byte.

use std::mem;

use async_kit::{ask, knob, say};

const TEXT: &str = "naïve 文件";

/// The same bytes in chunks of a fixed size: each decoded alone, and by a decoder with state.
pub(crate) async fn run() -> anyhow::Result<()> {
    let size = knob("size", 3, 1..=20_usize);
    ask("size=1", "how many of the 13 chunks are text when decoded alone?");
    let mut decoder = Decoder::default();
    for chunk in TEXT.as_bytes().chunks(size) {
        let alone = if str::from_utf8(chunk).is_ok() { "text" } else { "an error" };
        let text = decoder.decode(chunk)?;
        say!("{} bytes: alone {alone}, with the decoder {text:?}", chunk.len());
    }
    decoder.finish()?;
    Ok(())
}

// ANCHOR: chunks
#[derive(Default)]
struct Decoder {
    /// The first bytes of an incomplete character, at most three.
    unfinished: Vec<u8>,
}

impl Decoder {
    fn decode(&mut self, chunk: &[u8]) -> Result<String, DecodeError> {
        let mut bytes = mem::take(&mut self.unfinished);
        bytes.extend_from_slice(chunk);
        if let Err(error) = str::from_utf8(&bytes) {
            if error.error_len().is_some() {
                return Err(DecodeError::NotUtf8);
            }
            self.unfinished = bytes.split_off(error.valid_up_to());
        }
        String::from_utf8(bytes).map_err(|_| DecodeError::NotUtf8)
    }

    fn finish(self) -> Result<(), DecodeError> {
        if self.unfinished.is_empty() { Ok(()) } else { Err(DecodeError::CutOff) }
    }
}
// ANCHOR_END: chunks

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
enum DecodeError {
    #[error("a chunk is not UTF-8")]
    NotUtf8,
    #[error("the last character is cut off")]
    CutOff,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_of_any_size_decode_to_the_same_text() {
        for size in 1..=TEXT.len() {
            let mut decoder = Decoder::default();
            let mut text = String::new();
            for chunk in TEXT.as_bytes().chunks(size) {
                text += &decoder.decode(chunk).expect("it is UTF-8");
                assert!(
                    decoder.unfinished.len() < 4,
                    "{:?} at size {size}",
                    decoder.unfinished
                );
            }
            assert_eq!(decoder.finish(), Ok(()), "at size {size}");
            assert_eq!(text, TEXT, "at size {size}");
        }
    }

    #[test]
    fn a_wrong_byte_is_an_error_immediately_and_a_missing_one_at_the_end() {
        assert_eq!(Decoder::default().decode(b"a\xff"), Err(DecodeError::NotUtf8));
        let mut decoder = Decoder::default();
        assert_eq!(decoder.decode(&"文".as_bytes()[..2]).as_deref(), Ok(""));
        assert_eq!(decoder.finish(), Err(DecodeError::CutOff));
    }
}
