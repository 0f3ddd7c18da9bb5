//! Work in batches needs bounded memory, and every item keeps its own result.
//!
//! There are three patterns: collect the items of a stream into batches ([`BatchExt::batches`]),
//! process a stream in batches ([`in_batches`]), and batch the items of many callers ([`Batcher`]).

mod batcher;
mod batches;
mod in_batches;

pub use batcher::{BatchError, Batcher};
pub use batches::{BatchExt, Batches};
pub use in_batches::in_batches;
