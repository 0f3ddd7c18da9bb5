//! A scope that is cancelled at any await, even in its release, releases exactly once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use async_kit::{
    Millis, cancel_at_every_await,
    scope::{self, Release},
};
use tokio::time::sleep;

#[derive(Debug, Default)]
struct Counts {
    acquired: AtomicUsize,
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Counts {
    fn assert_released_once(&self, cut: impl std::fmt::Display) {
        let [acquired, begun, ended] =
            [&self.acquired, &self.begun, &self.ended].map(|count| count.load(SeqCst));
        assert!(
            acquired <= 1 && begun == acquired && ended == acquired,
            "{cut}: {self:?}"
        );
    }
}

struct Resource(Arc<Counts>);

impl Release for Resource {
    async fn release(self) {
        self.0.begun.fetch_add(1, SeqCst);
        sleep(10.ms()).await;
        self.0.ended.fetch_add(1, SeqCst);
    }
}

async fn use_resource(counts: &Arc<Counts>) {
    counts.acquired.fetch_add(1, SeqCst);
    scope::with(Resource(Arc::clone(counts)), async |_| sleep(10.ms()).await).await;
}

#[test]
fn a_cancelled_scope_releases_exactly_once_and_to_the_end() {
    let cuts = cancel_at_every_await(
        async || Arc::new(Counts::default()),
        use_resource,
        async |counts, cut| counts.assert_released_once(cut),
    );
    // The body and the release wait once each.
    assert_eq!(cuts, 5);
}

#[test]
fn a_cancelled_wait_for_releases_does_not_cancel_them() {
    let cuts = cancel_at_every_await(
        async || Arc::new(Counts::default()),
        async |counts| {
            let cancelled = tokio::time::timeout(5.ms(), use_resource(counts));
            scope::settled(cancelled).await
        },
        async |counts, cut| counts.assert_released_once(cut),
    );
    assert_eq!(cuts, 5);
}

#[test]
fn a_cancelled_wait_for_all_releases_can_be_called_again() {
    let cuts = cancel_at_every_await(
        async || {
            let counts = Arc::new(Counts::default());
            let dropped = Arc::clone(&counts);
            let task = tokio::spawn(async move { use_resource(&dropped).await });
            sleep(1.ms()).await;
            task.abort();
            // Now the release is running, and no task waits for it.
            sleep(1.ms()).await;
            counts
        },
        async |_| scope::released().await,
        async |counts, cut| {
            scope::released().await;
            assert_eq!(counts.ended.load(SeqCst), 1, "{cut}");
        },
    );
    assert!(cuts >= 3, "{cuts}");
}
