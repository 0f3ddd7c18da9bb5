//! Tools that only the tests of a chapter use, and not its run.

pub mod cancel;
pub mod exercise;
pub mod parity;
pub mod refused;
pub mod schedules;
pub mod transcript;
