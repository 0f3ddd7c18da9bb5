//! Every handle reports one of three outcomes: a value, an error of the task, or a `JoinError`.
//!
//! asyncio: `gather(return_exceptions=True)` mixes values and exceptions in one list. A test with
//! `isinstance(x, Exception)` counts a cancelled task as a success, because `CancelledError` is not
//! a subclass of `Exception`. Tokio: a handle returns `Result<Result<T, E>, JoinError>`, and a `match`
//! must handle all three.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use futures::future::join_all;
use tokio::{task::JoinHandle, time::sleep};

/// Five jobs: job 3 fails, and job 1 is cancelled.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 5, 2..=10_usize);
    let cancel_at = knob("cancel-at", 30.ms(), 0.ms()..=90.ms());
    ask("cancel-at=0ms", "does job-1 ever start?");
    for (n, outcome) in outcomes(jobs, cancel_at).await.into_iter().enumerate() {
        say!("job-{n}: {outcome}");
    }
    Ok(())
}

// ANCHOR: outcomes
async fn outcomes(jobs: usize, cancel_at: Duration) -> Vec<String> {
    let start = |n| tokio::spawn(job(n).try_lane(format!("job-{n}")));
    let tasks: Vec<_> = (0..jobs).map(start).collect();
    sleep(cancel_at).await;
    tasks[1].abort();
    join_all(tasks.into_iter().map(outcome)).await
}

async fn outcome(task: JoinHandle<anyhow::Result<usize>>) -> String {
    match task.await {
        Ok(Ok(value)) => format!("returned {value}"),
        Ok(Err(error)) => format!("failed, {error}"),
        Err(error) if error.is_cancelled() => "was cancelled".into(),
        Err(error) => format!("panicked, {error}"),
    }
}
// ANCHOR_END: outcomes

async fn job(n: usize) -> anyhow::Result<usize> {
    sleep(100.ms()).step("working").await;
    anyhow::ensure!(n != 3, "job 3 is out of paper");
    Ok(n * n)
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn a_failed_job_hides_no_other_result() {
        virtual_time(async {
            let jobs = outcomes(5, 30.ms());
            let (seen, outcomes) = Transcript::with_output(jobs).await;
            let failed = "failed, job 3 is out of paper";
            let wanted =
                ["returned 0", "was cancelled", "returned 4", failed, "returned 16"];
            assert_eq!(outcomes, wanted, "outcomes have the order of the jobs: {seen}");
            assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
        });
    }

    #[test]
    fn a_cancelled_job_is_never_counted_as_a_success() {
        virtual_time(async {
            for (jobs, cancel_at) in [(2, 0), (5, 30), (10, 90)] {
                let outcomes = outcomes(jobs, cancel_at.ms()).await;
                assert_eq!(outcomes[1], "was cancelled", "{outcomes:?}");
            }
        });
    }
}
