//! A full window that returns results in order starts no job until its oldest job ends.
//!
//! `buffered(at_once)` also counts the jobs that have ended but whose results are not taken yet: a
//! result keeps its slot until all earlier results are taken. So the memory is bounded, but one slow
//! job at the front stops all later ones, as in a round. In asyncio, keep a `deque` of tasks and
//! await the oldest. Use `buffered` if all jobs take about the same time, and `buffer_unordered`
//! (see `window`) if one may be slow.

use std::num::NonZeroUsize;

use async_kit::{ask, knob, say};
use futures::{StreamExt, stream};

use crate::squares::square;

/// The jobs of `rounds` again; each result is printed when it is returned.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 12, 1..=40);
    let at_once = knob("at-once", 4_usize, 1..=10).try_into()?;
    ask("at-once=5", "do job-0 and job-4 run at the same time now?");
    in_order(jobs, at_once).await;
    Ok(())
}

// ANCHOR: in_order
async fn in_order(jobs: usize, at_once: NonZeroUsize) {
    let jobs = stream::iter(0..jobs).map(square);
    let mut squares = jobs.buffered(at_once.get());
    while let Some(square) = squares.next().await {
        say!("got {square}");
    }
}
// ANCHOR_END: in_order

#[cfg(test)]
mod tests {
    use async_kit::{Millis, Transcript, virtual_time};

    use super::*;

    fn seen(jobs: usize, at_once: usize) -> Transcript {
        let at_once = at_once.try_into().unwrap();
        virtual_time(Transcript::of(in_order(jobs, at_once)))
    }

    /// ```text
    /// 0                    100                  200
    /// 0   ███████████████████✓
    /// 1-3 █░░░░░░░░░░░░░░░░░░░      ended, and waiting for job 0
    ///                     4   ███████████████████✓
    /// ```
    #[test]
    fn a_slow_job_at_the_front_stops_the_window_until_it_ends() {
        let seen = seen(12, 4);
        seen.assert_at(100.ms(), "got 0");
        seen.assert_at(100.ms(), "got 9");
        seen.assert_at(200.ms(), "got 16");
        assert_eq!(seen.elapsed(), 300.ms(), "{seen}");
    }

    #[test]
    fn no_more_jobs_run_than_the_limit() {
        for at_once in [1, 3, 10] {
            assert_eq!(seen(12, at_once).peak("working"), at_once);
        }
    }
}
