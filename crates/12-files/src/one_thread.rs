//! With one thread in the blocking pool, and that one busy, file operations wait in plain sight.

use std::sync::mpsc::{Sender, channel};

use tokio::{runtime::Builder, task::spawn_blocking};

/// Runs a program on a runtime of its own, of which the blocking pool has a single thread.
pub(crate) async fn on_one_thread<P, F>(program: P) -> anyhow::Result<F::Output>
where
    P: FnOnce() -> F + Send + 'static,
    F: Future<Output: Send + 'static>,
{
    let life = move || {
        let runtime = Builder::new_current_thread().max_blocking_threads(1).build()?;
        Ok(runtime.block_on(async { program().await }))
    };
    spawn_blocking(life).await?
}

/// Keeps the pool's only thread busy until it is told otherwise, or dropped.
pub(crate) struct Busy(Sender<()>);

impl Busy {
    pub(crate) fn begin() -> Self {
        let (busy, over) = channel::<()>();
        spawn_blocking(move || over.recv());
        Self(busy)
    }

    /// Frees the thread, and waits until it has done what was asked of it meanwhile.
    pub(crate) async fn end(self) -> anyhow::Result<()> {
        drop(self.0);
        // The pool is a queue: when this is over, so is everything before it.
        Ok(spawn_blocking(|| ()).await?)
    }
}
