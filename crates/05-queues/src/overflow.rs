//! A full queue has four answers: wait, refuse, drop what is new, or drop what is old.
//!
//! asyncio: `put`; `put_nowait` and its `QueueFull`, heard or ignored; `get_nowait` before
//! `put_nowait`. Tokio: `send`; `try_send` and its error, heard or ignored; and a `broadcast`
//! channel, which overwrites the oldest and tells how many.

use std::{fmt, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc::{self, error::TrySendError},
    },
    time::sleep,
};

const READINGS: u32 = 12;

/// A sensor measures every 10 ms, its reader needs 33 ms: which readings does it get to see?
pub(crate) async fn run() -> anyhow::Result<()> {
    // A broadcast channel rounds its capacity up like this; the others follow, to compare.
    let capacity = knob("capacity", 4, 1..=8_usize).next_power_of_two();
    let using = knob("using", 33.ms(), 1.ms()..=100.ms());
    compare(capacity, using).await
}

async fn compare(capacity: usize, using: Duration) -> anyhow::Result<()> {
    let wait = tokio::spawn(through("wait", capacity, using, wait));
    let refuse = tokio::spawn(through("refuse", capacity, using, refuse));
    let drop_newest = tokio::spawn(through("newest", capacity, using, drop_newest));
    let drop_oldest = tokio::spawn(drop_oldest(capacity, using));
    say!("wait: {}", wait.await??);
    say!("refuse: {}", refuse.await??);
    say!("drop the newest: {}", drop_newest.await??);
    say!("drop the oldest: {}", drop_oldest.await??);
    Ok(())
}

/// What became of the readings.
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

async fn through<F>(
    name: &str,
    capacity: usize,
    using: Duration,
    sensor: fn(mpsc::Sender<u32>) -> F,
) -> anyhow::Result<Outcome>
where
    F: Future<Output = anyhow::Result<u64>> + Send + 'static,
{
    let (readings, mut queue) = mpsc::channel(capacity);
    let sensor = tokio::spawn(sensor(readings).try_lane(name));
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
/// Nothing is lost, but the sensor falls behind.
async fn wait(queue: mpsc::Sender<u32>) -> anyhow::Result<u64> {
    for reading in 0..READINGS {
        sleep(10.ms()).step("measuring").await;
        queue.send(reading).await?;
    }
    Ok(0)
}

/// The sensor hears of it, has the reading back, and decides what to do.
async fn refuse(queue: mpsc::Sender<u32>) -> anyhow::Result<u64> {
    let mut refused = 0;
    for reading in 0..READINGS {
        sleep(10.ms()).step("measuring").await;
        match queue.try_send(reading) {
            Err(TrySendError::Full(reading)) => {
                say!("hears that there is no room for {reading}");
                refused += 1;
            }
            // Without a reader nothing will ever be used, whatever room there is.
            sent => sent?,
        }
    }
    Ok(refused)
}

/// Nobody hears of it: so at least count.
async fn drop_newest(queue: mpsc::Sender<u32>) -> anyhow::Result<u64> {
    let mut dropped = 0;
    for reading in 0..READINGS {
        sleep(10.ms()).step("measuring").await;
        dropped += u64::from(queue.try_send(reading).is_err());
    }
    Ok(dropped)
}

/// The reader sees the freshest readings, and learns how many it missed.
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
    let sensor = tokio::spawn(sensor.try_lane("oldest"));
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

    fn said(seen: &Transcript, policy: &str) -> String {
        let line = seen.lines().iter().find_map(|line| line.text.strip_prefix(policy));
        line.unwrap_or_else(|| panic!("nothing of {policy}:\n{seen}")).to_owned()
    }

    #[test]
    fn a_sensor_that_waits_loses_nothing() {
        for (capacity, using) in [(1, 33), (4, 33), (8, 50)] {
            let seen = seen(capacity, using);
            let all: Vec<_> = (0..READINGS).collect();
            assert_eq!(said(&seen, "wait: "), format!("used {all:?}, lost 0"), "{seen}");
        }
    }

    #[test]
    fn a_refused_sensor_hears_of_every_reading_it_keeps() {
        let seen = seen(4, 33);
        let refused = seen.lines().iter().filter(|line| line.text.contains("no room"));
        assert_eq!(refused.count(), 4, "{seen}");
        assert_eq!(said(&seen, "refuse: "), "used [0, 1, 2, 3, 4, 5, 7, 10], lost 4");
    }

    #[test]
    fn a_refused_sensor_does_not_take_a_reader_that_is_gone_for_room() {
        virtual_time(async {
            let (readings, queue) = mpsc::channel(4);
            drop(queue);
            let refused = refuse(readings).await;
            assert!(refused.is_err(), "{refused:?}");
        });
    }

    #[test]
    fn dropping_the_newest_keeps_what_is_stale_and_counts_what_is_lost() {
        let seen = seen(4, 33);
        assert_eq!(
            said(&seen, "drop the newest: "),
            "used [0, 1, 2, 3, 4, 5, 7, 10], lost 4"
        );
    }

    #[test]
    fn dropping_the_oldest_keeps_what_is_fresh_and_counts_what_is_lost() {
        let seen = seen(4, 33);
        assert_eq!(
            said(&seen, "drop the oldest: "),
            "used [0, 1, 3, 6, 8, 9, 10, 11], lost 4"
        );
    }

    #[test]
    fn a_reader_that_keeps_up_loses_nothing_whatever_the_answer() {
        let seen = seen(1, 5);
        for policy in ["wait: ", "refuse: ", "drop the newest: ", "drop the oldest: "] {
            assert!(said(&seen, policy).ends_with("lost 0"), "{seen}");
        }
    }
}
