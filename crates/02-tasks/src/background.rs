//! A background task that is asked to stop says goodbye, and is awaited until it has.
//!
//! asyncio: `task.cancel()` raises inside the task, whose `finally` may wait; then `await
//! task`. Tokio: `abort` drops the task where it stands, and a dropped task can wait for
//! nothing. So ask first, with a `CancellationToken`, and await the handle: the task
//! chooses how it ends.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// A heartbeat every 200 ms is stopped after 510 ms, which is between two beats.
pub(crate) async fn run() -> anyhow::Result<()> {
    let every = knob("every", 200.ms(), 10.ms()..=400.ms());
    let stop_at = knob("stop-at", 510.ms(), 10.ms()..=900.ms());
    let beats = beat_for(stop_at, every).await?;
    say!("stopped after {beats} beats");
    Ok(())
}

// ANCHOR: background
async fn beat_for(stop_at: Duration, every: Duration) -> anyhow::Result<u32> {
    let stop = CancellationToken::new();
    let heartbeat = tokio::spawn(heartbeat(stop.clone(), every).lane("heartbeat"));
    // A guard, so that the heartbeat is told even if this function is itself cancelled.
    let stop = stop.drop_guard();
    sleep(stop_at).step("doing other work").lane("main").await;
    drop(stop);
    Ok(heartbeat.await?)
}

async fn heartbeat(stop: CancellationToken, every: Duration) -> u32 {
    let mut ticks = ticks(every);
    let mut beats = 0;
    while stop.run_until_cancelled(ticks.tick()).await.is_some() {
        beats += 1;
        say!("beat {beats}");
    }
    sleep(50.ms()).step("saying goodbye").await;
    say!("goodbye");
    beats
}

fn ticks(every: Duration) -> Interval {
    let mut ticks = interval(every);
    // The default, `Burst`, makes up for every tick that a slow turn has missed.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
// ANCHOR_END: background

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, cancel_at_every_await, virtual_time};
    use tokio::{runtime::Handle, time::Instant};

    use super::*;

    /// ```text
    ///            0    100   200   300   400   500 550
    /// main       ██████████████████████████████✓
    /// heartbeat  1          2           3      ███✓
    /// ```
    #[test]
    fn a_heartbeat_beats_until_it_is_stopped_and_then_says_goodbye() {
        virtual_time(async {
            let (seen, beats) =
                Transcript::with_output(beat_for(500.ms(), 200.ms())).await;
            assert_eq!(beats.unwrap(), 3);
            seen.assert_lines([
                "[  0.000s] heartbeat beat 1",
                "[  0.200s] heartbeat beat 2",
                "[  0.400s] heartbeat beat 3",
                "[  0.550s] heartbeat goodbye",
            ]);
            assert_eq!(seen.elapsed(), 550.ms(), "the goodbye is awaited: {seen}");
        });
    }

    #[test]
    fn the_goodbye_comes_last_and_is_awaited_however_often_the_heart_beats() {
        // Each stop lies between two beats; the first beat comes at once.
        for (every, stop_at, wanted) in
            [(10, 505, 51), (400, 505, 2), (200, 10, 1), (200, 900, 5)]
        {
            let beat = beat_for(stop_at.ms(), every.ms());
            let (seen, beats) = virtual_time(Transcript::with_output(beat));
            assert_eq!(beats.unwrap(), wanted, "{seen}");
            assert_eq!(seen.lines().len() as u32, wanted + 1, "{seen}");
            seen.assert_at((stop_at + 50).ms(), "heartbeat goodbye");
            assert_eq!(seen.elapsed(), (stop_at + 50).ms(), "{seen}");
        }
    }

    #[test]
    fn no_heartbeat_outlives_a_starter_that_was_cancelled() {
        let cuts = cancel_at_every_await(
            async || {},
            async |()| beat_for(500.ms(), 200.ms()).await,
            async |(), cut| {
                let alive = Handle::current().metrics().num_alive_tasks();
                assert_eq!(alive, 0, "tasks still alive: {cut}");
            },
        );
        assert_eq!(cuts, 5, "the sleep and the goodbye");
    }

    #[test]
    fn ticks_missed_by_a_slow_turn_are_not_made_up_for() {
        virtual_time(async {
            let mut ticks = ticks(100.ms());
            ticks.tick().await;
            sleep(350.ms()).await;
            ticks.tick().await;
            let late = Instant::now();
            ticks.tick().await;
            assert_eq!(late.elapsed(), 100.ms());
        });
    }
}
