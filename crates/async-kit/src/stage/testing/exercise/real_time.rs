//! An answer in real time ends after 20 s, even if it blocks its thread.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread::{self, JoinHandle},
    time::Duration,
};

use tokio::{
    runtime::{Builder, Handle},
    time::timeout,
};

use crate::{
    patterns::scope,
    stage::{
        last_resort,
        record::Recorder,
        runtime,
        virtual_time::{Failure, report},
    },
};

/// How long an answer may run. Arbitrary: no exercise needs a second, and a busy machine may need ten
/// times as long.
const LIMIT: Duration = Duration::from_secs(20);

/// How long an answer may hold its thread after that.
const GRACE: Duration = Duration::from_secs(2);

/// Runs an answer on one thread, in real time, and freezes its recording when it ends.
pub(super) fn run<F>(recorder: &Recorder, answer: F) -> Result<F::Output, Failure>
where
    F: Future<Output: Send> + Send + 'static,
{
    run_until(LIMIT, recorder, answer)
}

fn run_until<F>(
    limit: Duration,
    recorder: &Recorder,
    answer: F,
) -> Result<F::Output, Failure>
where
    F: Future<Output: Send> + Send + 'static,
{
    // A report says since when each lane waits.
    recorder.watch();
    let _here = recorder.install();
    let mut builder = Builder::new_current_thread();
    builder.enable_all();
    let runtime = runtime::build(builder, recorder);
    let _watchdog = Watchdog::start(limit + GRACE);
    let ended = runtime.block_on(until(limit, recorder, answer));
    runtime::shut_down(runtime);
    ended
}

async fn until<F>(
    limit: Duration,
    recorder: &Recorder,
    answer: F,
) -> Result<F::Output, Failure>
where
    F: Future<Output: Send> + Send + 'static,
{
    recorder.begin();
    let mut answer = tokio::spawn(answer);
    let Ok(ended) = timeout(limit, &mut answer).await else {
        let tasks = Handle::current().metrics().num_alive_tasks();
        return Err(Failure::Stuck(report::unfinished(recorder, limit, tasks)));
    };
    scope::released().await;
    recorder.freeze();
    ended.map_err(|error| Failure::Panicked(error.into_panic()))
}

/// Ends the process if it is not dropped in time: an answer that blocks its thread cannot be stopped.
struct Watchdog {
    /// `None` only while this is dropped: then the thread ends.
    running: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watchdog {
    fn start(limit: Duration) -> Self {
        let (running, ended) = mpsc::channel();
        let thread = thread::spawn(move || {
            if ended.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                last_resort::print(BLOCKED);
                last_resort::end_process();
            }
        });
        Self { running: Some(running), thread: Some(thread) }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.running.take();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("it only waits");
        }
    }
}

const BLOCKED: &str = "\nBLOCKED: your code holds its thread and never returns to the runtime.\n   \
                       Does it call something that blocks, or loop without an `await`?\n";

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;
    use crate::{Lane, Millis, stage::record::Settings};

    #[test]
    fn a_run_that_never_ends_is_reported_with_the_lane_that_waits() {
        let recorder = Recorder::new(true, Settings::default(), |_, _, _| {});
        let stuck = async { pending::<()>().lane("waiter").await };
        let ended = run_until(20.ms(), &recorder, stuck);
        let Err(Failure::Stuck(report)) = ended else { panic!("it is stuck") };
        let report = report.to_string();
        assert!(report.starts_with("UNFINISHED at 0."), "{report}");
        assert!(report.contains("   waiter  has waited since 0."), "{report}");
    }
}
