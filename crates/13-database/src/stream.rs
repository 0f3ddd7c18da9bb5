//! A stream processes rows as they arrive, so a table may be larger than the memory.
//!
//! asyncpg: `async for row in connection.cursor(…)`, inside a transaction. sqlx: `fetch` returns
//! a stream; `fetch_all` collects it in a `Vec`. A stream borrows its connection until it ends.
//! While you process the rows, the connection is not free for other tasks.
//!
//! On PostgreSQL it is expensive to stop early: the server sends all rows, and the connection has
//! to read the rest before its next use. So query with a `LIMIT`, or close the connection.
#![cfg(not(target_family = "wasm"))]

use std::time::Instant;

use async_kit::{Lane, ask, knob, say};
use futures::{StreamExt, TryStreamExt};
use sqlx::{AnyPool, any::AnyPoolOptions, query_scalar};

use crate::database::{self, NumberQuery};

pub(crate) fn knobs() -> u64 {
    let rows = knob("rows", 20_000, 1_000..=10_000_000);
    ask("rows=1000000", "when does each function get its first row?");
    rows
}

/// The database generates the numbers from 1 to `rows`; each function adds them up.
pub(crate) async fn run(rows: u64) -> anyhow::Result<()> {
    let rows = rows as i64;
    database::with(AnyPoolOptions::new(), async |database| {
        say!("{rows} rows from {}", database.kind());
        let pool = &database.pool;
        let began = Instant::now();
        let all = collect(pool, rows).step("collecting").try_lane("fetch_all").await?;
        say!("fetch_all: the first row after {} ms", began.elapsed().as_millis());
        let began = Instant::now();
        let mut first = None;
        let total = sum(pool, rows, || {
            first.get_or_insert_with(|| began.elapsed().as_millis());
        });
        let total = total.step("reading").try_lane("fetch").await?;
        say!("fetch: the first row after {} ms", first.unwrap_or_default());
        anyhow::ensure!(total == all.iter().sum::<i64>(), "the sums differ");
        let three = first_rows(pool, rows, 3).step("reading").try_lane("three");
        say!("stopped after three rows: {:?}", three.await?);
        Ok(())
    })
    .await
}

/// A query for the numbers from 1 to `rows`, one in each row.
fn numbers(rows: i64) -> NumberQuery {
    let numbers = "WITH RECURSIVE n(i) AS (
        SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1
    ) SELECT i FROM n";
    query_scalar(numbers).bind(rows)
}

// ANCHOR: stream
async fn collect(pool: &AnyPool, rows: i64) -> sqlx::Result<Vec<i64>> {
    numbers(rows).fetch_all(pool).await
}

async fn sum(pool: &AnyPool, rows: i64, mut seen: impl FnMut()) -> sqlx::Result<i64> {
    let mut total = 0;
    let mut stream = numbers(rows).fetch(pool);
    while let Some(n) = stream.try_next().await? {
        seen();
        total += n;
    }
    Ok(total)
}

async fn first_rows(pool: &AnyPool, rows: i64, n: usize) -> sqlx::Result<Vec<i64>> {
    let mut connection = pool.acquire().await?;
    // The server already sends the other rows, and this function will not read them.
    connection.close_on_drop();
    numbers(rows).fetch(&mut *connection).take(n).try_collect().await
}
// ANCHOR_END: stream

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{both_databases::on_both, location::Kind};

    fn one() -> AnyPoolOptions {
        AnyPoolOptions::new().max_connections(1)
    }

    #[tokio::test]
    async fn a_stream_yields_every_row_once() {
        on_both(one(), async |database| {
            for rows in [1, 2, 1_000] {
                let mut seen = 0;
                let total = sum(&database.pool, rows, || seen += 1).await?;
                assert_eq!((seen, total), (rows, rows * (rows + 1) / 2));
                assert_eq!(collect(&database.pool, rows).await?.len() as i64, rows);
            }
            Ok(())
        })
        .await;
    }

    /// To count to the end would take days: the other rows are neither fetched nor discarded.
    #[tokio::test]
    async fn a_stream_that_is_dropped_early_reads_no_further_rows() {
        on_both(one(), async |database| {
            let first = first_rows(&database.pool, i64::MAX, 3).await?;
            assert_eq!(first, [1, 2, 3]);
            assert_eq!(collect(&database.pool, 2).await?, [1, 2]);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn an_error_half_way_follows_the_rows_before_it() {
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
