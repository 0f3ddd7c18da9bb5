//! A background task that is asked to stop can finish its cleanup, and its owner awaits the end.
//!
//! asyncio: `task.cancel()` raises inside the task, whose `finally` may await; then the owner awaits
//! the task. Tokio: `abort` drops the task at its current await, and a dropped task cannot await
//! anything. So request the stop with a `CancellationToken` and await the handle: then the task
//! itself decides how it ends.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{Interval, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// A heartbeat with a beat every 200 ms is stopped after 510 ms, which is between two beats.
pub(crate) async fn run() -> anyhow::Result<()> {
    let every = knob("every", 200.ms(), 10.ms()..=400.ms());
    let stop_at = knob("stop-at", 510.ms(), 10.ms()..=900.ms());
    ask("every=400ms", "how many beats come before the stop?");
    let beats = beat_for(stop_at, every).await?;
    say!("stopped after {beats} beats");
    Ok(())
}

// ANCHOR: background
async fn beat_for(stop_at: Duration, every: Duration) -> anyhow::Result<u32> {
    let stop = CancellationToken::new();
    let heartbeat = tokio::spawn(heartbeat(stop.clone(), every).lane("heartbeat"));
    // The guard cancels the token when it is dropped, so the heartbeat stops even if this
    // function itself is cancelled.
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
        say!("sends beat {beats}");
    }
    sleep(50.ms()).step("saying goodbye").await;
    say!("says goodbye");
    beats
}

fn ticks(every: Duration) -> Interval {
    let mut ticks = interval(every);
    // With the default, `Burst`, all ticks that were missed during slow work follow immediately.
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
                "[  0.000s] heartbeat sends beat 1",
                "[  0.200s] heartbeat sends beat 2",
                "[  0.400s] heartbeat sends beat 3",
                "[  0.550s] heartbeat says goodbye",
            ]);
            assert_eq!(seen.elapsed(), 550.ms(), "the goodbye must be awaited: {seen}");
        });
    }

    #[test]
    fn the_goodbye_comes_last_and_is_awaited_for_any_number_of_beats() {
        // Each stop is between two beats; the first beat comes immediately.
        for (every, stop_at, wanted) in
            [(10, 505, 51), (400, 505, 2), (200, 10, 1), (200, 900, 5)]
        {
            let beat = beat_for(stop_at.ms(), every.ms());
            let (seen, beats) = virtual_time(Transcript::with_output(beat));
            assert_eq!(beats.unwrap(), wanted, "{seen}");
            assert_eq!(seen.lines().len() as u32, wanted + 1, "{seen}");
            seen.assert_at((stop_at + 50).ms(), "heartbeat says goodbye");
            assert_eq!(seen.elapsed(), (stop_at + 50).ms(), "{seen}");
        }
    }

    #[test]
    fn no_heartbeat_outlives_its_cancelled_owner() {
        let cuts = cancel_at_every_await(
            async || {},
            async |()| beat_for(500.ms(), 200.ms()).await,
            async |(), cut| {
                let alive = Handle::current().metrics().num_alive_tasks();
                assert_eq!(alive, 0, "tasks still alive: {cut}");
            },
        );
        assert_eq!(
            cuts, 5,
            "one cut before the first poll, and two for each of the two waits"
        );
    }

    #[test]
    fn ticks_missed_during_slow_work_are_skipped() {
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
