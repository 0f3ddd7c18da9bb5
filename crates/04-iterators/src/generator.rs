//! Leaving the loop drops the generator, and with it everything it holds, at once.
//!
//! asyncio: after a `break` the generator stays open until it is collected or the loop ends, and
//! its `finally` runs only then, unless you wrote `aclosing`. Rust has no `yield` in async code
//! yet; `async_stream::stream!` is what the field writes until then, and `stream::unfold` needs no
//! macro where one value is all the state there is.

use async_kit::{Lane, Millis, knob, say};
use async_stream::stream;
use futures::{Stream, StreamExt};
use tokio::{pin, time::sleep};

/// The doubles 0, 2, 4, … of which the reader takes only some.
pub(crate) async fn run() -> anyhow::Result<()> {
    let take = knob("take", 3, 1..=5_usize);
    read_some(take).lane("reader").await;
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

async fn read_some(take: usize) {
    {
        let doubles = doubles(10);
        pin!(doubles);
        let mut taken = 0;
        while let Some(double) = doubles.next().await {
            say!("{double}");
            taken += 1;
            if taken == take {
                break;
            }
        }
    }
    say!("left the loop");
    sleep(20.ms()).await;
    say!("a while later");
}
// ANCHOR_END: generator

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use futures::stream;

    use super::*;

    #[test]
    fn the_source_is_closed_before_the_line_after_the_loop() {
        virtual_time(async {
            Transcript::of(read_some(2)).await.assert_lines([
                "[  0.050s] 0",
                "[  0.100s] 2",
                "[  0.100s] the source is closed",
                "[  0.100s] left the loop",
                "[  0.120s] a while later",
            ]);
        });
    }

    #[test]
    fn nothing_is_made_before_it_is_asked_for() {
        virtual_time(async {
            let unread = doubles(5);
            sleep(500.ms()).await;
            let read: Vec<_> = unread.collect().await;
            assert_eq!(read, [0, 2, 4, 6, 8]);
        });
    }

    #[test]
    fn an_unfold_yields_the_same_without_a_macro() {
        virtual_time(async {
            let unfolded = stream::unfold(0, async |n| {
                sleep(50.ms()).await;
                (n < 5).then_some((2 * n, n + 1))
            });
            let (plain, by_macro): (Vec<_>, Vec<_>) =
                (unfolded.collect().await, doubles(5).collect().await);
            assert_eq!(plain, by_macro);
        });
    }
}
