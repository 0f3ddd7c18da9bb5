//! Rows are worked on as they come, and a table larger than the memory is no trouble.
//!
//! asyncpg: `async for row in connection.cursor(…)`, inside a transaction. sqlx: `fetch` is a
//! stream; `fetch_all` collects it in a `Vec`. A stream borrows its connection until its end,
//! so it costs the pool one connection for as long as you take over the rows.
//!
//! Leaving early has its price on PostgreSQL, whose server has been told to send all rows: a
//! connection that comes back to the pool first reads what is still to come. So ask with a
//! `LIMIT`, or let the connection be closed.

use std::time::Instant;

use async_kit::{Lane, knob, say};
use futures::{StreamExt, TryStreamExt};
use sqlx::{AnyPool, any::AnyPoolOptions, query_scalar};

use crate::database::{self, Question};

pub(crate) fn knobs() -> u64 {
    knob("rows", 20_000, 1_000..=10_000_000)
}

/// Numbers that the database counts up itself; each consumer adds them.
pub(crate) async fn run(rows: u64) -> anyhow::Result<()> {
    let rows = rows as i64;
    database::with(AnyPoolOptions::new(), async |database| {
        say!("{rows} rows from {}", database.kind());
        let pool = &database.pool;
        let began = Instant::now();
        let all = collected(pool, rows).step("collecting").try_lane("fetch_all").await?;
        say!("fetch_all: the first after {} ms", began.elapsed().as_millis());
        let began = Instant::now();
        let mut first = None;
        let total = added_up(pool, rows, || {
            first.get_or_insert_with(|| began.elapsed().as_millis());
        });
        let total = total.step("reading").try_lane("fetch").await?;
        say!("fetch: the first after {} ms", first.unwrap_or_default());
        anyhow::ensure!(total == all.iter().sum::<i64>(), "the sums differ");
        let three = first_of(pool, rows, 3).step("reading").try_lane("three");
        say!("only the first three: {:?}", three.await?);
        Ok(())
    })
    .await
}

/// The numbers from 1 to `rows`, a row each.
fn numbers(rows: i64) -> Question {
    let numbers = "WITH RECURSIVE n(i) AS (
        SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1
    ) SELECT i FROM n";
    query_scalar(numbers).bind(rows)
}

// ANCHOR: stream
async fn collected(pool: &AnyPool, rows: i64) -> sqlx::Result<Vec<i64>> {
    numbers(rows).fetch_all(pool).await
}

async fn added_up(
    pool: &AnyPool,
    rows: i64,
    mut seen: impl FnMut(),
) -> sqlx::Result<i64> {
    let mut total = 0;
    let mut stream = numbers(rows).fetch(pool);
    while let Some(n) = stream.try_next().await? {
        seen();
        total += n;
    }
    Ok(total)
}

async fn first_of(pool: &AnyPool, rows: i64, n: usize) -> sqlx::Result<Vec<i64>> {
    let mut connection = pool.acquire().await?;
    // The rest is on its way and will not be read.
    connection.close_on_drop();
    numbers(rows).fetch(&mut *connection).take(n).try_collect().await
}
// ANCHOR_END: stream

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{on_both::on_both, place::Kind};

    fn one() -> AnyPoolOptions {
        AnyPoolOptions::new().max_connections(1)
    }

    #[tokio::test]
    async fn a_stream_gives_every_row_once() {
        on_both(one(), async |database| {
            for rows in [1, 2, 1_000] {
                let mut seen = 0;
                let total = added_up(&database.pool, rows, || seen += 1).await?;
                assert_eq!((seen, total), (rows, rows * (rows + 1) / 2));
                assert_eq!(collected(&database.pool, rows).await?.len() as i64, rows);
            }
            Ok(())
        })
        .await;
    }

    /// To count to the end would take days: it was not fetched, and is not read up either.
    #[tokio::test]
    async fn a_stream_that_is_left_early_costs_only_what_was_read() {
        on_both(one(), async |database| {
            let first = first_of(&database.pool, i64::MAX, 3).await?;
            assert_eq!(first, [1, 2, 3]);
            assert_eq!(collected(&database.pool, 2).await?, [1, 2]);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn an_error_half_way_comes_after_the_rows_before_it() {
        on_both(one(), async |database| {
            let broken = match database.kind() {
                Kind::Sqlite => "SELECT 1 UNION ALL SELECT abs(-9223372036854775807 - 1)",
                Kind::Postgres => "SELECT 1 / (2 - i) FROM generate_series(1, 2) AS n(i)",
            };
            let mut stream = query_scalar::<_, i64>(broken).fetch(&database.pool);
            assert_eq!(stream.try_next().await?, Some(1));
            assert!(stream.try_next().await.is_err());
            Ok(())
        })
        .await;
    }
}
