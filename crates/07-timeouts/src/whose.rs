//! My limit and a timeout that the work itself reports are two types, never one error.
//!
//! asyncio: both are the builtin `TimeoutError` and end in one `except`; only
//! `limit.expired()` tells them apart. Tokio: the limit is the outer `Result`, the work's own
//! error the inner one, and `match` asks about each.

use std::{io, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{error::Elapsed, sleep, timeout};

/// The first sensor answers, the second reports a timeout of its own, the third is too slow.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=1.secs());
    for sensor in SENSORS {
        // What became of it was said, and no sensor fails the section.
        let _ = ask(sensor, limit).await;
    }
    Ok(())
}

struct Sensor {
    name: &'static str,
    takes: u64,
    broken: bool,
}

const SENSORS: [Sensor; 3] = [
    Sensor { name: "kitchen", takes: 50, broken: false },
    Sensor { name: "cellar", takes: 150, broken: true },
    Sensor { name: "garden", takes: 500, broken: false },
];

// ANCHOR: whose
async fn ask(sensor: Sensor, limit: Duration) -> Result<io::Result<u32>, Elapsed> {
    let name = sensor.name;
    let answer = timeout(limit, sensor.read().try_lane(name)).await;
    match &answer {
        Ok(Ok(degrees)) => say!("{name}: {degrees} degrees"),
        Ok(Err(error)) => say!("{name}: failed: {error}"),
        Err(_) => say!("{name}: I gave up"),
    }
    answer
}

impl Sensor {
    async fn read(self) -> io::Result<u32> {
        sleep(self.takes.ms()).step("reading").await;
        match self.broken {
            true => Err(io::Error::new(io::ErrorKind::TimedOut, "timed out")),
            false => Ok(21),
        }
    }
}
// ANCHOR_END: whose

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    /// 0       50      200     400
    /// kitchen ███✓
    /// cellar     ███████✗            its own timeout, after 150 ms
    /// garden            ███████⊘     my limit, after 200 ms
    /// ```
    #[test]
    fn each_timeout_is_told_by_whose_it_is() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.050s] kitchen: 21 degrees",
                "[  0.200s] cellar: failed: timed out",
                "[  0.400s] garden: I gave up",
            ]);
        });
    }

    #[test]
    fn the_works_own_timeout_is_never_taken_for_the_limit() {
        virtual_time(async {
            let [_, cellar, _] = SENSORS;
            let own = ask(cellar, 200.ms()).await.expect("the limit has not passed");
            assert_eq!(own.expect_err("it is broken").kind(), io::ErrorKind::TimedOut);
            let [_, cellar, _] = SENSORS;
            assert!(ask(cellar, 100.ms()).await.is_err(), "now the limit comes first");
        });
    }
}
