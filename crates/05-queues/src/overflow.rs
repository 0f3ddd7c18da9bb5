//! A full queue has one of four policies: wait, refuse, drop the newest item, or drop the oldest.
//!
//! asyncio: `put`; `put_nowait` and its `QueueFull`, handled or ignored; `get_nowait` before
//! `put_nowait`. Tokio: `send`; `try_send` and its error, handled or ignored; and a `broadcast`
//! channel, which overwrites the oldest items and returns the number of them.

use std::{fmt, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc::{self, error::TrySendError},
    },
    time::sleep,
};

const READINGS: u32 = 12;

/// A sensor measures every 10 ms, and its reader needs 33 ms: which readings does the reader use?
pub(crate) async fn run() -> anyhow::Result<()> {
    // A broadcast channel rounds its capacity up to a power of two. The others use the same
    // capacity, so that the policies can be compared.
    let capacity = knob("capacity", 4, 1..=8_usize).next_power_of_two();
    let using = knob("using", 33.ms(), 1.ms()..=100.ms());
    ask("using=5ms", "which policies still lose readings?");
    compare(capacity, using).await
}

async fn compare(capacity: usize, using: Duration) -> anyhow::Result<()> {
    let wait = tokio::spawn(run_policy("sensor-wait", capacity, using, wait));
    let refuse = tokio::spawn(run_policy("sensor-refuse", capacity, using, refuse));
    let drop_newest =
        tokio::spawn(run_policy("sensor-newest", capacity, using, drop_newest));
    let drop_oldest = tokio::spawn(drop_oldest(capacity, using));
    say!("wait: {}", wait.await??);
    say!("refuse: {}", refuse.await??);
    say!("drop the newest: {}", drop_newest.await??);
    say!("drop the oldest: {}", drop_oldest.await??);
    Ok(())
}

/// The readings that the reader used, and the number of lost ones.
#[derive(Default)]
struct Outcome {
    used: Vec<u32>,
    lost: u64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "used {:?}, lost {}", self.used, self.lost)
    }
}

async fn run_policy<F>(
    lane: &str,
    capacity: usize,
    using: Duration,
    sensor: fn(mpsc::Sender<u32>) -> F,
) -> anyhow::Result<Outcome>
where
    F: Future<Output = anyhow::Result<u64>> + Send + 'static,
{
    let (readings, mut queue) = mpsc::channel(capacity);
    let sensor = tokio::spawn(sensor(readings).try_lane(lane));
    let reader = async move {
        let mut used = Vec::new();
        while let Some(reading) = queue.recv().await {
            sleep(using).step("using").await;
            used.push(reading);
        }
        used
    };
    let reader = tokio::spawn(reader.lane("reader"));
    Ok(Outcome { lost: sensor.await??, used: reader.await? })
}

// ANCHOR: overflow
/// Nothing is lost, but the sensor measures nothing while it waits.
async fn wait(queue: mpsc::Sender<u32>) -> anyhow::Result<u64> {
    for reading in 0..READINGS {
        sleep(10.ms()).step("measuring").await;
        queue.send(reading).await?;
    }
    Ok(0)
}

/// The sensor gets the reading back with an error, and decides what to do.
async fn refuse(queue: mpsc::Sender<u32>) -> anyhow::Result<u64> {
    let mut refused = 0;
    for reading in 0..READINGS {
        sleep(10.ms()).step("measuring").await;
        match queue.try_send(reading) {
            Err(TrySendError::Full(reading)) => {
                say!("gets {reading} back: no room");
                refused += 1;
            }
            // If the reader is gone, the sensor fails: no task uses its readings any more.
            sent => sent?,
        }
    }
    Ok(refused)
}

/// The sensor ignores the error, but counts the dropped readings.
async fn drop_newest(queue: mpsc::Sender<u32>) -> anyhow::Result<u64> {
    let mut dropped = 0;
    for reading in 0..READINGS {
        sleep(10.ms()).step("measuring").await;
        dropped += u64::from(queue.try_send(reading).is_err());
    }
    Ok(dropped)
}

/// The reader gets the newest readings, and an error with the number of readings that it missed.
async fn read(mut queue: broadcast::Receiver<u32>, using: Duration) -> Outcome {
    let mut outcome = Outcome::default();
    loop {
        match queue.recv().await {
            Ok(reading) => {
                sleep(using).step("using").await;
                outcome.used.push(reading);
            }
            Err(RecvError::Lagged(missed)) => outcome.lost += missed,
            Err(RecvError::Closed) => return outcome,
        }
    }
}
// ANCHOR_END: overflow

async fn drop_oldest(capacity: usize, using: Duration) -> anyhow::Result<Outcome> {
    let (readings, queue) = broadcast::channel(capacity);
    let sensor = async move {
        for reading in 0..READINGS {
            sleep(10.ms()).step("measuring").await;
            readings.send(reading)?;
        }
        anyhow::Ok(())
    };
    let sensor = tokio::spawn(sensor.try_lane("sensor-oldest"));
    let reader = tokio::spawn(read(queue, using).lane("reader"));
    sensor.await??;
    Ok(reader.await?)
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn seen(capacity: usize, using: u64) -> Transcript {
        virtual_time(Transcript::of(compare(capacity, using.ms())))
    }

    fn outcome(seen: &Transcript, policy: &str) -> String {
        let line = seen.lines().iter().find_map(|line| line.text.strip_prefix(policy));
        line.unwrap_or_else(|| panic!("no outcome of {policy}:\n{seen}")).to_owned()
    }

    #[test]
    fn a_sensor_that_waits_loses_nothing() {
        for (capacity, using) in [(1, 33), (4, 33), (8, 50)] {
            let seen = seen(capacity, using);
            let all: Vec<_> = (0..READINGS).collect();
            assert_eq!(
                outcome(&seen, "wait: "),
                format!("used {all:?}, lost 0"),
                "{seen}"
            );
        }
    }

    #[test]
    fn a_refused_sensor_gets_each_refused_reading_back() {
        let seen = seen(4, 33);
        let refused = seen.lines().iter().filter(|line| line.text.contains("no room"));
        assert_eq!(refused.count(), 4, "{seen}");
        assert_eq!(outcome(&seen, "refuse: "), "used [0, 1, 2, 3, 4, 5, 7, 10], lost 4");
    }

    #[test]
    fn a_sensor_whose_reader_is_gone_fails_although_the_queue_has_room() {
        virtual_time(async {
            let (readings, queue) = mpsc::channel(4);
            drop(queue);
            let refused = refuse(readings).await;
            assert!(refused.is_err(), "{refused:?}");
        });
    }

    #[test]
    fn dropping_the_newest_keeps_old_readings_and_counts_the_lost_ones() {
        let seen = seen(4, 33);
        assert_eq!(
            outcome(&seen, "drop the newest: "),
            "used [0, 1, 2, 3, 4, 5, 7, 10], lost 4"
        );
    }

    #[test]
    fn dropping_the_oldest_keeps_new_readings_and_counts_the_lost_ones() {
        let seen = seen(4, 33);
        assert_eq!(
            outcome(&seen, "drop the oldest: "),
            "used [0, 1, 3, 6, 8, 9, 10, 11], lost 4"
        );
    }

    #[test]
    fn a_reader_that_keeps_up_loses_nothing_with_any_policy() {
        let seen = seen(1, 5);
        for policy in ["wait: ", "refuse: ", "drop the newest: ", "drop the oldest: "] {
            assert!(outcome(&seen, policy).ends_with("lost 0"), "{seen}");
        }
    }
}
