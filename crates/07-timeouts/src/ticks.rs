//! After a late tick, the `MissedTickBehavior` of an interval decides when the next ticks come.
//!
//! asyncio has no interval; each program writes its own rule. Tokio: `interval` with a
//! `MissedTickBehavior`. The default is `Burst`: the missed ticks come immediately, one after the
//! other. This is rarely right for a heartbeat, or for repeated requests to a busy server.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::{MissedTickBehavior, interval, sleep};

/// The interval ticks every 100 ms. The work after tick 2 takes 250 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let slow = knob("slow", 250.ms(), 0.ms()..=1.secs());
    ask("slow=430ms", "how many ticks of `burst` come at the same time?");
    let start = |name, rule| tokio::spawn(five_ticks(rule, slow).lane(name));
    let burst = start("burst", MissedTickBehavior::Burst);
    let delay = start("delay", MissedTickBehavior::Delay);
    let skip = start("skip", MissedTickBehavior::Skip);
    for task in [burst, delay, skip] {
        task.await?;
    }
    Ok(())
}

// ANCHOR: ticks
async fn five_ticks(rule: MissedTickBehavior, slow: Duration) {
    let mut ticks = interval(100.ms());
    ticks.set_missed_tick_behavior(rule);
    for n in 1..=5 {
        ticks.tick().await;
        say!("tick {n}");
        if n == 2 {
            sleep(slow).step("doing slow work").await;
        }
    }
}
// ANCHOR_END: ticks

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    async fn times_of(rule: MissedTickBehavior, slow: u64) -> Vec<u128> {
        let seen = Transcript::of(five_ticks(rule, slow.ms())).await;
        seen.lines().iter().map(|line| line.at.as_millis()).collect()
    }

    /// ```text
    ///        0    100   200   300   400   500   600
    /// burst  1    2███████████████35    5
    /// delay  1    2███████████████3     4     5
    /// skip   1    2███████████████3  4     5
    /// ```
    #[test]
    fn after_a_late_tick_each_rule_ticks_at_other_times() {
        virtual_time(async {
            use MissedTickBehavior::{Burst, Delay, Skip};
            assert_eq!(times_of(Burst, 250).await, [0, 100, 350, 350, 400]);
            assert_eq!(times_of(Delay, 250).await, [0, 100, 350, 450, 550]);
            assert_eq!(times_of(Skip, 250).await, [0, 100, 350, 400, 500]);
        });
    }

    #[test]
    fn without_a_late_tick_all_rules_tick_at_the_same_times() {
        virtual_time(async {
            use MissedTickBehavior::{Burst, Delay, Skip};
            for rule in [Burst, Delay, Skip] {
                assert_eq!(times_of(rule, 60).await, [0, 100, 200, 300, 400], "{rule:?}");
            }
        });
    }
}
