//! In virtual time a deadlock fails immediately, with a report that names each waiting lane.
//!
//! asyncio: the test hangs until the CI job is killed, and the log does not show where. Tokio: the
//! same with a real clock. A timeout around the whole test ends it, but does not name the waiting
//! tasks. In virtual time a deadlock is certain as soon as no task can run and no timer is pending,
//! unless a thread outside the runtime would wake a task. For each lane, the report shows since when it waits and where it was created.
#![cfg(not(target_family = "wasm"))]

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, say, virtual_time};
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

use crate::harness::{run_failing_test, run_test};

/// Two transfers lock the same two accounts in opposite orders.
pub(crate) async fn run() -> anyhow::Result<()> {
    let report = run_failing_test(|| virtual_time(opposite_orders())).await?;
    say!("{}", without_source_lines(&report));
    let limited = || virtual_time(async { timeout(60.secs(), opposite_orders()).await });
    let message = run_failing_test(move || limited().expect("two transfers")).await?;
    say!("with a timeout around the test, the whole report is: {message}");
    run_test(|| virtual_time(same_order())).await?;
    say!("if both transfers lock in the same order, both finish");
    Ok(())
}

/// Removes the source line at the end of each lane.
fn without_source_lines(report: &str) -> String {
    let lines = report.lines().map(|line| line.split("   (lane made at").next());
    lines.flatten().collect::<Vec<_>>().join("\n")
}

// ANCHOR: deadlock
type Account = Arc<Mutex<()>>;

async fn opposite_orders() {
    let (savings, checking) = (Account::default(), Account::default());
    let ada = transfer(Arc::clone(&savings), Arc::clone(&checking), 10.ms()).lane("ada");
    let bob = transfer(checking, savings, 15.ms()).lane("bob");
    both(ada, bob).await;
}

async fn transfer(from: Account, to: Account, reading: Duration) {
    let _from = from.lock().await;
    say!("holds one account");
    sleep(reading).await;
    let _to = to.lock().await;
    say!("holds both accounts");
}
// ANCHOR_END: deadlock

async fn same_order() {
    let (savings, checking) = (Account::default(), Account::default());
    let ada = transfer(Arc::clone(&savings), Arc::clone(&checking), 10.ms()).lane("ada");
    let bob = transfer(savings, checking, 15.ms()).lane("bob");
    both(ada, bob).await;
}

async fn both(
    ada: impl Future<Output = ()> + Send + 'static,
    bob: impl Future<Output = ()> + Send + 'static,
) {
    for transfer in [tokio::spawn(ada), tokio::spawn(bob)] {
        transfer.await.expect("a transfer does not panic");
    }
}

#[cfg(test)]
mod tests {
    use async_kit::Transcript;

    use super::*;

    // ANCHOR: tests
    #[test]
    #[should_panic(
        expected = "bob  has waited since 0.015s, after saying \"holds one account\""
    )]
    fn opposite_lock_orders_deadlock() {
        virtual_time(opposite_orders());
    }

    #[test]
    fn in_the_same_lock_order_both_transfers_finish() {
        let seen = virtual_time(Transcript::of(same_order()));
        assert_eq!(seen.elapsed(), 25.ms(), "{seen}");
    }
    // ANCHOR_END: tests

    #[tokio::test]
    async fn the_run_shows_the_report_and_the_message_of_a_timeout() {
        let seen = Transcript::of(run()).await.to_string();
        assert!(seen.contains("DEADLOCK at 0.015s"), "{seen}");
        assert!(seen.contains("the whole report is: two transfers: Elapsed"), "{seen}");
    }

    #[tokio::test]
    async fn the_report_names_each_lane_and_the_time_of_the_deadlock() {
        let report = run_failing_test(|| virtual_time(opposite_orders())).await.unwrap();
        let report = without_source_lines(&report);
        let lines: Vec<_> = report.lines().take(3).collect();
        assert_eq!(
            lines,
            [
                "DEADLOCK at 0.015s: nothing is left to run and no timer is pending.",
                "   ada  has waited since 0.01s, after saying \"holds one account\"",
                "   bob  has waited since 0.015s, after saying \"holds one account\"",
            ],
            "{report}"
        );
    }
}
