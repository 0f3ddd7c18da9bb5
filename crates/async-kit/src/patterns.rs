//! What a reader takes home: small patterns over plain Tokio, each in a file of its own.
//!
//! No module here imports [`crate::stage`], so any of them can be lifted out and used at work.

pub mod batch;
#[cfg(test)]
mod by_hand;
pub mod condition;
pub mod deadline;
pub mod event;
pub mod group;
mod line;
pub mod monitor;
pub mod pages;
pub mod pool;
pub mod priority_queue;
pub mod retry;
pub mod scope;
pub mod work_queue;

pub use batch::{BatchError, BatchExt, Batcher, Batches, in_batches};
pub use condition::{Condition, ConditionGuard};
pub use deadline::{Deadline, Limited, TimeLimit, TimedOut};
pub use event::Event;
pub use group::Group;
pub use monitor::Monitor;
pub use pages::{Page, Pages, pages, pages_by_cursor};
pub use pool::{Manager, Pool, Pooled};
pub use priority_queue::PriorityQueue;
pub use retry::{AttemptError, Backoff, Jitter, Retry, RetryBudget, RetryError};
pub use work_queue::{Job, WorkQueue};
