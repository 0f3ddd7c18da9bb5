//! Every future of every pattern can be dropped at every await, and then loses and leaks nothing.
//!
//! Each setup makes the call wait: the pool is full, or the queue is empty. Each test asserts the
//! number of cuts, because fewer would mean that the call did not wait.

mod batches;
mod conditions;
mod pools;
mod queues;
mod releases;
mod tasks;
mod time;
