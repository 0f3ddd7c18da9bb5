//! An answer runs in virtual time, or in real time with a limit, and is recorded.

use std::{
    future::poll_fn, pin::pin, process, sync::mpsc, task::Poll, thread, time::Duration,
};

use tokio::{
    runtime::{Builder, Handle},
    time::timeout,
};

use super::{exit_guard::ExitGuard, observed::Observed, refusal::refuse};
use crate::{
    patterns::{monitor::panic_text, scope},
    stage::{
        record::Recorder,
        testing::transcript::Transcript,
        virtual_time::{self, Failure, report},
    },
};

/// Runs an answer in virtual time, and records what it does.
///
/// # Examples
///
/// ```
/// use async_kit::{Lane, Millis, exercise::observe};
/// use tokio::{join, time::sleep};
///
/// async fn two_fetches() -> u32 {
///     let fetch = async |name: &'static str| {
///         sleep(100.ms()).step("fetch").lane(name).await;
///         1
///     };
///     let (a, b) = join!(fetch("a"), fetch("b"));
///     a + b
/// }
///
/// observe(two_fetches())
///     .concurrently("fetch", 2, "The fetches run one after the other.")
///     .takes(100.ms(), "The second fetch waits for the first.")
///     .returns(2, "Add both results.");
/// ```
///
/// # Panics
///
/// - If the answer panics, can never end, or does more than a recording keeps: with the reason and
///   the timeline.
/// - When called inside a Tokio runtime.
#[track_caller]
pub fn observe<F>(answer: F) -> Observed<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let recorder = Recorder::silent();
    let ended = ExitGuard::during(|| run_in_virtual_time(&recorder, answer));
    observed(&recorder, ended)
}

/// Runs an answer, and drops it when its recording is full.
pub(super) fn run_in_virtual_time<F>(
    recorder: &Recorder,
    answer: F,
) -> Result<F::Output, Failure>
where
    F: Future<Output: Send> + Send + 'static,
{
    let full = recorder.clone();
    let answer = async move {
        let mut answer = pin!(answer);
        poll_fn(|cx| match answer.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // No check accepts it, and the watchdog ends a loop that prints only after 30 s.
            Poll::Pending if full.is_full() => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        })
        .await
    };
    let output = virtual_time::run(recorder, answer)?;
    output.ok_or_else(|| Failure::Stuck(report::too_much(recorder)))
}

/// Runs an answer in real time, for sockets, files and processes, and records what it does.
///
/// Assert no times: they depend on the machine. Count instead what happened at the same time, and
/// in which order.
///
/// # Examples
///
/// ```
/// use async_kit::exercise::observe_in_real_time;
/// use tokio::task::spawn_blocking;
///
/// let sum = async { spawn_blocking(|| 1 + 1).await.unwrap() };
/// observe_in_real_time(sum).returns(2, "Add both numbers.");
/// ```
///
/// # Panics
///
/// - If the answer panics, or has not ended after 20 s: with the reason and the timeline.
/// - When called inside a Tokio runtime.
///
/// If the answer blocks its thread, no panic can end it: after 22 s the process ends with exit
/// code 101.
#[track_caller]
pub fn observe_in_real_time<F>(answer: F) -> Observed<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let recorder = Recorder::silent();
    let ended = ExitGuard::during(|| run_in_real_time(&recorder, answer));
    observed(&recorder, ended)
}

/// How long an answer may run in real time. Arbitrary: no exercise needs a second, and a busy
/// machine may need ten times as long.
const LIMIT: Duration = Duration::from_secs(20);

/// How long an answer may hold its thread after that.
const GRACE: Duration = Duration::from_secs(2);

/// The exit code of a process that panicked.
const PANICKED: i32 = 101;

pub(super) fn run_in_real_time<F>(
    recorder: &Recorder,
    answer: F,
) -> Result<F::Output, Failure>
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
            eprintln!("{BLOCKED}");
            process::exit(PANICKED);
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

const BLOCKED: &str = "BLOCKED: your code holds its thread and never returns to the runtime.\n   \
                       Does it call something that blocks, or loop without an `await`?";

#[track_caller]
fn observed<T>(recorder: &Recorder, ended: Result<T, Failure>) -> Observed<T> {
    let recording = recorder.recording();
    match ended {
        Ok(_) if recording.lost > 0 => {
            refuse(&format!("{}\n", report::too_much(recorder)), &recording)
        }
        Ok(output) => Observed { seen: Transcript::of_kept_events(recording), output },
        Err(failure) => refuse(&(reason(&failure) + "\n"), &recording),
    }
}

/// Why a run has no output.
pub(super) fn reason(failure: &Failure) -> String {
    match failure {
        Failure::Panicked(payload) => {
            format!("The run panicked: {}", panic_text(&**payload))
        }
        Failure::Stuck(report) => report.to_string(),
    }
}
