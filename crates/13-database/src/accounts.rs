//! A table of two accounts, for the sections `batch`, `parameters`, `transaction`, `cancelled`,
//! `conflict` and `writer`, and for the tests of `threads`.
#![cfg(not(target_family = "wasm"))]

use sqlx::{AnyPool, query, query_scalar};

/// Creates the accounts: Ada has 100, Bob has nothing.
pub(crate) async fn open_accounts(pool: &AnyPool) -> sqlx::Result<()> {
    query(include_str!("../migrations/1_accounts.sql")).execute(pool).await?;
    query("INSERT INTO accounts VALUES ('ada', 100), ('bob', 0)").execute(pool).await?;
    Ok(())
}

pub(crate) async fn balance(pool: &AnyPool, name: &str) -> sqlx::Result<i64> {
    let balance = "SELECT balance FROM accounts WHERE name = $1";
    query_scalar(balance).bind(name).fetch_one(pool).await
}
