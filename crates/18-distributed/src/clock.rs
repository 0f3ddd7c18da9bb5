//! Of several round trips that read the clock of another process, the fastest one has the smallest error.
//!
//! Two processes may run on two machines, whose clocks differ by more than the work takes. A message does
//! not contain how long it was on its way. But a round trip is measured by one clock alone, and it bounds
//! the error: see [`Clocks`].
#![cfg(not(target_family = "wasm"))]

use std::{
    io::{self, ErrorKind},
    num::NonZeroUsize,
    time::Duration,
};

use async_kit::stage::record::Clocks;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

const QUESTION: u8 = b'?';

/// Sends the time of this clock for each question, until the other side closes the connection: a pipe or a
/// TCP connection.
///
/// # Errors
///
/// If the connection breaks, or if anything other than a question arrives.
///
/// # Cancel safety
///
/// Cancel safe, but the other side gets no further answer.
pub async fn answer_clock(
    mut questions: impl AsyncRead + Unpin,
    mut answers: impl AsyncWrite + Unpin,
    now: impl Fn() -> Duration,
) -> io::Result<()> {
    loop {
        match questions.read_u8().await {
            Ok(QUESTION) => {}
            Ok(_) => return Err(invalid("this is no question about the clock")),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            Err(error) => return Err(error),
        }
        let received = now();
        let mut answer = nanos(received).to_vec();
        answer.extend(nanos(now()));
        answers.write_all(&answer).await?;
        answers.flush().await?;
    }
}

/// Compares the clock `now` with the one at the other end of the connection: in the result, `theirs` is
/// `now`, and `ours` is that of the other end, to which the result is sent.
///
/// It asks `rounds` times, and keeps the fastest answer: a slow round trip waited somewhere, probably on one
/// of the two ways only.
///
/// # Errors
///
/// If the connection breaks or is closed. It waits for an answer without limit.
///
/// # Cancel safety
///
/// Not cancel safe: after a dropped call an answer may be on its way, so the connection cannot be used
/// again.
pub async fn compare_clocks(
    mut answers: impl AsyncRead + Unpin,
    mut questions: impl AsyncWrite + Unpin,
    now: impl Fn() -> Duration,
    rounds: NonZeroUsize,
) -> io::Result<Clocks> {
    let mut round = async || {
        let asked = now();
        questions.write_all(&[QUESTION]).await?;
        questions.flush().await?;
        let mut answer = [0; 16];
        answers.read_exact(&mut answer).await?;
        let returned = now();
        let [received, answered] = moments(answer);
        io::Result::Ok(Clocks::of_round_trip(asked, received, answered, returned))
    };
    let mut best = round().await?;
    for _ in 1..rounds.get() {
        let clocks = round().await?;
        if clocks.within < best.within {
            best = clocks;
        }
    }
    Ok(best)
}

/// Nanoseconds. 64 bits are enough for 584 years.
fn nanos(moment: Duration) -> [u8; 8] {
    u64::try_from(moment.as_nanos()).unwrap_or(u64::MAX).to_be_bytes()
}

fn moments(answer: [u8; 16]) -> [Duration; 2] {
    let both = u128::from_be_bytes(answer);
    [both >> 64, both].map(|nanos| Duration::from_nanos(nanos as u64))
}

fn invalid(why: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests;
