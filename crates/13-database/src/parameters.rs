//! A bound parameter is sent separately from the SQL text, and never becomes part of it.
//!
//! asyncpg: `fetchval("… WHERE name = $1", name)`, but an f-string is accepted too. sqlx:
//! `.bind(name)`, and a query accepts only string literals. For the result of a `format!` the
//! author has to write `AssertSqlSafe`, which a reviewer can search for.
#![cfg(not(target_family = "wasm"))]

use async_kit::say;
use sqlx::{AnyPool, AssertSqlSafe, any::AnyPoolOptions, query_scalar};

use crate::{accounts::open_accounts, database};

/// Looks up a name and an SQL injection: first as a bound parameter, then formatted into the SQL.
pub(crate) async fn run() -> anyhow::Result<()> {
    database::with(AnyPoolOptions::new(), async |database| {
        say!("on {}", database.kind());
        open_accounts(&database.pool).await?;
        for name in ["ada", INJECTION] {
            say!("the user types {name}");
            say!("  bound: {:?}", balances(&database.pool, name).await?);
            say!("  formatted: {:?}", injectable_balances(&database.pool, name).await?);
        }
        Ok(())
    })
    .await
}

const INJECTION: &str = "eve' OR 'a' = 'a";

// ANCHOR: parameters
async fn balances(pool: &AnyPool, name: &str) -> sqlx::Result<Vec<i64>> {
    query_scalar("SELECT balance FROM accounts WHERE name = $1")
        .bind(name)
        .fetch_all(pool)
        .await
}

async fn injectable_balances(pool: &AnyPool, name: &str) -> sqlx::Result<Vec<i64>> {
    let sql = format!("SELECT balance FROM accounts WHERE name = '{name}'");
    // Without `AssertSqlSafe` it does not compile. The assertion is false: this SQL is not safe.
    query_scalar(AssertSqlSafe(sql)).fetch_all(pool).await
}
// ANCHOR_END: parameters

#[cfg(test)]
mod tests {
    use sqlx::{SqlSafeStr, query};

    use super::*;
    use crate::both_databases::on_both;

    #[tokio::test]
    async fn a_bound_injection_matches_no_name() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            for typed in
                [INJECTION, "ada'; DROP TABLE accounts; --", "ada' --", "$1", "?"]
            {
                let read = balances(&database.pool, typed).await?;
                assert!(read.is_empty(), "{typed} read {read:?}");
            }
            assert_eq!(balances(&database.pool, "ada").await?, [100]);
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_formatted_injection_reads_every_account() {
        on_both(AnyPoolOptions::new(), async |database| {
            open_accounts(&database.pool).await?;
            let read = injectable_balances(&database.pool, INJECTION).await?;
            assert_eq!(read.len(), 2, "{read:?}");
            Ok(())
        })
        .await;
    }

    #[tokio::test]
    async fn a_bound_text_is_stored_unchanged() {
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

    /// Compiles because `String` is not `SqlSafeStr`: if it were, `which` would be ambiguous.
    #[test]
    fn text_built_at_run_time_is_not_accepted_as_a_query() {
        trait Either<Which> {
            fn which() {}
        }
        impl<T> Either<()> for T {}
        impl<T: SqlSafeStr> Either<u8> for T {}
        let _ = <String as Either<_>>::which;
    }
}
