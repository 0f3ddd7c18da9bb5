//! `join!` overlaps its futures inside one task, and returns their values in the order of its arguments.
//!
//! asyncio: `gather` wraps each coroutine in a task. Tokio: `join!` (or `join_all` for a
//! list) polls its futures inside the task that calls it. The futures may borrow local variables,
//! and dropping the `join!` drops them. But they share one thread, so a future that blocks
//! the thread delays all the others.

use std::time::Duration;

use async_kit::{Lane, Millis, ask, knob, say};
use futures::future::join_all;
use tokio::{join, task, time::sleep};

/// Runs three parts of different length, first as a tuple, then as a list.
pub(crate) async fn run() -> anyhow::Result<()> {
    let longest = knob("longest", 300.ms(), 210.ms()..=900.ms());
    ask("longest=900ms", "in which order are A, B and C returned?");
    let (a, b, c) = three(longest).await;
    say!("{a} {b} {c}, in the order of the arguments");
    say!("a list: {}", list(&["D", "E", "F"]).await.join(" "));
    say!("all in the same task: {}", in_one_task().await);
    Ok(())
}

// ANCHOR: join
async fn three(longest: Duration) -> (String, String, String) {
    join!(part("A", longest), part("B", 200.ms()), part("C", 100.ms()))
}

async fn list(names: &[&str]) -> Vec<String> {
    join_all(names.iter().zip(1..).map(|(name, n)| part(name, 40.ms() * n))).await
}

async fn in_one_task() -> bool {
    let (one, other) = join!(async { task::id() }, async { task::id() });
    one == other
}
// ANCHOR_END: join

async fn part(name: &str, takes: Duration) -> String {
    async {
        say!("starts");
        sleep(takes).step("working").await;
        say!("is done");
    }
    .lane(name)
    .await;
    format!("R({name})")
}

#[cfg(test)]
mod tests {
    use async_kit::{
        Transcript,
        stage::record::{Ending, What},
        virtual_time,
    };
    use tokio::time::timeout;

    use super::*;

    /// ```text
    ///    0    100   200   300
    /// A  ●████████████████✓
    /// B  ●██████████✓
    /// C  ●████✓
    /// ```
    #[test]
    fn the_values_have_the_order_of_the_arguments_and_not_of_the_ends() {
        for longest in [210, 300, 900] {
            let three = Transcript::with_output(three(longest.ms()));
            let (seen, values) = virtual_time(three);
            let wanted = ("R(A)".into(), "R(B)".into(), "R(C)".into());
            assert_eq!(values, wanted, "{seen}");
            seen.assert_at(100.ms(), "C is done");
            seen.assert_at(longest.ms(), "A is done");
            assert_eq!(seen.elapsed(), longest.ms(), "{seen}");
        }
    }

    #[test]
    fn three_parts_of_the_same_length_take_the_time_of_one() {
        virtual_time(async {
            let parts = ["A", "B", "C"].map(|name| part(name, 100.ms()));
            let (seen, values) = Transcript::with_output(join_all(parts)).await;
            assert_eq!(values, ["R(A)", "R(B)", "R(C)"], "{seen}");
            assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
        });
    }

    #[test]
    fn dropping_a_join_drops_every_part_of_it() {
        virtual_time(async {
            let too_short = timeout(50.ms(), list(&["A", "B", "C"]));
            let (seen, timed_out) = Transcript::with_output(too_short).await;
            assert!(timed_out.is_err(), "{seen}");
            let events = seen.recording().events.iter();
            let dropped = events.filter(|e| e.what == What::Ended(Ending::Dropped));
            assert_eq!(dropped.count(), 2, "A is done at 40 ms: {seen}");
        });
    }

    #[test]
    fn futures_of_a_join_share_a_task_and_spawned_futures_do_not() {
        virtual_time(async {
            assert!(in_one_task().await);
            let spawned = tokio::spawn(async { task::id() }).await.unwrap();
            assert_ne!(spawned, task::id());
        });
    }
}
