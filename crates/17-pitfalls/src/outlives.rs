//! A caller that is cancelled leaves the tasks that it spawned running.
//!
//! asyncio: a cancelled caller cancels the task that it awaits. Tokio: the caller is dropped, and
//! with it the handle; the task never hears of it. So a limit around a spawned task stops the
//! wait, not the work, and the work piles up. An `AbortOnDropHandle` hands the cancellation on.

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::gauge::Gauge;

/// Reports take 180 ms each, and nobody waits longer than 50 ms for one.
pub(crate) async fn run() -> anyhow::Result<()> {
    let requests = knob("requests", 3, 1..=5_usize);
    let busy = Gauge::default();
    wrong(requests, &busy).await;
    say!("left running: {} of {requests} still work, for nobody", busy.now());

    let busy = Gauge::default();
    right(requests, &busy).await;
    say!("aborted: {} of {requests} still work", busy.now());
    Ok(())
}

// ANCHOR: outlives
async fn wrong(requests: usize, busy: &Gauge) {
    for n in 1..=requests {
        let report = tokio::spawn(report(busy.clone()).lane(format!("wrong-{n}")));
        let _too_late = timeout(50.ms(), report).await;
    }
}

async fn right(requests: usize, busy: &Gauge) {
    for n in 1..=requests {
        let report = tokio::spawn(report(busy.clone()).lane(format!("right-{n}")));
        let _too_late = timeout(50.ms(), AbortOnDropHandle::new(report)).await;
    }
    // An abort is carried out at the task's next turn.
    sleep(1.ms()).await;
}
// ANCHOR_END: outlives

async fn report(busy: Gauge) {
    let _inside = busy.enter();
    sleep(180.ms()).step("working").await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn a_limit_around_a_plain_handle_stops_no_work_and_around_a_guarded_one_all() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_lines([
            "[  0.150s] left running: 3 of 3 still work, for nobody",
            "[  0.301s] aborted: 0 of 3 still work",
        ]);
        assert_eq!(seen.ending("wrong-1"), Some(Ending::Done), "{seen}");
        assert_eq!(seen.ending("right-1"), Some(Ending::Dropped), "{seen}");
    }
}
