//! What a `buffered` stream holds stands still while the loop body works.
//!
//! Its futures are polled by the stream, and the stream only when somebody asks for the next item:
//! meanwhile no page begins, and none goes on to its second step. In asyncio this cannot happen,
//! because whatever runs at the same time there is a task. The cure is the same here: spawn the
//! work, and buffer the handles.

use async_kit::{Lane, Millis, knob, say};
use futures::{Stream, StreamExt, pin_mut, stream};
use tokio::time::{Instant, sleep};

/// Pages in two steps, two at a time, in a loop whose body takes 90 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pages = knob("pages", 6, 1..=8_usize);
    say!("buffered: {} ms", buffered(pages).await);
    say!("spawned: {} ms", spawned(pages).await);
    Ok(())
}

// ANCHOR: stall
async fn buffered(pages: usize) -> u128 {
    let start = Instant::now();
    let pages = stream::iter(0..pages).map(|n| page(n).lane(format!("page-{n}")));
    work_through(pages.buffered(2)).lane("buffered loop").await;
    start.elapsed().as_millis()
}

async fn spawned(pages: usize) -> u128 {
    let start = Instant::now();
    let pages = stream::iter(0..pages)
        .map(|n| tokio::spawn(page(n).lane(format!("spawned-{n}"))));
    work_through(pages.buffered(2)).lane("spawned loop").await;
    start.elapsed().as_millis()
}

async fn work_through<T>(pages: impl Stream<Item = T>) {
    pin_mut!(pages);
    while pages.next().await.is_some() {
        sleep(90.ms()).step("working").await;
    }
}

async fn page(n: usize) -> usize {
    sleep(50.ms()).step("asking").await;
    sleep(30.ms()).step("reading").await;
    n
}
// ANCHOR_END: stall

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///            0      80        170       260  340       430
    /// loop       ░░░░░░░██████████████████████░░░░██████████   buffered: stands at 260
    /// page-2                      ░░░░░░░░░░░░████✓
    /// loop       ░░░░░░░███████████████████████████████████    spawned: never stands again
    /// page-2                      ████✓
    /// ```
    #[test]
    fn a_buffered_page_waits_for_the_loop_and_a_spawned_one_does_not() {
        virtual_time(async {
            let (seen, took) = Transcript::with_output(buffered(6)).await;
            assert_eq!(took, 780, "{seen}");
            let (seen, took) = Transcript::with_output(spawned(6)).await;
            assert_eq!(took, 80 + 6 * 90, "{seen}");
        });
    }
}
