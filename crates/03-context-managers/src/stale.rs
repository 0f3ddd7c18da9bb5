//! A pool looks at a connection when it lends it, not when it takes it back.
//!
//! A connection grows old in the pool: checked at its return it was young, and an hour later it
//! is handed out dead. The kit's [`Pool`] asks at `acquire`: has it rested too long, is it too
//! old, does it still answer? And an error in its use marks it, so that nobody gets it again.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_kit::{Lane, Manager, Millis, Pool, Pooled, knob, say};
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};

/// One client makes ten visits, and gets a new connection whenever the old one is no good.
pub(crate) async fn run() -> anyhow::Result<()> {
    let idle = knob("idle", 40.ms(), 15.ms()..=200.ms());
    let lifetime = knob("lifetime", 110.ms(), 50.ms()..=500.ms());
    tokio::spawn(visits(idle, lifetime).try_lane("client")).await?
}

// ANCHOR: stale
async fn visits(idle: Duration, lifetime: Duration) -> anyhow::Result<()> {
    let server = Server::default();
    let pool = Pool::builder(server.clone()).idle_timeout(idle).max_lifetime(lifetime);
    let pool = pool.build();

    visit(&pool, 0.ms(), "first visit").await?;
    visit(&pool, 11.ms(), "soon after").await?;
    visit(&pool, 61.ms(), "after a long rest").await?;
    borrow(&pool, 11.ms(), "an error").await?.mark_broken();
    visit(&pool, 11.ms(), "after the error").await?;
    server.restarts.fetch_add(1, Ordering::Relaxed);
    visit(&pool, 11.ms(), "after a restart of the server").await?;
    for _ in 0..4 {
        visit(&pool, 23.ms(), "growing old").await?;
    }
    pool.close().await;
    Ok(())
}

async fn visit(pool: &Pool<Server>, rest: Duration, what: &str) -> anyhow::Result<()> {
    borrow(pool, rest, what).await.map(drop)
}

async fn borrow(
    pool: &Pool<Server>,
    rest: Duration,
    what: &str,
) -> anyhow::Result<Pooled<Server>> {
    sleep(rest).await;
    let connection = pool.acquire().await?;
    say!("{what}: connection {}", connection.id);
    sleep(10.ms()).step("using a connection").await;
    Ok(connection)
}

impl Manager for Server {
    type Connection = Connection;
    type Error = Infallible;

    async fn connect(&self) -> Result<Connection, Infallible> {
        sleep(5.ms()).await;
        Ok(Connection::new(self))
    }

    async fn is_healthy(&self, connection: &mut Connection) -> bool {
        sleep(2.ms()).await;
        connection.restarts == self.restarts.load(Ordering::Relaxed)
    }

    async fn close(&self, connection: Connection) {
        connection.hang_up().await;
    }
}
// ANCHOR_END: stale

#[derive(Clone, Default)]
struct Server {
    connected: Arc<AtomicU32>,
    restarts: Arc<AtomicU32>,
}

/// A line with a task of its own at the other end, as drivers of databases have one.
struct Connection {
    id: u32,
    /// How often the server had been restarted: one restart later this line is dead.
    restarts: u32,
    line: oneshot::Sender<()>,
    other_end: JoinHandle<()>,
}

impl Connection {
    fn new(server: &Server) -> Self {
        let id = server.connected.fetch_add(1, Ordering::Relaxed);
        let (line, hung_up) = oneshot::channel();
        let other_end = async {
            // An error is how it hears that the line is gone.
            let _ = hung_up.step("connected").await;
        };
        let other_end = tokio::spawn(other_end.lane(format!("connection-{id}")));
        let restarts = server.restarts.load(Ordering::Relaxed);
        Self { id, restarts, line, other_end }
    }

    async fn hang_up(self) {
        drop(self.line);
        let _ = self.other_end.await;
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn connections(idle: u64, lifetime: u64) -> Vec<(String, u32)> {
        let seen = virtual_time(Transcript::of(visits(idle.ms(), lifetime.ms())));
        let split = |text: &str| {
            let (visit, id) = text.split_once(": connection ").expect(text);
            (visit.to_owned(), id.parse().expect(text))
        };
        seen.lines().iter().map(|line| split(&line.text)).collect()
    }

    fn of(visits: &[(String, u32)], what: &str) -> u32 {
        let found = visits.iter().find(|(visit, _)| visit == what);
        found.unwrap_or_else(|| panic!("no visit {what}: {visits:?}")).1
    }

    #[test]
    fn a_connection_that_rested_too_long_is_not_lent_again() {
        let visits = connections(40, 500);
        assert_eq!(of(&visits, "soon after"), 0, "{visits:?}");
        assert_eq!(of(&visits, "after a long rest"), 1, "{visits:?}");
    }

    #[test]
    fn a_rest_within_the_limit_costs_no_connection() {
        let visits = connections(200, 500);
        assert_eq!(of(&visits, "after a long rest"), 0, "{visits:?}");
    }

    #[test]
    fn a_broken_connection_is_not_lent_again() {
        let visits = connections(40, 500);
        assert_eq!(of(&visits, "an error"), 1, "{visits:?}");
        assert_eq!(of(&visits, "after the error"), 2, "{visits:?}");
    }

    #[test]
    fn a_connection_that_does_not_answer_is_replaced_before_it_is_lent() {
        let visits = connections(40, 500);
        assert_eq!(of(&visits, "after a restart of the server"), 3, "{visits:?}");
    }

    #[test]
    fn a_connection_in_steady_use_is_replaced_at_the_end_of_its_lifetime() {
        let ids = |visits: Vec<(String, u32)>| -> Vec<_> {
            visits.into_iter().skip(5).map(|(_, id)| id).collect()
        };
        assert_eq!(ids(connections(40, 500)), [3, 3, 3, 3, 3]);
        assert_eq!(ids(connections(40, 110)), [3, 3, 3, 3, 4]);
        assert_eq!(ids(connections(40, 75)), [3, 3, 3, 4, 4]);
    }
}
