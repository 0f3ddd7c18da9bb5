//! `try_join_all` drops the other futures at the first error; `join_all` returns every result.
//!
//! asyncio: `gather` raises the first error while the other tasks **keep running**, and their
//! results are lost; with `return_exceptions=True` it waits for all tasks. Tokio: `try_join_all`
//! drops the other futures immediately (in asyncio a `TaskGroup` would cancel them), and `join_all`
//! of `Result`s waits for all of them.

use async_kit::{Lane, Millis, ask, knob, say};
use futures::future::{join_all, try_join_all};
use tokio::time::sleep;

/// Runs the same jobs twice; job 2 fails after 90 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 5, 3..=8_usize) as u32;
    ask("jobs=8", "how many risky jobs are dropped?");
    match all_or_nothing(jobs).await {
        Ok(values) => say!("risky: {values:?}"),
        Err(error) => say!("risky: {error}, and all other results are lost"),
    }
    let (values, errors) = all_results(jobs).await;
    say!("safe: {values:?}, and {} failed", errors.len());
    Ok(())
}

// ANCHOR: risky
async fn all_or_nothing(jobs: u32) -> anyhow::Result<Vec<u32>> {
    try_join_all((0..jobs).map(|n| job(n).try_lane(format!("risky-{n}")))).await
}

async fn all_results(jobs: u32) -> (Vec<u32>, Vec<anyhow::Error>) {
    let results = join_all((0..jobs).map(|n| job(n).try_lane(format!("safe-{n}")))).await;
    let (mut values, mut errors) = (Vec::new(), Vec::new());
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(error) => errors.push(error),
        }
    }
    (values, errors)
}
// ANCHOR_END: risky

async fn job(n: u32) -> anyhow::Result<u32> {
    sleep(30.ms() * (n + 1)).step("working").await;
    anyhow::ensure!(n != 2, "job 2 broke");
    say!("is done");
    Ok(n)
}

#[cfg(test)]
mod tests {
    use async_kit::{
        Transcript,
        stage::record::{Ending, What},
        virtual_time,
    };

    use super::*;

    fn ended(seen: &Transcript, how: Ending) -> usize {
        let events = seen.recording().events.iter();
        events.filter(|event| event.what == What::Ended(how)).count()
    }

    /// ```text
    ///          0    30   60   90   120
    /// risky-0  ●████✓
    /// risky-1  ●█████████✓
    /// risky-2  ●██████████████✗
    /// risky-3  ●██████████████⊘        dropped when job 2 fails
    /// ```
    #[test]
    fn no_job_runs_after_the_error_was_returned() {
        virtual_time(async {
            for jobs in [3, 5, 8] {
                let risky = all_or_nothing(jobs);
                let (seen, result) = Transcript::with_output(risky).await;
                assert_eq!(result.unwrap_err().to_string(), "job 2 broke");
                assert_eq!(seen.elapsed(), 90.ms(), "{seen}");
                assert_eq!(ended(&seen, Ending::Dropped), jobs as usize - 3, "{seen}");
                sleep(500.ms()).await;
                assert_eq!(seen.lines().len(), 2, "{seen}");
            }
        });
    }

    #[test]
    fn one_error_loses_no_other_value() {
        virtual_time(async {
            let (seen, (values, errors)) = Transcript::with_output(all_results(10)).await;
            assert_eq!(values, [0, 1, 3, 4, 5, 6, 7, 8, 9], "{seen}");
            assert_eq!(errors.len(), 1, "{seen}");
            assert_eq!(ended(&seen, Ending::Failed), 1, "{seen}");
            assert_eq!(seen.elapsed(), 300.ms(), "{seen}");
        });
    }
}
