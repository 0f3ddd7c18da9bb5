//! A transaction that ends without `commit` is rolled back, no matter how it ends.
//!
//! asyncpg: `async with connection.transaction():` commits at the end and rolls back on an
//! exception. sqlx: `begin` returns a value, and `commit` consumes it. After an early `?`, a panic
//! or a cancellation, the value is dropped, and its drop rolls back. No `except` can be forgotten,
//! and code that uses a transaction after its end does not compile.
#![cfg(not(target_family = "wasm"))]

use async_kit::say;
use sqlx::{AnyPool, any::AnyPoolOptions, query};

use crate::{
    accounts::{balance, open_accounts},
    cancel_safe_begin::begin,
    database,
};

/// Ada has 100. She gives 30 to Bob, and then tries to give 90, which she does not have.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new(), async |database| {
        say!("on {}", database.kind());
        let pool = &database.pool;
        open_accounts(pool).await?;
        for amount in [30, 90] {
            match transfer(pool, amount).await {
                Ok(()) => say!("ada gave {amount} to bob"),
                Err(error) => {
                    say!("{amount} are not moved: {}", database::message(&error))
                }
            }
            let (ada, bob) = (balance(pool, "ada").await?, balance(pool, "bob").await?);
            say!("ada {ada}, bob {bob}");
        }
        Ok(())
    })
    .await
}

// ANCHOR: transaction
async fn transfer(pool: &AnyPool, amount: i64) -> sqlx::Result<()> {
    let mut transaction = begin(pool).await?;
    query("UPDATE accounts SET balance = balance + $1 WHERE name = 'bob'")
        .bind(amount)
        .execute(&mut *transaction)
        .await?;
    // The table refuses a balance below zero. Then `?` drops the transaction, which rolls back.
    query("UPDATE accounts SET balance = balance - $1 WHERE name = 'ada'")
        .bind(amount)
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}
// ANCHOR_END: transaction

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, resume_unwind};

    use futures::FutureExt;
    use sqlx::Connection;

    use super::*;
    use crate::{both_databases::on_both, location::Kind};

    async fn balances(pool: &AnyPool) -> sqlx::Result<[i64; 2]> {
        Ok([balance(pool, "ada").await?, balance(pool, "bob").await?])
    }

    #[tokio::test]
    async fn a_transfer_changes_both_balances() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            transfer(&database.pool, 30).await?;
            assert_eq!(balances(&database.pool).await?, [70, 30]);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn an_error_in_the_second_statement_undoes_the_first() {
        on_both(AnyPoolOptions::new().max_connections(1), async |database| {
            open_accounts(&database.pool).await?;
            let error = transfer(&database.pool, 101).await.unwrap_err();
            let error = error.into_database_error().expect("an error of the database");
            assert!(error.is_check_violation(), "{error}");
            assert_eq!(balances(&database.pool).await?, [100, 0]);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_panic_rolls_back_the_transaction() {
        on_both(AnyPoolOptions::new().max_connections(1), async |database| {
            open_accounts(&database.pool).await?;
            let panics = async {
                let mut transaction = begin(&database.pool).await.expect("it begins");
                let delete = query("DELETE FROM accounts").execute(&mut *transaction);
                delete.await.expect("it deletes");
                resume_unwind(Box::new("a bug"))
            };
            let panicked: Result<(), _> = AssertUnwindSafe(panics).catch_unwind().await;
            assert!(panicked.is_err());
            assert_eq!(balances(&database.pool).await?, [100, 0]);
            Ok(())
        })
        .await;
    }

    /// SQLite treats a database that reached its maximum size as a full disk.
    #[tokio::test]
    async fn a_connection_whose_rollback_failed_is_not_used_again() {
        on_both(AnyPoolOptions::new().max_connections(1), async |database| {
            if database.kind() == Kind::Postgres {
                return Ok(());
            }
            let pool = &database.pool;
            open_accounts(pool).await?;
            query("PRAGMA max_page_count = 1").execute(pool).await?;
            let mut transaction = begin(pool).await?;
            let insert =
                "INSERT INTO accounts (name, balance) VALUES (hex(zeroblob(100000)), 1)";
            let full = query(insert).execute(&mut *transaction).await;
            assert!(full.is_err(), "the database is full");
            drop(transaction);
            let connection = pool.acquire().await?;
            assert!(!connection.is_in_transaction());
            Ok(())
        })
        .await;
    }
}
