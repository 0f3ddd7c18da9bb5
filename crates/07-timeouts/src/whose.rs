//! The caller's timeout and the work's own timeout error have two different types.
//!
//! asyncio: both are the builtin `TimeoutError` and reach the same `except`; only
//! `limit.expired()` distinguishes them. Tokio: the caller's timeout is in the outer `Result`, the
//! work's own error is in the inner one, and a `match` handles both.

use std::{io, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{error::Elapsed, sleep, timeout};

/// The first sensor answers, the second returns its own timeout error, the third is too slow.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limit = knob("limit", 200.ms(), 10.ms()..=1.secs());
    ask("limit=100ms", "whose timeout ends the reading of the cellar?");
    for sensor in SENSORS {
        // Ignore the error: `query` has printed it, and the section continues.
        let _ = query(sensor, limit).await;
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
async fn query(sensor: Sensor, limit: Duration) -> Result<io::Result<u32>, Elapsed> {
    let name = sensor.name;
    let answer = timeout(limit, sensor.read().try_lane(name)).await;
    match &answer {
        Ok(Ok(degrees)) => say!("{name}: {degrees} degrees"),
        Ok(Err(error)) => say!("{name}: failed: {error}"),
        Err(_) => say!("{name}: the caller's timeout expired"),
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
    /// garden            ███████⊘     the caller's timeout, after 200 ms
    /// ```
    #[test]
    fn the_result_distinguishes_the_callers_timeout_from_the_works_own() {
        virtual_time(async {
            Transcript::of(run()).await.assert_lines([
                "[  0.050s] kitchen: 21 degrees",
                "[  0.200s] cellar: failed: timed out",
                "[  0.400s] garden: the caller's timeout expired",
            ]);
        });
    }

    #[test]
    fn the_works_own_timeout_is_never_reported_as_the_callers() {
        virtual_time(async {
            let [_, cellar, _] = SENSORS;
            let own = query(cellar, 200.ms())
                .await
                .expect("the caller's timeout has not expired");
            assert_eq!(own.expect_err("it is broken").kind(), io::ErrorKind::TimedOut);
            let [_, cellar, _] = SENSORS;
            assert!(
                query(cellar, 100.ms()).await.is_err(),
                "now the caller's timeout expires first"
            );
        });
    }
}
