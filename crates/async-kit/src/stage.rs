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
//! | check an exercise, and explain a wrong answer | [`exercise`] |
//! | draw a recording | [`timeline`], [`svg`], [`trace`] |
//!
//! One [`Recorder`](record::Recorder) per run hears every lane and every line. Text, picture and
//! trace are pure functions of the [`Recording`] it leaves behind.

pub mod ask;
pub mod knob;
pub mod lane;
pub mod millis;
pub mod record;
mod render;
mod run;
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
    render::{svg, timeline, trace},
    run::chapter::{self, Chapter},
    virtual_time::virtual_time,
};
