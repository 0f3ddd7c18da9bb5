//! When a reader that owns a generator returns, the generator is dropped and closes its source.
//!
//! Leaving the loop closes nothing: the loop only borrows. asyncio: a generator stays open while
//! anything refers to it, here its caller. When the last reference is gone, CPython closes it within
//! two turns of the event loop; `aclosing` closes it when the block ends. Rust has no `yield` in async code yet. The usual substitute is
//! the macro `async_stream::stream!`; if the whole state is one value, `stream::unfold` does
//! the same without a macro.

use std::pin::pin;

use async_kit::{Lane, Millis, ask, knob, say};
use async_stream::stream;
use futures::{Stream, StreamExt};
use tokio::time::sleep;

/// The generator makes 0, 2, 4, …, and the reader takes only some of them.
pub(crate) async fn run() -> anyhow::Result<()> {
    let take = knob("take", 3, 1..=5_usize);
    ask("take=1", "does the generator start to make a second number?");
    read_and_continue(take).lane("reader").await;
    Ok(())
}

// ANCHOR: generator
fn doubles(count: u32) -> impl Stream<Item = u32> {
    stream! {
        let _source = Source;
        for n in 0..count {
            sleep(50.ms()).step("making").await;
            yield 2 * n;
        }
    }
}

struct Source;

impl Drop for Source {
    fn drop(&mut self) {
        say!("the source is closed");
    }
}

async fn read_and_continue(take: usize) {
    let doubles = doubles(10);
    read_some(doubles, take).await;
    sleep(20.ms()).await;
    say!("continues");
}

async fn read_some(doubles: impl Stream<Item = u32>, take: usize) {
    let mut doubles = pin!(doubles);
    let mut taken = 0;
    while let Some(double) = doubles.next().await {
        say!("reads {double}");
        taken += 1;
        if taken == take {
            break;
        }
    }
    say!("has left the loop");
}
// ANCHOR_END: generator

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use futures::{future::ready, stream};
    use tokio::time::Instant;

    use super::*;

    #[test]
    fn the_source_is_closed_when_the_reader_returns_not_when_the_loop_ends() {
        virtual_time(async {
            Transcript::of(read_and_continue(2)).await.assert_lines([
                "[  0.050s] reads 0",
                "[  0.100s] reads 2",
                "[  0.100s] has left the loop",
                "[  0.100s] the source is closed",
                "[  0.120s] continues",
            ]);
        });
    }

    #[test]
    fn a_dropped_chain_of_adapters_closes_the_source_before_drop_returns() {
        virtual_time(async {
            let one_of_a_chain = async {
                let halves = doubles(10).map(|double| double / 2);
                let mut even = halves.filter(|half| ready(half % 2 == 0)).boxed();
                say!("{:?}", even.next().await);
                drop(even);
                say!("dropped");
            };
            Transcript::of(one_of_a_chain).await.assert_lines([
                "[  0.050s] Some(0)",
                "[  0.050s] the source is closed",
                "[  0.050s] dropped",
            ]);
        });
    }

    #[test]
    fn nothing_is_made_before_the_first_next() {
        virtual_time(async {
            let (made, unread) = (Instant::now(), doubles(5));
            sleep(500.ms()).await;
            let read: Vec<_> = unread.collect().await;
            assert_eq!(read, [0, 2, 4, 6, 8]);
            assert_eq!(made.elapsed(), (500 + 5 * 50).ms());
        });
    }

    #[test]
    fn an_unfold_yields_the_same_numbers_without_a_macro() {
        virtual_time(async {
            let unfolded = stream::unfold(0, |n| async move {
                if n == 5 {
                    return None;
                }
                sleep(50.ms()).await;
                Some((2 * n, n + 1))
            });
            let start = Instant::now();
            let plain: Vec<_> = unfolded.collect().await;
            let took = start.elapsed();
            let by_macro: Vec<_> = doubles(5).collect().await;
            assert_eq!(plain, by_macro);
            assert_eq!(took, 5 * 50.ms());
        });
    }
}
