//! A statement is repeated while the server is away, but only if a second execution does no harm.

use std::{error::Error, fmt, time::Duration};

use async_kit::{Backoff, Jitter, Retry};
use sqlx::{
    PgPool, Postgres,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::failure::{Failure, is_away, is_rolled_back, server_name};

/// How long an operation waits for a server that is away. Arbitrary: longer than a restart, and not so
/// long that a process seems to hang.
pub(super) const RECONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How many connections a process opens for its statements. A worker that waits for a message has none,
/// so this bounds how many statements are executed at the same time, not how many workers there are.
const CONNECTIONS: u32 = 4;

/// A pool of connections whose `search_path` is one schema, and the name of its server for messages.
#[derive(Clone, Debug)]
pub(super) struct Database {
    pool: PgPool,
    /// Host and port, or the socket. Nothing else of the address, because the rest may hold a password.
    pub(super) server: String,
}

/// Whether it does harm if a statement is executed twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeatable {
    Yes,
    No,
}

impl Database {
    /// Opens connections when they are needed.
    pub(super) fn new(options: &PgConnectOptions) -> Self {
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(RECONNECT_TIMEOUT)
            // It would cost a round trip for each statement. A statement on a connection that has died
            // fails, and is repeated.
            .test_before_acquire(false)
            .connect_lazy_with(options.clone());
        Self { pool, server: server_name(options) }
    }

    /// Executes one statement, which is a transaction of its own. So a caller that is dropped leaves no
    /// open transaction behind.
    pub(super) async fn execute<T, F>(
        &self,
        repeatable: Repeatable,
        statement: impl Fn(PoolConnection<Postgres>) -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = sqlx::Result<T>>,
    {
        let backoff = Backoff::exponential(Duration::from_millis(10))
            .max(Duration::from_millis(500))
            .jitter(Jitter::Full);
        let attempts = Retry::new(backoff)
            .attempts(u32::MAX)
            .total(RECONNECT_TIMEOUT)
            .when(|failed: &Attempt| failed.may_repeat(repeatable));
        let executed = attempts.run(|| async {
            let connection = self.pool.acquire().await.map_err(Attempt::NotSent)?;
            statement(connection).await.map_err(Attempt::Sent)
        });
        executed.await.map_err(|gave_up| match gave_up.into_last() {
            Some(Attempt::NotSent(error) | Attempt::Sent(error)) => {
                Failure::of(&error, &self.server)
            }
            None => Failure::no_answer(&self.server, RECONNECT_TIMEOUT),
        })
    }
}

/// The phase in which an attempt failed.
#[derive(Debug)]
enum Attempt {
    /// There was no connection.
    NotSent(sqlx::Error),
    /// The server may have executed the statement.
    Sent(sqlx::Error),
}

impl Attempt {
    fn may_repeat(&self, repeatable: Repeatable) -> bool {
        match self {
            Self::NotSent(error) => is_away(error),
            Self::Sent(error) => {
                is_rolled_back(error) || repeatable == Repeatable::Yes && is_away(error)
            }
        }
    }
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(error) | Self::Sent(error) => error.fmt(f),
        }
    }
}

impl Error for Attempt {}
