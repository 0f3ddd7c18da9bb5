//! What makes a chapter run and be seen.
//!
//! One [`Recorder`](record::Recorder) per run hears every lane and every line; the timeline as
//! text, as SVG and as a trace are pure functions of the [`Recording`] it leaves behind.

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
pub mod parity;
mod picture;
mod pulse;
pub mod record;
mod report;
mod rows;
mod runner;
pub mod say;
pub mod schedules;
mod survey;
pub mod svg;
mod ticks;
pub mod timeline;
pub mod trace;
pub mod transcript;
mod verdict;
pub mod virtual_time;
mod watchdog;

pub use cancel::{Cut, cancel_at_every_await};
pub use chapter::Chapter;
pub use knob::knob;
pub use lane::Lane;
pub use millis::Millis;
pub use record::Recording;
pub use schedules::{explore, replay};
pub use transcript::Transcript;
pub use virtual_time::virtual_time;
