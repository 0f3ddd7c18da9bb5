//! Queries at the same time need a connection each; a transaction has one, and takes turns.
//!
//! asyncpg: `gather` over one connection fails with "another operation is in progress", and
//! what had begun by then stays done. sqlx: `execute` borrows the connection exclusively until
//! it has its answer, so two at once on one connection do not compile. Ask through the pool and
//! each query has its own connection; or ask one after the other in a transaction, and either
//! all of them count or none does.

use async_kit::{Lane, Millis, say};
use futures::future::try_join_all;
use sqlx::{AnyPool, any::AnyPoolOptions, query};

use crate::{
    begin::begin,
    database::{self, Question},
    transaction::{balance, open_accounts},
};

/// The same five questions, each answered after 60 ms: at once, and in turn.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new().max_connections(5), async |database| {
        say!("on {}", database.kind());
        let pool = &database.pool;
        let questions = || (0..5).map(|_| database.slow_query(60.ms()));
        let answers = at_once(pool, questions()).await?;
        say!("at once: {} answers over {} connections", answers.len(), pool.size());
        let answers = in_turn(pool, questions()).try_lane("transaction").await?;
        say!("in turn: {} answers over one connection", answers.len());

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

// ANCHOR: at_once
async fn at_once(
    pool: &AnyPool,
    questions: impl Iterator<Item = Question>,
) -> sqlx::Result<Vec<i64>> {
    let ask = |(n, question): (usize, Question)| {
        question.fetch_one(pool).step("asking").try_lane(format!("question {n}"))
    };
    try_join_all(questions.enumerate().map(ask)).await
}
// ANCHOR_END: at_once

// ANCHOR: in_turn
async fn in_turn(
    pool: &AnyPool,
    questions: impl Iterator<Item = Question>,
) -> sqlx::Result<Vec<i64>> {
    let mut transaction = begin(pool).await?;
    let mut answers = Vec::new();
    for question in questions {
        answers.push(question.fetch_one(&mut *transaction).step("asking").await?);
    }
    transaction.commit().await?;
    Ok(answers)
}
// ANCHOR_END: in_turn

// ANCHOR: execute_batch
/// Executes all of these statements or none; returns how many rows each of them touched.
async fn execute_batch(
    pool: &AnyPool,
    statements: &[&'static str],
) -> sqlx::Result<Vec<u64>> {
    let mut transaction = begin(pool).await?;
    let mut touched = Vec::new();
    for statement in statements {
        let done = query(*statement).execute(&mut *transaction).await?;
        touched.push(done.rows_affected());
    }
    transaction.commit().await?;
    Ok(touched)
}
// ANCHOR_END: execute_batch

#[cfg(test)]
mod tests {
    use sqlx::query_scalar;

    use super::*;
    use crate::on_both::on_both;

    fn five() -> AnyPoolOptions {
        AnyPoolOptions::new().max_connections(5)
    }

    fn numbers(upto: i64) -> impl Iterator<Item = Question> {
        (1..=upto).map(|n| query_scalar("SELECT CAST($1 AS BIGINT)").bind(n))
    }

    #[tokio::test]
    async fn questions_at_once_open_a_connection_each_and_keep_their_order() {
        on_both(five(), async |database| {
            let answers = at_once(&database.pool, numbers(5)).await?;
            assert_eq!(answers, [1, 2, 3, 4, 5]);
            assert_eq!(database.pool.size(), 5);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn more_questions_than_connections_wait_for_their_turn() {
        on_both(AnyPoolOptions::new().max_connections(2), async |database| {
            let answers = at_once(&database.pool, numbers(20)).await?;
            assert_eq!(answers, Vec::from_iter(1..=20));
            assert_eq!(database.pool.size(), 2);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn questions_in_turn_share_one_connection() {
        on_both(five(), async |database| {
            assert_eq!(in_turn(&database.pool, numbers(5)).await?, [1, 2, 3, 4, 5]);
            assert_eq!(database.pool.size(), 1);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn no_questions_get_no_answers() {
        on_both(five(), async |database| {
            assert!(at_once(&database.pool, numbers(0)).await?.is_empty());
            assert!(in_turn(&database.pool, numbers(0)).await?.is_empty());
            assert!(execute_batch(&database.pool, &[]).await?.is_empty());
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_batch_says_how_many_rows_each_statement_touched() {
        on_both(five(), async |database| {
            open_accounts(&database.pool).await?;
            let batch = [
                "UPDATE accounts SET balance = balance + 1",
                "DELETE FROM accounts WHERE name = 'bob'",
                "DELETE FROM accounts WHERE name = 'nobody'",
            ];
            assert_eq!(execute_batch(&database.pool, &batch).await?, [2, 1, 0]);
            assert_eq!(balance(&database.pool, "ada").await?, 101);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_batch_with_one_mistake_does_nothing_wherever_the_mistake_is() {
        on_both(five(), async |database| {
            open_accounts(&database.pool).await?;
            let good = "UPDATE accounts SET balance = 7 WHERE name = 'ada'";
            for place in 0..3 {
                let mut batch = [good; 3];
                batch[place] = "UPDATE acounts SET balance = 7";
                assert!(execute_batch(&database.pool, &batch).await.is_err());
                assert_eq!(balance(&database.pool, "ada").await?, 100, "mistake {place}");
            }
            Ok(())
        })
        .await;
    }
}
