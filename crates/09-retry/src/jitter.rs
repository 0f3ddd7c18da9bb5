//! Clients that failed together come back together, unless chance draws them apart.
//!
//! An outage is what makes clients meet: all of them fail in the same moment, and with equal
//! delays all of them return in the same moment, however long the delays are. In both languages
//! the cure is one draw: wait for any time between zero and the delay ("full jitter").

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_kit::{Backoff, Jitter, Lane, Retry, RetryError, knob, say};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, sleep_until},
};

const DELAY: Duration = Duration::from_millis(200);
const CALL: Duration = Duration::from_millis(10);

/// Twenty clients call in one moment, first with equal delays, then with drawn ones.
pub(crate) async fn run() -> anyhow::Result<()> {
    let clients = knob("clients", 20, 1..=40);
    let capacity = knob("capacity", 5, 1..=20);
    let [equal, drawn] = two_bursts(clients, capacity).await?;
    equal.tell("without jitter");
    drawn.tell("with jitter");
    Ok(())
}

// ANCHOR: jitter
async fn client(
    n: usize,
    jitter: Jitter,
    server: &Server,
) -> Result<(), RetryError<Full>> {
    // Only so that every run draws the same: leave out the seed, and each client draws its own.
    let backoff = Backoff::fixed(DELAY).jitter(jitter).seed(n as u64);
    Retry::new(backoff).attempts(u32::MAX).run(|| server.call()).await
}
// ANCHOR_END: jitter

async fn two_bursts(clients: usize, capacity: usize) -> anyhow::Result<[Burst; 2]> {
    let start = Instant::now();
    // Equal delays serve one group after the other; then the second burst has the server alone.
    let over = start + (CALL + DELAY) * clients.div_ceil(capacity) as u32;
    let equal = Arc::new(Server::new(capacity, start));
    let drawn = Arc::new(Server::new(capacity, over));
    let spawn = |n| {
        let (equal, drawn) = (Arc::clone(&equal), Arc::clone(&drawn));
        let both = async move {
            client(n, Jitter::None, &equal).await?;
            sleep_until(over).await;
            client(n, Jitter::Full, &drawn).await
        };
        tokio::spawn(both.lane(format!("client-{n}")))
    };
    for client in (0..clients).map(spawn).collect::<Vec<_>>() {
        client.await??;
    }
    Ok([equal.burst(), drawn.burst()])
}

/// Serves so many calls at once, and refuses the rest.
struct Server {
    room: Semaphore,
    start: Instant,
    burst: Mutex<Burst>,
}

/// What a server saw.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Burst {
    calls: usize,
    refused: usize,
    /// From the start to the end of the last call that was served.
    took: Duration,
}

#[derive(Debug, thiserror::Error)]
#[error("the server is full")]
struct Full;

impl Server {
    fn new(capacity: usize, start: Instant) -> Self {
        Self { room: Semaphore::new(capacity), start, burst: Mutex::default() }
    }

    async fn call(&self) -> Result<(), Full> {
        let room = self.room.try_acquire();
        sleep(CALL).step("calling").await;
        let mut burst = self.burst.lock().unwrap_or_else(PoisonError::into_inner);
        burst.calls += 1;
        if room.is_err() {
            burst.refused += 1;
            return Err(Full);
        }
        burst.took = self.start.elapsed();
        Ok(())
    }

    fn burst(&self) -> Burst {
        *self.burst.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Burst {
    fn tell(self, how: &str) {
        let Self { calls, refused, took } = self;
        let took = took.as_millis();
        say!("{how}: {calls} calls, {refused} refused, all served after {took}ms");
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, Transcript, virtual_time};

    use super::*;

    /// ```text
    ///            0      210    420    630    840 …
    /// 0 to 4     █░░░░░░░░░░░░░░░░░░░░░░░░░░░█  █
    /// 5 to 9     █░░░░░░█░░░░░░░░░░░░░░░░░░░░█   █     each at a time
    /// 10 to 14   █░░░░░░█░░░░░░█░░░░░░░░░░░░░█ █       of its own
    /// 15 to 19   █░░░░░░█░░░░░░█░░░░░░█░░░░░░█    █
    /// ```
    #[test]
    fn equal_delays_bring_all_back_at_once_and_drawn_ones_do_not() {
        virtual_time(async {
            let (seen, bursts) = Transcript::with_output(two_bursts(20, 5)).await;
            let [equal, drawn] = bursts.expect("all are served");
            let rounds = Burst { calls: 20 + 15 + 10 + 5, refused: 30, took: 640.ms() };
            assert_eq!(equal, rounds);
            assert!(drawn.calls <= 40 && drawn.took <= 230.ms(), "{drawn:?}");
            assert_eq!(seen.peak("calling"), 20);
        });
    }

    #[test]
    fn a_crowd_that_draws_its_delays_needs_fewer_calls_and_less_time() {
        virtual_time(async {
            for (clients, capacity) in [(10, 2), (20, 5), (40, 5)] {
                let bursts = two_bursts(clients, capacity).await;
                let [equal, drawn] = bursts.expect("all are served");
                assert!(drawn.calls < equal.calls, "{equal:?} and {drawn:?}");
                assert!(drawn.took < equal.took, "{equal:?} and {drawn:?}");
            }
        });
    }

    #[test]
    fn no_client_waits_longer_than_the_delay() {
        for n in 0..1_000 {
            let mut drawn = Backoff::fixed(DELAY).jitter(Jitter::Full).seed(n).delays();
            assert!(drawn.next().is_some_and(|delay| delay < DELAY), "client {n}");
        }
    }
}
