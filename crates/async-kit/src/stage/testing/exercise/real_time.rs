//! An answer in real time ends after 20 s, even if it blocks its thread.

use std::time::Duration;

use tokio::{
    runtime::{Builder, Handle},
    time::timeout,
};

use super::watchdog::Watchdog;
use crate::{
    patterns::scope,
    stage::{
        record::Recorder,
        runtime,
        virtual_time::{Failure, report},
    },
};

/// How long an answer and its releases may run. Arbitrary: no exercise needs a second, and a busy machine
/// may need ten times as long.
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
    let _watchdog = Watchdog::start(limit + GRACE, BLOCKED.to_owned());
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
    let answer = tokio::spawn(answer);
    let answer_and_releases = async {
        let ended = answer.await;
        scope::released().await;
        ended
    };
    let Ok(ended) = timeout(limit, answer_and_releases).await else {
        let tasks = Handle::current().metrics().num_alive_tasks();
        return Err(Failure::Stuck(report::unfinished(recorder, limit, tasks)));
    };
    recorder.freeze();
    ended.map_err(|error| Failure::Panicked(error.into_panic()))
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

    struct Never;

    impl scope::Release for Never {
        async fn release(self) {
            pending::<()>().lane("release").await;
        }
    }

    /// The clock is paused, so this takes no time.
    #[tokio::test(start_paused = true)]
    async fn a_release_that_never_ends_is_reported_like_an_answer() {
        let recorder = Recorder::silent();
        recorder.watch();
        let _here = recorder.install();
        let answer = async {
            let _ = timeout(10.ms(), scope::with(Never, async |_| pending::<()>().await))
                .await;
        };
        let run = timeout(60.secs(), until(LIMIT, &recorder, answer)).await;
        let Ok(Err(Failure::Stuck(report))) = run else {
            panic!("the limit has not ended the run");
        };
        let report = report.to_string();
        assert!(report.starts_with("UNFINISHED at 20.00s: "), "{report}");
        assert!(report.contains("   release  has waited since "), "{report}");
    }
}
