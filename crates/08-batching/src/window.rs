//! In a window the next job starts when any job ends, so a slow job does not delay the others.
//!
//! asyncio: a semaphore in each task, and `gather`. Tokio: `buffer_unordered(at_once)`, which
//! returns results in the order in which jobs end. Each result has its number, so that they can be
//! sorted at the end. `rounds` needs almost three times as long for the same jobs.

use std::num::NonZeroUsize;

use async_kit::{ask, knob, say};
use futures::{StreamExt, stream};

use crate::squares::square;

/// The jobs of `rounds`: twelve, four at a time, and every fourth is slow.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 12, 1..=40);
    let at_once = knob("at-once", 4_usize, 1..=10).try_into()?;
    ask("at-once=2", "when are job-0 and job-4 done?");
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
    use crate::squares::TIME_IN_ROUNDS;

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

    /// With two slots, two slow jobs leave no slot for the quick jobs. With one slot, the window saves
    /// only the eleven pauses.
    #[test]
    fn the_same_jobs_take_less_time_than_in_rounds_at_every_width() {
        let in_a_window = [(1, 345), (2, 215), (4, 110), (6, 105)];
        for ((at_once, took), in_rounds) in in_a_window.into_iter().zip(TIME_IN_ROUNDS) {
            assert_eq!(
                window(12, at_once).0.elapsed(),
                took.ms(),
                "a width of {at_once}"
            );
            assert_eq!(in_rounds.0, at_once, "the times of one width");
            assert!(took < in_rounds.1, "{took} ms, and {} in rounds", in_rounds.1);
        }
    }

    #[test]
    fn no_more_jobs_run_than_the_limit() {
        for at_once in [1, 3, 10] {
            assert_eq!(window(12, at_once).0.peak("working"), at_once);
        }
    }
}
