//! Every awaitable of every pattern, dropped wherever it can be dropped, loses and leaks nothing.
//!
//! Each setup contends, so that the victim really waits: the pool is full, the queue is empty.
//! The number of cuts is asserted: fewer would mean that it did not.

mod batches;
mod conditions;
mod pools;
mod queues;
mod releases;
mod tasks;
mod time;
