//! For `text`, `sizes` and `upper`: bytes that are not UTF-8 are an error with line and byte.

// ANCHOR: utf8
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
    /// Counted from 0, so it is also the number of valid bytes before it.
    pub(crate) byte: usize,
}
// ANCHOR_END: utf8

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_an_error_with_line_and_byte() {
        let broken = decode(b"first\nsec\xffond".to_vec());
        assert_eq!(broken, Err(NotUtf8 { line: 2, byte: 9 }));
        let cut_off = decode("文".as_bytes()[..2].to_vec());
        assert_eq!(cut_off, Err(NotUtf8 { line: 1, byte: 0 }));
        assert_eq!(decode(Vec::new()).as_deref(), Ok(""));
    }
}
