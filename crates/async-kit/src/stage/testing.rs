//! What the tests of a chapter need and its run does not.

pub mod cancel;
pub mod parity;
pub mod refused;
pub mod schedules;
pub mod transcript;
