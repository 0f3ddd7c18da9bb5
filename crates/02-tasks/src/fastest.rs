//! `select!` takes the first of several futures and drops the others before the next line runs.
//!
//! asyncio: `wait(FIRST_COMPLETED)` takes tasks; the losers run on until you cancel them,
//! and clean up after you went on unless you await them. Which of two ties wins is left to
//! a set. Tokio: `select!` drops the losers on the spot, and `biased` makes the first
//! written win a tie.

use std::time::Duration;

use async_kit::{Lane, Millis, knob, say};
use tokio::{select, time::sleep};

/// Three mirrors are asked, the fastest answers, and the other calls are over.
pub(crate) async fn run() -> anyhow::Result<()> {
    let bern = knob("bern", 200.ms(), 10.ms()..=900.ms());
    let lima = knob("lima", 100.ms(), 10.ms()..=900.ms());
    say!("{} was first", fastest(bern, lima).await);
    Ok(())
}

// ANCHOR: fastest
async fn fastest(bern: Duration, lima: Duration) -> &'static str {
    select! {
        biased;
        answer = ask("bern", bern).lane("bern") => answer,
        answer = ask("lima", lima).lane("lima") => answer,
        answer = ask("oslo", 1.secs()).lane("oslo") => answer,
    }
}

async fn ask(mirror: &'static str, delay: Duration) -> &'static str {
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
    fn the_losers_have_hung_up_before_the_winner_is_used() {
        virtual_time(async {
            let seen = Transcript::of(run()).await;
            let last = seen.lines().last().unwrap().to_string();
            assert_eq!(last, "[  0.100s] lima was first", "{seen}");
            for lane in ["bern", "lima", "oslo"] {
                seen.assert_at(100.ms(), &format!("{lane} hangs up"));
            }
        });
    }

    #[test]
    fn the_race_ends_with_its_fastest_whoever_that_is() {
        for (bern, lima, first) in
            [(10, 900, "bern"), (900, 10, "lima"), (900, 899, "lima")]
        {
            let race = Transcript::with_output(fastest(bern.ms(), lima.ms()));
            let (seen, winner) = virtual_time(race);
            assert_eq!(winner, first, "{seen}");
            assert_eq!(seen.elapsed(), bern.min(lima).ms(), "{seen}");
            assert_eq!(seen.lines().len(), 3, "all have hung up: {seen}");
        }
    }

    #[test]
    fn the_first_written_wins_every_tie() {
        virtual_time(async {
            for _ in 0..100 {
                assert_eq!(fastest(50.ms(), 50.ms()).await, "bern");
            }
        });
    }
}
