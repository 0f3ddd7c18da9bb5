//! Each team of tasks has its own limit and its own end.
//!
//! asyncio: a dictionary of lists, with a semaphore for each and a loop that cancels.
//! Tokio: a `JoinSet` for each team is its list, its results and its cancel in one, and
//! dropping it aborts the team. All teams start at once; that they are awaited in order
//! costs nothing.

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::Semaphore,
    task::JoinSet,
    time::{Instant, sleep, timeout_at},
};

/// Three teams of three jobs, of which the slowest may run out of time.
pub(crate) async fn run() -> anyhow::Result<()> {
    let at_once = knob("at-once", 3, 1..=3_usize);
    let patience = knob("patience", 850.ms(), 10.ms()..=2.secs());
    run_teams(at_once, patience).await;
    Ok(())
}

// ANCHOR: teams
async fn run_teams(at_once: usize, patience: Duration) -> Vec<Vec<u64>> {
    let deadline = Instant::now() + patience;
    let teams = [("north", [1, 2, 3]), ("south", [4, 5, 6]), ("west", [7, 8, 9])];
    let started = teams.map(|(name, jobs)| (name, start(name, jobs, at_once)));
    let mut results = Vec::new();
    for (name, mut team) in started {
        let done = done_by(deadline, &mut team).await;
        say!("{name}: {done:?} done, {} cancelled", team.len());
        team.shutdown().await;
        results.push(done);
    }
    results
}

fn start(name: &str, jobs: [u64; 3], at_once: usize) -> JoinSet<u64> {
    let permits = Arc::new(Semaphore::new(at_once));
    jobs.map(|n| job(n, Arc::clone(&permits)).lane(format!("{name}-{n}")))
        .into_iter()
        .collect()
}

async fn done_by(deadline: Instant, team: &mut JoinSet<u64>) -> Vec<u64> {
    let mut done = Vec::new();
    while let Ok(Some(Ok(n))) = timeout_at(deadline, team.join_next()).await {
        done.push(n);
    }
    done
}

async fn job(n: u64, permits: Arc<Semaphore>) -> u64 {
    let _permit = permits.acquire().await.expect("nobody closes the semaphore");
    sleep(100.ms() * n as u32).step("working").await;
    n
}
// ANCHOR_END: teams

#[cfg(test)]
mod tests {
    use async_kit::{
        Transcript,
        stage::record::{Ending, What},
        virtual_time,
    };

    use super::*;

    fn seen(at_once: usize, patience: u64) -> (Transcript, Vec<Vec<u64>>) {
        virtual_time(Transcript::with_output(run_teams(at_once, patience.ms())))
    }

    #[test]
    fn all_teams_work_at_once_and_end_in_the_order_of_their_list() {
        let (seen, results) = seen(3, 2000);
        seen.assert_lines([
            "[  0.300s] north: [1, 2, 3] done, 0 cancelled",
            "[  0.600s] south: [4, 5, 6] done, 0 cancelled",
            "[  0.900s] west: [7, 8, 9] done, 0 cancelled",
        ]);
        assert_eq!(results, [[1, 2, 3], [4, 5, 6], [7, 8, 9]]);
        assert_eq!(seen.elapsed(), 900.ms(), "the slowest, and not the sum: {seen}");
    }

    #[test]
    fn a_team_that_is_cancelled_keeps_what_it_has_done_and_stops_no_other() {
        let (seen, results) = seen(3, 850);
        assert_eq!(results, [vec![1, 2, 3], vec![4, 5, 6], vec![7, 8]], "{seen}");
        let events = seen.recording().events.iter();
        let dropped = events.filter(|event| event.what == What::Ended(Ending::Dropped));
        assert_eq!(dropped.count(), 1, "{seen}");
    }

    /// A team of three that works one after the other takes the sum of its jobs, and the other
    /// teams do not share its limit.
    #[test]
    fn a_limit_holds_inside_a_team_and_not_between_teams() {
        let (seen, _) = seen(1, 10_000);
        seen.assert_lines([
            "[  0.600s] north: [1, 2, 3] done, 0 cancelled",
            "[  1.500s] south: [4, 5, 6] done, 0 cancelled",
            "[  2.400s] west: [7, 8, 9] done, 0 cancelled",
        ]);
    }
}
