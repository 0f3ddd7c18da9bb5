//! An answer runs in virtual time, or in real time with a limit, and always ends.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
        mpsc,
    },
    thread,
    time::Duration,
};

use futures::future::BoxFuture;
use tokio::{
    runtime::{Builder, Handle},
    select,
    sync::Notify,
    time::timeout,
};

use super::exit_guard::Running;
use crate::{
    patterns::{monitor::panic_text, scope},
    stage::{
        last_resort,
        record::{Recorder, Recording, Settings},
        virtual_time::{self, Failure, report},
    },
};

/// A run of an answer.
pub(super) struct Run<T> {
    pub(super) recording: Recording,
    /// The output, or why there is none.
    pub(super) ended: Result<T, Unfinished>,
}

/// Why a run has no output.
pub(super) enum Unfinished {
    Panicked(String),
    /// It can never end, or prints without end.
    Endless(String),
}

impl fmt::Display for Unfinished {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Panicked(why) | Self::Endless(why)) = self;
        f.write_str(why)
    }
}

/// Runs an answer in virtual time.
pub(super) fn in_virtual_time<F>(answer: F) -> Run<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    run(answer, virtual_time::run)
}

/// Runs an answer in real time.
pub(super) fn in_real_time<F>(answer: F) -> Run<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    run(answer, run_in_real_time)
}

/// A run that prints more lines is ended: a loop that prints is progress for the watchdogs, and may
/// be endless. Arbitrary: no exercise prints a hundred.
const MOST_LINES: usize = 10_000;

const TOO_MUCH: &str =
    "ENDLESS: the run printed 10000 lines and has not ended.\n   Which loop never ends?";

fn run<T: Send + 'static, F>(
    answer: F,
    play: impl FnOnce(&Recorder, BoxFuture<'static, Option<T>>) -> Result<Option<T>, Failure>,
) -> Run<T>
where
    F: Future<Output = T> + Send + 'static,
{
    let too_much = Arc::new(Notify::new());
    let (lines, stop) = (AtomicUsize::new(0), Arc::clone(&too_much));
    let recorder = Recorder::new(true, Settings::default(), move |_, _, _| {
        if lines.fetch_add(1, Relaxed) == MOST_LINES {
            stop.notify_one();
        }
    });
    let answer = async move {
        select! {
            biased;
            () = too_much.notified() => None,
            output = answer => Some(output),
        }
    };
    let running = Running::start();
    let ended = play(&recorder, Box::pin(answer));
    drop(running);
    let ended = match ended {
        Ok(Some(output)) => Ok(output),
        Ok(None) => Err(Unfinished::Endless(TOO_MUCH.to_owned())),
        Err(failure) => Err(reason(&failure)),
    };
    Run { recording: recorder.recording(), ended }
}

/// How long an answer may run in real time. Arbitrary: no exercise needs a second, and a busy
/// machine may need ten times as long.
const LIMIT: Duration = Duration::from_secs(20);

/// How long an answer may hold its thread after that.
const GRACE: Duration = Duration::from_secs(2);

fn run_in_real_time<F>(recorder: &Recorder, answer: F) -> Result<F::Output, Failure>
where
    F: Future<Output: Send> + Send + 'static,
{
    let here = recorder.install();
    let on_threads = recorder.clone();
    let runtime = Builder::new_current_thread()
        .enable_all()
        .on_thread_start(move || on_threads.install_for_good())
        .build()
        .expect("a machine that runs this has threads and sockets");
    let (running, ended) = mpsc::channel::<()>();
    let guard = thread::spawn(move || {
        if let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(LIMIT + GRACE) {
            last_resort::print(BLOCKED);
            last_resort::end_process();
        }
    });
    let result = runtime.block_on(async {
        recorder.begin();
        let mut answer = tokio::spawn(answer);
        let ended = timeout(LIMIT, &mut answer).await;
        let tasks = Handle::current().metrics().num_alive_tasks();
        match ended {
            Ok(ended) => {
                scope::released().await;
                recorder.freeze();
                ended.map_err(|error| Failure::Panicked(error.into_panic()))
            }
            Err(_) => Err(Failure::Stuck(report::unfinished(recorder, LIMIT, tasks))),
        }
    });
    runtime.shutdown_timeout(Duration::from_secs(1));
    drop((running, here));
    guard.join().expect("it only waits");
    result
}

const BLOCKED: &str = "\nBLOCKED: your code holds its thread and never returns to the runtime.\n   \
                       Does it call something that blocks, or loop without an `await`?\n";

fn reason(failure: &Failure) -> Unfinished {
    match failure {
        Failure::Panicked(payload) => {
            let text = panic_text(&**payload);
            Unfinished::Panicked(format!("The run panicked: {text}"))
        }
        Failure::Stuck(report) => Unfinished::Endless(report.to_string()),
    }
}
