//! batching3 · 15 minutes · write readings in batches, by size and by time
//!
//! A meter sends readings, sometimes many, sometimes few. A database stores up to four of them in one
//! write. Collect them into batches, and write a batch
//!
//! - immediately when it has four readings,
//! - when its first reading has waited for 100 ms, even if the batch is not full,
//! - immediately when the meter hangs up.
//!
//! Never write an empty batch. Now each reading has a write of its own.
//!
//! Section: `cargo run -p batching -- delay`. Code: crates/08-batching/src/delay.rs.
//! Page: docs/src/08-batching.md.

use async_kit::{Millis, exercise, say};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until, timeout},
};

// TODO: collect the readings into batches.
async fn store(mut readings: mpsc::Receiver<u32>) {
    while let Some(reading) = readings.recv().await {
        write(vec![reading]);
    }
}

/// Do not change it.
fn write(batch: Vec<u32>) {
    say!("writes {batch:?}");
}

/// Do not change it: sends the readings 1, 2, 3 … at these times, in milliseconds, and hangs up.
async fn run(times: &'static [u64], hangs_up: u64) {
    let (meter, readings) = mpsc::channel(16);
    let start = Instant::now();
    tokio::spawn(async move {
        for (reading, at) in (1..).zip(times) {
            sleep_until(start + at.ms()).await;
            meter.send(reading).await.expect("the database is there");
        }
        sleep_until(start + hangs_up.ms()).await;
    });
    let stored = timeout(10.secs(), store(readings));
    stored.await.expect("`store` returns when the meter has hung up");
}

fn main() {
    exercise::show(run(&[0, 10, 20, 30, 250, 320, 380, 510], 550));
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, exercise};

    use super::run;

    fn observed(times: &'static [u64], hangs_up: u64) -> exercise::Observed<()> {
        let run = exercise::observe(run(times, hangs_up));
        run.require(
            run.lines().iter().all(|line| line.text != "writes []"),
            "a batch without readings is written",
            "a batch has at least one reading",
            "Without a reading there is nothing to wait for: the 100 ms begin with the first one.",
        );
        run
    }

    #[test]
    fn check_2_a_batch_is_written_when_it_has_four_readings() {
        let run = observed(&[5, 5, 5, 5, 5, 5, 5, 5, 5, 5], 300);
        run.prints_at(
            5.ms(),
            "writes [5, 6, 7, 8]",
            "A batch has at most four readings, and it is written as soon as it has four.",
        );
        run.prints_at(
            105.ms(),
            "writes [9, 10]",
            "The last two readings do not fill a batch: write it when the first of them has waited for \
             100 ms.",
        );
    }

    #[test]
    fn check_1_the_first_reading_of_a_batch_waits_no_longer_than_100_ms() {
        let run = observed(&[30, 110, 190], 300);
        run.prints_at(
            130.ms(),
            "writes [1, 2]",
            "The 100 ms begin with the first reading of the batch. Each later reading shares its \
             deadline, and does not start a new one; and a clock that ticks every 100 ms does not \
             know when the first reading came.",
        );
        run.prints_at(
            290.ms(),
            "writes [3]",
            "The next batch has a deadline of its own.",
        );
    }

    #[test]
    fn check_3_the_rest_is_written_immediately_when_the_meter_hangs_up() {
        let run = observed(&[0, 10], 40);
        let mistake = "When `recv` returns `None`, the readings that were collected must be \
                       written, without waiting for more.";
        run.prints_at(40.ms(), "writes [1, 2]", mistake).takes(40.ms(), mistake);
    }
}
