//! A section runs as a spawned task, on the clock that the reader asked for.

#[cfg(not(target_family = "wasm"))]
mod interrupt;
#[cfg(not(target_family = "wasm"))]
mod real_time;

use std::{any::Any, future::poll_fn, task::Poll};

use super::{chapter::Body, command_line::Clock};
use crate::stage::{
    record::{KnobInfo, Recorder},
    virtual_time::{self, Failure},
};

/// How a section ended.
#[derive(Debug)]
pub(super) enum Ended {
    Well,
    /// With an error, a panic, or stuck; the text says which, with its whole chain of causes.
    Failed(String),
    /// By Ctrl-C.
    #[cfg_attr(
        target_family = "wasm",
        expect(dead_code, reason = "there are no signals")
    )]
    Interrupted,
}

/// Runs one section and freezes its recording.
pub(super) fn run(clock: Clock, recorder: &Recorder, body: &Body) -> Ended {
    match clock {
        Clock::Virtual => judge(virtual_time::run(recorder, body())),
        #[cfg(not(target_family = "wasm"))]
        Clock::Real => real_time::run(real_time::one_thread(recorder), recorder, body),
        #[cfg(not(target_family = "wasm"))]
        Clock::Threads(count) => {
            real_time::run(real_time::threads(recorder, count), recorder, body)
        }
        #[cfg(target_family = "wasm")]
        Clock::Real | Clock::Threads(_) => {
            unreachable!("there is only virtual time here")
        }
    }
}

/// The knobs that a section asks for before its first await; it runs no further than that.
pub(super) fn knobs(settings: &[(String, String)], body: &Body) -> Vec<KnobInfo> {
    let recorder = silent(settings);
    let mut section = body();
    let first_poll = poll_fn(move |cx| {
        let _ = section.as_mut().poll(cx);
        Poll::Ready(())
    });
    // How it goes is not the question here; the run that follows will tell.
    let _ = virtual_time::run(&recorder, first_poll);
    recorder.recording().knobs
}

/// The knobs that this asks for.
pub(super) fn asked_for(settings: &[(String, String)], ask: &dyn Fn()) -> Vec<KnobInfo> {
    let recorder = silent(settings);
    let here = recorder.install();
    ask();
    drop(here);
    recorder.recording().knobs
}

fn silent(settings: &[(String, String)]) -> Recorder {
    Recorder::new(false, settings.to_vec(), |_, _, _| {})
}

fn judge(result: Result<anyhow::Result<()>, Failure>) -> Ended {
    match result {
        Ok(Ok(())) => Ended::Well,
        Ok(Err(error)) => Ended::Failed(chain(&error)),
        Err(Failure::Stuck(report)) => Ended::Failed(report.to_string()),
        Err(Failure::Panicked(payload)) => Ended::Failed(panic_message(&*payload)),
    }
}

fn panic_message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied());
    format!("it panicked: {}", text.unwrap_or("with something that is no text"))
}

/// An error with its causes, each on a line of its own.
fn chain(error: &anyhow::Error) -> String {
    let lines: Vec<_> = error.chain().map(ToString::to_string).collect();
    lines.join("\n  because: ")
}
