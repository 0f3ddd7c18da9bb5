//! SQLite lets one write at a time: readers need not wait for it, and writers queue better outside.
//!
//! With a write-ahead log a reader sees the last commit while somebody writes. A second writer
//! is refused with `SQLITE_BUSY` after `busy_timeout`, in which its thread asks again and again,
//! and whoever asks at the right moment is next. A pool of one connection for all that write is
//! the same lock as a queue: first come, first served, with a limit, and a drop leaves it.
//! `BEGIN IMMEDIATE` says at once that it will write, so it cannot be refused half-way.
//! PostgreSQL locks rows and not the whole: writers of different rows need not wait.

use std::time::Duration;

use async_kit::{Lane, Millis, say};
use sqlx::{AnyPool, any::AnyPoolOptions, query};
use tokio::time::sleep;

use crate::{
    begin::begin_with,
    database,
    place::Kind,
    transaction::{balance, open_accounts},
};

/// Two that write different rows for 100 ms each, and one that reads meanwhile.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new().max_connections(3), async |database| {
        say!("on {}", database.kind());
        open_accounts(&database.pool).await?;
        let writers = database.pool_of(one_writer(5.secs()))?;
        let begin = writing(database.kind());
        let mut parts = Vec::new();
        for name in ["ada", "bob"] {
            let writer = write(writers.clone(), begin, name, 100.ms());
            parts.push(tokio::spawn(writer.try_lane(format!("writes {name}"))));
        }
        sleep(50.ms()).await;
        let read = balance(&database.pool, "ada").step("reading").try_lane("reads ada");
        say!("the reader did not wait: ada has {}", read.await?);
        for part in parts {
            part.await??;
        }
        writers.close().await;
        say!("then ada has {}", balance(&database.pool, "ada").await?);
        Ok(())
    })
    .await
}

// ANCHOR: writer
/// The limits of a pool for all that write.
fn one_writer(patience: Duration) -> AnyPoolOptions {
    AnyPoolOptions::new().max_connections(1).acquire_timeout(patience)
}

/// How a transaction begins that will write.
fn writing(kind: Kind) -> &'static str {
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
    use crate::on_both::on_both;

    /// Far beyond what any machine needs.
    const PLENTY: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn a_reader_sees_the_last_commit_while_another_writes() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let begin = writing(database.kind());
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
    async fn a_second_writer_of_sqlite_may_not_even_begin_and_of_postgresql_it_may() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let begin = writing(database.kind());
            let mut first = begin_with(&database.pool, begin).await?;
            query("UPDATE accounts SET balance = 1 WHERE name = 'ada'")
                .execute(&mut *first)
                .await?;
            let others = database.pool_of(one_writer(PLENTY))?;
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
                    let busy = busy.into_database_error().expect("of the database");
                    assert_eq!(busy.code().as_deref(), Some("5"), "{busy}");
                }
            }
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn writers_in_a_queue_are_never_busy() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let writers = database.pool_of(one_writer(PLENTY))?;
            let begin = writing(database.kind());
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
    async fn a_writer_that_waits_too_long_is_told() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let writers = database.pool_of(one_writer(PLENTY))?;
            let begin = writing(database.kind());
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
