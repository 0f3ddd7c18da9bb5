//! A `next` that changes nothing before it waits loses no number when its reader gives up.
//!
//! A change before an await stays made when the future is dropped there, and nobody gets its
//! result; so it is in both languages. The careless counter counts first and waits then. The careful one counts when
//! nothing can go wrong any more, and keeps its timer, so that the time waited is not lost either.

use std::{pin::Pin, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{Sleep, sleep, timeout};

/// Each number takes 50 ms; the reader's first wait ends after 30.
pub(crate) async fn run() -> anyhow::Result<()> {
    let patience = knob("patience", 30.ms(), 1.ms()..=49.ms());
    let careless = tokio::spawn(read(Careless::default(), patience).lane("careless"));
    let careful = tokio::spawn(read(Careful::default(), patience).lane("careful"));
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

struct Careful {
    count: u32,
    timer: Pin<Box<Sleep>>,
}

impl Numbers for Careful {
    async fn next(&mut self) -> u32 {
        // By reference: if this is dropped here, the timer runs on and nothing has changed.
        self.timer.as_mut().await;
        self.timer.set(sleep(50.ms()));
        self.count += 1;
        self.count
    }
}
// ANCHOR_END: cancel_safe

impl Default for Careful {
    fn default() -> Self {
        Self { count: 0, timer: Box::pin(sleep(50.ms())) }
    }
}

async fn read(mut numbers: impl Numbers, patience: Duration) {
    if timeout(patience, numbers.next()).await.is_err() {
        say!("gives up once");
    }
    for _ in 0..3 {
        say!("reads {}", numbers.next().await);
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn the_careless_counter_loses_one_and_the_careful_one_does_not() {
        virtual_time(async {
            Transcript::of(read(Careless::default(), 30.ms())).await.assert_lines([
                "[  0.030s] gives up once",
                "[  0.080s] reads 2",
                "[  0.130s] reads 3",
                "[  0.180s] reads 4",
            ]);
            Transcript::of(read(Careful::default(), 30.ms())).await.assert_lines([
                "[  0.030s] gives up once",
                "[  0.050s] reads 1",
                "[  0.100s] reads 2",
                "[  0.150s] reads 3",
            ]);
        });
    }
}
