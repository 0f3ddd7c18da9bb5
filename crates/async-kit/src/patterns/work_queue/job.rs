//! A job that is dropped without `done` returns its item to the queue.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::Arc,
};

use super::shared::{Entry, Shared};

/// An item that a worker has received and not yet finished.
///
/// Dereferences to the item. [`done`](Self::done) corresponds to `Queue.task_done`, but consumes
/// the job, so it cannot be called twice.
#[must_use = "a job dropped without `done` is delivered again"]
pub struct Job<T> {
    // `None` only while it is being dropped.
    entry: Option<Entry<T>>,
    shared: Arc<Shared<T>>,
}

impl<T> Job<T> {
    pub(super) fn new(entry: Entry<T>, shared: &Arc<Shared<T>>) -> Self {
        Self { entry: Some(entry), shared: Arc::clone(shared) }
    }

    /// Marks the item as done, and returns it.
    pub fn done(mut self) -> T {
        let entry = self.entry.take().expect("only `drop` and `done` take the entry");
        self.shared.finish_one();
        entry.item
    }

    /// Returns how many times the item was delivered, this time included: 1 or more.
    pub fn deliveries(&self) -> u32 {
        self.entry().deliveries
    }

    fn entry(&self) -> &Entry<T> {
        self.entry.as_ref().expect("only `drop` and `done` take the entry")
    }
}

impl<T> Deref for Job<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.entry().item
    }
}

impl<T> DerefMut for Job<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.entry.as_mut().expect("only `drop` and `done` take the entry").item
    }
}

impl<T> Drop for Job<T> {
    fn drop(&mut self) {
        if let Some(entry) = self.entry.take() {
            self.shared.return_to_queue(entry);
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Job<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("item", &**self)
            .field("deliveries", &self.deliveries())
            .finish_non_exhaustive()
    }
}
