//! Each pattern is small, built on plain Tokio, and can be lifted out and taken to work.
//!
//! | to … | there is | the asyncio name it answers to |
//! |---|---|---|
//! | release a resource on every way out | [`scope::with`], [`scope::Release`] | `async with` |
//! | end the children before their parent | [`Group`] | `TaskGroup` |
//! | know how each task ended | [`Monitor`] | `Task.done`, `.exception`, `.cancelled` |
//! | lend a few connections to many tasks | [`Pool`], [`Manager`], [`Pooled`] | (none) |
//! | hand out the most urgent item first | [`PriorityQueue`] | `PriorityQueue` |
//! | lose no item to a failing worker | [`WorkQueue`], [`Job`] | `Queue`, `task_done`, `join` |
//! | let every waiter pass, once | [`Event`] | `Event` |
//! | wait until a locked value suits | [`Condition`] | `Condition` |
//! | bound a whole job, or one step | [`Deadline`], [`TimeLimit`], [`TimedOut`] | `timeout_at`, `wait_for` |
//! | try again, within reason | [`Retry`], [`Backoff`], [`RetryBudget`] | (none) |
//! | cut a stream into batches | [`BatchExt::batches`] | (none) |
//! | process a stream batch by batch | [`in_batches`] | (none) |
//! | let many callers share a batch | [`Batcher`] | (none) |
//! | read a paginated service as a stream | [`pages()`], [`pages_by_cursor`] | an `async` generator |
//! | replace a file as a whole or not at all (feature `files`) | `atomic_write`, `AtomicFile` | (none) |
//!
//! No module here knows of the stage. Each says in its first lines how it is built. Who waits is
//! served first come, first served.

#[cfg(all(feature = "files", not(target_family = "wasm")))]
pub mod atomic_file;
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

#[cfg(all(feature = "files", not(target_family = "wasm")))]
pub use atomic_file::{AtomicFile, AtomicFileError, atomic_write};
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
