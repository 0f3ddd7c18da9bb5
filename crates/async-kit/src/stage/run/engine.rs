//! A section runs as a spawned task, on the clock that the reader asked for.

#[cfg(not(target_family = "wasm"))]
pub(super) mod interrupt;
mod outcome;
#[cfg(not(target_family = "wasm"))]
mod real_time;

use std::{future::poll_fn, num::NonZeroUsize, task::Poll};

pub(super) use self::outcome::Outcome;
use super::contents::Body;
use crate::stage::{
    record::{Recorder, Recording, Settings},
    virtual_time,
};

/// The clock of a run, and its number of threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// The machine's clock, on one thread.
    Real,
    /// The machine's clock, on a runtime of this many threads.
    Threads(NonZeroUsize),
    /// A clock that jumps to the next timer, on one thread.
    Virtual,
}

/// Runs one section and freezes its recording.
pub(super) fn run(clock: Clock, recorder: &Recorder, body: &Body) -> Outcome {
    match clock {
        Clock::Virtual => Outcome::of(virtual_time::run(recorder, body())),
        #[cfg(not(target_family = "wasm"))]
        Clock::Real => real_time::run(real_time::one_thread(recorder), recorder, body),
        #[cfg(not(target_family = "wasm"))]
        Clock::Threads(count) => {
            real_time::run(real_time::threads(recorder, count), recorder, body)
        }
        #[cfg(target_family = "wasm")]
        Clock::Real | Clock::Threads(_) => {
            unreachable!("WebAssembly has only virtual time")
        }
    }
}

/// What a section records up to its first await. It runs no further.
pub(super) fn first_poll(settings: &Settings, body: &Body) -> Recording {
    let recorder = silent(settings);
    let mut section = body();
    let first_poll = poll_fn(move |cx| {
        let _ = section.as_mut().poll(cx);
        Poll::Ready(())
    });
    // If it fails, the run that follows reports it.
    let _ = virtual_time::run(&recorder, first_poll);
    recorder.recording()
}

/// What a plain function records.
pub(super) fn record(settings: &Settings, function: &dyn Fn()) -> Recording {
    let recorder = silent(settings);
    let here = recorder.install();
    function();
    drop(here);
    recorder.recording()
}

fn silent(settings: &Settings) -> Recorder {
    Recorder::new(false, settings.clone(), |_, _, _| {})
}
