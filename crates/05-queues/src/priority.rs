//! The most urgent item is received first, and equally urgent items are received in FIFO order.
//!
//! asyncio: an `asyncio.PriorityQueue` of tuples. Each tuple has a counter, because tuples with
//! equal priorities would compare their items. Tokio has no priority queue. The kit's
//! [`PriorityQueue`] waits when it is empty, has a bound and can be closed.

use std::time::Duration;

use async_kit::{Lane, Millis, PriorityQueue, ask, knob, say};
use tokio::time::sleep;

/// The pause before each job in milliseconds, its priority (1 is the most urgent), and its name.
const JOBS: [(u64, u32, &str); 9] = [
    (10, 3, "tidy up"),
    (5, 3, "water the plants"),
    (5, 2, "answer the mail"),
    (5, 3, "sharpen the pencils"),
    (5, 1, "put out the fire"),
    (5, 3, "sweep the floor"),
    (5, 3, "empty the bin"),
    (5, 3, "file the letters"),
    (500, 1, "pick up the phone"),
];

/// The worker is busy with the first job when the next seven are pushed. Five of them are equally urgent.
pub(crate) async fn run() -> anyhow::Result<()> {
    let capacity = knob("capacity", 10, 1..=20_usize);
    let using = knob("using", 50.ms(), 1.ms()..=200.ms());
    ask("capacity=1", "which job is done second?");
    push_and_work(capacity, using).await
}

// ANCHOR: priority
async fn push_and_work(capacity: usize, using: Duration) -> anyhow::Result<()> {
    let queue = PriorityQueue::bounded(capacity);
    let desk = tokio::spawn(push_jobs(queue.clone()).try_lane("desk"));
    let worker = tokio::spawn(work(queue, using).lane("worker"));
    desk.await??;
    worker.await?;
    Ok(())
}

async fn push_jobs(queue: PriorityQueue<u32, &'static str>) -> anyhow::Result<()> {
    for (wait, priority, job) in JOBS {
        sleep(wait.ms()).await;
        queue.push(priority, job).await?;
        say!("has pushed: {job} ({priority})");
    }
    // One handle both sends and receives, so dropping a handle does not close the queue.
    queue.close();
    Ok(())
}

async fn work(queue: PriorityQueue<u32, &'static str>, using: Duration) {
    while let Some(job) = queue.pop().await {
        sleep(using).step("working").await;
        say!("has done: {job}");
    }
}
// ANCHOR_END: priority

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::Instant;

    use super::*;

    fn seen(capacity: usize, using: u64) -> Transcript {
        virtual_time(Transcript::of(push_and_work(capacity, using.ms())))
    }

    fn done(seen: &Transcript) -> Vec<&str> {
        let texts = seen.lines().iter().map(|line| line.text.as_str());
        texts.filter_map(|text| text.strip_prefix("has done: ")).collect()
    }

    #[test]
    fn the_most_urgent_job_overtakes_and_equal_jobs_keep_their_order() {
        let seen = seen(10, 50);
        let order = [
            "tidy up",
            "put out the fire",
            "answer the mail",
            "water the plants",
            "sharpen the pencils",
            "sweep the floor",
            "empty the bin",
            "file the letters",
            "pick up the phone",
        ];
        assert_eq!(done(&seen), order, "{seen}");
    }

    /// The worker is idle from 410 ms on; the last job is pushed at 545 ms.
    #[test]
    fn a_worker_at_an_empty_queue_waits_for_the_next_job() {
        let seen = seen(10, 50);
        seen.assert_at(410.ms(), "worker has done: file the letters");
        seen.assert_at(595.ms(), "worker has done: pick up the phone");
        assert_eq!(seen.elapsed(), 595.ms(), "{seen}");
    }

    #[test]
    fn a_worker_that_waits_ends_when_the_queue_is_closed() {
        let took = virtual_time(async {
            let queue = PriorityQueue::bounded(1);
            let worker = tokio::spawn(work(queue.clone(), 50.ms()));
            let start = Instant::now();
            sleep(100.ms()).await;
            queue.close();
            worker.await.unwrap();
            start.elapsed()
        });
        assert_eq!(took, 100.ms());
    }

    #[test]
    fn a_full_queue_makes_even_an_urgent_push_wait() {
        let seen = seen(1, 50);
        seen.assert_at(60.ms(), "desk has pushed: answer the mail (2)");
        assert_eq!(done(&seen)[..2], ["tidy up", "water the plants"], "{seen}");
    }
}
