//! One task per item overloads the server; a permit acquired in the task limits only the requests.
//!
//! asyncio and Tokio behave the same. One task costs little, but a thousand tasks send a thousand
//! requests at the same time and keep a thousand items in memory. A permit acquired in the task
//! limits the requests. A permit acquired before the spawn also limits the tasks, because the loop
//! waits. Without tasks, `buffer_unordered(limit)` on a stream does the same.

use std::sync::Arc;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::gauge::{Gauge, InFlight};

/// A server serves two requests at the same time, 50 ms each, and rejects any other.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pages = knob("pages", 5, 1..=100_usize);
    // Zero too: a limit that is read from a file may be zero, and then the tasks wait forever.
    let limit = knob("limit", 2, 0..=10_usize);
    ask("pages=20", "how many tasks does each version need at most?");

    let (start, site) = (Instant::now(), Site::new(limit));
    let served = task_per_page(pages, &site).await?;
    report("one task per page", served, start, &site);

    let (start, site) = (Instant::now(), Site::new(limit));
    let served = permit_in_task(pages, limit, &site).await?;
    report("a permit in the task", served, start, &site);

    let (start, site) = (Instant::now(), Site::new(limit));
    let served = permit_before_spawn(pages, limit, &site).await?;
    report("a permit before the spawn", served, start, &site);
    Ok(())
}

fn report(version: &str, served: usize, start: Instant, site: &Site) {
    let (took, tasks) = (start.elapsed().as_millis(), site.tasks.peak());
    say!("{version}: {served} pages in {took} ms, at most {tasks} tasks");
}

// ANCHOR: unbounded
async fn task_per_page(pages: usize, site: &Site) -> anyhow::Result<usize> {
    let mut tasks = JoinSet::new();
    for n in 1..=pages {
        let page = site.page();
        tasks.spawn(async move { page.fetch().await }.try_lane(format!("wrong-{n}")));
    }
    served(tasks).await
}

async fn permit_in_task(
    pages: usize,
    limit: usize,
    site: &Site,
) -> anyhow::Result<usize> {
    let permits = Arc::new(Semaphore::new(limit));
    let mut tasks = JoinSet::new();
    for n in 1..=pages {
        let (page, permits) = (site.page(), Arc::clone(&permits));
        let fetch = async move {
            let _permit = permits.acquire().await?;
            page.fetch().await
        };
        tasks.spawn(fetch.try_lane(format!("in-task-{n}")));
    }
    served(tasks).await
}

async fn permit_before_spawn(
    pages: usize,
    limit: usize,
    site: &Site,
) -> anyhow::Result<usize> {
    let permits = Arc::new(Semaphore::new(limit));
    let mut tasks = JoinSet::new();
    for n in 1..=pages {
        let permit = Arc::clone(&permits).acquire_owned().await?;
        let page = site.page();
        let fetch = async move {
            let _permit = permit;
            page.fetch().await
        };
        tasks.spawn(fetch.try_lane(format!("before-{n}")));
    }
    served(tasks).await
}
// ANCHOR_END: unbounded

async fn served(mut tasks: JoinSet<anyhow::Result<()>>) -> anyhow::Result<usize> {
    let mut served = 0;
    while let Some(page) = tasks.join_next().await {
        served += usize::from(page?.is_ok());
    }
    Ok(served)
}

struct Site {
    slots: Arc<Semaphore>,
    tasks: Gauge,
}

/// Owned by a task from its start to its end, so that the task is counted.
struct Page {
    slots: Arc<Semaphore>,
    _task: InFlight,
}

impl Site {
    fn new(limit: usize) -> Self {
        Self { slots: Arc::new(Semaphore::new(limit)), tasks: Gauge::default() }
    }

    fn page(&self) -> Page {
        Page { slots: Arc::clone(&self.slots), _task: self.tasks.enter() }
    }
}

impl Page {
    async fn fetch(self) -> anyhow::Result<()> {
        let _slot = self.slots.try_acquire().map_err(|_| anyhow::anyhow!("too busy"))?;
        sleep(50.ms()).step("fetching").await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn only_a_permit_before_the_spawn_limits_both_requests_and_tasks() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.050s] one task per page: 2 pages in 50 ms, at most 5 tasks",
            "[  0.200s] a permit in the task: 5 pages in 150 ms, at most 5 tasks",
            "[  0.350s] a permit before the spawn: 5 pages in 150 ms, at most 2 tasks",
        ]);
    }

    #[test]
    #[should_panic(expected = "DEADLOCK")]
    fn tasks_that_wait_for_a_permit_of_none_deadlock() {
        let served = async { permit_in_task(5, 0, &Site::new(0)).await };
        assert!(virtual_time(served).is_err(), "the tasks wait");
    }

    #[test]
    fn a_hundred_pages_need_no_more_tasks_than_the_limit() {
        for limit in [1, 3, 10] {
            let site = Site::new(limit);
            let tasks = site.tasks.clone();
            let served =
                virtual_time(async move { permit_before_spawn(100, limit, &site).await });
            assert_eq!((served.unwrap(), tasks.peak()), (100, limit));
        }
    }
}
