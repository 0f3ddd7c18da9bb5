//! A cancelled limit or retry drops its operation, and begins nothing else.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use async_kit::{
    Backoff, Deadline, Millis, Retry, RetryBudget, TimeLimit, cancel_at_every_await,
    stage::Cut,
};
use tokio::time::{Instant, sleep};

/// Counts how many operations are running, and how many began.
#[derive(Default)]
struct Work {
    running: Arc<AtomicUsize>,
    begun: AtomicUsize,
}

struct Running(Arc<AtomicUsize>);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

impl Work {
    async fn fails_after(&self, time: Duration) -> Result<(), &'static str> {
        self.running.fetch_add(1, SeqCst);
        let _running = Running(Arc::clone(&self.running));
        self.begun.fetch_add(1, SeqCst);
        sleep(time).await;
        Err("as always")
    }

    fn assert_nothing_runs(&self, cut: impl std::fmt::Display) {
        assert_eq!(self.running.load(SeqCst), 0, "{cut}: an operation still runs");
    }
}

/// The operation takes longer than the run continues after the cut, so it cannot have ended by itself.
/// A limit of 10 ms wakes the call. A limit of 200 s never wakes it, so it could not end an operation
/// that still runs.
#[test]
fn a_cancelled_within_drops_its_future() {
    for (limit, expected) in [(10.ms(), 3), (200.secs(), 2)] {
        let cuts = cancel_at_every_await(
            async || Work::default(),
            async |work| work.fails_after(100.secs()).within(limit).await,
            async |work, cut| work.assert_nothing_runs(cut),
        );
        assert_eq!(cuts, expected, "within {limit:?}");
    }
}

#[test]
fn a_cancelled_by_drops_its_future() {
    for (budget, expected) in [(10.ms(), 3), (200.secs(), 2)] {
        let cuts = cancel_at_every_await(
            async || (Work::default(), Deadline::after(budget)),
            async |(work, deadline)| work.fails_after(100.secs()).by(*deadline).await,
            async |(work, _), cut| work.assert_nothing_runs(cut),
        );
        assert_eq!(cuts, expected, "by a deadline in {budget:?}");
    }
}

#[test]
fn a_cancelled_wait_does_not_move_its_deadline() {
    let cuts = cancel_at_every_await(
        async || (Instant::now(), Deadline::after(100.secs())),
        async |(_, deadline)| deadline.wait().await,
        async |(start, deadline), cut| {
            deadline.wait().await;
            assert_eq!(start.elapsed(), 100.secs(), "{cut}");
        },
    );
    assert_eq!(cuts, 2);
}

#[test]
fn a_cancelled_retry_begins_no_other_attempt() {
    let cuts = cancel_at_every_await(
        async || (Work::default(), RetryBudget::percent(100).burst(10)),
        async |(work, budget)| {
            let retry = Retry::new(Backoff::fixed(10.ms())).attempts(3).budget(budget);
            retry.run(|| work.fails_after(10.ms())).await
        },
        async |(work, budget), cut| {
            work.assert_nothing_runs(cut);
            // The three attempts and the two delays between them wait once each.
            let (attempts, retries) = match cut {
                Cut::BeforeFirstPoll => (0, 0),
                Cut::Waiting(n) | Cut::Woken(n) => (n.div_ceil(2), n / 2),
            };
            assert_eq!(work.begun.load(SeqCst), attempts, "{cut}: attempts");
            let left = (0..100).take_while(|_| budget.try_withdraw()).count();
            assert_eq!(left, 10 - retries, "{cut}: retries left in the budget");
        },
    );
    assert_eq!(cuts, 11);
}
