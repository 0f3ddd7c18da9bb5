//! What Tokio lacks for somebody who comes from asyncio.
//!
//! Two halves. [`patterns`] is what a reader takes home: each module is small enough to read
//! in one sitting, and can be lifted out of here. [`stage`] is what makes a chapter run and be
//! seen: virtual time, lanes, timelines, and the tests that compare both languages.

pub mod patterns;
pub mod stage;

#[cfg(all(feature = "lab", not(target_family = "wasm")))]
pub mod lab;

pub use patterns::*;
pub use stage::{
    Chapter, Lane, Millis, Transcript, cancel_at_every_await, explore, knob, parity,
    replay, virtual_time,
};
