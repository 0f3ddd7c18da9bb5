//! A cancelled transaction is rolled back before its connection is used again.
//!
//! asyncpg: `CancelledError` leaves the `async with`, which rolls back, and asyncpg asks the server
//! to cancel the query. sqlx: dropping a transaction queues a `ROLLBACK`, which the connection
//! sends before its next use. But sqlx sends no cancel request: if a query is dropped before its
//! reply, the server continues it, and the connection is free only when that query has ended.
#![cfg(not(target_family = "wasm"))]

use async_kit::{Lane, Millis, say};
use sqlx::{AnyPool, any::AnyPoolOptions, query};
use tokio::time::{sleep, timeout};

use crate::{
    accounts::{balance, open_accounts},
    cancel_safe_begin::begin,
    database,
};

/// The pool has one connection, so the next query uses the connection of the cancelled one.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new().max_connections(1), async |database| {
        let pool = &database.pool;
        say!("on {}", database.kind());
        open_accounts(pool).await?;

        let _ = timeout(100.ms(), take_slowly(pool).lane("transfer")).await;
        say!("the transfer was cancelled, and ada has {}", balance(pool, "ada").await?);

        let report = database.slow_query(400.ms()).fetch_one(pool).step("querying");
        let _ = timeout(100.ms(), report.lane("report")).await;
        say!("the report was cancelled");
        let next = balance(pool, "bob").step("waiting for the connection");
        say!("its connection is free again, and bob has {}", next.lane("next").await?);
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
    say!("took all the money");
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
        both_databases::on_both, cancel_safe_begin::begin_with,
        cancellation::cancel_at_await, location::Kind,
    };

    /// Moves 1 from Ada to Bob.
    async fn transfer(pool: &AnyPool) -> sqlx::Result<()> {
        let mut transaction = begin(pool).await?;
        for update in [
            "UPDATE accounts SET balance = balance + 1 WHERE name = 'bob'",
            "UPDATE accounts SET balance = balance - 1 WHERE name = 'ada'",
        ] {
            query(update).execute(&mut *transaction).await?;
        }
        transaction.commit().await
    }

    /// Fails if a transaction stayed open on the pool's connection: then the pool's next write
    /// would belong to it, and a connection outside the pool would not see that write.
    async fn no_transaction_is_open(
        pool: &AnyPool,
        outside: &AnyPool,
    ) -> anyhow::Result<()> {
        query("UPDATE accounts SET balance = balance + 1").execute(pool).await?;
        let inside: i64 = query_scalar(TOTAL).fetch_one(pool).await?;
        let seen: i64 = query_scalar(TOTAL).fetch_one(outside).await?;
        ensure!(inside == seen, "{inside} inside the pool, {seen} outside");
        query("UPDATE accounts SET balance = balance - 1").execute(pool).await?;
        Ok(())
    }

    const TOTAL: &str = "SELECT CAST(sum(balance) AS BIGINT) FROM accounts";

    /// One connection: if a cancelled future lost it, the next iteration would find no connection.
    fn one() -> AnyPoolOptions {
        AnyPoolOptions::new().max_connections(1)
    }

    #[tokio::test]
    async fn a_transfer_dropped_at_any_await_is_complete_or_rolled_back() {
        on_both(one(), async |database| {
            let outside = database.pool_of(one())?;
            let pool = &database.pool;
            open_accounts(pool).await?;
            for n in 0..100 {
                let done = cancel_at_await(transfer(pool), n).await;
                let total: i64 = query_scalar(TOTAL).fetch_one(pool).await?;
                ensure!(total == 100, "dropped at await {n}: {total}");
                no_transaction_is_open(pool, &outside).await?;
                if let Some(done) = done {
                    ensure!(n > 0, "it was never dropped");
                    return Ok(done?);
                }
            }
            anyhow::bail!("it has more than a hundred awaits")
        })
        .await;
    }

    #[tokio::test]
    async fn a_begin_dropped_before_its_reply_leaves_no_transaction_open() {
        on_both(one(), async |database| {
            let outside = database.pool_of(one())?;
            open_accounts(&database.pool).await?;
            let slow_begin = match database.kind() {
                Kind::Sqlite => "BEGIN; SELECT name FROM accounts",
                Kind::Postgres => "BEGIN; SELECT pg_sleep(0.02)",
            };
            for n in 0..3 {
                let _ = cancel_at_await(begin_with(&database.pool, slow_begin), n).await;
                no_transaction_is_open(&database.pool, &outside).await?;
            }
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_query_dropped_half_way_leaves_no_rows_for_the_next_query() {
        on_both(one(), async |database| {
            let outside = database.pool_of(one())?;
            open_accounts(&database.pool).await?;
            let mut connection = database.pool.acquire().await?;
            let slow = database.slow_query(20.ms()).fetch_one(&mut *connection);
            let _ = cancel_at_await(slow, 0).await;
            drop(connection);
            assert_eq!(balance(&database.pool, "ada").await?, 100);
            assert_eq!(database.pool.size(), 1);
            no_transaction_is_open(&database.pool, &outside).await
        })
        .await;
    }
}
