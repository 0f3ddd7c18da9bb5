//! Only a connected database has a method `query`, so a query before `connect` does not compile.
//!
//! asyncio: every method checks a flag `connected`, and raises a `RuntimeError` if it is not set. If
//! an object is entered twice, the inner `async with` closes the connection that the outer one uses.
//! Rust: two types. `connect` turns a [`Database<Offline>`] into a [`Database<Online>`], and the
//! release consumes the [`Database<Online>`].

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

/// Two clients connect. The second client gets an error, and its connection is closed too.
pub(crate) async fn run() -> anyhow::Result<()> {
    let ada = tokio::spawn(sign_up(Server::default(), "users").try_lane("ada"));
    let other_server = Server { host: "10.0.0.7", ..Server::default() };
    let bob = tokio::spawn(sign_up(other_server, "friends").try_lane("bob"));
    say!("ada's scope has ended, rows: {:?}", ada.await??);
    match bob.await? {
        Err(error) => say!("bob's scope has ended, error: {error}"),
        Ok(rows) => bail!("bob's query should fail, but returned {rows:?}"),
    }
    Ok(())
}

// ANCHOR: typestate
struct Database<State> {
    server: Server,
    state: State,
}

struct Offline;

/// The data that exists only while the database is connected.
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
    /// `sql` is a constant of the program. Data from outside is passed in `row`.
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
    // `database.query(table)` would not compile here: `Database<Offline>` has no such method.
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
    /// The number of open sessions, as the server counts them.
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
    fn an_error_is_returned_after_the_connection_is_closed() {
        let run = sign_up(Server::default(), "friends");
        let (seen, rows) = virtual_time(Transcript::with_output(run));
        seen.assert_at(30.ms(), "is disconnected");
        assert_eq!(seen.elapsed(), 30.ms(), "{seen}");
        assert_eq!(rows.unwrap_err().to_string(), "there is no table friends");
    }

    #[test]
    fn a_cancelled_client_closes_its_connection_and_reports_no_error() {
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
            assert_eq!(nested.await, (2, 1), "open in the inner scope, and after it");
            assert_eq!(open(), 0);
        });
    }

    /// Rust prefers a method of the type itself to a trait method with the same receiver. If
    /// `Database<Offline>` had its own `query`, the test below would call that method, and
    /// would not compile.
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
