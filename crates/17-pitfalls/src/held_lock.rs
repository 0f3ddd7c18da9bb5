//! A lock that is held across a slow await makes all other tasks wait for the slow part.
//!
//! asyncio and Tokio behave the same. Hold the lock only while the data is changed, not while the work
//! is done. Then there is no await under the lock, and a std mutex is enough. The compiler helps: the
//! guard of a std mutex cannot cross an await in a spawned task (`wrong/guard_across_an_await.rs`),
//! and Clippy warns about it everywhere else.

use std::sync::{Arc, Mutex};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    task::{JoinError, JoinHandle},
    time::{Instant, sleep},
};

use crate::gauge::Gauge;

/// The words of four pages are added to one total; each page takes 50 ms to fetch.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pages = knob("pages", 4, 1..=7_u32);
    ask("pages=7", "how long does each of the two versions take?");
    let (start, busy) = (Instant::now(), Gauge::default());
    let total = Arc::default();
    let add = |n| wrong(Arc::clone(&total), busy.clone()).lane(format!("wrong-{n}"));
    all((1..=pages).map(add).map(tokio::spawn).collect()).await?;
    report("locked, then fetched", *total.lock().await, start, &busy);

    let (start, busy) = (Instant::now(), Gauge::default());
    let total = Arc::default();
    let add = |n| right(Arc::clone(&total), busy.clone()).lane(format!("right-{n}"));
    all((1..=pages).map(add).map(tokio::spawn).collect()).await?;
    report("fetched, then locked", *total.lock().expect(NO_PANIC), start, &busy);
    Ok(())
}

async fn all(tasks: Vec<JoinHandle<()>>) -> Result<(), JoinError> {
    for task in tasks {
        task.await?;
    }
    Ok(())
}

fn report(version: &str, words: u32, start: Instant, busy: &Gauge) {
    let took = start.elapsed().as_millis();
    say!("{version}: {words} words in {took} ms, at most {} in flight", busy.peak());
}

const NO_PANIC: &str = "adding does not panic";

// ANCHOR: held_lock
async fn wrong(total: Arc<tokio::sync::Mutex<u32>>, busy: Gauge) {
    let mut total = total.lock().await;
    *total += fetch(busy).await;
}

async fn right(total: Arc<Mutex<u32>>, busy: Gauge) {
    let words = fetch(busy).await;
    *total.lock().expect(NO_PANIC) += words;
}
// ANCHOR_END: held_lock

async fn fetch(busy: Gauge) -> u32 {
    let _in_flight = busy.enter();
    sleep(50.ms()).step("fetching").await;
    120
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_lock_held_across_the_await_allows_only_one_fetch_at_a_time() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.200s] locked, then fetched: 480 words in 200 ms, at most 1 in flight",
            "[  0.250s] fetched, then locked: 480 words in 50 ms, at most 4 in flight",
        ]);
    }

    #[test]
    #[should_panic(expected = "DEADLOCK")]
    fn a_task_that_locks_twice_deadlocks() {
        virtual_time(async {
            let total = Arc::new(tokio::sync::Mutex::new(0));
            let _held = total.lock().await;
            wrong(Arc::clone(&total), Gauge::default()).await;
        });
    }
}
