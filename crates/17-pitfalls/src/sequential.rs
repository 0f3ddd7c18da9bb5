//! Awaits one after the other do not overlap: all tasks must be spawned before the first await.
//!
//! asyncio and Tokio behave the same. Two programs look concurrent but are not. One creates all its
//! futures first, but a future does not start when it is created. The other spawns tasks, but awaits
//! each task before it spawns the next. In both cases: spawn all tasks, then await them.

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{Instant, sleep};

use crate::gauge::Gauge;

/// Three functions fetch the same pages. Each page takes 100 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pages = knob("pages", 3, 1..=5_usize);
    ask("pages=5", "how long does each of the three versions take?");
    let (start, busy) = (Instant::now(), Gauge::default());
    created_first(pages, &busy).await;
    report("all created, then awaited", start, &busy);

    let (start, busy) = (Instant::now(), Gauge::default());
    spawned_one_by_one(pages, &busy).await?;
    report("each spawned and awaited", start, &busy);

    let (start, busy) = (Instant::now(), Gauge::default());
    all_spawned_first(pages, &busy).await?;
    report("all spawned, then awaited", start, &busy);
    Ok(())
}

fn report(version: &str, start: Instant, busy: &Gauge) {
    let took = start.elapsed().as_millis();
    say!("{version}: {took} ms, at most {} in flight", busy.peak());
}

// ANCHOR: sequential
async fn created_first(pages: usize, busy: &Gauge) {
    let page = |n| fetch(busy.clone()).lane(format!("created-{n}"));
    let futures: Vec<_> = (1..=pages).map(page).collect();
    for future in futures {
        future.await;
    }
}

async fn spawned_one_by_one(pages: usize, busy: &Gauge) -> anyhow::Result<()> {
    for n in 1..=pages {
        tokio::spawn(fetch(busy.clone()).lane(format!("one-by-one-{n}"))).await?;
    }
    Ok(())
}

async fn all_spawned_first(pages: usize, busy: &Gauge) -> anyhow::Result<()> {
    let page = |n| tokio::spawn(fetch(busy.clone()).lane(format!("right-{n}")));
    let tasks: Vec<_> = (1..=pages).map(page).collect();
    for task in tasks {
        task.await?;
    }
    Ok(())
}
// ANCHOR_END: sequential

async fn fetch(busy: Gauge) {
    let _in_flight = busy.enter();
    sleep(100.ms()).step("fetching").await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn only_tasks_that_are_all_spawned_first_overlap() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.300s] all created, then awaited: 300 ms, at most 1 in flight",
            "[  0.600s] each spawned and awaited: 300 ms, at most 1 in flight",
            "[  0.700s] all spawned, then awaited: 100 ms, at most 3 in flight",
        ]);
    }
}
