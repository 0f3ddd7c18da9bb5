//! Work in batches keeps memory bounded, and keeps every item's own result.
//!
//! Three ways, by who owns the items: a stream cut into batches ([`BatchExt::batches`]), a stream
//! processed in batches ([`in_batches`]), and many callers who each bring one item ([`Batcher`]).

mod batcher;
mod batches;
mod in_batches;

pub use batcher::{BatchError, Batcher};
pub use batches::{BatchExt, Batches};
pub use in_batches::in_batches;
