//! A run of an answer always ends: with its output, or with the reason why there is none.

use std::{
    fmt,
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};

use futures::future::BoxFuture;
use tokio::{select, sync::Notify};

use super::{
    exit_guard::Running, panic_place, picture, real_time, terminal_width::width,
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

/// A run that prints more lines is ended: a loop that prints is progress for the watchdogs, and may
/// be endless. Arbitrary: no exercise prints a hundred.
const MOST_LINES: usize = 10_000;

#[track_caller]
fn run<T: Send + 'static, F>(
    answer: F,
    play: impl FnOnce(&Recorder, BoxFuture<'static, Option<T>>) -> Result<Option<T>, Failure>,
) -> Run<T>
where
    F: Future<Output = T> + Send + 'static,
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
            () = limit.exceeded.notified() => None,
            output = answer => Some(output),
        }
    };
    panic_place::record();
    let running = Running::start();
    let ended = play(&recorder, Box::pin(answer));
    drop(running);
    let recording = recorder.recording();
    let ended = match ended {
        _ if lines.is_exceeded() => Err(Unfinished::Stuck(format!(
            "ENDLESS: the run printed {MOST_LINES} lines and has not ended.\n   \
             Which loop never ends?"
        ))),
        Ok(_) if recording.lost > 0 => Err(Unfinished::Stuck(format!(
            "TOO MUCH: the run has more than {MAX_EVENTS} lines, lanes and steps.\n   \
             Which loop runs too often?"
        ))),
        Ok(output) => Ok(output.expect("the limit alone ends a run without output")),
        Err(failure) => Err(reason(&failure)),
    };
    Run { recording, ended }
}

/// Ends the loop that prints the line after the last allowed one, and then the run.
#[derive(Default)]
struct LineLimit {
    printed: AtomicUsize,
    exceeded: Notify,
}

impl LineLimit {
    fn count(&self) {
        if self.printed.fetch_add(1, Relaxed) < MOST_LINES {
            return;
        }
        // The run ends at its next await. A loop without an await has none, so it is unwound; but not
        // by a second panic, which would abort the process.
        self.exceeded.notify_one();
        if !thread::panicking() {
            resume_unwind(Box::new("the run printed too many lines"));
        }
    }

    fn is_exceeded(&self) -> bool {
        self.printed.load(Relaxed) > MOST_LINES
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
