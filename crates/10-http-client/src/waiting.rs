//! A wait for a free place is no part of connecting, and so it has a limit of its own.
//!
//! asyncio: `aiohttp.ClientTimeout(connect=…)` also counts the wait for a place in the pool. With a
//! healthy server and a busy client it reports that the server cannot be reached. Tokio: reqwest has
//! no places to wait for; who adds them takes the place first, and only then starts the clock of
//! the connection.

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, TimeLimit, TimedOut, knob, say};
use tokio::{sync::Semaphore, time::sleep};

/// Four requests want the only place; connecting takes 10 ms and the answer 60 ms more.
pub(crate) async fn run() -> anyhow::Result<()> {
    let limits = Limits {
        slot: knob("slot", 200.ms(), 1.ms()..=1.secs()),
        connect: knob("connect", 100.ms(), 1.ms()..=1.secs()),
    };
    all_four("as one", limits, ask_in_one).await?;
    all_four("apart", limits, ask).await
}

// ANCHOR: waiting
#[derive(Clone, Copy)]
struct Limits {
    slot: Duration,
    connect: Duration,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no place: {0}")]
    Slot(TimedOut),
    #[error("no connection: {0}")]
    Connect(TimedOut),
}

async fn ask(place: Arc<Semaphore>, limits: Limits) -> Result<(), Failure> {
    let place = place.acquire().within(limits.slot).await.map_err(Failure::Slot)?;
    let _place = place.expect("nobody closes it");
    connect().within(limits.connect).await.map_err(Failure::Connect)?;
    answer().await;
    Ok(())
}

/// What not to do: the limit of the connection runs while there is no connection to wait for.
async fn ask_in_one(place: Arc<Semaphore>, limits: Limits) -> Result<(), Failure> {
    let connected = async {
        let place = place.acquire().await.expect("nobody closes it");
        connect().await;
        place
    };
    let _place = connected.within(limits.connect).await.map_err(Failure::Connect)?;
    answer().await;
    Ok(())
}
// ANCHOR_END: waiting

async fn connect() {
    sleep(10.ms()).step("connecting").await;
}

async fn answer() {
    sleep(60.ms()).step("reading").await;
}

async fn all_four<F>(
    way: &str,
    limits: Limits,
    ask: fn(Arc<Semaphore>, Limits) -> F,
) -> anyhow::Result<()>
where
    F: Future<Output = Result<(), Failure>> + Send + 'static,
{
    let place = Arc::new(Semaphore::new(1));
    let start = |n| {
        let asked = tell(ask(Arc::clone(&place), limits));
        tokio::spawn(asked.try_lane(format!("{way} {n}")))
    };
    for asked in (1..=4).map(start).collect::<Vec<_>>() {
        // Each failure was said, and is what this section shows.
        let _ = asked.await?;
    }
    Ok(())
}

async fn tell(asked: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let outcome = asked.await;
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
    /// 0          70         100        140        200  210
    /// as one 1   ██████████✓
    /// as one 2   ░░░░░░░░░░█████████████✓
    /// as one 3   ░░░░░░░░░░░░░░░✗           the server was healthy all the time
    /// ```
    #[test]
    fn one_limit_for_both_blames_a_healthy_server() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(140.ms(), "as one 2 answered");
        seen.assert_at(100.ms(), "as one 3 no connection: not ready within 100ms");
        seen.assert_at(100.ms(), "as one 4 no connection: not ready within 100ms");
    }

    /// The second play begins at 140 ms.
    #[test]
    fn a_wait_for_a_place_is_never_called_a_failed_connection() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(350.ms(), "apart 3 answered");
        seen.assert_at(340.ms(), "apart 4 no place: not ready within 200ms");
        assert_eq!(seen.peak("connecting"), 1, "{seen}");
    }

    #[test]
    fn a_slow_connection_is_called_one_although_the_place_came_at_once() {
        virtual_time(async {
            let limits = Limits { slot: 1.secs(), connect: 5.ms() };
            let outcome = ask(Arc::new(Semaphore::new(1)), limits).await;
            assert!(matches!(outcome, Err(Failure::Connect(_))), "{outcome:?}");
        });
    }
}
