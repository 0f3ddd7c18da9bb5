//! Each query is a transaction of its own.

use async_kit::{Lane, Millis, exercise, say};
use sqlx::{SqlitePool, query_scalar, sqlite::SqlitePoolOptions};
use tokio::try_join;

const BIKES: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 70000)
    SELECT count(*) FROM n";
const RIDES: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 90000)
    SELECT count(*) FROM n";

async fn dashboard(pool: &SqlitePool) -> sqlx::Result<(i64, i64)> {
    try_join!(count(pool, BIKES).lane("bikes"), count(pool, RIDES).lane("rides"))
}

async fn count(pool: &SqlitePool, rows: &'static str) -> sqlx::Result<i64> {
    let mut transaction = pool.begin().await?;
    let number = query_scalar(rows).fetch_one(&mut *transaction).step("query").await?;
    transaction.commit().await?;
    Ok(number)
}

// The code below is given. Do not change it.

/// Opens both connections before the first query.
async fn two_connections() -> SqlitePool {
    let two = SqlitePoolOptions::new().min_connections(2).max_connections(2);
    let two = two.acquire_timeout(5.secs()).test_before_acquire(false);
    two.connect("sqlite::memory:").await.expect("a database")
}

async fn run() -> Result<(i64, i64), String> {
    let numbers = dashboard(&two_connections().await).await;
    say!("bikes and rides: {numbers:?}");
    numbers.map_err(|error| error.to_string())
}

fn main() {
    exercise::show_in_real_time(run());
}
