//! Five correct results do not prove that five calls ran concurrently.
//!
//! asyncio: `assert len(results) == 5` after a `gather` also passes for a loop of five awaits. The
//! elapsed time and the largest number of calls in flight show the difference. Tokio: the same, and
//! in virtual time the clock is exact, so a test can assert 100 ms.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};

/// Five checks of 100 ms each, first one after the other and then concurrently.
pub(crate) async fn run() -> anyhow::Result<()> {
    let checks = knob("checks", 5, 2..=10_u32);
    ask("checks=10", "how long does each version take?");
    let (service, start) = (Arc::<Service>::default(), Instant::now());
    let results = one_by_one(&service, checks).await;
    report("one by one", &results, start.elapsed(), service.peak());
    let (service, start) = (Arc::<Service>::default(), Instant::now());
    let results = concurrently(&service, checks).await?;
    report("concurrently", &results, start.elapsed(), service.peak());
    Ok(())
}

fn report(version: &str, results: &[u32], took: Duration, peak: usize) {
    let (count, seconds) = (results.len(), took.as_secs_f64());
    say!("{version}: {count} results in {seconds:.1} s, at most {peak} in flight");
}

// ANCHOR: together
async fn one_by_one(service: &Service, checks: u32) -> Vec<u32> {
    let mut results = Vec::new();
    for n in 0..checks {
        results.push(service.check(n).lane(format!("one by one {n}")).await);
    }
    results
}

async fn concurrently(service: &Arc<Service>, checks: u32) -> anyhow::Result<Vec<u32>> {
    let start = |n| -> JoinHandle<u32> {
        let service = Arc::clone(service);
        let check = async move { service.check(n).await };
        tokio::spawn(check.lane(format!("concurrent {n}")))
    };
    let started: Vec<_> = (0..checks).map(start).collect();
    let mut results = Vec::new();
    for check in started {
        results.push(check.await?);
    }
    Ok(results)
}
// ANCHOR_END: together

// ANCHOR: peak
/// A fake service that counts the checks in flight, and records the largest number.
#[derive(Default)]
struct Service {
    in_flight: AtomicUsize,
    peak: AtomicUsize,
}

impl Service {
    async fn check(&self, n: u32) -> u32 {
        let _in_flight = self.enter();
        sleep(100.ms()).step("checking").await;
        n * n
    }

    fn enter(&self) -> InFlight<'_> {
        self.peak.fetch_max(self.in_flight.fetch_add(1, Relaxed) + 1, Relaxed);
        InFlight(self)
    }

    fn peak(&self) -> usize {
        self.peak.load(Relaxed)
    }
}

#[must_use = "dropping it counts the check as ended"]
struct InFlight<'a>(&'a Service);

/// `drop` decreases the count, so a check that is cancelled or panics is not counted forever.
impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}
// ANCHOR_END: peak

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};
    use tokio::time::timeout;

    use super::*;

    // ANCHOR: tests
    #[test]
    fn five_concurrent_checks_take_as_long_as_one() {
        virtual_time(async {
            let start = Instant::now();
            let results = concurrently(&Arc::default(), 5).await.unwrap();
            assert_eq!(results, [0, 1, 4, 9, 16]);
            assert_eq!(start.elapsed(), 100.ms());
        });
    }

    #[test]
    fn all_five_checks_are_in_flight_at_the_same_time() {
        let service = Arc::<Service>::default();
        let counted = Arc::clone(&service);
        let work = async move { concurrently(&counted, 5).await };
        let (seen, results) = virtual_time(Transcript::with_output(work));
        assert_eq!(results.unwrap().len(), 5);
        // The fake and the recording of the run count the same checks. One assertion is enough.
        assert_eq!(service.peak(), 5);
        assert_eq!(seen.peak("checking"), 5, "{seen}");
    }
    // ANCHOR_END: tests

    #[test]
    fn a_serial_version_returns_as_many_results_but_takes_longer() {
        virtual_time(async {
            let (service, start) = (Service::default(), Instant::now());
            assert_eq!(one_by_one(&service, 5).await.len(), 5);
            assert_eq!(start.elapsed(), 500.ms());
            assert_eq!(service.peak(), 1);
        });
    }

    #[test]
    fn a_cancelled_check_is_no_longer_counted_as_in_flight() {
        virtual_time(async {
            let service = Service::default();
            let _ = timeout(10.ms(), service.check(1)).await;
            assert_eq!((service.in_flight.load(Relaxed), service.peak()), (0, 1));
        });
    }

    #[test]
    fn both_versions_return_five_results_but_differ_in_time_and_peak() {
        let seen = virtual_time(Transcript::of(run()));
        seen.assert_at(500.ms(), "one by one: 5 results in 0.5 s, at most 1 in flight");
        seen.assert_at(600.ms(), "concurrently: 5 results in 0.1 s, at most 5 in flight");
    }
}
