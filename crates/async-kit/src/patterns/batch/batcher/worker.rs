//! One task collects and handles the batches, and a handler that fails affects only its own batch.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use futures::FutureExt;
use tokio::{
    sync::mpsc,
    task::coop::unconstrained,
    time::{Instant, timeout_at},
};

use super::{
    super::super::timer::end_of,
    error::BatchError,
    job::{Job, Reply},
};

/// The state of the background task.
pub(super) struct Worker<T, R> {
    pub(super) queue: mpsc::Receiver<Job<T, R>>,
    pub(super) size: usize,
    pub(super) max_delay: Duration,
}

impl<T, R> Worker<T, R> {
    pub(super) async fn run<F, Fut>(mut self, mut handler: F)
    where
        F: FnMut(Vec<T>) -> Fut,
        Fut: Future<Output = Vec<R>>,
    {
        while let Some(batch) = self.next_batch().await {
            let (items, replies) = unpack(batch);
            if !items.is_empty() {
                send_replies(replies, handle(&mut handler, items).await);
            }
        }
    }

    /// Returns the next batch, or `None` once the queue is closed and empty.
    async fn next_batch(&mut self) -> Option<Vec<Job<T, R>>> {
        let first = self.queue.recv().await?;
        let mut batch = vec![first];
        // What is submitted becomes part of the batch, even if the handler has used up the task's turn. The next
        // `recv` yields.
        if unconstrained(self.fill(&mut batch)).now_or_never().is_some() {
            return Some(batch);
        }
        // The delay starts when the item is submitted, so it may have ended during an earlier batch. Then no timer is
        // started, because a timer waits for the next millisecond even if its time has come.
        match end_of(batch[0].submitted, self.max_delay) {
            Some(deadline) if deadline <= Instant::now() => {}
            Some(deadline) => drop(timeout_at(deadline, self.fill(&mut batch)).await),
            None => self.fill(&mut batch).await,
        }
        Some(batch)
    }

    /// Adds jobs until the batch is full, or the queue is closed and empty.
    async fn fill(&mut self, batch: &mut Vec<Job<T, R>>) {
        while batch.len() < self.size
            && self.queue.recv_many(batch, self.size - batch.len()).await > 0
        {}
    }
}

/// Returns the items of the callers that still wait, and their reply channels.
fn unpack<T, R>(batch: Vec<Job<T, R>>) -> (Vec<T>, Vec<Reply<R>>) {
    let (wanted, unwanted): (Vec<_>, Vec<_>) =
        batch.into_iter().partition(|job| !job.reply.is_closed());
    unwanted.into_iter().for_each(discard);
    wanted.into_iter().map(|job| (job.item, job.reply)).unzip()
}

/// Drops a value that no caller wants. If its `drop` panics, the panic hook reports it. The panic must
/// not end this task, which serves all callers.
fn discard(unwanted: impl Sized) {
    let _ = catch_unwind(AssertUnwindSafe(|| drop(unwanted)));
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
    // The call is in an `async` block, so that a panic in the call itself is caught too.
    let results = AssertUnwindSafe(async { handler(batch).await }).catch_unwind().await;
    let results = results.map_err(|_| BatchError::Panicked)?;
    match results.len() {
        count if count == items => Ok(results),
        count => {
            results.into_iter().for_each(discard);
            Err(BatchError::WrongCount { items, results: count })
        }
    }
}

/// Sends every caller its result. If a caller was cancelled in the meantime, its result is dropped.
fn send_replies<R>(replies: Vec<Reply<R>>, outcome: Result<Vec<R>, BatchError>) {
    match outcome {
        Ok(results) => {
            for (reply, result) in replies.into_iter().zip(results) {
                if let Err(unwanted) = reply.send(Ok(result)) {
                    discard(unwanted);
                }
            }
        }
        Err(error) => {
            for reply in replies {
                let _ = reply.send(Err(error));
            }
        }
    }
}
