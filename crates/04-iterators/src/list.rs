//! A stream over a list yields the same items as a `for` loop, each after its own wait.
//!
//! asyncio: a class with `__aiter__`, often with a position in it, so that a second loop finds nothing.
//! Rust: `stream::iter` makes a stream of any iterator, and `then` awaits something for each item.
//! The stream borrows the list, so each pass makes a new stream, and begins with the first item.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{Stream, StreamExt, stream};
use tokio::time::sleep;

/// One task reads the list with `for`, another one reads it twice as a stream.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pause = knob("pause", 50.ms(), 1.ms()..=500.ms());
    ask("pause=200ms", "when does the task with `for` read its last number?");
    read(pause).await
}

// ANCHOR: list
const NUMBERS: [u32; 5] = [1, 2, 3, 4, 5];

async fn read(pause: Duration) -> anyhow::Result<()> {
    let plain = tokio::spawn(read_list().lane("list"));
    let paced = tokio::spawn(read_stream(pause).lane("stream"));
    plain.await?;
    paced.await?;
    Ok(())
}

async fn read_list() {
    for number in NUMBERS {
        say!("reads {number}");
    }
}

async fn read_stream(pause: Duration) {
    for pass in ["first", "second"] {
        let mut numbers = paced(&NUMBERS, pause).boxed();
        while let Some(number) = numbers.next().await {
            say!("reads {number}, {pass} pass");
        }
    }
}

fn paced<T: Copy>(list: &[T], pause: Duration) -> impl Stream<Item = T> {
    stream::iter(list).then(move |&item| async move {
        sleep(pause).await;
        item
    })
}
// ANCHOR_END: list

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::Instant;

    use super::*;

    /// ```text
    ///         0    50   100  150  200  250  300  350  400  450  500
    /// list    ●✓
    /// stream  ░░░░░1░░░░2░░░░3░░░░4░░░░5░░░░1░░░░2░░░░3░░░░4░░░░5✓
    /// ```
    #[test]
    fn a_list_is_yielded_at_its_own_pace_in_each_of_two_passes() {
        for pause in [1, 50, 500] {
            let seen = virtual_time(Transcript::of(read(pause.ms())));
            for n in 1..=5 {
                seen.assert_at(
                    (n * pause).ms(),
                    &format!("stream reads {n}, first pass"),
                );
                let second = ((5 + n) * pause).ms();
                seen.assert_at(second, &format!("stream reads {n}, second pass"));
            }
            assert_eq!(seen.elapsed(), (10 * pause).ms(), "{seen}");
        }
    }

    #[test]
    fn a_for_loop_reads_the_whole_list_without_a_wait() {
        let seen = virtual_time(Transcript::of(read(50.ms())));
        for n in 1..=5 {
            seen.assert_at(0.ms(), &format!("list reads {n}"));
        }
    }

    #[test]
    fn an_item_is_awaited_only_when_it_is_asked_for() {
        virtual_time(async {
            let mut numbers = paced(&["a", "b"], 50.ms()).boxed();
            sleep(1.secs()).await;
            let start = Instant::now();
            assert_eq!(numbers.next().await, Some("a"));
            assert_eq!(start.elapsed(), 50.ms());
        });
    }
}
