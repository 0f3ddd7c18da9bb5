//! A `next` that changes nothing before it waits loses no number when it is cancelled.
//!
//! In both languages, if a call is cancelled at an await, its changes before that await stay, and its
//! result is lost. The careless counter counts first and then waits. The careful one waits
//! first and counts after its last await. It also keeps its timer, so that the time already waited
//! is not lost.

use std::{pin::Pin, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{Sleep, sleep, timeout};

/// Each number takes 50 ms. The reader's first wait ends after 30 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let patience = knob("patience", 30.ms(), 1.ms()..=49.ms());
    let working = knob("working", 0.ms(), 0.ms()..=100.ms());
    ask("patience=10ms", "when does each counter return its first number?");
    let careless = read(Careless::default(), patience, working).lane("careless counter");
    let careful = read(Careful::default(), patience, working).lane("careful counter");
    let (careless, careful) = (tokio::spawn(careless), tokio::spawn(careful));
    careless.await?;
    Ok(careful.await?)
}

// ANCHOR: cancel_safe
trait Numbers {
    async fn next(&mut self) -> u32;
}

#[derive(Default)]
struct Careless {
    count: u32,
}

impl Numbers for Careless {
    async fn next(&mut self) -> u32 {
        self.count += 1;
        sleep(50.ms()).await;
        self.count
    }
}

#[derive(Default)]
struct Careful {
    count: u32,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Numbers for Careful {
    async fn next(&mut self) -> u32 {
        // The timer is awaited by reference: if this call is dropped here, the timer keeps
        // running, and nothing is counted.
        self.timer.get_or_insert_with(|| Box::pin(sleep(50.ms()))).await;
        self.timer = None;
        self.count += 1;
        self.count
    }
}
// ANCHOR_END: cancel_safe

async fn read(mut numbers: impl Numbers, patience: Duration, working: Duration) {
    if timeout(patience, numbers.next()).await.is_err() {
        say!("times out once");
    }
    for _ in 0..3 {
        say!("returns {}", numbers.next().await);
        sleep(working).await;
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, cancel_at_every_await, virtual_time};
    use tokio::sync::Mutex;

    use super::*;

    #[test]
    fn the_careless_counter_loses_one_and_the_careful_one_does_not() {
        virtual_time(async {
            Transcript::of(read(Careless::default(), 30.ms(), 0.ms()))
                .await
                .assert_lines([
                    "[  0.030s] times out once",
                    "[  0.080s] returns 2",
                    "[  0.130s] returns 3",
                    "[  0.180s] returns 4",
                ]);
            Transcript::of(read(Careful::default(), 30.ms(), 0.ms())).await.assert_lines(
                [
                    "[  0.030s] times out once",
                    "[  0.050s] returns 1",
                    "[  0.100s] returns 2",
                    "[  0.150s] returns 3",
                ],
            );
        });
    }

    /// ```text
    /// 0   50  100 150 200
    /// ░░░░1░░░2███░░░░3███        the wait for 3 begins after the reader's work on 2
    /// ```
    #[test]
    fn a_number_takes_its_full_time_even_after_a_reader_that_worked_long() {
        virtual_time(async {
            let seen = Transcript::of(read(Careful::default(), 51.ms(), 50.ms())).await;
            seen.assert_at(100.ms(), "returns 2");
            seen.assert_at(200.ms(), "returns 3");
        });
    }

    #[test]
    fn a_careful_next_dropped_at_any_await_counts_nothing() {
        let cuts = cancel_at_every_await(
            async || Mutex::new(Careful::default()),
            async |numbers| numbers.lock().await.next().await,
            async |numbers, cut| {
                assert_eq!(numbers.lock().await.next().await, 1, "{cut}");
            },
        );
        assert_eq!(cuts, 3);
    }
}
