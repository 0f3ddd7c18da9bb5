//! SQLite blocks the thread it runs on, so sqlx runs each SQLite connection on its own thread.
//!
//! SQLite is a library that reads a file: there is no socket to wait on, and a query blocks its
//! thread until it has finished. asyncio has `aiosqlite`, which does the same as sqlx: the
//! connection's thread receives commands through one channel and sends rows back through another.
//! The runtime's thread stays free. If the task is cancelled, it stops waiting, but the query
//! continues on its thread. A driver for a database server needs no thread: it waits on a socket.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use futures::executor::block_on;
use sqlx::any::AnyPoolOptions;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{
    database::{self, NumberQuery},
    location::Location,
};

/// A ticker continues while a query is awaited, and stops while a query blocks the thread.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with_location(Location::file()?, AnyPoolOptions::new(), async |database| {
        let mut connection = database.pool.acquire().await?;
        let ticker = ticker(50.ms());
        let query: NumberQuery = database.slow_query(200.ms());
        query.fetch_one(&mut *connection).step("awaited").lane("query").await?;
        say!("awaited: the ticker continued");
        let query: NumberQuery = database.slow_query(200.ms());
        async { block_on(query.fetch_one(&mut *connection)) }
            .step("blocking")
            .lane("blocking query")
            .await?;
        say!("blocking: the ticker stopped");
        ticker.abort();
        Ok(())
    })
    .await
}

fn ticker(every: Duration) -> JoinHandle<()> {
    let ticks = async move {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            say!("tick");
        }
    };
    tokio::spawn(ticks.lane("ticker"))
}

#[cfg(test)]
mod tests {
    use sqlx::query;

    use super::*;
    use crate::{accounts::open_accounts, cancel_safe_begin::begin_with};

    /// The second writer polls for the lock until the first commits. If that blocked the runtime's
    /// only thread, the first could not commit, and the second would fail with `SQLITE_BUSY`.
    #[tokio::test]
    async fn a_query_that_waits_for_a_lock_does_not_stop_the_task_that_holds_it() {
        let file = Location::file().expect("a temporary folder");
        let tested =
            database::with_location(file, AnyPoolOptions::new(), async |database| {
                open_accounts(&database.pool).await?;
                let first = begin_with(&database.pool, "BEGIN IMMEDIATE").await?;
                let second =
                    database.pool_of(AnyPoolOptions::new().max_connections(1))?;
                query("PRAGMA busy_timeout = 60000").execute(&second).await?;
                let second = async {
                    query("UPDATE accounts SET balance = 1").execute(&second).await
                };
                let (written, committed) = tokio::join!(second, first.commit());
                committed?;
                assert_eq!(written?.rows_affected(), 2);
                Ok(())
            });
        tested.await.expect("both write");
    }
}
