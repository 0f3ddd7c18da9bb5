//! A cancelled caller leaves the tasks that it spawned running.
//!
//! asyncio: a cancelled caller also cancels the task that it awaits. Tokio: the caller and its handle
//! are dropped, but the task continues. So a timeout around the handle ends the wait, not the work,
//! and such tasks accumulate. An `AbortOnDropHandle` aborts the task when it is dropped.

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::gauge::Gauge;

/// Reports take 280 ms each, and the caller waits at most 50 ms for each.
pub(crate) async fn run() -> anyhow::Result<()> {
    let requests = knob("requests", 3, 1..=10_usize);
    ask("requests=8", "how many tasks are still running if they are not aborted?");
    let busy = Gauge::default();
    wrong(requests, &busy).await;
    say!("not aborted: {} of {requests} tasks are still running", busy.now());

    let busy = Gauge::default();
    right(requests, &busy).await;
    say!("aborted: {} of {requests} tasks are still running", busy.now());
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
    // An aborted task is dropped when the runtime next schedules it.
    sleep(1.ms()).await;
}
// ANCHOR_END: outlives

async fn report(busy: Gauge) {
    let _running = busy.enter();
    sleep(280.ms()).step("working").await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};

    use super::*;

    #[test]
    fn a_timeout_stops_a_task_only_through_an_abort_on_drop_handle() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_lines([
            "[  0.150s] not aborted: 3 of 3 tasks are still running",
            "[  0.301s] aborted: 0 of 3 tasks are still running",
        ]);
        assert_eq!(seen.ending("wrong-1"), Some(Ending::Done), "{seen}");
        assert_eq!(seen.ending("right-1"), Some(Ending::Dropped), "{seen}");
    }
}
