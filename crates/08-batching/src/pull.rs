//! A slow reader slows the source down: nothing is fetched further ahead than the window.
//!
//! A stream has no buffer of its own and no task that fills one. `buffered(2)` reads two ahead and
//! then waits to be asked. asyncio's async generators pull in the same way; a producer task with
//! an unbounded queue does not. Who leaves the loop drops the stream, and with it everything
//! behind it, where Python needs `aclosing` and a `finally`.

use std::num::NonZeroUsize;

use async_kit::{Lane, Millis, knob, say};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use tokio::{task::JoinError, time::sleep};
use tokio_util::task::AbortOnDropHandle;

/// Five pages of an endless book, each read for 30 ms, fetched two ahead in 10 ms each.
pub(crate) async fn run() -> anyhow::Result<()> {
    let at_once = knob("at-once", 2_usize, 1..=5).try_into()?;
    let wanted = knob("wanted", 5, 1..=10);
    tokio::spawn(read(pages(at_once), wanted).lane("reader")).await??;
    Ok(())
}

// ANCHOR: pull
fn pages(at_once: NonZeroUsize) -> impl Stream<Item = Result<usize, JoinError>> + Unpin {
    let endless = stream::iter(1..).inspect(|page| say!("asks for {page}"));
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

    fn asked(at_once: usize, wanted: usize) -> usize {
        let pages = pages(at_once.try_into().unwrap());
        let seen = virtual_time(Transcript::of(read(pages, wanted)));
        seen.lines().iter().filter(|line| line.text.starts_with("asks")).count()
    }

    #[test]
    fn the_source_is_read_no_further_than_the_window_reaches() {
        // The last page is handed out of a window of `at_once`.
        assert_eq!(asked(1, 5), 5);
        assert_eq!(asked(2, 5), 6);
        assert_eq!(asked(5, 5), 9);
    }

    #[test]
    fn who_leaves_the_loop_aborts_the_pages_under_way() {
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
    fn the_next_page_is_asked_for_when_the_reader_comes_back() {
        let pages = pages(2.try_into().unwrap());
        let seen = virtual_time(Transcript::of(read(pages, 3)));
        seen.assert_lines([
            "[  0.000s] asks for 1",
            "[  0.000s] asks for 2",
            "[  0.010s] reads 1",
            "[  0.040s] asks for 3",
            "[  0.040s] reads 2",
            "[  0.070s] asks for 4",
            "[  0.070s] reads 3",
        ]);
        assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
    }
}
