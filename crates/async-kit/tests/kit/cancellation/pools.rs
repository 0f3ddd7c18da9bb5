//! A cancelled `acquire` or `close` leaks neither a turn nor a connection.

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
    sick: Arc<AtomicBool>,
}

impl Manager for Counting {
    type Connection = Counted;
    type Error = Infallible;

    async fn connect(&self) -> Result<Counted, Infallible> {
        let (connection, others) = Counted::new(&self.open);
        assert_eq!(others, 0, "one connection too many");
        sleep(10.ms()).await;
        Ok(connection)
    }

    async fn is_healthy(&self, _: &mut Counted) -> bool {
        sleep(10.ms()).await;
        !self.sick.load(SeqCst)
    }

    async fn close(&self, connection: Counted) {
        sleep(10.ms()).await;
        drop(connection);
    }
}

struct World {
    pool: Pool<Counting>,
    manager: Counting,
}

impl World {
    fn new() -> Self {
        Self::of(|builder| builder)
    }

    fn of(set: impl FnOnce(Builder<Counting>) -> Builder<Counting>) -> Self {
        let manager = Counting::default();
        let pool = set(Pool::builder(manager.clone()).max_size(1)).build();
        Self { pool, manager }
    }

    async fn busy() -> Self {
        Self::new().lend().await
    }

    /// The only connection is lent for 20 ms.
    async fn lend(self) -> Self {
        let world = self;
        let lent = world.pool.acquire().await.unwrap();
        tokio::spawn(async move {
            sleep(20.ms()).await;
            drop(lent);
        });
        world
    }

    /// One more can be lent, and in the end every connection is gone.
    async fn is_whole(&self, cut: impl std::fmt::Display) {
        let again = timeout(1.secs(), self.pool.acquire()).await;
        assert!(again.is_ok(), "{cut}: the turn was lost, {:?}", self.pool.status());
        drop(again);
        timeout(1.secs(), self.pool.close()).await.expect("the pool closes");
        assert_eq!(self.manager.open.load(SeqCst), 0, "{cut}: a connection leaked");
    }
}

#[test]
fn a_cancelled_acquire_that_waits_for_its_turn_gives_it_on() {
    let cuts = cancel_at_every_await(
        World::busy,
        async |world| drop(world.pool.acquire().await),
        async |world, cut| world.is_whole(cut).await,
    );
    // Two waits: for the turn, and for the health check.
    assert_eq!(cuts, 5);
}

/// With 15 ms the limit is over before the turn comes, and wakes the victim itself.
#[test]
fn a_cancelled_acquire_with_a_limit_gives_its_turn_on() {
    for (limit, expected) in [(1.secs(), 5), (15.ms(), 3)] {
        let cuts = cancel_at_every_await(
            async || World::of(|pool| pool.acquire_timeout(limit)).lend().await,
            async |world| drop(world.pool.acquire().await),
            async |world, cut| world.is_whole(cut).await,
        );
        assert_eq!(cuts, expected, "a limit of {limit:?}");
    }
}

#[test]
fn a_cancelled_acquire_that_connects_leaks_no_connection() {
    let cuts = cancel_at_every_await(
        async || World::new(),
        async |world| drop(world.pool.acquire().await),
        async |world, cut| world.is_whole(cut).await,
    );
    assert_eq!(cuts, 3);
}

#[test]
fn a_cancelled_acquire_that_replaces_a_connection_leaks_neither() {
    let cuts = cancel_at_every_await(
        async || {
            let world = World::busy().await;
            world.manager.sick.store(true, SeqCst);
            world
        },
        async |world| drop(world.pool.acquire().await),
        async |world, cut| world.is_whole(cut).await,
    );
    // Four waits: for the turn, the health check, the close and the connect.
    assert_eq!(cuts, 9);
}

#[test]
fn a_cancelled_close_closes_all_the_same() {
    let cuts = cancel_at_every_await(
        World::busy,
        async |world| world.pool.close().await,
        async |world, cut| {
            timeout(1.secs(), world.pool.close()).await.expect("the pool closes");
            assert_eq!(world.manager.open.load(SeqCst), 0, "{cut}: a connection leaked");
        },
    );
    assert!(cuts >= 3, "{cuts}");
}
