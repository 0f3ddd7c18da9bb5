//! Each pattern is small, needs Tokio and at most three small crates, and can be copied into another
//! project.
//!
//! # Which pattern for which need
//!
//! | to … | use | nearest in asyncio |
//! |---|---|---|
//! | release a resource, no matter how a scope ends | [`scope::with`], [`scope::Release`] | `async with` |
//! | end all child tasks before their parent | [`Group`] | `TaskGroup` |
//! | know how each task ended | [`Monitor`] | `Task.done`, `.exception`, `.cancelled` |
//! | share a few connections among many tasks | [`Pool`], [`Manager`], [`Pooled`] | (none) |
//! | process the most urgent item first | [`PriorityQueue`] | `PriorityQueue` |
//! | lose no item if a worker fails | [`WorkQueue`], [`Job`] | `Queue`, `task_done`, `join` |
//! | wake all waiters when something has happened | [`Event`] | `Event` |
//! | wait until a value behind a lock changes | [`Condition`] | `Condition` |
//! | limit the time of a whole job, or of one step | [`Deadline`], [`TimeLimit`], [`TimedOut`] | `timeout_at`, `wait_for` |
//! | retry a failed operation, within limits | [`Retry`], [`Backoff`], [`RetryBudget`] | (none) |
//! | collect the items of a stream into batches | [`BatchExt::batches`] | (none) |
//! | process a stream in batches | [`in_batches`] | (none) |
//! | batch the items of many callers | [`Batcher`] | (none) |
//! | read HTTP's `Retry-After` as a delay (feature `retry-after`) | `parse_retry_after` | (none) |
//! | read a paginated service as a stream | [`pages()`], [`pages_by_cursor`] | an `async` generator |
//! | replace a file as a whole or not at all (feature `files`) | `AtomicFile`, `atomic_write` | (none) |
//! | receive SIGTERM and Ctrl-C instead of being ended by them (feature `signals`) | `Signals` | `loop.add_signal_handler` |
//!
//! Wherever tasks wait in a queue, they are served in FIFO order.
//!
//! # How to copy a pattern
//!
//! Copy the files of one row into a folder `src/patterns/` of your crate, and declare their modules
//! in `src/patterns.rs`: `pub mod` for the pattern, `mod` for the other files. Add the crates, with
//! these features of Tokio. The versions are in the root `Cargo.toml`. The tests of each pattern are in
//! `tests/kit/` and `tests/kit/cancellation/`.
//!
//! A path that ends in `/` is a folder with all its files.
//!
//! | pattern | files | crates | features of Tokio |
//! |---|---|---|---|
//! | `atomic_file` | `atomic_file.rs`, `atomic_file/` | `fastrand`, `tokio`, `xattr` | `fs`, `io-util`, `rt` |
//! | `batch` | `batch.rs`, `batch/`, `timer.rs` | `futures`, `pin-project-lite`, `tokio`, `tokio-util` | `rt`, `sync`, `time` |
//! | `condition` | `condition.rs` | `tokio` | `rt`, `sync` |
//! | `deadline` | `deadline.rs`, `deadline/`, `timer.rs` | `pin-project-lite`, `tokio` | `rt`, `time` |
//! | `event` | `event.rs` | `tokio` | `sync` |
//! | `group` | `group.rs`, `group/`, `scope.rs`, `scope/`, `tasks.rs` | `futures`, `tokio`, `tokio-util` | `macros`, `rt`, `sync` |
//! | `monitor` | `monitor.rs`, `monitor/`, `deadline.rs`, `deadline/`, `scope.rs`, `scope/`, `tasks.rs`, `timer.rs`, `waiters.rs` | `futures`, `pin-project-lite`, `tokio`, `tokio-util` | `macros`, `rt`, `sync`, `time` |
//! | `pages` | `pages.rs`, `pages/` | `futures`, `pin-project-lite`, `tokio`, `tokio-util` | `rt` |
//! | `pool` | `pool.rs`, `pool/`, `deadline.rs`, `deadline/`, `timer.rs`, `waiters.rs` | `pin-project-lite`, `tokio` | `rt`, `sync`, `time` |
//! | `priority_queue` | `priority_queue.rs`, `priority_queue/`, `waiters.rs` | `tokio` | `rt` |
//! | `retry` | `retry.rs`, `retry/`, `deadline.rs`, `deadline/`, `timer.rs` | `fastrand`, `pin-project-lite`, `tokio` | `rt`, `time` |
//! | `retry_after` | `retry_after.rs` | `httpdate` | (none) |
//! | `scope` | `scope.rs`, `scope/` | `futures`, `tokio`, `tokio-util` | `rt` |
//! | `signals` | `signals.rs` | `tokio` | `macros`, `rt`, `signal` |
//! | `work_queue` | `work_queue.rs`, `work_queue/`, `waiters.rs` | `tokio` | `rt`, `sync` |
//!
//! `.ci/take-home` compiles each row alone in an empty crate.

#[cfg(all(feature = "files", not(target_family = "wasm")))]
pub mod atomic_file;
pub mod batch;
pub mod condition;
pub mod deadline;
pub mod event;
pub mod group;
pub mod monitor;
pub mod pages;
pub mod pool;
pub mod priority_queue;
pub mod retry;
#[cfg(feature = "retry-after")]
pub mod retry_after;
pub mod scope;
#[cfg(all(feature = "signals", not(target_family = "wasm")))]
pub mod signals;
mod tasks;
mod timer;
mod waiters;
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
#[cfg(feature = "retry-after")]
pub use retry_after::parse_retry_after;
#[cfg(all(feature = "signals", not(target_family = "wasm")))]
pub use signals::Signals;
pub use work_queue::{Job, WorkQueue};
