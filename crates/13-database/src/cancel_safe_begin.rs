//! A transaction that is cancelled while it begins does not stay open.
//!
//! Every section that needs a transaction begins it here. sqlx up to 0.9 sends `BEGIN` and learns
//! only from the reply that there is something to roll back. If `pool.begin()` is cancelled
//! before this reply on PostgreSQL, the connection returns to the pool inside an open transaction.
//! The next task that checks it out writes into that transaction. Its statements succeed, and
//! they are never committed.
//!
//! In asyncio, `shield` would protect the `BEGIN`. Here it runs in a separate task: if its caller
//! is cancelled, the task drops the transaction, and the drop rolls it back.
#![cfg(not(target_family = "wasm"))]

use sqlx::{Any, AnyPool, Transaction};

// ANCHOR: begin
/// Begins a transaction, as `pool.begin()` does.
///
/// # Errors
///
/// When no connection is free before the pool's timeout, or the database refuses.
///
/// # Cancel safety
///
/// Cancel safe: if it is dropped, the transaction begins in the background and is rolled back.
pub(crate) async fn begin(pool: &AnyPool) -> sqlx::Result<Transaction<'static, Any>> {
    begin_with(pool, "BEGIN").await
}

/// Begins a transaction with this statement: `BEGIN` and its options.
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
    let begin = tokio::spawn(async move { pool.begin_with(statement).await });
    // The task is never aborted: it returns a result unless the runtime shuts down first.
    begin.await.map_err(|_| sqlx::Error::WorkerCrashed)?
}
// ANCHOR_END: begin
