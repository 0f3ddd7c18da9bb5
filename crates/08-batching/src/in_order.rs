//! A window that gives results in order stands still while its first job does.
//!
//! `buffered(at_once)` counts what is finished and not yet handed out: a result that waits for its
//! turn keeps its place. That is what bounds the memory, and it is why one slow job in front
//! stops the others, like a round. asyncio's counterpart is a `deque` of tasks, of which the oldest
//! is awaited. So: take `buffered` where jobs take about as long as each other, and
//! `buffer_unordered` (see `window`) where one may be slow.

use std::num::NonZeroUsize;

use async_kit::{knob, say};
use futures::{StreamExt, stream};

use crate::squares::square;

/// The jobs of `rounds` once more, and each result said when it is handed out.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 12, 1..=40);
    let at_once = knob("at-once", 4_usize, 1..=10).try_into()?;
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
    /// 1-3 █░░░░░░░░░░░░░░░░░░░      finished, and waiting for job 0
    ///                     4   ███████████████████✓
    /// ```
    #[test]
    fn a_slow_job_in_front_stops_the_window_until_it_is_done() {
        let seen = seen(12, 4);
        seen.assert_at(100.ms(), "got 0");
        seen.assert_at(100.ms(), "got 9");
        seen.assert_at(200.ms(), "got 16");
        assert_eq!(seen.elapsed(), 300.ms(), "{seen}");
    }

    #[test]
    fn no_more_jobs_are_under_way_than_was_said() {
        for at_once in [1, 3, 10] {
            assert_eq!(seen(12, at_once).peak("working"), at_once);
        }
    }
}
