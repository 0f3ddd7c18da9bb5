//! If a worker dies, its item is delivered again, up to a maximum number of deliveries.
//!
//! asyncio: `task_done` and `join`. If a worker dies before `task_done`, its item is lost and
//! `join` never returns. Tokio: an item that was received is no longer in the `mpsc` queue. The
//! kit's [`WorkQueue`] wraps each item in a receipt. If the receipt is dropped without `done`, the
//! item goes back to the queue. After the last allowed delivery it becomes a dead letter.

use async_kit::{Lane, Millis, WorkQueue, ask, knob, say};
use tokio::time::sleep;

/// Six letters: `worker-0` is cancelled while it delivers the first, and no worker can read
/// `????`.
pub(crate) async fn run() -> anyhow::Result<()> {
    let workers = knob("workers", 3, 2..=5_usize);
    let deliveries = knob("deliveries", 3, 1..=5_usize);
    ask("workers=5", "does Ada get her letter earlier?");
    deliver_all(workers, deliveries as u32).await
}

// ANCHOR: redelivery
async fn deliver_all(workers: usize, deliveries: u32) -> anyhow::Result<()> {
    let letters = WorkQueue::bounded(10).max_deliveries(deliveries);
    for letter in ["Ada", "Bob", "????", "Cem", "Dai", "Eva"] {
        letters.send(letter).await?;
    }
    letters.close();
    let worker = |n| tokio::spawn(work(letters.clone()).lane(format!("worker-{n}")));
    let workers: Vec<_> = (0..workers).map(worker).collect();
    sleep(10.ms()).await;
    workers[0].abort();
    letters.join().await;
    say!("dead letters: {:?}", letters.dead_letters());
    Ok(())
}

async fn work(letters: WorkQueue<&str>) {
    while let Some(letter) = letters.recv().await {
        let attempt = letter.deliveries();
        say!("takes {}'s letter", *letter);
        // If this iteration ends before `done`, it drops `letter`, which returns it to the queue.
        match deliver(&letter).step("delivering").await {
            Ok(()) => say!("delivered {}'s letter, attempt {attempt}", letter.done()),
            Err(error) => say!("{error}, attempt {attempt}"),
        }
    }
}

async fn deliver(name: &str) -> anyhow::Result<()> {
    sleep(25.ms()).await;
    anyhow::ensure!(name != "????", "cannot read {name}");
    Ok(())
}
// ANCHOR_END: redelivery

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, cancel_at_every_await, virtual_time};

    use super::*;

    fn seen(workers: usize, deliveries: u32) -> Transcript {
        virtual_time(Transcript::of(deliver_all(workers, deliveries)))
    }

    fn count(seen: &Transcript, part: &str) -> usize {
        seen.lines().iter().filter(|line| line.text.contains(part)).count()
    }

    /// ```text
    ///           0     10    25     50     75
    /// worker-0  Ada███⊘
    /// worker-1  Bob████████✓Ada████✓????████
    /// ```
    #[test]
    fn the_letter_of_a_cancelled_worker_is_delivered_next() {
        let seen = seen(2, 3);
        seen.assert_at(25.ms(), "worker-1 delivered Bob's letter, attempt 1");
        seen.assert_at(50.ms(), "worker-1 delivered Ada's letter, attempt 2");
    }

    #[test]
    fn an_unreadable_letter_becomes_a_dead_letter_and_the_others_arrive() {
        for (workers, deliveries) in [(2, 2), (2, 3), (5, 5)] {
            let seen = seen(workers, deliveries);
            let attempts = count(&seen, "cannot read");
            assert_eq!(attempts, deliveries as usize, "{seen}");
            assert_eq!(count(&seen, "delivered"), 5, "{seen}");
            assert_eq!(count(&seen, "dead letters: [\"????\"]"), 1, "{seen}");
        }
    }

    #[test]
    fn an_item_with_one_allowed_delivery_becomes_a_dead_letter() {
        let seen = seen(2, 1);
        assert_eq!(count(&seen, "dead letters: [\"Ada\", \"????\"]"), 1, "{seen}");
    }

    #[test]
    fn join_returns_although_a_worker_died() {
        assert_eq!(seen(2, 3).elapsed(), 200.ms());
    }

    #[test]
    fn the_next_worker_gets_the_letter_of_a_cancelled_worker() {
        let cuts = cancel_at_every_await(
            async || {
                let letters = WorkQueue::bounded(3);
                for letter in ["Ada", "????", "Bob"] {
                    letters.send(letter).await.expect("the queue is open");
                }
                letters.close();
                letters
            },
            async |letters| work(letters.clone()).await,
            async |letters, cut| {
                work(letters.clone()).await;
                letters.join().await;
                assert_eq!(letters.dead_letters(), ["????"], "{cut}");
            },
        );
        assert_eq!(
            cuts, 11,
            "one cut before the first poll, and two for each of the five deliveries"
        );
    }
}
