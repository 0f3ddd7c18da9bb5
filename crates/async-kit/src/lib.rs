//! What Tokio lacks for somebody who comes from asyncio.
//!
//! Two halves, and a server for those who speak HTTP:
//!
//! | | what it is for |
//! |---|---|
//! | [`patterns`] | what a reader takes home: [`Pool`], [`Retry`], [`Group`], queues, scopes, limits |
//! | [`stage`] | what makes a chapter run and be seen: [`Chapter`], [`virtual_time()`], lanes, pictures |
//! | `lab` | a loopback HTTP server whose counts a test can assert (feature `lab`, not on WebAssembly) |
//!
//! Everything a chapter or a test names daily is also here at the root: `use async_kit::Pool`.

pub mod patterns;
pub mod stage;

#[cfg(all(feature = "lab", not(target_family = "wasm")))]
pub mod lab;

pub use patterns::*;
pub use stage::{Chapter, Lane, Millis, ask, knob, virtual_time};
#[cfg(feature = "test-util")]
pub use stage::{Transcript, cancel_at_every_await, explore, parity, refused, replay};
