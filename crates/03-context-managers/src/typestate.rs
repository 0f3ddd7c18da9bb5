//! Only a connected database has a `query`: nobody can query too early or too late.
//!
//! asyncio: a flag `connected`, which every method checks, and a `RuntimeError` if it is not set. An
//! object that is entered twice is closed by the inner `async with`, while the outer one uses it.
//! Rust: two types. `connect` turns a [`Database<Offline>`] into a [`Database<Online>`], and
//! the release takes the latter away.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use anyhow::{bail, ensure};
use async_kit::{
    Lane, Millis, say,
    scope::{self, Release},
};
use tokio::time::sleep;

/// Two clients connect; the second makes a mistake, and its connection is closed nonetheless.
pub(crate) async fn run() -> anyhow::Result<()> {
    let ada = tokio::spawn(sign_up(Server::default(), "users").try_lane("ada"));
    let elsewhere = Server { host: "10.0.0.7", ..Server::default() };
    let bob = tokio::spawn(sign_up(elsewhere, "friends").try_lane("bob"));
    say!("ada's scope is over, rows: {:?}", ada.await??);
    match bob.await? {
        Err(error) => say!("bob's scope is over, error: {error}"),
        Ok(rows) => bail!("bob's mistake gave {rows:?}"),
    }
    Ok(())
}

// ANCHOR: typestate
struct Database<State> {
    server: Server,
    state: State,
}

struct Offline;

/// What there is only while there is a connection.
struct Online {
    rows: Vec<String>,
}

impl Database<Offline> {
    fn at(server: Server) -> Self {
        Self { server, state: Offline }
    }

    async fn connect(self) -> Database<Online> {
        say!("connects to {}", self.server);
        sleep(10.ms()).await;
        self.server.sessions.fetch_add(1, Relaxed);
        say!("is connected");
        Database { server: self.server, state: Online { rows: Vec::new() } }
    }
}

impl Database<Online> {
    /// The text is a constant of the program: what comes from outside travels in `row`.
    async fn execute(&mut self, sql: &'static str, row: &str) {
        say!("executes {sql}");
        sleep(5.ms()).step("executing").await;
        self.state.rows.push(row.to_owned());
    }

    async fn query(&mut self, table: &'static str) -> anyhow::Result<Vec<String>> {
        say!("queries {table}");
        sleep(10.ms()).step("querying").await;
        ensure!(table == "users", "there is no table {table}");
        Ok(self.state.rows.clone())
    }
}

impl Release for Database<Online> {
    async fn release(self) {
        say!("closes the connection to {}", self.server.host);
        sleep(5.ms()).await;
        self.server.sessions.fetch_sub(1, Relaxed);
        say!("is disconnected");
    }
}

async fn sign_up(server: Server, table: &'static str) -> anyhow::Result<Vec<String>> {
    let database = Database::at(server);
    // `database.query(table)` does not compile here: there is no such method yet.
    scope::with(database.connect().await, async |database| {
        database.execute("INSERT INTO users VALUES ($1)", "Zoë").await;
        database.query(table).await
    })
    .await
}
// ANCHOR_END: typestate

#[derive(Clone)]
struct Server {
    host: &'static str,
    port: u16,
    name: &'static str,
    /// Those that are open, as the server itself counts them.
    sessions: Arc<AtomicUsize>,
}

impl Default for Server {
    fn default() -> Self {
        Self { host: "localhost", port: 5432, name: "test", sessions: Arc::default() }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.host, self.port, self.name)
    }
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_client_connects_works_and_closes_in_this_order() {
        let run = sign_up(Server::default(), "users");
        let (seen, rows) = virtual_time(Transcript::with_output(run));
        seen.assert_lines([
            "[  0.000s] connects to localhost:5432/test",
            "[  0.010s] is connected",
            "[  0.010s] executes INSERT INTO users VALUES ($1)",
            "[  0.015s] queries users",
            "[  0.025s] closes the connection to localhost",
            "[  0.030s] is disconnected",
        ]);
        assert_eq!(rows.unwrap(), ["Zoë"]);
        assert_eq!(seen.elapsed(), 30.ms(), "{seen}");
    }

    #[test]
    fn an_error_is_told_after_the_connection_is_closed() {
        let run = sign_up(Server::default(), "friends");
        let (seen, rows) = virtual_time(Transcript::with_output(run));
        seen.assert_at(30.ms(), "is disconnected");
        assert_eq!(seen.elapsed(), 30.ms(), "{seen}");
        assert_eq!(rows.unwrap_err().to_string(), "there is no table friends");
    }

    #[test]
    fn a_cancelled_client_closes_its_connection_and_tells_of_no_error() {
        let cancel = async {
            let server = Server::default();
            let client = tokio::spawn(sign_up(server.clone(), "users"));
            sleep(20.ms()).await;
            client.abort();
            assert!(client.await.is_err_and(|error| error.is_cancelled()));
            scope::released().await;
            assert_eq!(server.sessions.load(Relaxed), 0);
        };
        let seen = virtual_time(Transcript::of(cancel));
        seen.assert_at(25.ms(), "is disconnected");
        assert!(!seen.to_string().contains("error"), "{seen}");
    }

    #[test]
    fn an_inner_connection_that_closes_leaves_the_outer_one_open() {
        virtual_time(async {
            let server = Server::default();
            let open = || server.sessions.load(Relaxed);
            let connect = || Database::at(server.clone()).connect();
            let nested = scope::with(connect().await, async |_| {
                let inside = scope::with(connect().await, async |_| open()).await;
                (inside, open())
            });
            assert_eq!(nested.await, (2, 1), "in the inner scope, and after it");
            assert_eq!(open(), 0);
        });
    }

    /// A method of the type itself comes before one of a trait that takes `self` in the same
    /// way: if `Database<Offline>` had a `query` of its own, the test below would call that, and
    /// not compile.
    trait NoQuery {
        fn query(&mut self) -> &'static str {
            "not connected"
        }
    }

    impl NoQuery for Database<Offline> {}

    #[test]
    fn a_database_that_is_not_connected_has_no_query() {
        assert_eq!(Database::at(Server::default()).query(), "not connected");
    }
}
