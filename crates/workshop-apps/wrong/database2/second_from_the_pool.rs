//! One connection is kept for the bikes, and the rides acquire another one.
//! message: holds one connection while it waits for a second

use async_kit::{Lane, Millis, exercise, say};
use sqlx::{SqliteConnection, SqlitePool, query_scalar, sqlite::SqlitePoolOptions};
use tokio::try_join;

const BIKES: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 70000)
    SELECT count(*) FROM n";
const RIDES: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 90000)
    SELECT count(*) FROM n";

async fn dashboard(pool: &SqlitePool) -> sqlx::Result<(i64, i64)> {
    let mut connection = pool.acquire().await?;
    let rides = async {
        let mut second = pool.acquire().await?;
        count(&mut second, RIDES).await
    };
    try_join!(count(&mut connection, BIKES).lane("bikes"), rides.lane("rides"))
}

async fn count(
    connection: &mut SqliteConnection,
    rows: &'static str,
) -> sqlx::Result<i64> {
    query_scalar(rows).fetch_one(connection).step("query").await
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
