//! A stream is an iterator whose `next` may have to wait.
//!
//! asyncio: `__aiter__` and `__anext__`. If `__aiter__` returns `self`, a second loop is silently
//! empty. Rust: `poll_next`. A loop only borrows the stream, so a second loop over the same stream
//! is empty too. If the function that reads the stream owns it, a second pass does not compile
//! (`wrong/second_pass.rs`), and the error shows that you need a second stream.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{Stream, StreamExt};
use tokio::time::{Sleep, sleep};

/// Five numbers, one every 50 ms; then a second pass over a second stream.
pub(crate) async fn run() -> anyhow::Result<()> {
    let count = knob("count", 5, 1..=20);
    let working = knob("working", 0.ms(), 0.ms()..=100.ms());
    ask("working=30ms", "how long after 0 does 1 come in the first pass?");
    print(range(0, count), working).lane("first pass").await;
    print(range(0, count), working).lane("second pass").await;
    Ok(())
}

// ANCHOR: by_hand
struct Range {
    next: u64,
    end: u64,
    // `None` until `next` is called. The timer is boxed, because it must not move once it has
    // been polled.
    timer: Option<Pin<Box<Sleep>>>,
}

fn range(start: u64, end: u64) -> Range {
    Range { next: start, end, timer: None }
}

impl Stream for Range {
    type Item = u64;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<u64>> {
        if self.next >= self.end {
            return Poll::Ready(None);
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(50.ms())));
        ready!(timer.as_mut().poll(cx));
        // Nothing is counted before this line, so a `next` that is dropped loses no number.
        self.timer = None;
        self.next += 1;
        Poll::Ready(Some(self.next - 1))
    }
}

async fn print(mut numbers: Range, working: Duration) {
    while let Some(number) = numbers.next().await {
        say!("{number}");
        sleep(working).await;
    }
}
// ANCHOR_END: by_hand

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, cancel_at_every_await, virtual_time};
    use tokio::{
        sync::Mutex,
        time::{Instant, timeout},
    };

    use super::*;

    #[test]
    fn each_pass_yields_five_numbers_fifty_ms_apart() {
        virtual_time(async {
            for _ in 0..2 {
                Transcript::of(print(range(0, 5), 0.ms())).await.assert_lines([
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
    fn an_empty_or_reversed_range_ends_without_a_wait() {
        virtual_time(async {
            for end in [2, 3] {
                let seen = Transcript::of(print(range(3, end), 0.ms())).await;
                assert_eq!((seen.to_string(), seen.elapsed()), (String::new(), 0.ms()));
            }
        });
    }

    #[test]
    fn a_second_loop_over_the_same_stream_is_empty() {
        virtual_time(async {
            let mut numbers = range(0, 3);
            let first: Vec<_> = numbers.by_ref().collect().await;
            let second: Vec<_> = numbers.by_ref().collect().await;
            assert_eq!((first, second), (vec![0, 1, 2], vec![]));
        });
    }

    #[test]
    fn the_wait_for_a_number_starts_when_next_is_called() {
        virtual_time(async {
            let (made, mut numbers) = (Instant::now(), range(0, 2));
            for asked in [200, 400] {
                sleep(asked.ms() - made.elapsed()).await;
                numbers.next().await;
                assert_eq!(made.elapsed(), (asked + 50).ms());
            }
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

    #[test]
    fn a_dropped_next_leaves_its_number_to_the_following_call() {
        let cuts = cancel_at_every_await(
            async || Mutex::new(range(0, 2)),
            async |numbers| numbers.lock().await.next().await,
            async |numbers, cut| {
                let left: Vec<_> = numbers.lock().await.by_ref().collect().await;
                assert_eq!(left, [0, 1], "{cut}");
            },
        );
        assert_eq!(cuts, 3);
    }
}
