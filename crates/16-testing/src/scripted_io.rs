//! A protocol is correct only if it works no matter how its bytes are split into pieces.
//!
//! asyncio: a `StreamReader` that the test feeds by hand, and a mock for the writer. Tokio:
//! `tokio_test::io::Builder` builds one stream for both. Each `write` of the script is what the code
//! must write next. If the code ends before the script, the test fails.

use std::io;

use async_kit::{Lane, Millis, say};
use tokio::{
    io::{
        AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
    },
    task::yield_now,
};
use tokio_test::io::{Builder, Mock};

/// Sends four requests. The responses are one piece, two pieces, half a line, and an error.
pub(crate) async fn run() -> anyhow::Result<()> {
    // To find the knobs of a section, the chapter polls it once and drops it. A script that is
    // dropped before its end panics, so the scripts are built after the first poll.
    yield_now().await;
    for (name, stream) in scripts() {
        match request(stream, "PING").step("requesting").try_lane(name).await {
            Ok(answer) => say!("{name}: {answer}"),
            Err(error) => say!("{name}: {error}"),
        }
    }
    Ok(())
}

// ANCHOR: scripted_io
async fn request(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    command: &str,
) -> io::Result<String> {
    stream.write_all(format!("{command}\n").as_bytes()).await?;
    let mut response = String::new();
    // The protocol needs a limit: a server that never ends its line must not fill the memory.
    BufReader::new(stream.take(1024)).read_line(&mut response).await?;
    match response.strip_suffix('\n') {
        Some(response) => Ok(response.to_owned()),
        None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "incomplete response")),
    }
}
// ANCHOR_END: scripted_io

// ANCHOR: scripts
fn scripts() -> [(&'static str, Mock); 4] {
    let requested = || {
        let mut script = Builder::new();
        script.write(b"PING\n");
        script
    };
    let reset = io::Error::new(io::ErrorKind::ConnectionReset, "connection reset");
    [
        ("one piece", requested().read(b"PONG\n").build()),
        ("two pieces", requested().read(b"PO").wait(20.ms()).read(b"NG\n").build()),
        ("half a line", requested().read(b"PO").build()),
        ("reset", requested().read_error(reset).build()),
    ]
}
// ANCHOR_END: scripts

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::io::{join, repeat, sink};

    use super::*;

    #[test]
    fn pieces_are_joined_and_an_incomplete_response_is_an_error() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] one piece: PONG",
            "[  0.020s] two pieces: PONG",
            "[  0.020s] half a line: incomplete response",
            "[  0.020s] reset: connection reset",
        ]);
    }

    #[tokio::test]
    #[should_panic(expected = "left == right")]
    async fn a_request_that_differs_from_the_script_fails_the_test() {
        let stream = Builder::new().write(b"PING\n").build();
        let _ = request(stream, "PONG").await;
    }

    #[tokio::test]
    #[should_panic(expected = "still data left to read")]
    async fn a_script_that_is_not_read_to_its_end_fails_the_test() {
        let mut stream = Builder::new().write(b"PING\n").read(b"PONG\n").build();
        stream.write_all(b"PING\n").await.unwrap();
    }

    #[tokio::test]
    async fn a_response_longer_than_the_limit_is_an_error() {
        let long = repeat(b'x').take(2000).chain(&b"\n"[..]);
        let error = request(join(long, sink()), "PING").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
