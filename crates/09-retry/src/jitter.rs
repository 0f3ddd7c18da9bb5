//! Clients that failed at the same time retry at the same time, unless their delays are random.
//!
//! An outage synchronises clients: all of them fail at the same moment. With equal delays all of
//! them also retry at the same moment, even if the delays are long. In both languages the solution
//! is one random number: wait for any time between zero and the delay ("full jitter").

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_kit::{Backoff, Jitter, Lane, Retry, RetryError, ask, knob, say};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep, sleep_until},
};

const DELAY: Duration = Duration::from_millis(200);
const CALL: Duration = Duration::from_millis(10);

/// Twenty clients call at the same moment, first with equal delays, then with random ones.
pub(crate) async fn run() -> anyhow::Result<()> {
    let clients = knob("clients", 20, 1..=40);
    let capacity = knob("capacity", 5, 1..=20);
    ask("capacity=2", "how many calls do the clients make without jitter?");
    let [equal, random] = equal_then_random(clients, capacity).await?;
    equal.report("without jitter");
    random.report("with jitter");
    Ok(())
}

// ANCHOR: jitter
async fn client(
    n: usize,
    jitter: Jitter,
    server: &Server,
) -> Result<(), RetryError<Full>> {
    // The seed is here only so that every run has the same delays. Real code needs none.
    let backoff = Backoff::fixed(DELAY).jitter(jitter).seed(n as u64);
    Retry::new(backoff).attempts(u32::MAX).run(|| server.call()).await
}
// ANCHOR_END: jitter

async fn equal_then_random(
    clients: usize,
    capacity: usize,
) -> anyhow::Result<[ServerStats; 2]> {
    let start = Instant::now();
    // With equal delays each round serves `capacity` clients. The second part starts after the last
    // round, so that the two parts do not overlap on the timeline.
    let second_start = start + (CALL + DELAY) * clients.div_ceil(capacity) as u32;
    let equal = Arc::new(Server::new(capacity, start));
    let random = Arc::new(Server::new(capacity, second_start));
    let spawn = |n| {
        let (equal, random) = (Arc::clone(&equal), Arc::clone(&random));
        let both = async move {
            client(n, Jitter::None, &equal).await?;
            sleep_until(second_start).await;
            client(n, Jitter::Full, &random).await
        };
        tokio::spawn(both.lane(format!("client-{n}")))
    };
    for client in (0..clients).map(spawn).collect::<Vec<_>>() {
        client.await??;
    }
    Ok([equal.stats(), random.stats()])
}

/// Serves up to `capacity` calls at the same time, and refuses the others.
struct Server {
    permits: Semaphore,
    start: Instant,
    stats: Mutex<ServerStats>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct ServerStats {
    calls: usize,
    refused: usize,
    /// The time from the start to the end of the last served call.
    took: Duration,
}

#[derive(Debug, thiserror::Error)]
#[error("the server is full")]
struct Full;

impl Server {
    fn new(capacity: usize, start: Instant) -> Self {
        Self { permits: Semaphore::new(capacity), start, stats: Mutex::default() }
    }

    async fn call(&self) -> Result<(), Full> {
        let permit = self.permits.try_acquire();
        sleep(CALL).step("calling").await;
        let mut stats = self.stats.lock().unwrap_or_else(PoisonError::into_inner);
        stats.calls += 1;
        if permit.is_err() {
            stats.refused += 1;
            return Err(Full);
        }
        stats.took = self.start.elapsed();
        Ok(())
    }

    fn stats(&self) -> ServerStats {
        *self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ServerStats {
    fn report(self, how: &str) {
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
    /// 5 to 9     █░░░░░░█░░░░░░░░░░░░░░░░░░░░█   █     random delays: each
    /// 10 to 14   █░░░░░░█░░░░░░█░░░░░░░░░░░░░█ █       client retries at
    /// 15 to 19   █░░░░░░█░░░░░░█░░░░░░█░░░░░░█    █    a different time
    /// ```
    #[test]
    fn equal_delays_make_all_clients_retry_together_and_random_ones_do_not() {
        virtual_time(async {
            let (seen, stats) = Transcript::with_output(equal_then_random(20, 5)).await;
            let [equal, random] = stats.expect("all clients are served");
            let calls = 20 + 15 + 10 + 5;
            assert_eq!(equal, ServerStats { calls, refused: 30, took: 640.ms() });
            assert!(random.calls <= 40 && random.took <= 230.ms(), "{random:?}");
            assert_eq!(seen.peak("calling"), 20);
        });
    }

    #[test]
    fn random_delays_need_fewer_calls_and_less_time() {
        virtual_time(async {
            for (clients, capacity) in [(10, 2), (20, 5), (40, 5)] {
                let stats = equal_then_random(clients, capacity).await;
                let [equal, random] = stats.expect("all clients are served");
                assert!(random.calls < equal.calls, "{equal:?} and {random:?}");
                assert!(random.took < equal.took, "{equal:?} and {random:?}");
            }
        });
    }

    #[test]
    fn no_client_waits_longer_than_the_delay() {
        for n in 0..1_000 {
            let mut delays = Backoff::fixed(DELAY).jitter(Jitter::Full).seed(n).delays();
            assert!(delays.next().is_some_and(|delay| delay < DELAY), "client {n}");
        }
    }
}
