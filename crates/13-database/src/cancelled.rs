//! A cancelled transaction has not happened, and its connection is lent on as if it were new.
//!
//! asyncpg: `CancelledError` leaves the `async with`, which rolls back, and the server is asked
//! to cancel the query. sqlx: the drop of a transaction notes a `ROLLBACK`, which the connection
//! sends before it is lent again. But nobody tells the server to stop: a query that was dropped
//! half-way goes on, and its connection comes back only when it has ended.

use async_kit::{Lane, Millis, say};
use sqlx::{AnyPool, any::AnyPoolOptions, query};
use tokio::time::{sleep, timeout};

use crate::{
    begin::begin,
    database,
    transaction::{balance, open_accounts},
};

/// The pool has one connection, so whoever comes next is lent the one that was cancelled.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new().max_connections(1), async |database| {
        let pool = &database.pool;
        say!("on {}", database.kind());
        open_accounts(pool).await?;

        let _ = timeout(100.ms(), take_slowly(pool).lane("transfer")).await;
        say!("the transfer was cancelled, and ada has {}", balance(pool, "ada").await?);

        let report = database.slow_query(400.ms()).fetch_one(pool).step("asking");
        let _ = timeout(100.ms(), report.lane("report")).await;
        say!("the report was cancelled");
        let next = balance(pool, "bob").step("waiting for the connection");
        say!("its connection is back, and bob has {}", next.lane("next").await?);
        Ok(())
    })
    .await
}

// ANCHOR: cancelled
async fn take_slowly(pool: &AnyPool) -> sqlx::Result<()> {
    let mut transaction = begin(pool).await?;
    query("UPDATE accounts SET balance = 0 WHERE name = 'ada'")
        .execute(&mut *transaction)
        .await?;
    say!("took everything");
    sleep(500.ms()).step("in a transaction").await;
    transaction.commit().await
}
// ANCHOR_END: cancelled

#[cfg(test)]
mod tests {
    use anyhow::ensure;
    use sqlx::query_scalar;

    use super::*;
    use crate::{
        begin::begin_with, cut::cut, on_both::on_both, place::Kind, transaction::transfer,
    };

    /// Who looks from outside sees only what is committed: in a transaction that stayed open,
    /// the pool's own writes would be seen by nobody else.
    async fn is_clean(pool: &AnyPool, outside: &AnyPool) -> anyhow::Result<()> {
        query("UPDATE accounts SET balance = balance + 1").execute(pool).await?;
        let inside: i64 = query_scalar(TOTAL).fetch_one(pool).await?;
        let seen: i64 = query_scalar(TOTAL).fetch_one(outside).await?;
        ensure!(inside == seen, "{inside} inside the pool, {seen} outside");
        query("UPDATE accounts SET balance = balance - 1").execute(pool).await?;
        Ok(())
    }

    const TOTAL: &str = "SELECT CAST(sum(balance) AS BIGINT) FROM accounts";

    /// One connection, so that a lost one would stop the next turn.
    fn one() -> AnyPoolOptions {
        AnyPoolOptions::new().max_connections(1)
    }

    #[tokio::test]
    async fn a_transfer_dropped_at_any_await_has_happened_whole_or_not_at_all() {
        on_both(one(), async |database| {
            let outside = database.pool_of(one())?;
            let pool = &database.pool;
            open_accounts(pool).await?;
            for waits in 0..100 {
                let done = cut(transfer(pool, 1), waits).await;
                let total: i64 = query_scalar(TOTAL).fetch_one(pool).await?;
                ensure!(total == 100, "dropped after {waits} waits: {total}");
                is_clean(pool, &outside).await?;
                if let Some(done) = done {
                    ensure!(waits > 0, "it was never dropped");
                    return Ok(done?);
                }
            }
            anyhow::bail!("it waits more often than a hundred times")
        })
        .await;
    }

    #[tokio::test]
    async fn a_beginning_dropped_before_its_answer_leaves_no_transaction_open() {
        on_both(one(), async |database| {
            let outside = database.pool_of(one())?;
            open_accounts(&database.pool).await?;
            let slowly = match database.kind() {
                Kind::Sqlite => "BEGIN; SELECT name FROM accounts",
                Kind::Postgres => "BEGIN; SELECT pg_sleep(0.02)",
            };
            for waits in 0..3 {
                let _ = cut(begin_with(&database.pool, slowly), waits).await;
                is_clean(&database.pool, &outside).await?;
            }
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_query_dropped_half_way_leaves_no_rows_to_the_next() {
        on_both(one(), async |database| {
            let outside = database.pool_of(one())?;
            open_accounts(&database.pool).await?;
            let mut lent = database.pool.acquire().await?;
            let _ = cut(database.slow_query(20.ms()).fetch_one(&mut *lent), 0).await;
            drop(lent);
            assert_eq!(balance(&database.pool, "ada").await?, 100);
            assert_eq!(database.pool.size(), 1);
            is_clean(&database.pool, &outside).await
        })
        .await;
    }
}
