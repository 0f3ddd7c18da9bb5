//! A task per item asks too much of the other side; a permit taken inside the task bounds only that.
//!
//! asyncio and Tokio alike. A task costs little, but a thousand of them are a thousand requests
//! at once, and a thousand items in memory. A permit inside the task bounds the requests; a permit
//! taken before the spawn bounds the tasks too, because the loop waits. Without tasks,
//! `buffer_unordered(limit)` on a stream does the same.

use std::sync::Arc;

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::gauge::{Gauge, Inside};

/// A server serves two requests at once, 50 ms each, and refuses any other.
pub(crate) async fn run() -> anyhow::Result<()> {
    let pages = knob("pages", 5, 1..=100_usize);
    let limit = knob("limit", 2, 1..=10_usize);

    let (start, site) = (Instant::now(), Site::new(limit));
    let served = all_at_once(pages, &site).await?;
    report("a task for each", served, start, &site);

    let (start, site) = (Instant::now(), Site::new(limit));
    let served = permit_inside(pages, limit, &site).await?;
    report("a permit inside", served, start, &site);

    let (start, site) = (Instant::now(), Site::new(limit));
    let served = permit_before(pages, limit, &site).await?;
    report("a permit before", served, start, &site);
    Ok(())
}

fn report(way: &str, served: usize, start: Instant, site: &Site) {
    let (took, tasks) = (start.elapsed().as_millis(), site.tasks.peak());
    say!("{way}: {served} pages in {took} ms, at most {tasks} tasks at once");
}

// ANCHOR: unbounded
async fn all_at_once(pages: usize, site: &Site) -> anyhow::Result<usize> {
    let mut tasks = JoinSet::new();
    for n in 1..=pages {
        let page = site.page();
        tasks.spawn(async move { page.fetch().await }.try_lane(format!("wrong-{n}")));
    }
    served(tasks).await
}

async fn permit_inside(pages: usize, limit: usize, site: &Site) -> anyhow::Result<usize> {
    let permits = Arc::new(Semaphore::new(limit));
    let mut tasks = JoinSet::new();
    for n in 1..=pages {
        let (page, permits) = (site.page(), Arc::clone(&permits));
        let fetch = async move {
            let _permit = permits.acquire().await?;
            page.fetch().await
        };
        tasks.spawn(fetch.try_lane(format!("inside-{n}")));
    }
    served(tasks).await
}

async fn permit_before(pages: usize, limit: usize, site: &Site) -> anyhow::Result<usize> {
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

/// What a task holds from its start to its end.
struct Page {
    slots: Arc<Semaphore>,
    _task: Inside,
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
    fn only_the_permit_before_the_spawn_bounds_both_requests_and_tasks() {
        virtual_time(Transcript::of(run())).assert_lines([
            "[  0.050s] a task for each: 2 pages in 50 ms, at most 5 tasks at once",
            "[  0.200s] a permit inside: 5 pages in 150 ms, at most 5 tasks at once",
            "[  0.350s] a permit before: 5 pages in 150 ms, at most 2 tasks at once",
        ]);
    }

    #[test]
    fn a_hundred_pages_need_no_more_tasks_than_the_limit() {
        for limit in [1, 3, 10] {
            let site = Site::new(limit);
            let tasks = site.tasks.clone();
            let served =
                virtual_time(async move { permit_before(100, limit, &site).await });
            assert_eq!((served.unwrap(), tasks.peak()), (100, limit));
        }
    }
}
