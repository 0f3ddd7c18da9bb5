//! A transaction whose beginning is cancelled does not stay open.
//!
//! `BEGIN` is a question and an answer. sqlx up to 0.9 learns only from the answer that there is
//! something to roll back: cancel `pool.begin()` between the two on PostgreSQL, and the
//! connection goes back to the pool with an open transaction. Whoever is lent it next writes
//! into that transaction, is told that all went well, and nothing of it is ever committed.
//!
//! asyncio would use `shield`: the beginning may not be interrupted. Here it runs in a task of
//! its own, and a transaction that nobody waits for any more is dropped, which rolls it back.

use sqlx::{Any, AnyPool, Transaction};

// ANCHOR: begin
/// Begins a transaction, as `pool.begin()` does.
///
/// # Errors
///
/// When no connection is free in time, or the database refuses.
///
/// # Cancel safety
///
/// Cancel safe: if it is dropped, the transaction begins in the background and is rolled back.
pub(crate) async fn begin(pool: &AnyPool) -> sqlx::Result<Transaction<'static, Any>> {
    begin_with(pool, "BEGIN").await
}

/// Begins a transaction by this statement, which may say more than `BEGIN`.
///
/// # Errors
///
/// As [`begin`]; and when the statement begins no transaction.
///
/// # Cancel safety
///
/// As [`begin`].
pub(crate) async fn begin_with(
    pool: &AnyPool,
    statement: &'static str,
) -> sqlx::Result<Transaction<'static, Any>> {
    let pool = pool.clone();
    let beginning = tokio::spawn(async move { pool.begin_with(statement).await });
    // Nobody aborts the task, so only a runtime that ends keeps it from its answer.
    beginning.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}
// ANCHOR_END: begin
