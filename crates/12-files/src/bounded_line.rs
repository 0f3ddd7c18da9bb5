//! For `lines` and `child`: a line of any length needs no more memory than its limit and one byte.

use tokio::io::{self, AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

// ANCHOR: next_line
/// A line without its newline, or only the length if the line has more than `longest` bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    Text(Vec<u8>),
    TooLong(usize),
}

/// Never holds more than `longest + 1` bytes.
///
/// # Cancel safety
///
/// Not cancel safe: a dropped call loses the part of the line that it has read, so it must not
/// be a branch of a `select!` in a loop.
pub(crate) async fn next_line(
    input: &mut (impl AsyncBufRead + Unpin),
    longest: usize,
) -> io::Result<Option<Line>> {
    let mut line = start_of_line(input, longest).await?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop_if(|last| *last == b'\n').is_none() && line.len() > longest {
        return Ok(Some(Line::TooLong(line.len() + skip_line(input).await?)));
    }
    Ok(Some(Line::Text(line)))
}

/// Reads one byte more than allowed. If that byte is not the newline, the line is too long.
async fn start_of_line(
    input: &mut (impl AsyncBufRead + Unpin),
    longest: usize,
) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    input.take(longest as u64 + 1).read_until(b'\n', &mut line).await?;
    Ok(line)
}

/// Returns how many bytes of the line it skipped, without the newline.
async fn skip_line(input: &mut (impl AsyncBufRead + Unpin)) -> io::Result<usize> {
    let mut skipped = 0;
    loop {
        let bytes = input.fill_buf().await?;
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let (length, used) = match end {
            Some(end) => (end, end + 1),
            None => (bytes.len(), bytes.len()),
        };
        skipped += length;
        input.consume(used);
        // An empty buffer means the end of the file.
        if end.is_some() || used == 0 {
            return Ok(skipped);
        }
    }
}
// ANCHOR_END: next_line

#[cfg(test)]
mod tests {
    use tokio::io::BufReader;

    use super::*;

    async fn lines_of(text: &str, longest: usize, buffer: usize) -> Vec<Line> {
        let mut input = BufReader::with_capacity(buffer, text.as_bytes());
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut input, longest).await.expect("it reads") {
            lines.push(line);
        }
        lines
    }

    #[tokio::test]
    async fn only_a_line_longer_than_the_limit_is_reduced_to_its_length() {
        let text = |text: &str| Line::Text(text.into());
        for buffer in [1, 3, 100] {
            let lines = lines_of("1234\n12345\n\n123456789\nlast", 4, buffer).await;
            let expected = [
                text("1234"),
                Line::TooLong(5),
                text(""),
                Line::TooLong(9),
                text("last"),
            ];
            assert_eq!(lines, expected, "with a buffer of {buffer}");
        }
        assert_eq!(lines_of("12345", 4, 100).await, [Line::TooLong(5)]);
        assert_eq!(lines_of("", 4, 100).await, []);
    }

    #[tokio::test]
    async fn an_endless_line_uses_no_more_memory_than_the_limit() {
        let mut endless = BufReader::new(tokio::io::repeat(b'x'));
        let line = start_of_line(&mut endless, 10).await.expect("it reads");
        assert_eq!(line, [b'x'; 11]);
        assert!(line.capacity() < 100, "{} bytes are held", line.capacity());
    }
}
