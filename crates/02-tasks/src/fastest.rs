//! `select!` takes the first result of several futures and drops the others before the next line runs.
//!
//! asyncio: `wait(FIRST_COMPLETED)` takes tasks. The losers keep running until you cancel them, and
//! you must await them to be sure that their cleanup has ended. If two tasks end at the same time,
//! `done` is a set that contains both, in no order. Tokio: `select!` drops the losers immediately,
//! and with `biased` the branch that is written first wins a tie.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::{select, time::sleep};

/// Calls three mirrors, takes the fastest answer, and drops the other two calls.
pub(crate) async fn run() -> anyhow::Result<()> {
    let bern = knob("bern", 200.ms(), 10.ms()..=900.ms());
    let lima = knob("lima", 100.ms(), 10.ms()..=900.ms());
    ask("bern=100ms", "which mirror wins the tie?");
    say!("{} answered first", fastest(bern, lima).await);
    Ok(())
}

// ANCHOR: fastest
async fn fastest(bern: Duration, lima: Duration) -> &'static str {
    select! {
        biased;
        answer = call("bern", bern).lane("bern") => answer,
        answer = call("lima", lima).lane("lima") => answer,
        answer = call("oslo", 1.secs()).lane("oslo") => answer,
    }
}

async fn call(mirror: &'static str, delay: Duration) -> &'static str {
    let _call = Call;
    sleep(delay).step("calling").await;
    mirror
}

struct Call;

impl Drop for Call {
    fn drop(&mut self) {
        say!("hangs up");
    }
}
// ANCHOR_END: fastest

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn the_losers_hang_up_before_the_answer_of_the_winner_is_used() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let last = seen.lines().last().unwrap().to_string();
            assert_eq!(last, "[  0.100s] lima answered first", "{seen}");
            for lane in ["bern", "lima", "oslo"] {
                seen.assert_at(100.ms(), &format!("{lane} hangs up"));
            }
        });
    }

    #[test]
    fn the_fastest_mirror_wins_and_ends_the_race() {
        for (bern, lima, first) in
            [(10, 900, "bern"), (900, 10, "lima"), (900, 899, "lima")]
        {
            let race = Transcript::with_output(fastest(bern.ms(), lima.ms()));
            let (seen, winner) = virtual_time(race);
            assert_eq!(winner, first, "{seen}");
            assert_eq!(seen.elapsed(), bern.min(lima).ms(), "{seen}");
            assert_eq!(seen.lines().len(), 3, "all three must hang up: {seen}");
        }
    }

    #[test]
    fn the_branch_that_is_written_first_wins_every_tie() {
        virtual_time(async {
            for _ in 0..100 {
                assert_eq!(fastest(50.ms(), 50.ms()).await, "bern");
            }
        });
    }
}
