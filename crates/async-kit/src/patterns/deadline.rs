//! A deadline is one time budget that nested calls share.
//!
//! [`TimeLimit`] gives any future a limit: [`within`](TimeLimit::within) a duration, or
//! [`by`](TimeLimit::by) a [`Deadline`] that it shares with others. The future is polled first, so a
//! future that is ready immediately reads no clock and starts no timer.

mod budget;
mod limit;

pub use self::{
    budget::Deadline,
    limit::{Limited, TimeLimit, TimedOut},
};
