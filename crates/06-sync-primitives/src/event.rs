//! Once an event is set, every current and every later waiter proceeds.
//!
//! asyncio: `asyncio.Event`. Tokio: `Notify` looks similar, but `notify_waiters` wakes only the
//! tasks that wait at that moment: a task that comes later waits forever. A `watch` of a `bool`
//! stores its state and can be cleared, but it has two ends and wakes its waiters in no fixed
//! order. (If you never clear the flag, use a `CancellationToken`.) The kit's `Event` stores its
//! state, has one end, and wakes its waiters in FIFO order.

use std::sync::Arc;

use async_kit::{Event, Lane, Millis, ask, knob, say};
use tokio::{sync::watch, time::sleep};

/// First with plain Tokio. Then some tasks wait before the event is set, and one 100 ms after it.
pub(crate) async fn run() -> anyhow::Result<()> {
    let waiters = knob("waiters", 2, 0..=20);
    ask("waiters=5", "in which order do the five waiters proceed?");
    with_watch().await?;
    early_and_late(waiters).await
}

// ANCHOR: plain
async fn with_watch() -> anyhow::Result<()> {
    let (ready, seen) = watch::channel(false);
    let early = tokio::spawn(wait_for_flag(seen.clone()).lane("early watcher"));
    sleep(100.ms()).await;
    say!("the flag is set");
    ready.send_replace(true);
    tokio::spawn(wait_for_flag(seen).lane("late watcher")).await??;
    early.await?
}

async fn wait_for_flag(mut ready: watch::Receiver<bool>) -> anyhow::Result<()> {
    say!("waits");
    // An error means that the sender was dropped, so the flag can no longer be set.
    ready.wait_for(|set| *set).await?;
    say!("proceeds");
    Ok(())
}
// ANCHOR_END: plain

// ANCHOR: event
async fn early_and_late(waiters: usize) -> anyhow::Result<()> {
    let ready = Arc::new(Event::new());
    let early = |n| tokio::spawn(wait(Arc::clone(&ready)).lane(format!("waiter-{n}")));
    let mut tasks: Vec<_> = (0..waiters).map(early).collect();
    tasks.push(tokio::spawn(set(Arc::clone(&ready)).lane("setter")));
    sleep(300.ms()).await;
    tasks.push(tokio::spawn(wait(ready).lane("late waiter")));
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
    fn waiters_proceed_when_the_event_is_set_and_a_late_one_immediately() {
        virtual_time(async {
            let seen = Transcript::of(early_and_late(2)).await;
            seen.assert_lines([
                "[  0.000s] waiter-0 waits",
                "[  0.000s] waiter-1 waits",
                "[  0.200s] setter sets the event",
                "[  0.200s] waiter-0 proceeds",
                "[  0.200s] waiter-1 proceeds",
                "[  0.300s] late waiter waits",
                "[  0.300s] late waiter proceeds",
            ]);
        });
    }

    #[test]
    fn any_number_of_waiters_proceed_at_the_same_time_in_fifo_order() {
        for waiters in [0, 1, 20] {
            let seen = virtual_time(Transcript::of(early_and_late(waiters)));
            let released = seen.lines().iter().filter(|line| line.at == 200.ms()).skip(1);
            let released: Vec<_> = released.map(ToString::to_string).collect();
            let wanted: Vec<_> =
                (0..waiters).map(|n| format!("[  0.200s] waiter-{n} proceeds")).collect();
            assert_eq!(released, wanted, "{seen}");
            seen.assert_at(300.ms(), "late waiter proceeds");
        }
    }

    #[test]
    fn a_watch_of_a_flag_remembers_it_for_a_late_watcher() {
        virtual_time(async {
            Transcript::of(with_watch()).await.assert_lines([
                "[  0.000s] early watcher waits",
                "[  0.100s] the flag is set",
                "[  0.100s] early watcher proceeds",
                "[  0.100s] late watcher waits",
                "[  0.100s] late watcher proceeds",
            ]);
        });
    }

    #[test]
    fn a_watch_reports_that_its_sender_was_dropped() {
        virtual_time(async {
            let (ready, seen) = watch::channel(false);
            drop(ready);
            assert!(wait_for_flag(seen).await.is_err());
        });
    }

    #[test]
    fn a_cleared_event_makes_a_waiter_wait_again() {
        virtual_time(async {
            let ready = Event::new();
            ready.set();
            ready.clear();
            assert!(timeout(10.ms(), ready.wait()).await.is_err());
        });
    }

    #[test]
    fn a_bare_notify_does_not_wake_a_task_that_waits_later() {
        virtual_time(async {
            let ready = Notify::new();
            ready.notify_waiters();
            assert!(timeout(10.ms(), ready.notified()).await.is_err());
        });
    }
}
