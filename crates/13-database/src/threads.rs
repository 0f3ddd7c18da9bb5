//! SQLite blocks the thread it runs on, so sqlx gives each of its connections a thread.
//!
//! SQLite is a library that reads a file: there is no socket to wait on, and a query keeps its
//! thread until it is answered. asyncio needs `aiosqlite` for this, which does as sqlx does: the
//! connection lives on a thread of its own, takes orders from a channel and sends rows back
//! through another. The runtime's thread stays free, and a cancelled wait stops waiting, while
//! the query goes on over there. A driver for a server needs no thread: it waits on a socket.

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use futures::executor::block_on;
use sqlx::any::AnyPoolOptions;
use tokio::{
    task::JoinHandle,
    time::{MissedTickBehavior, interval},
};

use crate::{
    database::{self, Question},
    place::Place,
};

/// A ticker ticks on while a query is awaited, and stands still while one blocks.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with_place(Place::file()?, AnyPoolOptions::new(), async |database| {
        let mut connection = database.pool.acquire().await?;
        let ticker = ticker(50.ms());
        let question: Question = database.slow_query(200.ms());
        question.fetch_one(&mut *connection).step("awaited").lane("query").await?;
        say!("awaited: the ticker went on");
        let question: Question = database.slow_query(200.ms());
        async { block_on(question.fetch_one(&mut *connection)) }
            .step("blocking")
            .lane("blocking query")
            .await?;
        say!("blocking: the ticker stood still");
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
    use crate::{begin::begin_with, transaction::open_accounts};

    /// The second writer asks for the lock until the first commits. If that kept the runtime's
    /// only thread, the first could not commit, and the second would be told that it is busy.
    #[tokio::test]
    async fn a_query_that_waits_for_a_lock_does_not_stop_the_task_that_holds_it() {
        let file = Place::file().expect("a temporary folder");
        let tested =
            database::with_place(file, AnyPoolOptions::new(), async |database| {
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
