//! The most urgent item leaves first, and equally urgent ones leave in the order they came.
//!
//! asyncio: `asyncio.PriorityQueue` of tuples, with a counter in them: equal priorities would
//! compare the items. Tokio has none; the kit's [`PriorityQueue`] waits, has a bound and closes.

use std::time::Duration;

use async_kit::{Lane, Millis, PriorityQueue, knob, say};
use tokio::time::sleep;

/// What the desk takes in: after how many milliseconds, how urgent (1 goes first), what.
const JOBS: [(u64, u32, &str); 6] = [
    (10, 3, "tidy up"),
    (5, 3, "water the plants"),
    (5, 2, "answer the mail"),
    (5, 1, "put out the fire"),
    (5, 3, "sharpen the pencils"),
    (300, 1, "pick up the phone"),
];

/// The worker is busy with the first job when the others come in.
pub(crate) async fn run() -> anyhow::Result<()> {
    let capacity = knob("capacity", 10, 1..=20_usize);
    let using = knob("using", 50.ms(), 1.ms()..=200.ms());
    by_urgency(capacity, using).await
}

// ANCHOR: priority
async fn by_urgency(capacity: usize, using: Duration) -> anyhow::Result<()> {
    let queue = PriorityQueue::bounded(capacity);
    let desk = tokio::spawn(take_in(queue.clone()).try_lane("desk"));
    let worker = tokio::spawn(work(queue, using).lane("worker"));
    desk.await??;
    worker.await?;
    Ok(())
}

async fn take_in(queue: PriorityQueue<u32, &'static str>) -> anyhow::Result<()> {
    for (wait, priority, job) in JOBS {
        sleep(wait.ms()).await;
        queue.push(priority, job).await?;
        say!("takes in: {job} ({priority})");
    }
    // Both ends are one handle, so nothing closes by itself here.
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
        virtual_time(Transcript::of(by_urgency(capacity, using.ms())))
    }

    fn done(seen: &Transcript) -> Vec<&str> {
        let texts = seen.lines().iter().map(|line| line.text.as_str());
        texts.filter_map(|text| text.strip_prefix("has done: ")).collect()
    }

    #[test]
    fn the_most_urgent_job_overtakes_and_equals_keep_their_order() {
        let seen = seen(10, 50);
        let order = [
            "tidy up",
            "put out the fire",
            "answer the mail",
            "water the plants",
            "sharpen the pencils",
            "pick up the phone",
        ];
        assert_eq!(done(&seen), order, "{seen}");
    }

    /// The worker is idle from 260 ms on; the phone rings at 330 ms.
    #[test]
    fn a_worker_at_an_empty_queue_waits_for_the_next_job() {
        let seen = seen(10, 50);
        seen.assert_at(260.ms(), "worker has done: sharpen the pencils");
        seen.assert_at(380.ms(), "worker has done: pick up the phone");
        assert_eq!(seen.elapsed(), 380.ms(), "{seen}");
    }

    #[test]
    fn a_worker_that_waits_leaves_when_the_queue_is_closed() {
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
    fn a_full_queue_makes_even_an_urgent_job_wait_outside() {
        let seen = seen(1, 50);
        seen.assert_at(60.ms(), "desk takes in: answer the mail (2)");
        assert_eq!(done(&seen)[..2], ["tidy up", "water the plants"], "{seen}");
    }
}
