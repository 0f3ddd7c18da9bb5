//! An item whose worker dies goes to another worker, and one that nobody survives is set aside.
//!
//! asyncio: `task_done` and `join`; a worker that dies before `task_done` takes its item along,
//! and `join` waits for ever. Tokio: `mpsc` forgets an item once it is received. The kit's
//! [`WorkQueue`] hands out a receipt with each item: dropped without `done`, it brings it back.

use async_kit::{Lane, Millis, WorkQueue, knob, say};
use tokio::time::sleep;

/// Six letters: `worker-0` is cancelled in the middle of the first, and nobody can read `????`.
pub(crate) async fn run() -> anyhow::Result<()> {
    let workers = knob("workers", 3, 2..=5_usize);
    let deliveries = knob("deliveries", 3, 1..=5_usize);
    deliver_all(workers, deliveries as u32).await
}

// ANCHOR: redelivery
async fn deliver_all(workers: usize, deliveries: u32) -> anyhow::Result<()> {
    let letters = WorkQueue::bounded(10).max_deliveries(deliveries);
    for letter in ["Ada", "Bob", "????", "Cem", "Dai", "Eva"] {
        letters.send(letter).await?;
    }
    letters.close();
    let worker = |n| tokio::spawn(deliver(letters.clone()).lane(format!("worker-{n}")));
    let workers: Vec<_> = (0..workers).map(worker).collect();
    sleep(10.ms()).await;
    workers[0].abort();
    letters.join().await;
    say!("dead letters: {:?}", letters.dead_letters());
    Ok(())
}

async fn deliver(letters: WorkQueue<&str>) {
    while let Some(letter) = letters.recv().await {
        let attempt = letter.deliveries();
        // Whatever ends this turn before `done` drops the letter, and hands it out again.
        match carry(&letter).step("carrying").await {
            Ok(()) => say!("{} has its letter, attempt {attempt}", letter.done()),
            Err(error) => say!("{error}, attempt {attempt}"),
        }
    }
}

async fn carry(name: &str) -> anyhow::Result<()> {
    sleep(25.ms()).await;
    anyhow::ensure!(name != "????", "nobody can read {name}");
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
    fn a_letter_whose_worker_was_cancelled_is_delivered_next() {
        let seen = seen(2, 3);
        seen.assert_at(25.ms(), "worker-1 Bob has its letter, attempt 1");
        seen.assert_at(50.ms(), "worker-1 Ada has its letter, attempt 2");
    }

    #[test]
    fn a_letter_that_nobody_can_read_ends_among_the_dead_letters_and_holds_up_no_other() {
        for (workers, deliveries) in [(2, 2), (2, 3), (5, 5)] {
            let seen = seen(workers, deliveries);
            let tries = count(&seen, "nobody can read");
            assert_eq!(tries, deliveries as usize, "{seen}");
            assert_eq!(count(&seen, "has its letter"), 5, "{seen}");
            assert_eq!(count(&seen, "dead letters: [\"????\"]"), 1, "{seen}");
        }
    }

    #[test]
    fn an_item_that_may_be_delivered_once_is_a_dead_letter_and_not_lost() {
        let seen = seen(2, 1);
        assert_eq!(count(&seen, "dead letters: [\"Ada\", \"????\"]"), 1, "{seen}");
    }

    #[test]
    fn waiting_for_all_letters_ends_although_a_worker_died() {
        assert_eq!(seen(2, 3).elapsed(), 200.ms());
    }

    #[test]
    fn a_worker_cancelled_at_any_await_leaves_its_letter_to_the_next() {
        let cuts = cancel_at_every_await(
            async || {
                let letters = WorkQueue::bounded(3);
                for letter in ["Ada", "????", "Bob"] {
                    letters.send(letter).await.expect("the queue is open");
                }
                letters.close();
                letters
            },
            async |letters| deliver(letters.clone()).await,
            async |letters, cut| {
                deliver(letters.clone()).await;
                letters.join().await;
                assert_eq!(letters.dead_letters(), ["????"], "{cut}");
            },
        );
        assert_eq!(cuts, 11, "one letter waits three times, the others once");
    }
}
