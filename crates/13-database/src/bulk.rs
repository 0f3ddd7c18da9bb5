//! What makes many inserts slow is the number of answers waited for and of commits, not of rows.
//!
//! asyncpg: `execute` in a loop, `executemany`, `copy_records_to_table`. sqlx: the same ladder,
//! and each rung is a function here. One row at a time, each is its own transaction: an answer
//! and a write to the disk for each. In one transaction there is one such write. In one
//! statement of many rows there is one answer for all of them. PostgreSQL also takes two arrays
//! as columns, or a copy of a whole file.

use std::time::Instant;

use async_kit::{knob, say};
use sqlx::{AnyPool, AssertSqlSafe, PgConnection, any::AnyPoolOptions, query};

use crate::{begin::begin, database, place::Kind};

/// A reading of some instrument.
type Reading = (i64, f64);

pub(crate) fn knobs() -> usize {
    knob("rows", 500, 1..=1_000_000)
}

/// The same readings, inserted in each way, and how long it took.
pub(crate) async fn run(rows: usize) -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new().max_connections(1), async |database| {
        say!("{rows} rows into {}", database.kind());
        let pool = &database.pool;
        let readings = Vec::from_iter((0..rows as i64).map(|id| (id, id as f64 / 2.0)));
        query(TABLE).execute(pool).await?;
        if database.kind() == Kind::Sqlite {
            // A commit waits for the disk, as it does where nothing may be lost.
            query("PRAGMA synchronous = FULL").execute(pool).await?;
        }

        timed(pool, "one by one", one_by_one(pool, &readings)).await?;
        timed(pool, "in one transaction", in_one_transaction(pool, &readings)).await?;
        timed(pool, "many rows at once", many_rows_at_once(pool, &readings)).await?;
        if let Some(mut connection) = database.postgres().await? {
            timed(pool, "two arrays", two_arrays(&mut connection, &readings)).await?;
            timed(pool, "copied", copied(&mut connection, &readings)).await?;
        }
        Ok(())
    })
    .await
}

const TABLE: &str = "CREATE TABLE readings (id BIGINT PRIMARY KEY, value FLOAT NOT NULL)";

/// Says how long this way took, and makes room for the next.
async fn timed(
    pool: &AnyPool,
    way: &str,
    insert: impl Future<Output = sqlx::Result<()>>,
) -> sqlx::Result<()> {
    let began = Instant::now();
    insert.await?;
    let took = began.elapsed();
    let rows = query("DELETE FROM readings").execute(pool).await?.rows_affected();
    let per_second = rows as f64 / took.as_secs_f64();
    say!("{way:<20} {:>5} ms {per_second:>9.0} rows a second", took.as_millis());
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
/// SQLite takes 32 766 parameters in one statement and PostgreSQL 65 535; there are two in a
/// row. Longer statements are no faster.
const CHUNK: usize = 500;

async fn many_rows_at_once(pool: &AnyPool, readings: &[Reading]) -> sqlx::Result<()> {
    let mut transaction = begin(pool).await?;
    for chunk in readings.chunks(CHUNK) {
        let mut insert = query(AssertSqlSafe(insert_of(chunk.len())));
        for (id, value) in chunk {
            insert = insert.bind(*id).bind(*value);
        }
        insert.execute(&mut *transaction).await?;
    }
    transaction.commit().await
}

/// Made of numbers alone, so it is safe. `QueryBuilder` writes it for you, but not for `Any`:
/// there it writes `?`, which PostgreSQL does not understand.
fn insert_of(rows: usize) -> String {
    let places = (0..rows).map(|row| format!("(${}, ${})", 2 * row + 1, 2 * row + 2));
    let places = Vec::from_iter(places).join(", ");
    format!("INSERT INTO readings (id, value) VALUES {places}")
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

async fn copied(connection: &mut PgConnection, readings: &[Reading]) -> sqlx::Result<()> {
    let statement = "COPY readings (id, value) FROM STDIN WITH (FORMAT csv)";
    let mut copy = connection.copy_in_raw(statement).await?;
    for chunk in readings.chunks(CHUNK) {
        let lines: String =
            chunk.iter().map(|(id, value)| format!("{id},{value}\n")).collect();
        copy.send(lines.as_bytes()).await?;
    }
    // A copy that is dropped before this line has not happened.
    copy.finish().await?;
    Ok(())
}
// ANCHOR_END: postgres

#[cfg(test)]
mod tests {
    use super::*;
    use crate::on_both::on_both;

    fn readings(n: usize) -> Vec<Reading> {
        (0..n as i64).map(|id| (id, id as f64 / 2.0)).collect()
    }

    /// What stands in the table, which is empty afterwards.
    async fn inserted(pool: &AnyPool) -> sqlx::Result<Vec<Reading>> {
        let rows = sqlx::query_as("SELECT id, value FROM readings ORDER BY id");
        let rows = rows.fetch_all(pool).await?;
        query("DELETE FROM readings").execute(pool).await?;
        Ok(rows)
    }

    #[tokio::test]
    async fn every_way_inserts_the_same_rows() {
        on_both(AnyPoolOptions::new(), async |database| {
            let pool = &database.pool;
            query(TABLE).execute(pool).await?;
            for n in [0, 1, 20] {
                one_by_one(pool, &readings(n)).await?;
                assert_eq!(inserted(pool).await?, readings(n));
                in_one_transaction(pool, &readings(n)).await?;
                assert_eq!(inserted(pool).await?, readings(n));
                many_rows_at_once(pool, &readings(n)).await?;
                assert_eq!(inserted(pool).await?, readings(n));
                if let Some(mut connection) = database.postgres().await? {
                    two_arrays(&mut connection, &readings(n)).await?;
                    assert_eq!(inserted(pool).await?, readings(n));
                    copied(&mut connection, &readings(n)).await?;
                    assert_eq!(inserted(pool).await?, readings(n));
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
                many_rows_at_once(&database.pool, &readings(n)).await?;
                assert_eq!(inserted(&database.pool).await?, readings(n));
            }
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_row_refused_in_the_last_chunk_leaves_nothing_of_the_first() {
        on_both(AnyPoolOptions::new(), async |database| {
            query(TABLE).execute(&database.pool).await?;
            let mut twice = readings(CHUNK);
            twice.push(twice[0]);
            assert!(many_rows_at_once(&database.pool, &twice).await.is_err());
            assert!(in_one_transaction(&database.pool, &twice).await.is_err());
            assert!(inserted(&database.pool).await?.is_empty());
            let twice = [(1, 0.5), (2, 1.0), (1, 0.5)];
            assert!(one_by_one(&database.pool, &twice).await.is_err());
            let stayed = inserted(&database.pool).await?;
            assert_eq!(stayed, twice[..2], "each was a transaction of its own");
            Ok(())
        })
        .await;
    }
}
