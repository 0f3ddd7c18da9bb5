//! Callers who bring one item each share a batch, and each gets its own result.

mod error;
mod gather;
#[cfg(test)]
mod tests;

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
use self::gather::Gather;

/// Groups the items of many callers, and gives each caller the result of its own item.
///
/// asyncio has no counterpart (`aiodataloader` is the library there), and neither has Tokio: it
/// is an `mpsc` channel with a `oneshot` for each answer, and a task that gathers.
///
/// A batch leaves with `size` items, or `max_delay` after its first item was submitted, or when
/// the batcher is closed. Batches are handled one after the other, in a task of their own; items
/// that come meanwhile gather for the next batch, up to `size`, and further callers wait. Clones
/// are handles to the same batcher.
///
/// - **The handler panics**, or returns another number of results than it got items: the callers
///   of that batch get an error, and the next batch is handled as if nothing had happened.
/// - **A caller is cancelled** before its batch leaves: its item is withdrawn. After that: the
///   item is handled, and its result dropped.
/// - **[`close`](Self::close)** lets everybody who already waits have a result, and refuses
///   newcomers. When the last handle is dropped nobody waits any more: a batch being handled is
///   finished, and the task ends.
/// - **The handler awaits its own batcher**, with `submit` or `close`: it waits for itself, and
///   for ever.
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
    // `None` once closed. Closing is nothing but dropping the last sender.
    queue: Arc<Mutex<Option<Sender<T, R>>>>,
    background: TaskTracker,
}

type Sender<T, R> = mpsc::Sender<Job<T, R>>;

struct Job<T, R> {
    item: T,
    submitted: Instant,
    reply: oneshot::Sender<Result<R, BatchError>>,
}

impl<T, R> Batcher<T, R>
where
    T: Send + 'static,
    R: Send + 'static,
{
    /// Starts a batcher whose `handler` takes the items of a batch, in the order in which they
    /// were submitted, and returns one result for each, in the same order.
    ///
    /// A handler whose items can fail returns `Result`s, so that a bad item is one `Err` among
    /// the others.
    ///
    /// `size` is 1 or more; `max_delay` has Tokio's resolution of one millisecond, and with zero
    /// a batch is whatever was submitted when the handler became free.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime. The runtime needs time enabled.
    pub fn new<F, Fut>(size: NonZeroUsize, max_delay: Duration, handler: F) -> Self
    where
        F: FnMut(Vec<T>) -> Fut + Send + 'static,
        Fut: Future<Output = Vec<R>> + Send + 'static,
    {
        // A channel has room for fewer than `usize::MAX`, which only means "no limit" here.
        let (sender, queue) = mpsc::channel(size.get().min(Semaphore::MAX_PERMITS));
        let background = TaskTracker::new();
        let gather = Gather { queue, size: size.get(), max_delay };
        background.spawn(gather.run(handler));
        background.close();
        Self { queue: Arc::new(Mutex::new(Some(sender))), background }
    }

    /// Adds an item to the next batch, and waits for its result.
    ///
    /// # Errors
    ///
    /// [`BatchError`]: the batcher is closed, or its handler panicked or returned the wrong
    /// number of results. An error of the item itself is a matter of `R`.
    ///
    /// # Cancel safety
    ///
    /// Dropped before its batch leaves, it withdraws the item, and the handler never sees it.
    /// Dropped later, it loses the result; the handler finishes its batch all the same. The
    /// other callers notice nothing.
    pub async fn submit(&self, item: T) -> Result<R, BatchError> {
        let queue = self.sender().ok_or(BatchError::Closed)?;
        let (reply, result) = oneshot::channel();
        let job = Job { item, submitted: Instant::now(), reply };
        queue.send(job).await.map_err(|_| BatchError::Closed)?;
        drop(queue);
        result.await.unwrap_or(Err(BatchError::Closed))
    }

    /// Refuses new items, lets the items that wait leave at once, and returns when the last
    /// batch is done.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the first poll closes the batcher, and what was submitted is handled whether
    /// anybody waits or not. Call it again to go on waiting.
    pub async fn close(&self) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        // After the lock is gone: this wakes the background task.
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
