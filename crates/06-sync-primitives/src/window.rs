//! A window of three over a lazy list never has four jobs in flight, and keeps results in order.
//!
//! asyncio: a semaphore inside each of ten tasks, which all exist from the start, and `gather`.
//! Tokio: `buffered(3)` on a stream creates a job only when the window has room, so a million jobs
//! need no more memory than three. A finished result keeps its slot in the window until all earlier
//! results are finished, so behind a slow job fewer than three jobs run (see `in_order` in
//! `batching`). If jobs start in several parts of a program, use a semaphore.

use async_kit::{Lane, Millis, ask, knob, say};
use futures::{StreamExt, stream};
use tokio::time::sleep;

/// Ten pages of 100 ms each, three at the same time.
pub(crate) async fn run() -> anyhow::Result<()> {
    let size = knob("at-once", 3, 1..=10_usize);
    let pages = knob("pages", 10, 1..=40_usize);
    ask("at-once=4", "when does page-9 start?");
    let results = fetch_all(pages, size).await;
    say!("{}", results.join(" "));
    Ok(())
}

// ANCHOR: window
async fn fetch_all(pages: usize, size: usize) -> Vec<String> {
    in_window((0..pages).map(|n| fetch(n).lane(format!("page-{n}"))), size).await
}

async fn in_window<F: Future>(
    jobs: impl Iterator<Item = F>,
    size: usize,
) -> Vec<F::Output> {
    stream::iter(jobs).buffered(size).collect().await
}

async fn fetch(n: usize) -> String {
    say!("starts");
    sleep(100.ms()).step("fetching").await;
    format!("p{n}")
}
// ANCHOR_END: window

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::What, virtual_time};

    use super::*;

    #[test]
    fn ten_pages_in_a_window_of_three_take_four_rounds_in_order() {
        virtual_time(async {
            let (seen, pages) = Transcript::with_output(fetch_all(10, 3)).await;
            assert_eq!(pages.join(" "), "p0 p1 p2 p3 p4 p5 p6 p7 p8 p9");
            assert_eq!(seen.recording().peak("fetching"), 3, "{seen}");
            assert_eq!(seen.elapsed(), 400.ms(), "{seen}");
        });
    }

    #[test]
    fn the_results_keep_their_order_although_the_last_job_is_done_first() {
        let job = async |n: usize| {
            sleep((60 - 10 * n as u64).ms()).await;
            n
        };
        let results = virtual_time(in_window((0..6).map(job), 6));
        assert_eq!(results, [0, 1, 2, 3, 4, 5]);
    }

    #[test]
    fn the_results_are_shown() {
        let seen = virtual_time(Transcript::of(async { run().await.unwrap() }));
        let last = seen.lines().last().map(|line| line.text.as_str());
        assert_eq!(last, Some("p0 p1 p2 p3 p4 p5 p6 p7 p8 p9"), "{seen}");
    }

    #[test]
    fn a_job_is_created_only_when_the_window_has_room() {
        virtual_time(async {
            let (seen, _) = Transcript::with_output(fetch_all(10, 3)).await;
            let events = &seen.recording().events;
            let made: Vec<_> =
                events.iter().filter(|event| event.what == What::Made).collect();
            assert_eq!(made[2].at, 0.ms(), "{made:?}");
            assert_eq!(made[3].at, 100.ms(), "{made:?}");
        });
    }

    #[test]
    fn never_more_jobs_run_than_the_window_has_slots() {
        for size in [1, 3, 10] {
            virtual_time(async move {
                let (seen, _) = Transcript::with_output(fetch_all(12, size)).await;
                assert_eq!(seen.recording().peak("fetching"), size, "{seen}");
            });
        }
    }
}
