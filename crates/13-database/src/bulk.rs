//! Many inserts are slow because of round trips and commits, not because of rows.
//!
//! asyncpg: `execute` in a loop, `executemany`, `copy_records_to_table`. Here each version is
//! a function. One row at a time: each row is its own transaction, with a round trip and a write to
//! the disk. In one transaction, there is one such write. In one statement of many rows, there is
//! one round trip for all of them. PostgreSQL also accepts two arrays as columns, and `COPY`,
//! which sends the rows as a file.
#![cfg(not(target_family = "wasm"))]

use std::time::Instant;

use async_kit::{ask, knob, say};
use sqlx::{AnyPool, AssertSqlSafe, PgConnection, any::AnyPoolOptions, query};

use crate::{cancel_safe_begin::begin, database, location::Kind};

/// One measurement: its number and its value.
type Reading = (i64, f64);

pub(crate) fn knobs() -> usize {
    let rows = knob("rows", 500, 1..=1_000_000);
    ask("rows=5000", "how many times faster is the last version than the first?");
    rows
}

/// Inserts the same readings with each version, and prints how long it took.
pub(crate) async fn run(rows: usize) -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new().max_connections(1), async |database| {
        say!("{rows} rows into {}", database.kind());
        let pool = &database.pool;
        let readings = Vec::from_iter((0..rows as i64).map(|id| (id, id as f64 / 2.0)));
        query(TABLE).execute(pool).await?;
        if database.kind() == Kind::Sqlite {
            // A commit waits for the disk, as it must when no commit may be lost.
            query("PRAGMA synchronous = FULL").execute(pool).await?;
        }

        timed(pool, "one by one", one_by_one(pool, &readings)).await?;
        timed(pool, "in one transaction", in_one_transaction(pool, &readings)).await?;
        timed(pool, "many rows a statement", many_rows(pool, &readings)).await?;
        if let Some(mut connection) = database.postgres().await? {
            timed(pool, "two arrays", two_arrays(&mut connection, &readings)).await?;
            timed(pool, "copy", copy_in(&mut connection, &readings)).await?;
        }
        Ok(())
    })
    .await
}

const TABLE: &str = "CREATE TABLE readings (id BIGINT PRIMARY KEY, value FLOAT NOT NULL)";

/// Prints how long `insert` took, and empties the table for the next version.
async fn timed(
    pool: &AnyPool,
    version: &str,
    insert: impl Future<Output = sqlx::Result<()>>,
) -> sqlx::Result<()> {
    let began = Instant::now();
    insert.await?;
    let took = began.elapsed();
    let rows = query("DELETE FROM readings").execute(pool).await?.rows_affected();
    let per_second = rows as f64 / took.as_secs_f64();
    say!("{version:<21} {:>5} ms {per_second:>9.0} rows a second", took.as_millis());
    Ok(())
}

// ANCHOR: one_by_one
const INSERT: &str = "INSERT INTO readings (id, value) VALUES ($1, $2)";

async fn one_by_one(pool: &AnyPool, readings: &[Reading]) -> sqlx::Result<()> {
    for (id, value) in readings {
        query(INSERT).bind(*id).bind(*value).execute(pool).await?;
    }
    Ok(())
}

async fn in_one_transaction(pool: &AnyPool, readings: &[Reading]) -> sqlx::Result<()> {
    let mut transaction = begin(pool).await?;
    for (id, value) in readings {
        query(INSERT).bind(*id).bind(*value).execute(&mut *transaction).await?;
    }
    transaction.commit().await
}
// ANCHOR_END: one_by_one

// ANCHOR: many_rows
/// SQLite accepts 32 766 parameters in one statement and PostgreSQL 65 535; each row has two.
/// Longer statements are no faster.
const CHUNK: usize = 500;

async fn many_rows(pool: &AnyPool, readings: &[Reading]) -> sqlx::Result<()> {
    let mut transaction = begin(pool).await?;
    for chunk in readings.chunks(CHUNK) {
        let mut insert = query(AssertSqlSafe(insert_statement(chunk.len())));
        for (id, value) in chunk {
            insert = insert.bind(*id).bind(*value);
        }
        insert.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// The statement contains only numbers, so it is safe. `QueryBuilder` builds such statements, but
/// not for `Any`: there it writes `?`, which PostgreSQL does not understand.
fn insert_statement(rows: usize) -> String {
    let values = (0..rows).map(|row| format!("(${}, ${})", 2 * row + 1, 2 * row + 2));
    let values = Vec::from_iter(values).join(", ");
    format!("INSERT INTO readings (id, value) VALUES {values}")
}
// ANCHOR_END: many_rows

// ANCHOR: postgres
async fn two_arrays(
    connection: &mut PgConnection,
    readings: &[Reading],
) -> sqlx::Result<()> {
    let (ids, values): (Vec<i64>, Vec<f64>) = readings.iter().copied().unzip();
    query("INSERT INTO readings (id, value) SELECT * FROM UNNEST($1, $2)")
        .bind(ids)
        .bind(values)
        .execute(connection)
        .await?;
    Ok(())
}

async fn copy_in(
    connection: &mut PgConnection,
    readings: &[Reading],
) -> sqlx::Result<()> {
    let statement = "COPY readings (id, value) FROM STDIN WITH (FORMAT csv)";
    let mut copy = connection.copy_in_raw(statement).await?;
    for chunk in readings.chunks(CHUNK) {
        let lines: String =
            chunk.iter().map(|(id, value)| format!("{id},{value}\n")).collect();
        copy.send(lines.as_bytes()).await?;
    }
    // If the copy is dropped before this line, no row is inserted.
    copy.finish().await?;
    Ok(())
}
// ANCHOR_END: postgres

#[cfg(test)]
mod tests {
    use super::*;
    use crate::both_databases::on_both;

    fn readings(n: usize) -> Vec<Reading> {
        (0..n as i64).map(|id| (id, id as f64 / 2.0)).collect()
    }

    /// Removes and returns the rows of the table.
    async fn take_rows(pool: &AnyPool) -> sqlx::Result<Vec<Reading>> {
        let rows = sqlx::query_as("SELECT id, value FROM readings ORDER BY id");
        let rows = rows.fetch_all(pool).await?;
        query("DELETE FROM readings").execute(pool).await?;
        Ok(rows)
    }

    #[tokio::test]
    async fn every_version_inserts_the_same_rows() {
        on_both(AnyPoolOptions::new(), async |database| {
            let pool = &database.pool;
            query(TABLE).execute(pool).await?;
            for n in [0, 1, 20] {
                one_by_one(pool, &readings(n)).await?;
                assert_eq!(take_rows(pool).await?, readings(n));
                in_one_transaction(pool, &readings(n)).await?;
                assert_eq!(take_rows(pool).await?, readings(n));
                many_rows(pool, &readings(n)).await?;
                assert_eq!(take_rows(pool).await?, readings(n));
                if let Some(mut connection) = database.postgres().await? {
                    two_arrays(&mut connection, &readings(n)).await?;
                    assert_eq!(take_rows(pool).await?, readings(n));
                    copy_in(&mut connection, &readings(n)).await?;
                    assert_eq!(take_rows(pool).await?, readings(n));
                }
            }
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn more_rows_than_fit_one_statement_are_all_inserted() {
        on_both(AnyPoolOptions::new(), async |database| {
            query(TABLE).execute(&database.pool).await?;
            for n in [CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK] {
                many_rows(&database.pool, &readings(n)).await?;
                assert_eq!(take_rows(&database.pool).await?, readings(n));
            }
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_row_refused_in_the_last_chunk_undoes_the_first_chunk() {
        on_both(AnyPoolOptions::new(), async |database| {
            query(TABLE).execute(&database.pool).await?;
            let mut twice = readings(CHUNK);
            twice.push(twice[0]);
            assert!(many_rows(&database.pool, &twice).await.is_err());
            assert!(in_one_transaction(&database.pool, &twice).await.is_err());
            assert!(take_rows(&database.pool).await?.is_empty());
            let twice = [(1, 0.5), (2, 1.0), (1, 0.5)];
            assert!(one_by_one(&database.pool, &twice).await.is_err());
            let rows = take_rows(&database.pool).await?;
            assert_eq!(rows, twice[..2], "each row was its own transaction");
            Ok(())
        })
        .await;
    }
}
