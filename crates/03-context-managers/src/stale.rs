//! A pool checks a connection at checkout, not when the connection is returned.
//!
//! A connection may work when it is returned, and be dead an hour later. So the kit's [`Pool`] checks
//! in `acquire`: was the connection idle too long, is it too old, does it still answer? After an error
//! the client marks a connection as broken, and the pool does not reuse it.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_kit::{Lane, Manager, Millis, Pool, Pooled, ask, knob, say};
use tokio::{sync::oneshot, task::JoinHandle, time::sleep};

/// One client makes ten visits, and gets a new connection if the old one is not usable.
pub(crate) async fn run() -> anyhow::Result<()> {
    let idle = knob("idle", 40.ms(), 15.ms()..=200.ms());
    let lifetime = knob("lifetime", 110.ms(), 50.ms()..=500.ms());
    ask("lifetime=500ms", "how many connections does the client get in all?");
    tokio::spawn(visits(idle, lifetime).try_lane("client")).await?
}

// ANCHOR: stale
async fn visits(idle: Duration, lifetime: Duration) -> anyhow::Result<()> {
    let server = Server::default();
    let pool = Pool::builder(server.clone()).idle_timeout(idle).max_lifetime(lifetime);
    let pool = pool.build();

    visit(&pool, 0.ms(), "on the first visit").await?;
    visit(&pool, 11.ms(), "soon after").await?;
    visit(&pool, 61.ms(), "after a long idle time").await?;
    use_connection(&pool, 11.ms(), "before an error").await?.mark_broken();
    visit(&pool, 11.ms(), "after the error").await?;
    server.restarts.fetch_add(1, Ordering::Relaxed);
    visit(&pool, 11.ms(), "after a restart of the server").await?;
    for _ in 0..4 {
        visit(&pool, 23.ms(), "in steady use").await?;
    }
    pool.close().await;
    Ok(())
}

async fn visit(pool: &Pool<Server>, pause: Duration, what: &str) -> anyhow::Result<()> {
    use_connection(pool, pause, what).await.map(drop)
}

async fn use_connection(
    pool: &Pool<Server>,
    pause: Duration,
    what: &str,
) -> anyhow::Result<Pooled<Server>> {
    sleep(pause).await;
    let connection = pool.acquire().await?;
    say!("gets connection {} {what}", connection.id);
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
        connection.close().await;
    }
}
// ANCHOR_END: stale

#[derive(Clone, Default)]
struct Server {
    connected: Arc<AtomicU32>,
    restarts: Arc<AtomicU32>,
}

/// A connection with a background task, as in many database drivers.
struct Connection {
    id: u32,
    /// The number of restarts of the server before this connection was opened. After the next
    /// restart the connection is dead.
    restarts: u32,
    /// Dropping it ends the background task.
    stop: oneshot::Sender<()>,
    background: JoinHandle<()>,
}

impl Connection {
    fn new(server: &Server) -> Self {
        let id = server.connected.fetch_add(1, Ordering::Relaxed);
        let (stop, stopped) = oneshot::channel();
        let background = async {
            // `stopped` completes with an error when `stop` is dropped, which is the signal to end.
            let _ = stopped.step("connected").await;
        };
        let background = tokio::spawn(background.lane(format!("connection-{id}")));
        let restarts = server.restarts.load(Ordering::Relaxed);
        Self { id, restarts, stop, background }
    }

    async fn close(self) {
        drop(self.stop);
        let _ = self.background.await;
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    fn connections(idle: u64, lifetime: u64) -> Vec<(String, u32)> {
        let seen = virtual_time(Transcript::of(visits(idle.ms(), lifetime.ms())));
        let split = |text: &str| {
            let text = text.strip_prefix("gets connection ").expect(text);
            let (id, visit) = text.split_once(' ').expect(text);
            (visit.to_owned(), id.parse().expect(text))
        };
        seen.lines().iter().map(|line| split(&line.text)).collect()
    }

    fn connection_of(visits: &[(String, u32)], what: &str) -> u32 {
        let found = visits.iter().find(|(visit, _)| visit == what);
        found.unwrap_or_else(|| panic!("no visit {what}: {visits:?}")).1
    }

    #[test]
    fn a_connection_that_was_idle_too_long_is_not_reused() {
        let visits = connections(40, 500);
        assert_eq!(connection_of(&visits, "soon after"), 0, "{visits:?}");
        assert_eq!(connection_of(&visits, "after a long idle time"), 1, "{visits:?}");
    }

    #[test]
    fn a_connection_that_was_idle_within_the_limit_is_reused() {
        let visits = connections(200, 500);
        assert_eq!(connection_of(&visits, "after a long idle time"), 0, "{visits:?}");
    }

    #[test]
    fn a_broken_connection_is_not_reused() {
        let visits = connections(40, 500);
        assert_eq!(connection_of(&visits, "before an error"), 1, "{visits:?}");
        assert_eq!(connection_of(&visits, "after the error"), 2, "{visits:?}");
    }

    #[test]
    fn a_connection_that_does_not_answer_is_replaced_at_checkout() {
        let visits = connections(40, 500);
        let restarted = "after a restart of the server";
        assert_eq!(connection_of(&visits, restarted), 3, "{visits:?}");
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
