//! A run of an answer always ends: with its output, or with the reason why there is none.

use std::{fmt, sync::Arc};

use futures::future::BoxFuture;
use tokio::select;

use super::{
    exit_guard::Running, line_limit::LineLimit, panic_place, picture, real_time,
    terminal_width::width, watchdog::Watchdog,
};
use crate::{
    patterns::monitor::panic_text,
    stage::{
        record::{MAX_EVENTS, Recorder, Recording, Settings},
        render::columns::visible,
        runtime,
        virtual_time::{self, Failure},
    },
};

/// A run of an answer.
pub(super) struct Run<T> {
    pub(super) recording: Recording,
    /// The output, or why there is none.
    pub(super) ended: Result<T, Unfinished>,
}

/// Why a run has no output that can be checked.
pub(super) enum Unfinished {
    Panicked(String),
    /// It cannot continue, never ends, or did too much.
    Stuck(String),
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Panicked(why) | Self::Stuck(why)) = self;
        f.write_str(why)
    }
}

/// Runs an answer in virtual time.
#[track_caller]
pub(super) fn in_virtual_time<F>(answer: F) -> Run<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let _watchdog = Watchdog::of_virtual_time();
    run(answer, virtual_time::run)
}

/// Runs an answer in real time.
#[track_caller]
pub(super) fn in_real_time<F>(answer: F) -> Run<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    run(answer, real_time::run)
}

#[track_caller]
fn run<T, F, P>(answer: F, play: P) -> Run<T>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
    P: FnOnce(&Recorder, BoxFuture<'static, Option<T>>) -> Result<Option<T>, Failure>,
{
    runtime::assert_outside();
    let lines = Arc::new(LineLimit::default());
    let recorder = Recorder::new(true, Settings::default(), {
        let lines = Arc::clone(&lines);
        move |_, _, _| lines.count()
    });
    let limit = Arc::clone(&lines);
    let answer = async move {
        select! {
            biased;
            () = limit.exceeded() => None,
            output = answer => Some(output),
        }
    };
    panic_place::record();
    let running = Running::start();
    let ended = play(&recorder, Box::pin(answer));
    drop(running);
    let recording = recorder.recording();
    let ended = outcome(ended, &lines, recording.lost > 0);
    Run { recording, ended }
}

/// The output of a run, or why it has none. A run that did too much has none, however it ended.
fn outcome<T>(
    ended: Result<Option<T>, Failure>,
    lines: &LineLimit,
    too_much: bool,
) -> Result<T, Unfinished> {
    if lines.is_exceeded() {
        return Err(Unfinished::Stuck(lines.to_string()));
    }
    match ended {
        Ok(_) if too_much => Err(Unfinished::Stuck(format!(
            "TOO MUCH: the run has more than {MAX_EVENTS} lines, lanes and steps.\n   \
             Which loop runs too often?"
        ))),
        Ok(output) => Ok(output.expect("the limit alone ends a run without output")),
        Err(failure) => Err(reason(&failure)),
    }
}

fn reason(failure: &Failure) -> Unfinished {
    match failure {
        Failure::Panicked(payload) => {
            let text = panic_text(&**payload);
            let place = panic_place::of(text).map(|place| format!("\n   at {place}"));
            let text = text.lines().map(visible).collect::<Vec<_>>().join("\n");
            let place = place.unwrap_or_default();
            Unfinished::Panicked(format!("The run panicked: {text}{place}"))
        }
        Failure::Stuck(report) => {
            Unfinished::Stuck(picture::report(&report.to_string(), width()))
        }
    }
}
