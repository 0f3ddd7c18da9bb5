//! The items of many callers are handled in one batch, and each caller gets its own result.

mod error;
mod job;
mod worker;

use std::{
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{Semaphore, mpsc, oneshot},
    time::Instant,
};
use tokio_util::task::TaskTracker;

pub use self::error::BatchError;
use self::{job::Job, worker::Worker};

/// Collects the items of many callers into batches, and gives each caller the result of its own item.
///
/// asyncio has no counterpart (the library `aiodataloader` is similar). Tokio has none either: this
/// is an `mpsc` channel with a `oneshot` for each reply, and a task that collects batches. Clones are
/// handles to the same batcher.
///
/// # Batches
///
/// A batch is complete when it has `size` items, when `max_delay` has passed since its first item
/// was submitted, or when the batcher is closed. Batches are handled one after the other, in a
/// background task. While a batch is handled, up to `size` submitted items wait for the next batch;
/// further callers wait for room.
///
/// # Failed batches
///
/// If the handler panics, or returns more or fewer results than it got items, the callers of that
/// batch get an error. Later batches are not affected. Nor are they if the `drop` of an item or result
/// panics that no caller wants any more.
///
/// A handler that never returns stops all later batches: limit its time with
/// [`timeout`](tokio::time::timeout).
///
/// # Shutdown
///
/// After [`close`](Self::close), `submit` returns an error, and callers that already wait get their
/// results. When the last handle is dropped, no caller waits any more: the handler finishes its
/// current batch, and the task ends.
///
/// # Deadlocks
///
/// If the handler awaits `submit` or `close` of its own batcher, it waits for itself and never
/// returns. `close` never returns either while its caller holds a `submit` that waits for room and does
/// not poll it: poll them concurrently, or drop the `submit` first.
///
/// # Examples
///
/// ```
/// use std::{num::NonZeroUsize, time::Duration};
/// use async_kit::Batcher;
/// use futures::future::join_all;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// async fn lengths(words: Vec<&'static str>) -> Vec<usize> {
///     println!("one call for {} words", words.len());
///     words.into_iter().map(str::len).collect()
/// }
///
/// let size = NonZeroUsize::new(3).unwrap();
/// let batcher = Batcher::new(size, Duration::from_millis(10), lengths);
/// let callers = ["a", "to", "the"].map(|word| batcher.submit(word));
/// assert_eq!(join_all(callers).await, [Ok(1), Ok(2), Ok(3)]);
/// batcher.close().await;
/// # }
/// ```
#[must_use = "dropping the last handle ends the batcher"]
pub struct Batcher<T, R> {
    // `None` once closed: dropping the last sender closes the channel.
    queue: Arc<Mutex<Option<Sender<T, R>>>>,
    background: TaskTracker,
}

type Sender<T, R> = mpsc::Sender<Job<T, R>>;

impl<T, R> Batcher<T, R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    /// Starts a batcher. Its `handler` takes the items of a batch, in the order in which they were
    /// submitted, and returns one result for each, in the same order.
    ///
    /// If an item can fail, make its result a `Result`, so that a bad item is one `Err` among the
    /// others.
    ///
    /// `size` is 1 or more. `max_delay` has Tokio's resolution of one millisecond. With zero, a batch
    /// contains the items that are already submitted when the handler becomes free.
    ///
    /// # Panics
    ///
    /// Panics outside a Tokio runtime. The runtime needs time enabled.
    pub fn new<F, Fut>(size: NonZeroUsize, max_delay: Duration, handler: F) -> Self
    where
        F: FnMut(Vec<T>) -> Fut + Send + 'static,
        Fut: Future<Output = Vec<R>> + Send + 'static,
    {
        // `usize::MAX`, which only means "no limit", is more than a channel allows.
        let (sender, queue) = mpsc::channel(size.get().min(Semaphore::MAX_PERMITS));
        let background = TaskTracker::new();
        let worker = Worker { queue, size: size.get(), max_delay };
        background.spawn(worker.run(handler));
        background.close();
        Self { queue: Arc::new(Mutex::new(Some(sender))), background }
    }

    /// Adds an item to the next batch, and waits for its result.
    ///
    /// # Errors
    ///
    /// [`BatchError`] if the batcher is closed, or its handler panicked or returned the wrong number
    /// of results. An error of the item itself is part of `R`.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: if it is dropped, the caller does not know whether the item is handled. If the
    /// handler has not got the batch, the item is removed from it. Otherwise the item is handled and
    /// its result is lost. Other callers are not affected.
    pub async fn submit(&self, item: T) -> Result<R, BatchError> {
        let queue = self.sender().ok_or(BatchError::Closed)?;
        let (reply, result) = oneshot::channel();
        let job = Job { item, submitted: Instant::now(), reply };
        queue.send(job).await.map_err(|_| BatchError::Closed)?;
        drop(queue);
        result.await.unwrap_or(Err(BatchError::Closed))
    }

    /// Refuses new items, completes the current batch immediately, and waits until the last batch is
    /// handled.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the first poll closes the batcher, and the submitted items are handled even if
    /// this future is dropped. Call it again to continue to wait.
    pub async fn close(&self) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The sender is dropped after the lock is released, because this wakes the background task.
        drop(queue);
        self.background.wait().await;
    }

    fn sender(&self) -> Option<Sender<T, R>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl<T, R> Clone for Batcher<T, R> {
    fn clone(&self) -> Self {
        Self { queue: Arc::clone(&self.queue), background: self.background.clone() }
    }
}

impl<T, R> std::fmt::Debug for Batcher<T, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Batcher").finish_non_exhaustive()
    }
}
