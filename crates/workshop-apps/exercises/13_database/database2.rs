//! database2 · 10 minutes · run two queries of a dashboard at the same time
//!
//! The dashboard of a bike rental shows two numbers. Its queries are slow, so it runs both at the same
//! time, as `asyncio.gather` would. The compiler refuses that, and it is right: a connection works on
//! one query at a time. In asyncpg the second query would fail while the program runs.
//!
//! Make it compile, and still run both queries at the same time. Three users open the dashboard
//! together, and the pool has only two connections: each of them must get both numbers.
//!
//! Section: `cargo run -p database -- batch`. Code: crates/13-database/src/batch.rs.
//! Page: docs/src/13-database.md.

use async_kit::{Lane, Millis, exercise, say};
use sqlx::{SqliteConnection, SqlitePool, query_scalar, sqlite::SqlitePoolOptions};
use tokio::try_join;

const BIKES: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 70000)
    SELECT count(*) FROM n";
const RIDES: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 90000)
    SELECT count(*) FROM n";

// TODO: change what the two queries run on.
async fn dashboard(pool: &SqlitePool) -> sqlx::Result<(i64, i64)> {
    let mut connection = pool.acquire().await?;
    try_join!(
        count(&mut connection, BIKES).lane("bikes"),
        count(&mut connection, RIDES).lane("rides"),
    )
}

// Its first parameter may change; keep the step.
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

#[cfg(test)]
mod tests {
    use async_kit::exercise;
    use tokio::try_join;

    use super::{dashboard, run, two_connections};

    const NUMBERS: (i64, i64) = (70_000, 90_000);

    async fn three_users() -> Result<[(i64, i64); 3], String> {
        let pool = two_connections().await;
        let all = try_join!(dashboard(&pool), dashboard(&pool), dashboard(&pool));
        all.map(|(a, b, c)| [a, b, c]).map_err(|error| error.to_string())
    }

    #[test]
    fn both_queries_run_at_the_same_time() {
        let run = exercise::observe_in_real_time(run());
        run.returns(Ok(NUMBERS), "Return the bikes first, and then the rides.");
        run.concurrently(
            "query",
            2,
            "One connection works on one query at a time, with a lock too. Two queries at the same \
             time need two connections, and the pool has them.",
        );
    }

    #[test]
    fn three_users_get_their_numbers_from_two_connections() {
        let run = exercise::observe_in_real_time(three_users());
        let likely = "A dashboard that holds one connection while it waits for a second waits for \
                      another one that does the same. Let each query hold one connection only.";
        let happened = format!("{:?}", run.output());
        run.require(run.output().is_ok(), happened, "three times both numbers", likely);
        run.returns(Ok([NUMBERS; 3]), "Each user gets the same numbers.");
    }
}
