//! For `cpu` and `cancelled_work`: a rayon pool that sends each result to the task that awaits it.
#![cfg(not(target_family = "wasm"))]

use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use tokio::sync::oneshot;

// ANCHOR: compute_pool
/// A rayon pool for computations whose results tasks can await.
pub(crate) struct ComputePool(ThreadPool);

/// Whether the receiver of the result still exists.
pub(crate) type IsWanted<'a> = dyn Fn() -> bool + Sync + 'a;

impl ComputePool {
    /// A pool with this number of threads; 0 means one per core.
    pub(crate) fn new(threads: usize) -> Result<Self, ThreadPoolBuildError> {
        let pool = ThreadPoolBuilder::new().num_threads(threads);
        // Without a handler, a panic would abort the process. With this handler, it only drops the
        // sender.
        Ok(Self(pool.panic_handler(|_| {}).build()?))
    }

    /// Starts `work`, and returns a receiver of its result. If the work panics, the receiver returns
    /// an error. If the receiver is dropped, `is_wanted` returns false from then on.
    pub(crate) fn spawn<T, W>(&self, work: W) -> oneshot::Receiver<T>
    where
        T: Send + 'static,
        W: FnOnce(&IsWanted<'_>) -> T + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        self.0.spawn(move || {
            let result = work(&|| !sender.is_closed());
            // `send` fails only if the receiver was dropped, and then the result is not needed.
            let _ = sender.send(result);
        });
        receiver
    }
}
// ANCHOR_END: compute_pool

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use super::*;

    #[tokio::test]
    async fn a_panic_is_an_error_for_its_caller_and_the_pool_still_works() {
        let pool = ComputePool::new(1).unwrap();
        let panicked = pool.spawn(|_| -> u32 { panic!("on purpose") });
        assert!(panicked.await.is_err());
        assert_eq!(pool.spawn(|_| 42).await, Ok(42));
    }

    #[tokio::test]
    async fn the_runtime_runs_tasks_while_the_pool_computes() {
        let (pool, (release, released)) = (ComputePool::new(1).unwrap(), mpsc::channel());
        let work = pool.spawn(move |_| released.recv_timeout(Duration::from_secs(60)));
        release.send("the runtime was not blocked").unwrap();
        assert_eq!(work.await.unwrap(), Ok("the runtime was not blocked"));
    }
}
