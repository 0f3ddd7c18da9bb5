//! Of two transactions that read the same and write, one is refused, and tries again.
//!
//! Read, compute, write: between the first and the last, somebody else may have written. Under
//! PostgreSQL's default, `READ COMMITTED`, their write is overwritten and nobody is told. Under
//! `SERIALIZABLE` the database refuses one of the two with a code that means "try again", and a
//! transaction is just what can be tried again, since what was refused has not happened. SQLite
//! is always serializable; its word is `SQLITE_BUSY`. asyncpg raises `SerializationError`; the
//! loop around it is yours in both languages.

use std::time::Duration;

use async_kit::{Backoff, Jitter, Lane, Millis, Retry, RetryError, say};
use sqlx::{AnyPool, any::AnyPoolOptions, query};
use tokio::time::sleep;

use crate::{
    begin::begin_with,
    database,
    place::Kind,
    transaction::{balance, open_accounts},
};

/// Three clerks each add 10 to what they read; on PostgreSQL, first without asking for isolation.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new(), async |database| {
        say!("on {}", database.kind());
        let pool = &database.pool;
        open_accounts(pool).await?;
        if database.kind() == Kind::Postgres {
            three_clerks(pool, "BEGIN ISOLATION LEVEL READ COMMITTED", "careless")
                .await?;
            say!("three times 10 make {}", balance(pool, "bob").await?);
            query("UPDATE accounts SET balance = 0").execute(pool).await?;
        }
        three_clerks(pool, strict(database.kind()), "clerk").await?;
        say!("three times 10 make {}", balance(pool, "bob").await?);
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
/// How a transaction begins that behaves as if it were alone.
fn strict(kind: Kind) -> &'static str {
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
    // Jitter, or those who met once would meet again.
    let backoff = Backoff::exponential(10.ms()).max(200.ms()).jitter(Jitter::Full);
    Retry::new(backoff)
        .attempts(50)
        .when(is_conflict)
        .on_retry(|_, _, error| say!("again, because {error}"))
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

/// Whether the very same transaction may succeed if it is tried again.
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
    use crate::on_both::on_both;

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

    /// Both read before either writes; the first commits, and the second gets this far.
    async fn two_meet(pool: &AnyPool, isolation: &'static str) -> sqlx::Result<()> {
        let mut first = begin_with(pool, isolation).await?;
        let mut second = begin_with(pool, isolation).await?;
        let seen = (read(&mut first).await?, read(&mut second).await?);
        write(&mut first, seen.0 + 10).await?;
        first.commit().await?;
        write(&mut second, seen.1 + 10).await?;
        second.commit().await
    }

    #[tokio::test]
    async fn the_second_of_two_that_met_is_refused_with_a_conflict() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let refused = two_meet(&database.pool, strict(database.kind())).await;
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
            let met = two_meet(&database.pool, "BEGIN").await;
            assert_eq!(met.is_ok(), database.kind() == Kind::Postgres, "{met:?}");
            assert_eq!(balance(&database.pool, "bob").await?, 10);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn every_deposit_counts_however_they_meet() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let isolation = strict(database.kind());
            let deposits = (0..4).map(|_| deposit(&database.pool, isolation, 1.ms()));
            try_join_all(deposits).await?;
            assert_eq!(balance(&database.pool, "bob").await?, 40);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn what_no_second_try_would_mend_is_not_tried_again() {
        on_both(AnyPoolOptions::new(), async |database| {
            let failed = deposit(&database.pool, "BEGIN", Duration::ZERO).await;
            let failed = failed.expect_err("there is no such table");
            assert_eq!(failed.attempts(), 1, "{failed}");
            Ok(())
        })
        .await;
    }
}
