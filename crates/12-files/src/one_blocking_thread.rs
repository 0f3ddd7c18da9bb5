//! For `flush` and `cancelled`: with one blocking thread, and that one busy, file calls must wait.

#![cfg(not(target_family = "wasm"))]

use std::sync::mpsc::{Sender, channel};

use tokio::{runtime::Builder, task::spawn_blocking};

/// Runs a program on a separate runtime whose blocking pool has a single thread.
pub(crate) async fn on_one_blocking_thread<P, F>(program: P) -> anyhow::Result<F::Output>
where
    P: FnOnce() -> F + Send + 'static,
    F: Future<Output: Send + 'static>,
{
    let run = move || {
        let runtime = Builder::new_current_thread().max_blocking_threads(1).build()?;
        Ok(runtime.block_on(async { program().await }))
    };
    spawn_blocking(run).await?
}

/// Keeps the only thread of the pool busy until it is freed or dropped.
pub(crate) struct BusyThread(Sender<()>);

impl BusyThread {
    pub(crate) fn start() -> Self {
        let (sender, freed) = channel::<()>();
        spawn_blocking(move || freed.recv());
        Self(sender)
    }

    /// Frees the thread, and waits until it has run every call that was queued before.
    pub(crate) async fn free(self) -> anyhow::Result<()> {
        drop(self.0);
        // The pool runs its calls in FIFO order: when this one has ended, so have the others.
        Ok(spawn_blocking(|| ()).await?)
    }
}
