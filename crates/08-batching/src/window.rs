//! In a window the next job starts when any job ends, so a slow one holds nobody up.
//!
//! asyncio: a semaphore in each task, and `gather`. Tokio: `buffer_unordered(at_once)`, which gives
//! results as they come. Each carries its number, so they can be put back in order at the end.
//! `rounds` needs almost three times as long for the same jobs.

use std::num::NonZeroUsize;

use async_kit::{knob, say};
use futures::{StreamExt, stream};

use crate::squares::square;

/// The jobs of `rounds`: twelve, four at once, and every fourth is slow.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 12, 1..=40);
    let at_once = knob("at-once", 4_usize, 1..=10).try_into()?;
    say!("{:?}", in_a_window(jobs, at_once).await);
    Ok(())
}

// ANCHOR: window
async fn in_a_window(jobs: usize, at_once: NonZeroUsize) -> Vec<usize> {
    let job = |n| async move { (n, square(n).await) };
    let jobs = stream::iter(0..jobs).map(job);
    let mut squares: Vec<_> = jobs.buffer_unordered(at_once.get()).collect().await;
    squares.sort_unstable_by_key(|(n, _)| *n);
    squares.into_iter().map(|(_, square)| square).collect()
}
// ANCHOR_END: window

#[cfg(test)]
mod tests {
    use async_kit::{Millis, Transcript, virtual_time};

    use super::*;
    use crate::rounds::in_rounds;

    fn window(jobs: usize, at_once: usize) -> (Transcript, Vec<usize>) {
        let at_once = at_once.try_into().unwrap();
        virtual_time(Transcript::with_output(in_a_window(jobs, at_once)))
    }

    /// ```text
    /// 0    5    10                 100  105  110
    /// 0    ██████████████████████████✓
    ///      4    ██████████████████████████✓
    ///           8    ██████████████████████████✓
    /// ```
    #[test]
    fn the_slow_jobs_of_three_rounds_run_at_the_same_time() {
        let (seen, squares) = window(12, 4);
        assert_eq!(squares, (0..12).map(|n| n * n).collect::<Vec<_>>());
        assert_eq!(seen.elapsed(), 110.ms(), "{seen}");
    }

    /// With two places, a slow job in each of them leaves none for the quick ones.
    #[test]
    fn the_same_jobs_take_less_time_than_in_rounds_at_every_width() {
        let took = |at_once: usize| {
            let rounds = in_rounds(12, at_once.try_into().unwrap());
            let rounds = virtual_time(Transcript::with_output(rounds)).0.elapsed();
            [rounds, window(12, at_once).0.elapsed()]
        };
        assert_eq!(took(2), [365.ms(), 215.ms()]);
        assert_eq!(took(4), [320.ms(), 110.ms()]);
        assert_eq!(took(6), [210.ms(), 105.ms()]);
        // One place is no window: all that it saves is the eleven pauses.
        assert_eq!(took(1), [455.ms(), 345.ms()]);
    }

    #[test]
    fn no_more_jobs_are_under_way_than_was_said() {
        for at_once in [1, 3, 10] {
            assert_eq!(window(12, at_once).0.peak("working"), at_once);
        }
    }
}
