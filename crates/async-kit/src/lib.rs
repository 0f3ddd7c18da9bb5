//! Patterns that asyncio users miss in Tokio, and tools that show concurrency.
//!
//! | module | purpose |
//! |---|---|
//! | [`patterns`] | patterns for your own programs: [`Pool`], [`Retry`], [`Group`], queues, scopes, time limits |
//! | `stage` | runs a chapter and shows its concurrency: `Chapter`, `virtual_time`, lanes, pictures (feature `stage`) |
//! | `lab` | a loopback HTTP server that counts requests and connections (feature `lab`, not on WebAssembly) |
//!
//! The most used names are also exported at the root: `use async_kit::Pool`.
//!
//! # What to depend on
//!
//! | you want | write in `Cargo.toml` |
//! |---|---|
//! | the patterns alone, in production | `async-kit = { path = "…", default-features = false }` |
//! | `atomic_write` and `AtomicFile` too | add `features = ["files"]` |
//! | `parse_retry_after` too | add `features = ["retry-after"]` |
//! | `Signals` too | add `features = ["signals"]` |
//! | virtual time and timelines in your tests | under `[dev-dependencies]`, `features = ["test-util"]` |
//! | one pattern, without this crate | copy its files: [which files and crates](patterns#how-to-copy-a-pattern) |
//!
//! # Which pattern for which need
//!
//! The examples run inside an `async` function on a Tokio runtime. Each name links to its
//! guarantees: errors, panics, and what is lost if a call is cancelled.
//!
//! **Release a resource at the end of a scope, even if the scope is cancelled**: [`scope::with`]
//!
//! ```
//! use async_kit::scope::{self, Release};
//!
//! struct Lock;
//!
//! impl Release for Lock {
//!     async fn release(self) {
//!         println!("unlocked"); // may await
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let answer = scope::with(Lock, async |_lock| 42).await;
//! assert_eq!(answer, 42);
//! # }
//! ```
//!
//! **End all child tasks before their parent**, as `TaskGroup` does: [`Group`]
//!
//! ```
//! # use async_kit::Group;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let sum = Group::run(async |group| {
//!     let (a, b) = (group.spawn(async { Ok(1) }), group.spawn(async { Ok(2) }));
//!     Ok::<_, String>(a.await + b.await)
//! });
//! assert_eq!(sum.await, Ok(3));
//! # }
//! ```
//!
//! **Find out how each task ended**: [`Monitor`]
//!
//! ```
//! # use async_kit::Monitor;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let monitor = Monitor::new();
//! monitor.spawn("typo", async { Err::<(), _>("no such host") });
//! assert_eq!(monitor.join().await[0].to_string(), "typo: failed: no such host");
//! # }
//! ```
//!
//! **Share a few connections among many tasks**: [`Pool`]
//!
//! ```
//! # use async_kit::{Manager, Pool};
//! struct Greeter;
//!
//! impl Manager for Greeter {
//!     type Connection = String;
//!     type Error = std::convert::Infallible;
//!
//!     async fn connect(&self) -> Result<String, Self::Error> {
//!         Ok("hello".to_owned())
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let pool = Pool::builder(Greeter).max_size(3).build();
//! let connection = pool.acquire().await.unwrap();
//! assert_eq!(*connection, "hello"); // returned to the pool when it is dropped
//! # }
//! ```
//!
//! **Process the most urgent item first**: [`PriorityQueue`]
//!
//! ```
//! # use async_kit::PriorityQueue;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let queue = PriorityQueue::bounded(10);
//! queue.push(3, "tidy up").await.unwrap();
//! queue.push(1, "put out the fire").await.unwrap();
//! assert_eq!(queue.pop().await, Some("put out the fire"));
//! # }
//! ```
//!
//! **Lose no item when a worker fails**: [`WorkQueue`]
//!
//! ```
//! # use async_kit::WorkQueue;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let queue = WorkQueue::bounded(10);
//! queue.send("mail").await.unwrap();
//! drop(queue.recv().await); // this worker fails: the job is not done
//! assert_eq!(queue.recv().await.unwrap().done(), "mail");
//! # }
//! ```
//!
//! **Wake all waiters when something has happened**: [`Event`]
//!
//! ```
//! # use async_kit::Event;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let ready = Event::new();
//! ready.set();
//! ready.wait().await; // returns immediately, now and later
//! # }
//! ```
//!
//! **Wait until a value behind a lock changes**: [`Condition`]
//!
//! ```
//! # use async_kit::Condition;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let stock = Condition::new(vec!["bread"]);
//! let mut stock = stock.lock().await.wait_while(|stock| stock.is_empty()).await;
//! assert_eq!(stock.pop(), Some("bread"));
//! # }
//! ```
//!
//! **Limit the time of a whole job, or of one step**: [`Deadline`], [`TimeLimit`]
//!
//! ```
//! # use async_kit::{Deadline, TimeLimit};
//! # use std::{future, time::Duration};
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let deadline = Deadline::after(Duration::from_millis(150)); // for all steps together
//! assert!(future::ready(1).by(deadline).await.is_ok());
//! assert!(future::pending::<()>().by(deadline).await.is_err());
//! # }
//! ```
//!
//! **Retry a failed operation, within limits**: [`Retry`]
//!
//! ```
//! # use async_kit::{Backoff, Retry};
//! # use std::{future::ready, time::Duration};
//! # #[tokio::main(flavor = "current_thread", start_paused = true)]
//! # async fn main() {
//! let mut answers = [Err("busy"), Ok("hello")].into_iter();
//! let backoff = Backoff::exponential(Duration::from_millis(100));
//! let body = Retry::new(backoff).attempts(5).run(|| ready(answers.next().unwrap())).await;
//! assert_eq!(body.unwrap(), "hello");
//! # }
//! ```
//!
//! **Collect the items of a stream into batches**: [`BatchExt::batches`]
//!
//! ```
//! # use async_kit::BatchExt;
//! # use futures::{StreamExt, stream};
//! # use std::{num::NonZeroUsize, time::Duration};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let two = NonZeroUsize::new(2).unwrap();
//! let batches = stream::iter(1..=3).batches(two, Duration::from_millis(10));
//! assert_eq!(batches.collect::<Vec<_>>().await, [vec![1, 2], vec![3]]);
//! # }
//! ```
//!
//! **Process a stream in batches**: [`in_batches`]
//!
//! ```
//! # use async_kit::in_batches;
//! # use futures::{StreamExt, stream};
//! # use std::num::NonZeroUsize;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let double = async |items: Vec<u32>| items.into_iter().map(|item| 2 * item).collect();
//! let two = NonZeroUsize::new(2).unwrap(); // items in a batch, and batches at the same time
//! let doubled = in_batches(stream::iter(1..=3), two, two, double);
//! assert_eq!(doubled.collect::<Vec<_>>().await, [2, 4, 6]);
//! # }
//! ```
//!
//! **Batch the items of many callers**: [`Batcher`]
//!
//! ```
//! # use async_kit::Batcher;
//! # use std::{num::NonZeroUsize, time::Duration};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let double = async |items: Vec<u32>| items.into_iter().map(|item| 2 * item).collect();
//! let batcher = Batcher::new(NonZeroUsize::MIN, Duration::from_millis(10), double);
//! assert_eq!(batcher.submit(21).await, Ok(42));
//! # }
//! ```
//!
//! **Read a paginated service as a stream**: [`pages()`], [`pages_by_cursor`]
//!
//! ```
//! # use async_kit::pages;
//! # use futures::TryStreamExt;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let fetch = async |page: u64| Ok::<_, String>(if page < 3 { vec![page] } else { vec![] });
//! let pages: Vec<_> = pages(fetch).try_collect().await.unwrap();
//! assert_eq!(pages, [[1], [2]]);
//! # }
//! ```
//!
//! **Replace a file completely or not at all** (feature `files`): [`atomic_write`], [`AtomicFile`]
//!
//! ```
//! # #[cfg(feature = "files")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> anyhow::Result<()> {
//! # use async_kit::AtomicFile;
//! # use tokio::io::AsyncWriteExt;
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("report.txt");
//! let mut report = AtomicFile::create(&path).await?;
//! report.write_all(b"one line\n").await?;
//! assert!(!path.exists());
//! report.commit().await?;
//! assert!(path.exists());
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "files"))]
//! # fn main() {}
//! ```
// Without the feature these names do not exist, so their links lead to the table above.
#![cfg_attr(
    not(all(feature = "files", not(target_family = "wasm"))),
    doc = "\n[`atomic_write`]: #what-to-depend-on\n[`AtomicFile`]: #what-to-depend-on"
)]

#[cfg(any(feature = "lab", feature = "stage"))]
mod base_address;
pub mod patterns;
#[cfg(feature = "stage")]
pub mod stage;

#[cfg(all(feature = "lab", not(target_family = "wasm")))]
pub mod lab;

pub use patterns::*;
#[cfg(feature = "stage")]
pub use stage::{Chapter, Lane, Millis, ask, knob, virtual_time};
#[cfg(feature = "test-util")]
pub use stage::{
    Transcript, cancel_at_every_await, exercise, explore, parity, refused, replay,
};
