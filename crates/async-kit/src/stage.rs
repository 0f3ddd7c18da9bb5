//! Everything that a chapter shows of a run comes from one recording.
//!
//! | to … | there is |
//! |---|---|
//! | make a binary of sections | [`Chapter`] |
//! | say a line with its time and its lane | [`say!`](crate::say!) |
//! | give a future a row of the timeline | [`Lane::lane`], [`Lane::step`] |
//! | let the reader change a number | [`knob()`] |
//! | suggest a setting to try, with a question | [`ask()`] |
//! | write `100.ms()` | [`Millis`] |
//! | run in virtual time, and get a report instead of a hang | [`virtual_time()`] |
//! | assert what was said and when | [`Transcript`] |
//! | cancel a future at each of its awaits | [`cancel_at_every_await`] |
//! | try many orders of the same tasks | [`explore`], [`replay`] |
//! | compare a chapter with its asyncio twins | [`parity`] |
//! | check that the compiler refuses a program | [`refused`] |
//! | check an exercise, and explain a wrong answer | [`exercise`] |
//! | draw a recording | [`timeline`], [`svg`], [`trace`] |
//! | write a recording as JSON | [`record_file`] |
//! | show the lanes of another process too | [`Recorder::import`](record::Recorder::import) |
//!
//! One [`Recorder`](record::Recorder) per run records every lane and every line. Timelines, pictures,
//! traces and records are made from its [`Recording`] alone.

pub mod ask;
#[cfg(any(feature = "test-util", not(target_family = "wasm")))]
mod exercise_list;
pub mod knob;
pub mod lane;
mod last_resort;
pub mod millis;
pub mod record;
mod render;
mod run;
mod runtime;
pub mod say;
#[cfg(feature = "test-util")]
mod testing;
pub mod virtual_time;

#[cfg(feature = "test-util")]
pub use self::testing::{
    cancel::{self, Cut, cancel_at_every_await},
    exercise, parity, refused,
    schedules::{self, explore, replay},
    transcript::{self, Transcript},
};
pub use self::{
    ask::ask,
    knob::knob,
    lane::Lane,
    millis::Millis,
    record::Recording,
    render::{record_file, svg, timeline, trace},
    run::chapter::{self, Chapter},
    virtual_time::virtual_time,
};
