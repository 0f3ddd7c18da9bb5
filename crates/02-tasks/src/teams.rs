//! Each team of tasks has its own limits, and cancelling one team does not affect the others.
//!
//! asyncio: for each team a list of tasks, a semaphore, and a loop that cancels the tasks. Tokio:
//! for each team a `JoinSet`, which holds the tasks, yields their results and can cancel them.
//! Dropping the set aborts the team.

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use futures::future::try_join_all;
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

/// Three teams of three jobs run concurrently. The time limit of team `south` is too short.
pub(crate) async fn run() -> anyhow::Result<()> {
    let permits = knob("at-once", 3, 1..=3_usize);
    let time_limit = knob("patience", 450.ms(), 10.ms()..=2.secs());
    ask("at-once=1", "when is team west done?");
    let results = run_teams(permits, time_limit).await?;
    say!("{results:?}");
    Ok(())
}

// ANCHOR: teams
async fn run_teams(
    permits: usize,
    time_limit: Duration,
) -> anyhow::Result<Vec<Vec<u64>>> {
    let teams = [
        ("north", [1, 2, 3], 5.secs()),
        ("south", [4, 5, 6], time_limit),
        ("west", [7, 8, 9], 5.secs()),
    ];
    let all = teams.map(|(name, jobs, time_limit)| {
        run_team(start(name, jobs, permits), time_limit).try_lane(name)
    });
    try_join_all(all).await
}

fn start(name: &str, jobs: [u64; 3], permits: usize) -> JoinSet<u64> {
    let permits = Arc::new(Semaphore::new(permits));
    jobs.map(|n| job(n, Arc::clone(&permits)).lane(format!("{name}-{n}")))
        .into_iter()
        .collect()
}

async fn run_team(
    mut team: JoinSet<u64>,
    time_limit: Duration,
) -> anyhow::Result<Vec<u64>> {
    let deadline = Instant::now() + time_limit;
    let mut done = Vec::new();
    while let Ok(Some(job)) = timeout_at(deadline, team.join_next()).await {
        // A job fails only if it panics. A panic is a bug and must not count as a cancellation.
        done.push(job?);
    }
    say!("finished {done:?}, cancelled {}", team.len());
    team.shutdown().await;
    Ok(done)
}

async fn job(n: u64, permits: Arc<Semaphore>) -> u64 {
    let _permit = permits.acquire().await.expect("the semaphore is never closed");
    sleep(100.ms() * n as u32).step("working").await;
    n
}
// ANCHOR_END: teams

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, stage::record::Ending, virtual_time};
    use tokio::{runtime::Handle, task::JoinError};

    use super::*;

    fn seen(permits: usize, time_limit: u64) -> (Transcript, Vec<Vec<u64>>) {
        let run = run_teams(permits, time_limit.ms());
        let (seen, results) = virtual_time(Transcript::with_output(run));
        (seen, results.unwrap())
    }

    #[test]
    fn the_teams_run_concurrently_and_their_results_keep_their_order() {
        let (seen, results) = seen(3, 2000);
        seen.assert_lines([
            "[  0.300s] north finished [1, 2, 3], cancelled 0",
            "[  0.600s] south finished [4, 5, 6], cancelled 0",
            "[  0.900s] west finished [7, 8, 9], cancelled 0",
        ]);
        assert_eq!(results, [[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
        assert_eq!(seen.elapsed(), 900.ms(), "the slowest job, not the sum: {seen}");
    }

    /// ```text
    ///          0        300  450         900
    /// north-3  ●████████✓
    /// south-4  ●███████████✓
    /// south-5  ●█████████████⊘      and south-6
    /// west-9   ●█████████████████████████✓
    /// ```
    #[test]
    fn a_cancelled_team_keeps_its_results_and_stops_no_other_team() {
        let (seen, results) = seen(3, 450);
        seen.assert_lines([
            "[  0.300s] north finished [1, 2, 3], cancelled 0",
            "[  0.450s] south finished [4], cancelled 2",
            "[  0.900s] west finished [7, 8, 9], cancelled 0",
        ]);
        assert_eq!(results, [vec![1, 2, 3], vec![4], vec![7, 8, 9]]);
        for lane in ["south-5", "south-6"] {
            assert_eq!(seen.ending(lane), Some(Ending::Dropped), "{seen}");
        }
    }

    #[test]
    fn no_task_is_alive_when_its_cancelled_team_returns() {
        virtual_time(async {
            let alive = || Handle::current().metrics().num_alive_tasks();
            let before = alive();
            run_team(start("south", [4, 5, 6], 3), 450.ms()).await.unwrap();
            assert_eq!(alive(), before);
        });
    }

    /// With one permit a team takes the sum of its jobs, and the teams do not share the permit.
    #[test]
    fn a_limit_holds_inside_a_team_and_not_between_teams() {
        let (seen, _) = seen(1, 2000);
        seen.assert_lines([
            "[  0.600s] north finished [1, 2, 3], cancelled 0",
            "[  1.500s] south finished [4, 5, 6], cancelled 0",
            "[  2.400s] west finished [7, 8, 9], cancelled 0",
        ]);
    }

    #[test]
    fn a_panic_in_a_team_is_its_error_and_not_a_cancellation() {
        virtual_time(async {
            let mut team = start("north", [1, 2, 3], 3);
            team.spawn(async { panic!("a bug") });
            let (seen, result) = Transcript::with_output(run_team(team, 2.secs())).await;
            let error = result.unwrap_err().downcast::<JoinError>().unwrap();
            assert!(error.is_panic(), "{error}");
            seen.assert_lines::<&str>([]);
        });
    }
}
