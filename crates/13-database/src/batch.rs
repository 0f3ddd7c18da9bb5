//! Concurrent queries need a connection each; the queries of a transaction share one connection.
//!
//! asyncpg: `gather` over one connection fails with "another operation is in progress", and the
//! first query may still be executed. sqlx: `execute` borrows the connection exclusively until the
//! reply arrives, so two concurrent queries on one connection do not compile. If the queries go
//! through the pool, each gets its own connection. If they run one after the other in a
//! transaction, either all of them take effect or none does.
#![cfg(not(target_family = "wasm"))]

use async_kit::{Lane, Millis, say};
use futures::future::try_join_all;
use sqlx::{AnyPool, any::AnyPoolOptions, query};

use crate::{
    accounts::{balance, open_accounts},
    cancel_safe_begin::begin,
    database::{self, NumberQuery},
};

/// The same five queries of 60 ms each: first concurrent, then one after the other.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new().max_connections(5), async |database| {
        say!("on {}", database.kind());
        let pool = &database.pool;
        let queries = || (0..5).map(|_| database.slow_query(60.ms()));
        let results = concurrently(pool, queries()).await?;
        say!("concurrent: {} results over {} connections", results.len(), pool.size());
        let results = one_by_one(pool, queries()).try_lane("transaction").await?;
        say!("one by one: {} results over one connection", results.len());

        open_accounts(pool).await?;
        let batch = [
            "UPDATE accounts SET balance = 7 WHERE name = 'ada'",
            "UPDATE acounts SET balance = 7 WHERE name = 'bob'",
        ];
        let failed = execute_batch(pool, &batch).await.expect_err("a spelling mistake");
        say!("the batch failed: {failed}");
        say!("ada still has {}", balance(pool, "ada").await?);
        Ok(())
    })
    .await
}

// ANCHOR: concurrently
async fn concurrently(
    pool: &AnyPool,
    queries: impl Iterator<Item = NumberQuery>,
) -> sqlx::Result<Vec<i64>> {
    let fetch = |(n, query): (usize, NumberQuery)| {
        query.fetch_one(pool).step("querying").try_lane(format!("query {n}"))
    };
    try_join_all(queries.enumerate().map(fetch)).await
}
// ANCHOR_END: concurrently

// ANCHOR: one_by_one
async fn one_by_one(
    pool: &AnyPool,
    queries: impl Iterator<Item = NumberQuery>,
) -> sqlx::Result<Vec<i64>> {
    let mut transaction = begin(pool).await?;
    let mut results = Vec::new();
    for query in queries {
        results.push(query.fetch_one(&mut *transaction).step("querying").await?);
    }
    transaction.commit().await?;
    Ok(results)
}
// ANCHOR_END: one_by_one

// ANCHOR: execute_batch
/// Executes all of these statements or none; returns how many rows each of them changed.
async fn execute_batch(
    pool: &AnyPool,
    statements: &[&'static str],
) -> sqlx::Result<Vec<u64>> {
    let mut transaction = begin(pool).await?;
    let mut changed = Vec::new();
    for statement in statements {
        let done = query(*statement).execute(&mut *transaction).await?;
        changed.push(done.rows_affected());
    }
    transaction.commit().await?;
    Ok(changed)
}
// ANCHOR_END: execute_batch

#[cfg(test)]
mod tests {
    use sqlx::query_scalar;

    use super::*;
    use crate::both_databases::on_both;

    fn five() -> AnyPoolOptions {
        AnyPoolOptions::new().max_connections(5)
    }

    fn numbers(upto: i64) -> impl Iterator<Item = NumberQuery> {
        (1..=upto).map(|n| query_scalar("SELECT CAST($1 AS BIGINT)").bind(n))
    }

    #[tokio::test]
    async fn concurrent_queries_open_a_connection_each_and_return_in_order() {
        on_both(five(), async |database| {
            let results = concurrently(&database.pool, numbers(5)).await?;
            assert_eq!(results, [1, 2, 3, 4, 5]);
            assert_eq!(database.pool.size(), 5);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn more_queries_than_connections_wait_for_a_free_one() {
        on_both(AnyPoolOptions::new().max_connections(2), async |database| {
            let results = concurrently(&database.pool, numbers(20)).await?;
            assert_eq!(results, Vec::from_iter(1..=20));
            assert_eq!(database.pool.size(), 2);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn queries_one_by_one_share_one_connection() {
        on_both(five(), async |database| {
            assert_eq!(one_by_one(&database.pool, numbers(5)).await?, [1, 2, 3, 4, 5]);
            assert_eq!(database.pool.size(), 1);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn no_queries_return_no_results() {
        on_both(five(), async |database| {
            assert!(concurrently(&database.pool, numbers(0)).await?.is_empty());
            assert!(one_by_one(&database.pool, numbers(0)).await?.is_empty());
            assert!(execute_batch(&database.pool, &[]).await?.is_empty());
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_batch_returns_how_many_rows_each_statement_changed() {
        on_both(five(), async |database| {
            open_accounts(&database.pool).await?;
            let batch = [
                "UPDATE accounts SET balance = balance + 1",
                "DELETE FROM accounts WHERE name = 'bob'",
                "DELETE FROM accounts WHERE name = 'eve'",
            ];
            assert_eq!(execute_batch(&database.pool, &batch).await?, [2, 1, 0]);
            assert_eq!(balance(&database.pool, "ada").await?, 101);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_batch_with_one_mistake_changes_nothing_wherever_the_mistake_is() {
        on_both(five(), async |database| {
            open_accounts(&database.pool).await?;
            let good = "UPDATE accounts SET balance = 7 WHERE name = 'ada'";
            for position in 0..3 {
                let mut batch = [good; 3];
                batch[position] = "UPDATE acounts SET balance = 7";
                assert!(execute_batch(&database.pool, &batch).await.is_err());
                assert_eq!(
                    balance(&database.pool, "ada").await?,
                    100,
                    "mistake {position}"
                );
            }
            Ok(())
        })
        .await;
    }
}
