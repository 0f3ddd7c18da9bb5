//! A protocol is right only if it does not mind in which pieces its bytes come.
//!
//! asyncio: a `StreamReader` that the test feeds by hand, and a mock for the writer. Tokio:
//! `tokio_test::io::Builder` makes one stream of both. Each `write` of the script is what the
//! code must write next, and a script that is not played to its end fails the test.

use std::io;

use async_kit::{Lane, Millis, say};
use tokio::{
    io::{
        AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader,
    },
    task::yield_now,
};
use tokio_test::io::{Builder, Mock};

/// A question is answered in one piece, in two, by half an answer, and by none.
pub(crate) async fn run() -> anyhow::Result<()> {
    // What looks for a section's knobs polls it once and drops it, and a script that is dropped
    // before its end panics: so there is none yet at the first poll.
    yield_now().await;
    for (name, stream) in scripts() {
        match ask(stream, "PING").step("asking").try_lane(name).await {
            Ok(answer) => say!("{name}: {answer}"),
            Err(error) => say!("{name}: {error}"),
        }
    }
    Ok(())
}

// ANCHOR: scripted_io
async fn ask(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    question: &str,
) -> io::Result<String> {
    stream.write_all(format!("{question}\n").as_bytes()).await?;
    let mut answer = String::new();
    // The limit is the protocol's: a server that never ends its line must not fill the memory.
    BufReader::new(stream.take(1024)).read_line(&mut answer).await?;
    match answer.strip_suffix('\n') {
        Some(answer) => Ok(answer.to_owned()),
        None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "half an answer")),
    }
}
// ANCHOR_END: scripted_io

// ANCHOR: scripts
fn scripts() -> [(&'static str, Mock); 4] {
    let asked = || {
        let mut script = Builder::new();
        script.write(b"PING\n");
        script
    };
    let reset = io::Error::new(io::ErrorKind::ConnectionReset, "connection reset");
    [
        ("one piece", asked().read(b"PONG\n").build()),
        ("two pieces", asked().read(b"PO").wait(20.ms()).read(b"NG\n").build()),
        ("cut off", asked().read(b"PO").build()),
        ("reset", asked().read_error(reset).build()),
    ]
}
// ANCHOR_END: scripts

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::io::{join, repeat, sink};

    use super::*;

    #[test]
    fn pieces_make_a_whole_and_half_an_answer_is_an_error() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.000s] one piece: PONG",
            "[  0.020s] two pieces: PONG",
            "[  0.020s] cut off: half an answer",
            "[  0.020s] reset: connection reset",
        ]);
    }

    #[tokio::test]
    #[should_panic(expected = "left == right")]
    async fn another_question_than_that_of_the_script_fails_the_test() {
        let stream = Builder::new().write(b"PING\n").build();
        let _ = ask(stream, "PONG").await;
    }

    #[tokio::test]
    #[should_panic(expected = "still data left to read")]
    async fn a_script_that_is_not_played_to_its_end_fails_the_test() {
        let mut stream = Builder::new().write(b"PING\n").read(b"PONG\n").build();
        stream.write_all(b"PING\n").await.unwrap();
    }

    #[tokio::test]
    async fn an_answer_that_is_too_long_is_no_answer() {
        let long = repeat(b'x').take(2000).chain(&b"\n"[..]);
        let error = ask(join(long, sink()), "PING").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
