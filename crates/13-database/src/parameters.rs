//! What a user typed travels beside the SQL, and never becomes part of it.
//!
//! asyncpg: `fetchval("… WHERE name = $1", name)`, and an f-string in its place compiles as
//! well. sqlx: `.bind(name)`; and a query accepts only text that stands in the program. For a
//! `format!` one has to write `AssertSqlSafe`, which a reviewer can search for.

use async_kit::say;
use sqlx::{AnyPool, AssertSqlSafe, any::AnyPoolOptions, query_scalar};

use crate::{database, transaction::open_accounts};

/// A name that is no name, asked for in both ways.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new(), async |database| {
        say!("on {}", database.kind());
        open_accounts(&database.pool).await?;
        for name in ["ada", TYPED] {
            say!("somebody types {name}");
            say!("  bound: {:?}", balances(&database.pool, name).await?);
            say!("  pasted: {:?}", careless_balances(&database.pool, name).await?);
        }
        Ok(())
    })
    .await
}

const TYPED: &str = "nobody' OR 'a' = 'a";

// ANCHOR: parameters
async fn balances(pool: &AnyPool, name: &str) -> sqlx::Result<Vec<i64>> {
    query_scalar("SELECT balance FROM accounts WHERE name = $1")
        .bind(name)
        .fetch_all(pool)
        .await
}

async fn careless_balances(pool: &AnyPool, name: &str) -> sqlx::Result<Vec<i64>> {
    let sql = format!("SELECT balance FROM accounts WHERE name = '{name}'");
    // Without this word it does not compile. It is a lie.
    query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await
}
// ANCHOR_END: parameters

#[cfg(test)]
mod tests {
    use sqlx::{SqlSafeStr, query};

    use super::*;
    use crate::on_both::on_both;

    #[tokio::test]
    async fn a_bound_injection_is_a_name_that_nobody_has() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            for typed in [TYPED, "ada'; DROP TABLE accounts; --", "ada' --", "$1", "?"] {
                let read = balances(&database.pool, typed).await?;
                assert!(read.is_empty(), "{typed} read {read:?}");
            }
            assert_eq!(balances(&database.pool, "ada").await?, [100]);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_pasted_injection_reads_every_account() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let read = careless_balances(&database.pool, TYPED).await?;
            assert_eq!(read.len(), 2, "{read:?}");
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn whatever_was_bound_comes_back_as_it_was() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let name = "Robert'); DROP TABLE accounts;-- \" \\ % 名";
            query("INSERT INTO accounts VALUES ($1, 5)")
                .bind(name)
                .execute(&database.pool)
                .await?;
            assert_eq!(balances(&database.pool, name).await?, [5]);
            Ok(())
        })
        .await;
    }

    /// Compiles because `String` is no `SqlSafeStr`: if it were, `which` would be ambiguous.
    #[test]
    fn text_made_at_run_time_is_no_query() {
        trait Either<Which> {
            fn which() {}
        }
        impl<T> Either<()> for T {}
        impl<T: SqlSafeStr> Either<u8> for T {}
        let _ = <String as Either<_>>::which;
    }
}
