//! A cancelled limit or retry drops the work in it, and nothing goes on behind its back.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{
    Backoff, Deadline, Millis, Retry, RetryBudget, TimeLimit, cancel_at_every_await,
};
use tokio::time::sleep;

/// Counts how much work is under way, and how often it began.
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
    async fn fails(&self) -> Result<(), &'static str> {
        self.running.fetch_add(1, SeqCst);
        let _running = Running(Arc::clone(&self.running));
        self.begun.fetch_add(1, SeqCst);
        sleep(10.ms()).await;
        Err("as always")
    }

    fn nothing_runs(&self, cut: impl std::fmt::Display) {
        assert_eq!(self.running.load(SeqCst), 0, "{cut}: work goes on");
    }
}

#[test]
fn a_cancelled_within_drops_its_work() {
    let cuts = cancel_at_every_await(
        async || Work::default(),
        async |work| work.fails().within(20.ms()).await,
        async |work, cut| work.nothing_runs(cut),
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_by_drops_its_work_and_the_deadline_stands() {
    let cuts = cancel_at_every_await(
        async || (Work::default(), Deadline::after(20.ms())),
        async |(work, deadline)| work.fails().by(*deadline).await,
        async |(work, deadline), cut| {
            work.nothing_runs(cut);
            assert!(deadline.has_passed(), "{cut}: nobody moved it");
        },
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_wait_for_a_deadline_moves_it_not() {
    let cuts = cancel_at_every_await(
        async || Deadline::after(20.ms()),
        async |deadline| deadline.wait().await,
        async |deadline, cut| assert!(deadline.has_passed(), "{cut}"),
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_retry_begins_no_other_attempt() {
    let cuts = cancel_at_every_await(
        async || (Work::default(), RetryBudget::percent(100)),
        async |(work, budget)| {
            let retry = Retry::new(Backoff::fixed(10.ms())).attempts(3).budget(budget);
            retry.run(|| work.fails()).await
        },
        async |(work, _), cut| {
            work.nothing_runs(cut);
            let begun = work.begun.load(SeqCst);
            assert!(begun <= 3, "{cut}: {begun} attempts");
        },
    );
    // Three attempts and two delays wait once each.
    assert_eq!(cuts, 11);
}
