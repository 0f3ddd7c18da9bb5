//! Whatever a chapter shows of a run comes from one recording of it.
//!
//! | to … | there is |
//! |---|---|
//! | make a binary of sections | [`Chapter`] |
//! | say a line with its time and its lane | [`say!`](crate::say!) |
//! | give a future a row of the timeline | [`Lane::lane`], [`Lane::step`] |
//! | let the reader turn a number | [`knob()`] |
//! | suggest a setting to try, with a question | [`ask()`] |
//! | write `100.ms()` | [`Millis`] |
//! | run in virtual time, never hanging | [`virtual_time()`] |
//! | assert what was said and when | [`Transcript`] |
//! | drop a future wherever it can be dropped | [`cancel_at_every_await`] |
//! | try many orders of the same tasks | [`explore`], [`replay`] |
//! | compare a chapter with its asyncio twins | [`parity`] |
//! | hold the compiler to what it refuses | [`refused`] |
//! | draw a recording | [`timeline`], [`svg`], [`trace`] |
//!
//! One [`Recorder`](record::Recorder) per run hears every lane and every line. Text, picture and
//! trace are pure functions of the [`Recording`] it leaves behind.

pub mod ask;
#[cfg(feature = "test-util")]
pub mod cancel;
pub mod chapter;
mod cli;
mod columns;
mod engine;
mod facts;
mod flow;
mod fold;
mod hue;
pub mod knob;
pub mod lane;
mod line;
mod measure;
pub mod millis;
mod out;
mod page;
#[cfg(feature = "test-util")]
pub mod parity;
mod picture;
mod pulse;
pub mod record;
#[cfg(feature = "test-util")]
pub mod refused;
mod report;
mod rows;
mod runner;
pub mod say;
#[cfg(feature = "test-util")]
pub mod schedules;
mod survey;
pub mod svg;
mod ticks;
pub mod timeline;
pub mod trace;
#[cfg(feature = "test-util")]
pub mod transcript;
mod verdict;
pub mod virtual_time;
mod watchdog;

pub use ask::ask;
#[cfg(feature = "test-util")]
pub use cancel::{Cut, cancel_at_every_await};
pub use chapter::Chapter;
pub use knob::knob;
pub use lane::Lane;
pub use millis::Millis;
pub use record::Recording;
#[cfg(feature = "test-util")]
pub use schedules::{explore, replay};
#[cfg(feature = "test-util")]
pub use transcript::Transcript;
pub use virtual_time::virtual_time;
