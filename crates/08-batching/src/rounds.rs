//! A round lasts as long as its slowest job, even if all other jobs end early.
//!
//! asyncio: one `gather` per slice of the list, with a sleep between two, so that the server can
//! recover. Tokio: `join_all`, in the same way. The pause belongs between two rounds: a loop that
//! sleeps at its end also sleeps after the last round.

use std::num::NonZeroUsize;

use async_kit::{Lane, Millis, ask, knob, say};
use futures::future::join_all;
use tokio::time::sleep;

use crate::squares::square;

/// Twelve jobs, four to a round, and every fourth job is slow.
pub(crate) async fn run() -> anyhow::Result<()> {
    let jobs = knob("jobs", 12, 1..=40);
    let at_once = knob("at-once", 4_usize, 1..=10).try_into()?;
    ask("at-once=6", "how many rounds and pauses are left?");
    say!("{:?}", in_rounds(jobs, at_once).await);
    Ok(())
}

// ANCHOR: rounds
async fn in_rounds(jobs: usize, at_once: NonZeroUsize) -> Vec<usize> {
    let jobs: Vec<_> = (0..jobs).collect();
    let mut squares = Vec::new();
    for round in jobs.chunks(at_once.get()) {
        if !squares.is_empty() {
            sleep(10.ms()).lane("pause").await;
        }
        squares.extend(join_all(round.iter().map(|n| square(*n))).await);
    }
    squares
}
// ANCHOR_END: rounds

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;
    use crate::squares::TIME_IN_ROUNDS;

    fn rounds(jobs: usize, at_once: usize) -> (Transcript, Vec<usize>) {
        let at_once = at_once.try_into().unwrap();
        virtual_time(Transcript::with_output(in_rounds(jobs, at_once)))
    }

    /// ```text
    /// 0              100             200             300
    /// slow  ██████████ pause
    /// quick █                ██████████ pause
    ///                        █                 ██████████
    /// ```
    #[test]
    fn three_rounds_take_the_time_of_three_slow_jobs_and_two_pauses() {
        let (seen, squares) = rounds(12, 4);
        assert_eq!(squares, (0..12).map(|n| n * n).collect::<Vec<_>>());
        assert_eq!(seen.peak("working"), 4, "{seen}");
        assert_eq!(seen.elapsed(), 320.ms(), "{seen}");
    }

    #[test]
    fn no_pause_follows_the_last_round() {
        assert_eq!(rounds(4, 4).0.elapsed(), 100.ms());
        assert_eq!(rounds(0, 4).0.elapsed(), 0.ms());
    }

    /// With six jobs to a round there are two rounds; with one job to a round, eleven pauses.
    #[test]
    fn larger_rounds_take_less_time() {
        for (at_once, took) in TIME_IN_ROUNDS {
            assert_eq!(
                rounds(12, at_once).0.elapsed(),
                took.ms(),
                "{at_once} to a round"
            );
        }
        assert!(TIME_IN_ROUNDS.is_sorted_by(|one, next| one.1 > next.1));
    }

    #[test]
    fn no_round_is_larger_than_the_limit() {
        for at_once in [1, 3, 10] {
            assert_eq!(rounds(12, at_once).0.peak("working"), at_once);
        }
    }
}
