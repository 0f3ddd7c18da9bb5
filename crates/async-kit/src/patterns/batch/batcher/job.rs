//! A job carries an item to the background task, with the channel for the caller's result.

use tokio::{sync::oneshot, time::Instant};

use super::error::BatchError;

/// An item, with the channel for its result.
pub(super) struct Job<T, R> {
    pub(super) item: T,
    pub(super) submitted: Instant,
    pub(super) reply: Reply<R>,
}

pub(super) type Reply<R> = oneshot::Sender<Result<R, BatchError>>;
