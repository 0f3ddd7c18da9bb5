//! SQLite has one writer at a time: readers do not wait for it, and writers queue best in a pool.
//!
//! With a write-ahead log, a reader sees the last commit while another task writes. A second
//! writer polls for the lock, and fails with `SQLITE_BUSY` after `busy_timeout`; the writer that
//! polls at the right moment gets the lock next. A pool of one connection for all writers is the
//! same lock with a FIFO wait queue, a timeout, and waiters that leave when they are cancelled.
//! `BEGIN IMMEDIATE` takes the lock immediately, so the transaction cannot be refused later.
//! PostgreSQL locks rows and not the whole database: writers of different rows do not wait, so there
//! the pool of the writers has several connections.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use sqlx::{AnyPool, any::AnyPoolOptions, query};
use tokio::time::sleep;

use crate::{
    accounts::{balance, open_accounts},
    cancel_safe_begin::begin_with,
    database,
    location::Kind,
};

/// Two tasks write different rows for 100 ms each, and one reads at the same time.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new().max_connections(3), async |database| {
        say!("on {}", database.kind());
        open_accounts(&database.pool).await?;
        let writers = database.pool_of(writers(database.kind(), 5.secs()))?;
        let begin = begin_to_write(database.kind());
        let mut writes = Vec::new();
        for name in ["ada", "bob"] {
            let writer = write(writers.clone(), begin, name, 100.ms());
            writes.push(tokio::spawn(writer.try_lane(format!("writes {name}"))));
        }
        sleep(50.ms()).await;
        let read = balance(&database.pool, "ada").step("reading").try_lane("reads ada");
        say!("the reader did not wait: ada has {}", read.await?);
        for write in writes {
            write.await??;
        }
        writers.close().await;
        say!("then ada has {}", balance(&database.pool, "ada").await?);
        Ok(())
    })
    .await
}

// ANCHOR: writer
/// The limits of a pool for all writers. In SQLite one writes at a time.
fn writers(kind: Kind, timeout: Duration) -> AnyPoolOptions {
    let connections = match kind {
        Kind::Sqlite => 1,
        Kind::Postgres => 3,
    };
    AnyPoolOptions::new().max_connections(connections).acquire_timeout(timeout)
}

/// The statement that begins a transaction which will write.
fn begin_to_write(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "BEGIN IMMEDIATE",
        Kind::Postgres => "BEGIN",
    }
}

async fn write(
    writers: AnyPool,
    begin: &'static str,
    name: &str,
    takes: Duration,
) -> sqlx::Result<()> {
    let mut transaction = begin_with(&writers, begin).await?;
    query("UPDATE accounts SET balance = balance + 1 WHERE name = $1")
        .bind(name)
        .execute(&mut *transaction)
        .await?;
    sleep(takes).step("writing").await;
    transaction.commit().await
}
// ANCHOR_END: writer

#[cfg(test)]
mod tests {
    use futures::future::try_join_all;
    use tokio::time;

    use super::*;
    use crate::both_databases::on_both;

    /// A limit far longer than any machine needs.
    const TEST_LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_reader_sees_the_last_commit_while_another_task_writes() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let begin = begin_to_write(database.kind());
            let mut transaction = begin_with(&database.pool, begin).await?;
            query("DELETE FROM accounts").execute(&mut *transaction).await?;
            assert_eq!(balance(&database.pool, "ada").await?, 100);
            transaction.commit().await?;
            assert!(balance(&database.pool, "ada").await.is_err());
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_second_writer_begins_on_postgresql_but_not_on_sqlite() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let begin = begin_to_write(database.kind());
            let mut first = begin_with(&database.pool, begin).await?;
            query("UPDATE accounts SET balance = 1 WHERE name = 'ada'")
                .execute(&mut *first)
                .await?;
            let others = database.pool_of(writers(Kind::Sqlite, TEST_LIMIT))?;
            if database.kind() == Kind::Sqlite {
                query("PRAGMA busy_timeout = 5").execute(&others).await?;
            }
            match begin_with(&others, begin).await {
                Ok(mut second) => {
                    assert_eq!(database.kind(), Kind::Postgres);
                    query("UPDATE accounts SET balance = 2 WHERE name = 'bob'")
                        .execute(&mut *second)
                        .await?;
                }
                Err(busy) => {
                    let busy =
                        busy.into_database_error().expect("an error of the database");
                    assert_eq!(busy.code().as_deref(), Some("5"), "{busy}");
                }
            }
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn two_writers_of_the_section_overlap_on_postgresql() {
        on_both(AnyPoolOptions::new(), async |database| {
            if database.kind() == Kind::Sqlite {
                return Ok(());
            }
            open_accounts(&database.pool).await?;
            let writers = database.pool_of(writers(Kind::Postgres, TEST_LIMIT))?;
            let mut open = Vec::new();
            for name in ["ada", "bob"] {
                let mut transaction = begin_with(&writers, "BEGIN").await?;
                query("UPDATE accounts SET balance = 1 WHERE name = $1")
                    .bind(name)
                    .execute(&mut *transaction)
                    .await?;
                open.push(transaction);
            }
            drop(open);
            writers.close().await;
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn writers_in_a_queue_are_never_busy() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let writers = database.pool_of(writers(Kind::Sqlite, TEST_LIMIT))?;
            let begin = begin_to_write(database.kind());
            let writes = (0..20).map(|_| write(writers.clone(), begin, "ada", 0.ms()));
            try_join_all(writes).await?;
            assert_eq!(balance(&database.pool, "ada").await?, 120);
            assert_eq!(writers.size(), 1);
            writers.close().await;
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_writer_that_waits_too_long_gets_a_timeout_error() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let writers = database.pool_of(writers(Kind::Sqlite, TEST_LIMIT))?;
            let begin = begin_to_write(database.kind());
            let first = begin_with(&writers, begin).await?;
            time::pause();
            let second = write(writers.clone(), begin, "ada", 0.ms()).await;
            time::resume();
            assert!(matches!(second, Err(sqlx::Error::PoolTimedOut)), "{second:?}");
            drop(first);
            writers.close().await;
            Ok(())
        })
        .await;
    }
}
