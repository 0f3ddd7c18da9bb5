//! An await in a row waits for its row: what should overlap must be started before the first await.
//!
//! asyncio and Tokio alike. Two programs look concurrent and are not: one makes all its futures
//! first, but a future that was made has not started; the other spawns, but awaits each task
//! before it spawns the next. The cure is the same: start all, then wait.

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{Instant, sleep};

use crate::gauge::Gauge;

/// The same pages three times, 100 ms each.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pages = knob("pages", 3, 1..=5_usize);
    let (start, busy) = (Instant::now(), Gauge::default());
    made_first(pages, &busy).await;
    report("all made, then awaited", start, &busy);

    let (start, busy) = (Instant::now(), Gauge::default());
    spawned_in_turn(pages, &busy).await?;
    report("each spawned and awaited", start, &busy);

    let (start, busy) = (Instant::now(), Gauge::default());
    all_started(pages, &busy).await?;
    report("all spawned, then awaited", start, &busy);
    Ok(())
}

fn report(way: &str, start: Instant, busy: &Gauge) {
    let took = start.elapsed().as_millis();
    say!("{way}: {took} ms, at most {} at once", busy.peak());
}

// ANCHOR: sequential
async fn made_first(pages: usize, busy: &Gauge) {
    let page = |n| fetch(busy.clone()).lane(format!("made-{n}"));
    let futures: Vec<_> = (1..=pages).map(page).collect();
    for future in futures {
        future.await;
    }
}

async fn spawned_in_turn(pages: usize, busy: &Gauge) -> anyhow::Result<()> {
    for n in 1..=pages {
        tokio::spawn(fetch(busy.clone()).lane(format!("in-turn-{n}"))).await?;
    }
    Ok(())
}

async fn all_started(pages: usize, busy: &Gauge) -> anyhow::Result<()> {
    let page = |n| tokio::spawn(fetch(busy.clone()).lane(format!("right-{n}")));
    let tasks: Vec<_> = (1..=pages).map(page).collect();
    for task in tasks {
        task.await?;
    }
    Ok(())
}
// ANCHOR_END: sequential

async fn fetch(busy: Gauge) {
    let _inside = busy.enter();
    sleep(100.ms()).step("fetching").await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn both_lookalikes_take_the_sum_and_only_tasks_started_first_overlap() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.300s] all made, then awaited: 300 ms, at most 1 at once",
            "[  0.600s] each spawned and awaited: 300 ms, at most 1 at once",
            "[  0.700s] all spawned, then awaited: 100 ms, at most 3 at once",
        ]);
    }
}
