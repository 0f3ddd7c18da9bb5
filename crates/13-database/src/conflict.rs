//! If two transactions read the same row and then write it, one is refused and must be retried.
//!
//! Read, compute, write: another transaction may write between your read and your write. At
//! PostgreSQL's default level, `READ COMMITTED`, your write then overwrites the other one without
//! an error. At `SERIALIZABLE` the database refuses one of the two with a code that means "retry".
//! A refused transaction has changed nothing, so it is safe to retry. SQLite is always
//! serializable, and its code is `SQLITE_BUSY`. asyncpg raises `SerializationError`. In both
//! languages you write the retry loop.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{Backoff, Jitter, Lane, Millis, Retry, RetryError, say};
use sqlx::{AnyPool, any::AnyPoolOptions, query};
use tokio::time::sleep;

use crate::{
    accounts::{balance, open_accounts},
    cancel_safe_begin::begin_with,
    database,
    location::Kind,
};

/// Three clerks each add 10 to the balance they read; on PostgreSQL, first without isolation.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new(), async |database| {
        say!("on {}", database.kind());
        let pool = &database.pool;
        open_accounts(pool).await?;
        if database.kind() == Kind::Postgres {
            three_clerks(pool, "BEGIN ISOLATION LEVEL READ COMMITTED", "careless")
                .await?;
            say!("three deposits of 10 make {}", balance(pool, "bob").await?);
            query("UPDATE accounts SET balance = 0").execute(pool).await?;
        }
        three_clerks(pool, serializable(database.kind()), "clerk").await?;
        say!("three deposits of 10 make {}", balance(pool, "bob").await?);
        Ok(())
    })
    .await
}

async fn three_clerks(
    pool: &AnyPool,
    isolation: &'static str,
    name: &str,
) -> anyhow::Result<()> {
    let clerks: Vec<_> = (0..3)
        .map(|n| {
            let pool = pool.clone();
            let clerk = async move { deposit(&pool, isolation, 30.ms()).await };
            tokio::spawn(clerk.try_lane(format!("{name} {n}")))
        })
        .collect();
    for clerk in clerks {
        clerk.await??;
    }
    Ok(())
}

// ANCHOR: conflict
/// The statement that begins a transaction which behaves as if no other were running.
fn serializable(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "BEGIN",
        Kind::Postgres => "BEGIN ISOLATION LEVEL SERIALIZABLE",
    }
}

async fn deposit(
    pool: &AnyPool,
    isolation: &'static str,
    thinks: Duration,
) -> Result<(), RetryError<sqlx::Error>> {
    // Without jitter, clerks that conflicted once would conflict again.
    let backoff = Backoff::exponential(10.ms()).max(200.ms()).jitter(Jitter::Full);
    Retry::new(backoff)
        .attempts(50)
        .when(is_conflict)
        .on_retry(|_, _, error| {
            if let Some(error) = error.error() {
                say!("retry: {}", database::message(error));
            }
        })
        .run(|| add_ten(pool, isolation, thinks))
        .await
}

async fn add_ten(
    pool: &AnyPool,
    isolation: &'static str,
    thinks: Duration,
) -> sqlx::Result<()> {
    let mut transaction = begin_with(pool, isolation).await?;
    let before: i64 =
        sqlx::query_scalar("SELECT balance FROM accounts WHERE name = 'bob'")
            .fetch_one(&mut *transaction)
            .await?;
    sleep(thinks).step("between read and write").await;
    query("UPDATE accounts SET balance = $1 WHERE name = 'bob'")
        .bind(before + 10)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

/// Whether the same transaction may succeed if it is retried.
fn is_conflict(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    match code.as_deref() {
        // PostgreSQL: serialization_failure, deadlock_detected.
        Some("40001" | "40P01") => true,
        // SQLite: BUSY, BUSY_SNAPSHOT.
        Some("5" | "517") => true,
        _ => false,
    }
}
// ANCHOR_END: conflict

#[cfg(test)]
mod tests {
    use futures::future::try_join_all;
    use sqlx::{Any, Transaction};

    use super::*;
    use crate::both_databases::on_both;

    async fn read(transaction: &mut Transaction<'_, Any>) -> sqlx::Result<i64> {
        let balance = "SELECT balance FROM accounts WHERE name = 'bob'";
        sqlx::query_scalar(balance).fetch_one(&mut **transaction).await
    }

    async fn write(
        transaction: &mut Transaction<'_, Any>,
        value: i64,
    ) -> sqlx::Result<()> {
        let update = "UPDATE accounts SET balance = $1 WHERE name = 'bob'";
        query(update).bind(value).execute(&mut **transaction).await.map(drop)
    }

    /// Both transactions read before either writes, and the first commits. Returns the result of
    /// the second.
    async fn two_conflict(pool: &AnyPool, isolation: &'static str) -> sqlx::Result<()> {
        let mut first = begin_with(pool, isolation).await?;
        let mut second = begin_with(pool, isolation).await?;
        let seen = (read(&mut first).await?, read(&mut second).await?);
        write(&mut first, seen.0 + 10).await?;
        first.commit().await?;
        write(&mut second, seen.1 + 10).await?;
        second.commit().await
    }

    #[tokio::test]
    async fn the_second_of_two_conflicting_transactions_is_refused() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let refused =
                two_conflict(&database.pool, serializable(database.kind())).await;
            let refused = refused.expect_err("a lost update");
            assert!(is_conflict(&refused), "{refused:?}");
            assert_eq!(balance(&database.pool, "bob").await?, 10);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn without_isolation_postgresql_loses_an_update_and_sqlite_never_does() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let second = two_conflict(&database.pool, "BEGIN").await;
            assert_eq!(second.is_ok(), database.kind() == Kind::Postgres, "{second:?}");
            assert_eq!(balance(&database.pool, "bob").await?, 10);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn every_concurrent_deposit_is_added() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let isolation = serializable(database.kind());
            let deposits = (0..4).map(|_| deposit(&database.pool, isolation, 1.ms()));
            try_join_all(deposits).await?;
            assert_eq!(balance(&database.pool, "bob").await?, 40);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn an_error_that_is_not_a_conflict_is_not_retried() {
        on_both(AnyPoolOptions::new(), async |database| {
            let failed = deposit(&database.pool, "BEGIN", Duration::ZERO).await;
            let failed = failed.expect_err("there is no such table");
            assert_eq!(failed.attempts(), 1, "{failed}");
            Ok(())
        })
        .await;
    }
}
