//! A slow consumer slows the source down: no page is fetched further ahead than the window.
//!
//! A stream has no buffer and no task that fills one. `buffered(2)` fetches two pages ahead, and
//! then waits for the next call of `next`. asyncio's async generators pull in the same way; a
//! producer task with an unbounded queue does not. A consumer that leaves its loop drops the
//! stream, and with it the fetches that still run; Python needs `aclosing` and a `finally` for
//! that.

use std::num::NonZeroUsize;

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use tokio::{task::JoinError, time::sleep};
use tokio_util::task::AbortOnDropHandle;

/// Five pages of an endless book. A page is fetched in 10 ms, two pages ahead, and read in 30 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let at_once = knob("at-once", 2_usize, 1..=5).try_into()?;
    let wanted = knob("wanted", 5, 1..=10);
    ask("at-once=5", "how many pages are requested so that five are read?");
    tokio::spawn(read(pages(at_once), wanted).lane("reader")).await??;
    Ok(())
}

// ANCHOR: pull
fn pages(at_once: NonZeroUsize) -> impl Stream<Item = Result<usize, JoinError>> + Unpin {
    let endless = stream::iter(1..).inspect(|page| say!("requests {page}"));
    let tasks = endless.map(|page| {
        let task = tokio::spawn(fetch(page).lane(format!("page-{page}")));
        AbortOnDropHandle::new(task)
    });
    tasks.buffered(at_once.get())
}

async fn read(
    pages: impl Stream<Item = Result<usize, JoinError>> + Unpin,
    wanted: usize,
) -> Result<(), JoinError> {
    let mut pages = pages.take(wanted);
    while let Some(page) = pages.try_next().await? {
        say!("reads {page}");
        sleep(30.ms()).step("reading").await;
    }
    Ok(())
}
// ANCHOR_END: pull

async fn fetch(page: usize) -> usize {
    sleep(10.ms()).step("fetching").await;
    page
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    fn requested(at_once: usize, wanted: usize) -> usize {
        let pages = pages(at_once.try_into().unwrap());
        let seen = virtual_time(Transcript::of(read(pages, wanted)));
        seen.lines().iter().filter(|line| line.text.starts_with("requests")).count()
    }

    #[test]
    fn the_source_is_read_no_further_than_the_window_reaches() {
        // When the last page is taken, the window holds `at_once` pages, including that page.
        assert_eq!(requested(1, 5), 5);
        assert_eq!(requested(2, 5), 6);
        assert_eq!(requested(5, 5), 9);
    }

    #[test]
    fn leaving_the_loop_aborts_the_fetches_that_still_run() {
        let pages = pages(2.try_into().unwrap());
        let seen = virtual_time(Transcript::of(async {
            let mut pages = pages;
            assert_eq!(pages.next().await.unwrap().unwrap(), 1);
            assert_eq!(pages.next().await.unwrap().unwrap(), 2);
            drop(pages);
            sleep(100.ms()).await;
        }));
        assert_eq!(seen.ending("page-3"), Some(Ending::NeverPolled), "{seen}");
    }

    #[test]
    fn the_next_page_is_requested_when_the_reader_calls_next() {
        let pages = pages(2.try_into().unwrap());
        let seen = virtual_time(Transcript::of(read(pages, 3)));
        seen.assert_lines([
            "[  0.000s] requests 1",
            "[  0.000s] requests 2",
            "[  0.010s] reads 1",
            "[  0.040s] requests 3",
            "[  0.040s] reads 2",
            "[  0.070s] requests 4",
            "[  0.070s] reads 3",
        ]);
        assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
    }
}
