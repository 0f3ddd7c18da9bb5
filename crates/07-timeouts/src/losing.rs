//! A `select!` loop that restarts a read in each iteration loses the first value of a pair.
//!
//! asyncio: `wait_for(read_pair(), 0.1)` in a loop does the same, because a cancelled `read_pair`
//! loses the first value. Tokio: a `select!` drops the branches that did not complete. There are two
//! fixes. Create the future outside the loop and select on `&mut` of it: only the reference is
//! dropped, and the next iteration continues the same read. Or store the first value in the reader,
//! and not in a local variable of its future: then the read is cancel safe. (`recv` is cancel safe,
//! by its documentation; a future that calls `recv` twice is not.)

use std::{pin::pin, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, interval_at, sleep},
};

/// A number is sent every 40 ms, and two make a pair. The first tick comes between 3 and 4.
pub(crate) async fn run() -> anyhow::Result<()> {
    let every = knob("tick", 140.ms(), 10.ms()..=1.secs());
    ask("tick=220ms", "which pairs does the restarted read receive?");
    three_loops(every).await
}

async fn three_loops(every: Duration) -> anyhow::Result<()> {
    let restarted = tokio::spawn(restarted_read(numbers(), every).lane("restarted read"));
    let stored = tokio::spawn(stored_half(numbers(), every).lane("stored half"));
    let reused = tokio::spawn(reused_future(numbers(), every).lane("reused future"));
    restarted.await?;
    stored.await?;
    reused.await?;
    Ok(())
}

fn numbers() -> mpsc::Receiver<u32> {
    let (numbers, received) = mpsc::channel(1);
    tokio::spawn(async move {
        for n in 1..=6 {
            sleep(40.ms()).await;
            if numbers.send(n).await.is_err() {
                return;
            }
        }
    });
    received
}

// ANCHOR: losing
async fn restarted_read(mut numbers: mpsc::Receiver<u32>, every: Duration) {
    let mut ticks = interval_at(Instant::now() + every, every);
    loop {
        select! {
            biased;
            // A tick drops this future, together with the first value, if it has received one.
            pair = read_pair(&mut numbers) => match pair {
                Some((a, b)) => say!("receives {a} and {b}"),
                None => return,
            },
            _ = ticks.tick() => say!("gets a tick"),
        }
    }
}

async fn read_pair(numbers: &mut mpsc::Receiver<u32>) -> Option<(u32, u32)> {
    let first = numbers.recv().await?;
    let second = numbers.recv().step("holding half a pair").await?;
    Some((first, second))
}
// ANCHOR_END: losing

// ANCHOR: reusing
async fn reused_future(mut numbers: mpsc::Receiver<u32>, every: Duration) {
    let mut ticks = interval_at(Instant::now() + every, every);
    loop {
        // A tick does not drop this future. The future borrows `numbers` until it completes.
        let mut pair = pin!(read_pair(&mut numbers));
        let pair = loop {
            select! {
                biased;
                pair = &mut pair => break pair,
                _ = ticks.tick() => say!("gets a tick"),
            }
        };
        match pair {
            Some((a, b)) => say!("receives {a} and {b}"),
            None => return,
        }
    }
}
// ANCHOR_END: reusing

// ANCHOR: keeping
async fn stored_half(numbers: mpsc::Receiver<u32>, every: Duration) {
    let mut pairs = Pairs { numbers, first: None };
    let mut ticks = interval_at(Instant::now() + every, every);
    loop {
        select! {
            biased;
            pair = pairs.next() => match pair {
                Some((a, b)) => say!("receives {a} and {b}"),
                None => return,
            },
            _ = ticks.tick() => say!("gets a tick"),
        }
    }
}

struct Pairs {
    numbers: mpsc::Receiver<u32>,
    first: Option<u32>,
}

impl Pairs {
    /// # Cancel safety
    ///
    /// Cancel safe: the first value is stored in `self`, and not in the future.
    async fn next(&mut self) -> Option<(u32, u32)> {
        if self.first.is_none() {
            self.first = Some(self.numbers.recv().await?);
        }
        let second = self.numbers.recv().step("holding half a pair").await?;
        Some((self.first.take()?, second))
    }
}
// ANCHOR_END: keeping

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, cancel_at_every_await, virtual_time};
    use tokio::sync::Mutex;

    use super::*;

    /// ```text
    ///                    40  80  120 140 160 200 240
    /// sent               1   2   3       4   5   6
    /// restarted read         1 2     ×       4 5        3 is lost, 4 is paired with 5, 6 has no pair
    /// stored half            1 2     ·   3 4     5 6
    /// reused future          1 2     ·   3 4     5 6
    /// ```
    #[test]
    fn a_tick_within_a_pair_loses_a_number_only_if_the_read_is_restarted() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.080s] restarted read receives 1 and 2",
                "[  0.080s] stored half receives 1 and 2",
                "[  0.080s] reused future receives 1 and 2",
                "[  0.140s] restarted read gets a tick",
                "[  0.140s] stored half gets a tick",
                "[  0.140s] reused future gets a tick",
                "[  0.160s] stored half receives 3 and 4",
                "[  0.160s] reused future receives 3 and 4",
                "[  0.200s] restarted read receives 4 and 5",
                "[  0.240s] stored half receives 5 and 6",
                "[  0.240s] reused future receives 5 and 6",
            ]);
        });
    }

    #[test]
    fn a_restarted_read_loses_exactly_the_numbers_that_a_tick_interrupts() {
        let all = ["receives 1 and 2", "receives 3 and 4", "receives 5 and 6"];
        let left = [
            (10, &[][..]), // a tick interrupts every pair
            (90, &all),    // the ticks at 90 and 180 ms come between two pairs
            (140, &["receives 1 and 2", "receives 4 and 5"]),
            (220, &["receives 1 and 2", "receives 3 and 4"]),
            (1000, &all), // the numbers end before the first tick
        ];
        for (tick, left) in left {
            let seen = virtual_time(Transcript::of(three_loops(tick.ms())));
            let pairs = |lane| {
                let lines = seen.lines().iter();
                let lines = lines.filter(move |line| line.lane.as_deref() == Some(lane));
                let texts = lines.map(|line| line.text.as_str());
                texts.filter(|text| text.starts_with("receives")).collect::<Vec<_>>()
            };
            assert_eq!(pairs("restarted read"), left, "{seen}");
            assert_eq!(pairs("stored half"), all, "{seen}");
            assert_eq!(pairs("reused future"), all, "{seen}");
        }
    }

    #[test]
    fn a_stored_half_is_not_lost_when_the_read_is_dropped_at_any_await() {
        let cuts = cancel_at_every_await(
            async || Mutex::new(Pairs { numbers: numbers(), first: None }),
            async |pairs| pairs.lock().await.next().await,
            async |pairs, cut| {
                let mut pairs = pairs.lock().await;
                for pair in [(1, 2), (3, 4), (5, 6)] {
                    assert_eq!(pairs.next().await, Some(pair), "{cut}");
                }
                assert_eq!(pairs.next().await, None, "{cut}");
            },
        );
        assert_eq!(
            cuts, 5,
            "one cut before the first poll, and two for each of the two waits"
        );
    }
}
