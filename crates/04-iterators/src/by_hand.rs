//! A stream is an iterator whose `next` may have to wait.
//!
//! asyncio: `__aiter__` and `__anext__`, where an iterator that returns itself is silently empty
//! the second time. Rust: `poll_next`. The loop takes the stream away, so a second pass over the
//! same one does not compile; for another pass, make another stream.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use async_kit::{Lane, Millis, knob, say};
use futures::{Stream, StreamExt};
use tokio::time::{Sleep, sleep};

/// Five numbers, one every 50 ms; then a second pass, over a stream of its own.
pub(crate) async fn run() -> anyhow::Result<()> {
    let count = knob("count", 5, 1..=20);
    print(range(0, count)).lane("first pass").await;
    print(range(0, count)).lane("second pass").await;
    Ok(())
}

// ANCHOR: by_hand
struct Range {
    next: u64,
    end: u64,
    // Boxed, because a timer must not move once it has been polled.
    timer: Pin<Box<Sleep>>,
}

fn range(start: u64, end: u64) -> Range {
    Range { next: start, end, timer: Box::pin(sleep(50.ms())) }
}

impl Stream for Range {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u64>> {
        if self.next >= self.end {
            return Poll::Ready(None);
        }
        ready!(self.timer.as_mut().poll(cx));
        // Nothing was changed before this line, so a `next` that was dropped lost nothing.
        self.timer.set(sleep(50.ms()));
        self.next += 1;
        Poll::Ready(Some(self.next - 1))
    }
}

async fn print(mut numbers: Range) {
    while let Some(number) = numbers.next().await {
        say!("{number}");
    }
}
// ANCHOR_END: by_hand

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::timeout;

    use super::*;

    #[test]
    fn five_numbers_come_fifty_ms_apart_in_every_pass() {
        virtual_time(async {
            for _ in 0..2 {
                Transcript::of(print(range(0, 5))).await.assert_lines([
                    "[  0.050s] 0",
                    "[  0.100s] 1",
                    "[  0.150s] 2",
                    "[  0.200s] 3",
                    "[  0.250s] 4",
                ]);
            }
        });
    }

    #[test]
    fn a_range_that_ends_before_it_starts_is_empty_at_once() {
        virtual_time(async {
            let seen = Transcript::of(print(range(3, 3))).await;
            assert_eq!((seen.to_string(), seen.elapsed()), (String::new(), 0.ms()));
        });
    }

    #[test]
    fn a_next_that_timed_out_keeps_its_number_and_its_waiting_time() {
        virtual_time(async {
            let mut numbers = range(0, 2);
            assert!(timeout(30.ms(), numbers.next()).await.is_err());
            assert_eq!(timeout(30.ms(), numbers.next()).await, Ok(Some(0)));
        });
    }
}
