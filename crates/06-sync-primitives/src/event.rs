//! An event, once set, lets every present and every later waiter proceed.
//!
//! asyncio: `asyncio.Event`. Tokio: `Notify` looks like it and is not, because `notify_waiters`
//! wakes only who is waiting at that moment: a task that comes later waits for ever. The kit's
//! `Event` is a flag beside a `Notify`, and remembers.

use std::sync::Arc;

use async_kit::{Event, Lane, Millis, knob, say};
use tokio::time::sleep;

/// Some waiters come early; one comes 100 ms after the event was set.
pub(crate) async fn run() -> anyhow::Result<()> {
    let waiters = knob("waiters", 2, 0..=20);
    early_and_late(waiters).await
}

// ANCHOR: event
async fn early_and_late(waiters: usize) -> anyhow::Result<()> {
    let ready = Arc::new(Event::new());
    let early = |n| tokio::spawn(wait(Arc::clone(&ready)).lane(format!("waiter-{n}")));
    let mut tasks: Vec<_> = (0..waiters).map(early).collect();
    tasks.push(tokio::spawn(set(Arc::clone(&ready)).lane("setter")));
    sleep(300.ms()).await;
    tasks.push(tokio::spawn(wait(ready).lane("latecomer")));
    for task in tasks {
        task.await?;
    }
    Ok(())
}

async fn wait(ready: Arc<Event>) {
    say!("waits");
    ready.wait().await;
    say!("proceeds");
}

async fn set(ready: Arc<Event>) {
    sleep(200.ms()).step("getting ready").await;
    say!("sets the event");
    ready.set();
}
// ANCHOR_END: event

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::{sync::Notify, time::timeout};

    use super::*;

    #[test]
    fn both_waiters_proceed_when_the_event_is_set_and_the_latecomer_at_once() {
        virtual_time(async {
            let seen = Transcript::of(early_and_late(2)).await;
            seen.assert_lines([
                "[  0.000s] waiter-0 waits",
                "[  0.000s] waiter-1 waits",
                "[  0.200s] setter sets the event",
                "[  0.200s] waiter-0 proceeds",
                "[  0.200s] waiter-1 proceeds",
                "[  0.300s] latecomer waits",
                "[  0.300s] latecomer proceeds",
            ]);
        });
    }

    #[test]
    fn a_cleared_event_makes_them_wait_again() {
        virtual_time(async {
            let ready = Event::new();
            ready.set();
            ready.clear();
            assert!(timeout(10.ms(), ready.wait()).await.is_err());
        });
    }

    #[test]
    fn a_bare_notify_forgets_whom_it_did_not_find_waiting() {
        virtual_time(async {
            let ready = Notify::new();
            ready.notify_waiters();
            assert!(timeout(10.ms(), ready.notified()).await.is_err());
        });
    }
}
