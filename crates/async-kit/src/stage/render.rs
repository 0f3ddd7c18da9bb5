//! Every picture of a run is a pure function of the run's recording.
//!
//! [`timeline`] draws for a terminal, [`svg`] for the book, [`trace`] for Perfetto. All three draw
//! the same rows. [`record_file`] writes what was recorded, for programs that read it.

pub(super) mod columns;
mod fold;
pub(super) mod hue;
mod json;
pub(super) mod plain_line;
pub mod record_file;
mod rows;
pub mod svg;
pub(super) mod ticks;
pub mod timeline;
mod totals;
pub mod trace;
pub(super) mod wrap;
