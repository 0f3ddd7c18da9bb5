//! A `select!` loop that restarts a read on each turn loses the half that it has read.
//!
//! asyncio: `wait_for(read_pair(), 0.1)` in a loop does the same, since a cancelled `read_pair`
//! takes its first half with it. Tokio: a `select!` drops the futures that did not win. There are
//! two cures. Create the future outside the loop and select on `&mut` of it: only the reference is
//! dropped, and the next turn continues the same read. Or store the half in the reader and not in a
//! local variable of its future: then the read is cancel safe. (`recv` is cancel safe, by its
//! documentation; two in a row are not.)

use std::{pin::pin, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    select,
    sync::mpsc,
    time::{Instant, interval_at, sleep},
};

/// A number comes every 40 ms, and two make a pair. A tick comes every 140 ms, between 3 and 4.
pub(crate) async fn run() -> anyhow::Result<()> {
    let every = knob("tick", 140.ms(), 10.ms()..=1.secs());
    ask("tick=110ms", "which number does the first loop lose?");
    three_loops(every).await
}

async fn three_loops(every: Duration) -> anyhow::Result<()> {
    let loses = tokio::spawn(loses(numbers(), every).lane("loses"));
    let keeps = tokio::spawn(keeps(numbers(), every).lane("keeps"));
    let reuses = tokio::spawn(reuses(numbers(), every).lane("reuses"));
    loses.await?;
    keeps.await?;
    reuses.await?;
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
async fn loses(mut numbers: mpsc::Receiver<u32>, every: Duration) {
    let mut ticks = interval_at(Instant::now() + every, every);
    loop {
        select! {
            biased;
            // A tick drops this future, and with it the half that it may hold.
            pair = read_pair(&mut numbers) => match pair {
                Some((a, b)) => say!("pair {a} {b}"),
                None => return,
            },
            _ = ticks.tick() => say!("tick"),
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
async fn reuses(mut numbers: mpsc::Receiver<u32>, every: Duration) {
    let mut ticks = interval_at(Instant::now() + every, every);
    loop {
        // A tick does not drop it. Until it is done, it borrows `numbers`.
        let mut pair = pin!(read_pair(&mut numbers));
        let pair = loop {
            select! {
                biased;
                pair = &mut pair => break pair,
                _ = ticks.tick() => say!("tick"),
            }
        };
        match pair {
            Some((a, b)) => say!("pair {a} {b}"),
            None => return,
        }
    }
}
// ANCHOR_END: reusing

// ANCHOR: keeping
async fn keeps(numbers: mpsc::Receiver<u32>, every: Duration) {
    let mut pairs = Pairs { numbers, first: None };
    let mut ticks = interval_at(Instant::now() + every, every);
    loop {
        select! {
            biased;
            pair = pairs.next() => match pair {
                Some((a, b)) => say!("pair {a} {b}"),
                None => return,
            },
            _ = ticks.tick() => say!("tick"),
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
    /// Cancel safe: the first half waits in `self` for the second.
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
    ///        40  80  120 140 160 200 240
    /// sent   1   2   3       4   5   6
    /// loses      1 2     ×       4 5        3 is lost, 4 is paired with 5, 6 stays alone
    /// keeps      1 2     ·   3 4     5 6
    /// reuses     1 2     ·   3 4     5 6
    /// ```
    #[test]
    fn a_tick_between_two_halves_loses_one_only_in_the_loop_that_drops_its_read() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.080s] loses pair 1 2",
                "[  0.080s] keeps pair 1 2",
                "[  0.080s] reuses pair 1 2",
                "[  0.140s] loses tick",
                "[  0.140s] keeps tick",
                "[  0.140s] reuses tick",
                "[  0.160s] keeps pair 3 4",
                "[  0.160s] reuses pair 3 4",
                "[  0.200s] loses pair 4 5",
                "[  0.240s] keeps pair 5 6",
                "[  0.240s] reuses pair 5 6",
            ]);
        });
    }

    #[test]
    fn a_restarted_read_loses_exactly_the_halves_that_a_tick_interrupts() {
        let all = ["pair 1 2", "pair 3 4", "pair 5 6"];
        let left = [
            (10, &[][..]), // a tick interrupts every half
            (90, &all),    // 90 and 180 lie between two pairs
            (140, &["pair 1 2", "pair 4 5"]),
            (1000, &all), // the numbers end before the first tick
        ];
        for (tick, left) in left {
            let seen = virtual_time(Transcript::of(three_loops(tick.ms())));
            let pairs = |lane| {
                let lines = seen.lines().iter();
                let lines = lines.filter(move |line| line.lane.as_deref() == Some(lane));
                let texts = lines.map(|line| line.text.as_str());
                texts.filter(|text| text.starts_with("pair")).collect::<Vec<_>>()
            };
            assert_eq!(pairs("loses"), left, "{seen}");
            assert_eq!(pairs("keeps"), all, "{seen}");
            assert_eq!(pairs("reuses"), all, "{seen}");
        }
    }

    #[test]
    fn a_read_of_a_pair_that_is_dropped_at_any_await_loses_no_half() {
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
        assert_eq!(cuts, 5, "two waits, each dropped while waiting and when woken");
    }
}
