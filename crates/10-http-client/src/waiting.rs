//! A wait for a free slot is not a part of connecting, so it needs its own timeout.
//!
//! asyncio: `aiohttp.ClientTimeout(connect=…)` also counts the wait for a slot in the pool. If the
//! client is busy, it reports a healthy server as unreachable. Tokio: reqwest has no slots to wait
//! for. A program that adds them acquires the slot first, and only then starts the timeout of the
//! connection.

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, TimeLimit, TimedOut, ask, knob, say};
use tokio::{sync::Semaphore, time::sleep};

/// Four requests share one slot; connecting takes 10 ms, and the answer takes 60 ms more.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limits = Limits {
        slot: knob("slot", 200.ms(), 1.ms()..=1.secs()),
        connect: knob("connect", 100.ms(), 1.ms()..=1.secs()),
    };
    ask("slot=300ms", "how many requests fail with one limit, and with two limits?");
    all_four("one limit", limits, send_with_one_limit).await?;
    all_four("two limits", limits, send).await
}

// ANCHOR: waiting
#[derive(Clone, Copy)]
struct Limits {
    slot: Duration,
    connect: Duration,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no free slot: {0}")]
    Slot(TimedOut),
    #[error("no connection: {0}")]
    Connect(TimedOut),
}

async fn send(slots: Arc<Semaphore>, limits: Limits) -> Result<(), Failure> {
    let slot = slots.acquire().within(limits.slot).await.map_err(Failure::Slot)?;
    let _slot = slot.expect("the semaphore is never closed");
    connect().within(limits.connect).await.map_err(Failure::Connect)?;
    read_answer().await;
    Ok(())
}

/// What not to do: the timeout of the connection runs before the request starts to connect.
async fn send_with_one_limit(
    slots: Arc<Semaphore>,
    limits: Limits,
) -> Result<(), Failure> {
    let connected = async {
        let slot = slots.acquire().await.expect("the semaphore is never closed");
        connect().await;
        slot
    };
    let _slot = connected.within(limits.connect).await.map_err(Failure::Connect)?;
    read_answer().await;
    Ok(())
}
// ANCHOR_END: waiting

async fn connect() {
    sleep(10.ms()).step("connecting").await;
}

async fn read_answer() {
    sleep(60.ms()).step("reading").await;
}

async fn all_four<F>(
    version: &str,
    limits: Limits,
    send: fn(Arc<Semaphore>, Limits) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let slots = Arc::new(Semaphore::new(1));
    let start = |n| {
        let request = report(send(Arc::clone(&slots), limits));
        tokio::spawn(request.try_lane(format!("{version} {n}")))
    };
    for request in (1..=4).map(start).collect::<Vec<_>>() {
        // Ignore the error: the task has printed it, and the section continues.
        let _ = request.await?;
    }
    Ok(())
}

async fn report(
    request: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let outcome = request.await;
    match &outcome {
        Ok(()) => say!("answered"),
        Err(failure) => say!("{failure}"),
    }
    outcome
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    /// ```text
    ///              0         70  100   140
    /// one limit 1  ██████████✓
    /// one limit 2  ░░░░░░░░░░██████████✓
    /// one limit 3  ░░░░░░░░░░░░░░✗          the server was healthy all the time
    /// ```
    #[test]
    fn one_limit_for_both_blames_a_healthy_server() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(140.ms(), "one limit 2 answered");
        seen.assert_at(100.ms(), "one limit 3 no connection: not ready within 100ms");
        seen.assert_at(100.ms(), "one limit 4 no connection: not ready within 100ms");
    }

    /// The second half begins at 140 ms.
    #[test]
    fn a_wait_for_a_slot_is_never_reported_as_a_failed_connection() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(350.ms(), "two limits 3 answered");
        seen.assert_at(340.ms(), "two limits 4 no free slot: not ready within 200ms");
        assert_eq!(seen.peak("connecting"), 1, "{seen}");
    }

    #[test]
    fn a_slow_connection_is_reported_as_one_when_a_slot_was_free() {
        virtual_time(async {
            let limits = Limits { slot: 1.secs(), connect: 5.ms() };
            let outcome = send(Arc::new(Semaphore::new(1)), limits).await;
            assert!(matches!(outcome, Err(Failure::Connect(_))), "{outcome:?}");
        });
    }
}
