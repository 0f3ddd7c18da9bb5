//! One task gathers a batch, has it handled, and answers; a handler that fails ends only its batch.

use std::{panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout_at,
};

use super::{BatchError, Job};

/// The background task's side.
pub(super) struct Gather<T, R> {
    pub(super) queue: mpsc::Receiver<Job<T, R>>,
    pub(super) size: usize,
    pub(super) max_delay: Duration,
}

impl<T, R> Gather<T, R> {
    pub(super) async fn run<F, Fut>(mut self, mut handler: F)
    where
        F: FnMut(Vec<T>) -> Fut,
        Fut: Future<Output = Vec<R>>,
    {
        while let Some(batch) = self.next_batch().await {
            let (items, replies) = unpack(batch);
            if !items.is_empty() {
                answer(replies, handle(&mut handler, items).await);
            }
        }
    }

    /// The next batch, or `None` once closed and drained.
    async fn next_batch(&mut self) -> Option<Vec<Job<T, R>>> {
        let first = self.queue.recv().await?;
        // From when it was submitted: it may have waited for the handler long enough already.
        let leaves = first.submitted.checked_add(self.max_delay);
        let mut batch = vec![first];
        match leaves {
            // The fill is polled before the clock is, so whoever is in the queue comes along.
            Some(leaves) => drop(timeout_at(leaves, self.fill(&mut batch)).await),
            None => self.fill(&mut batch).await,
        }
        Some(batch)
    }

    /// Adds jobs until the batch is full or the queue is closed and drained.
    async fn fill(&mut self, batch: &mut Vec<Job<T, R>>) {
        while batch.len() < self.size
            && self.queue.recv_many(batch, self.size - batch.len()).await > 0
        {}
    }
}

type Reply<R> = oneshot::Sender<Result<R, BatchError>>;

/// The items of the callers who still wait, and where their results go.
fn unpack<T, R>(batch: Vec<Job<T, R>>) -> (Vec<T>, Vec<Reply<R>>) {
    let wanted = batch.into_iter().filter(|job| !job.reply.is_closed());
    wanted.map(|job| (job.item, job.reply)).unzip()
}

async fn handle<T, R, F, Fut>(
    handler: &mut F,
    batch: Vec<T>,
) -> Result<Vec<R>, BatchError>
where
    F: FnMut(Vec<T>) -> Fut,
    Fut: Future<Output = Vec<R>>,
{
    let items = batch.len();
    // In an `async` block, so that a panic before the handler's first await is caught as well.
    let results = AssertUnwindSafe(async { handler(batch).await }).catch_unwind().await;
    let results = results.map_err(|_| BatchError::Panicked)?;
    match results.len() {
        count if count == items => Ok(results),
        count => Err(BatchError::WrongCount { items, results: count }),
    }
}

/// Sends every caller its result. One who has gone meanwhile does not want it.
fn answer<R>(replies: Vec<Reply<R>>, outcome: Result<Vec<R>, BatchError>) {
    match outcome {
        Ok(results) => {
            for (reply, result) in replies.into_iter().zip(results) {
                let _ = reply.send(Ok(result));
            }
        }
        Err(error) => {
            for reply in replies {
                let _ = reply.send(Err(error));
            }
        }
    }
}
