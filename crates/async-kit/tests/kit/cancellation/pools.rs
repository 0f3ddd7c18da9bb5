//! A cancelled `acquire` or `close` leaks no permit and no connection.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

use async_kit::{Manager, Millis, Pool, cancel_at_every_await, pool::Builder};
use tokio::time::{sleep, timeout};

use crate::counted::Counted;

#[derive(Clone, Default)]
struct Counting {
    open: Arc<AtomicUsize>,
    unhealthy: Arc<AtomicBool>,
}

impl Manager for Counting {
    type Connection = Counted;
    type Error = Infallible;

    async fn connect(&self) -> Result<Counted, Infallible> {
        let (connection, others) = Counted::new(&self.open);
        assert_eq!(others, 0, "the pool opened more than one connection");
        sleep(10.ms()).await;
        Ok(connection)
    }

    async fn is_healthy(&self, _: &mut Counted) -> bool {
        sleep(10.ms()).await;
        !self.unhealthy.load(SeqCst)
    }

    async fn close(&self, connection: Counted) {
        sleep(10.ms()).await;
        drop(connection);
    }
}

struct Setup {
    pool: Pool<Counting>,
    manager: Counting,
}

impl Setup {
    fn new() -> Self {
        Self::of(|builder| builder)
    }

    fn of(set: impl FnOnce(Builder<Counting>) -> Builder<Counting>) -> Self {
        let manager = Counting::default();
        let pool = set(Pool::builder(manager.clone()).max_size(1)).build();
        Self { pool, manager }
    }

    async fn busy() -> Self {
        Self::new().check_out().await
    }

    /// Checks out the only connection for 20 ms.
    async fn check_out(self) -> Self {
        let setup = self;
        let pooled = setup.pool.acquire().await.unwrap();
        tokio::spawn(async move {
            sleep(20.ms()).await;
            drop(pooled);
        });
        setup
    }

    /// Asserts that a connection can still be acquired, and that `close` closes every connection.
    async fn assert_complete(&self, cut: impl std::fmt::Display) {
        let again = timeout(1.secs(), self.pool.acquire()).await;
        assert!(again.is_ok(), "{cut}: the permit was lost, {:?}", self.pool.status());
        drop(again);
        timeout(1.secs(), self.pool.close()).await.expect("the pool closes");
        assert_eq!(self.manager.open.load(SeqCst), 0, "{cut}: a connection leaked");
    }
}

#[test]
fn a_cancelled_acquire_that_waits_passes_its_permit_on() {
    let cuts = cancel_at_every_await(
        Setup::busy,
        async |setup| drop(setup.pool.acquire().await),
        async |setup, cut| setup.assert_complete(cut).await,
    );
    // Two waits: for the permit, and for the health check.
    assert_eq!(cuts, 5);
}

/// A limit of 15 ms expires before the permit is granted, and its timer wakes the call.
#[test]
fn a_cancelled_acquire_with_a_limit_passes_its_permit_on() {
    for (limit, expected) in [(1.secs(), 5), (15.ms(), 3)] {
        let cuts = cancel_at_every_await(
            async || Setup::of(|pool| pool.acquire_timeout(limit)).check_out().await,
            async |setup| drop(setup.pool.acquire().await),
            async |setup, cut| setup.assert_complete(cut).await,
        );
        assert_eq!(cuts, expected, "a limit of {limit:?}");
    }
}

#[test]
fn a_cancelled_acquire_that_connects_leaks_no_connection() {
    let cuts = cancel_at_every_await(
        async || Setup::new(),
        async |setup| drop(setup.pool.acquire().await),
        async |setup, cut| setup.assert_complete(cut).await,
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_acquire_that_replaces_a_connection_leaks_no_connection() {
    let cuts = cancel_at_every_await(
        async || {
            let setup = Setup::busy().await;
            setup.manager.unhealthy.store(true, SeqCst);
            setup
        },
        async |setup| drop(setup.pool.acquire().await),
        async |setup, cut| setup.assert_complete(cut).await,
    );
    // Four waits: for the permit, the health check, the close and the connect.
    assert_eq!(cuts, 9);
}

#[test]
fn a_cancelled_close_still_closes_every_connection() {
    let cuts = cancel_at_every_await(
        Setup::busy,
        async |setup| setup.pool.close().await,
        async |setup, cut| {
            timeout(1.secs(), setup.pool.close()).await.expect("the pool closes");
            assert_eq!(setup.manager.open.load(SeqCst), 0, "{cut}: a connection leaked");
        },
    );
    assert!(cuts >= 3, "{cuts}");
}
