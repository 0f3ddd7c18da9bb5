//! Blocking file work runs on a thread that may block, and a panic there reaches the caller.
#![cfg(not(target_family = "wasm"))]

use tokio::task::{JoinError, spawn_blocking};

/// Runs `work` on a thread that may block, and returns its result.
pub(crate) async fn run_blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let done = spawn_blocking(work).await.map_err(JoinError::into_panic);
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}
