//! A test that can never end fails at once, and says who waits, since when, and where it was made.
//!
//! asyncio: the test hangs until the CI job is killed, and nobody knows where. Tokio: the same, if
//! the clock is real; a limit around the whole test at least ends it, and still names nobody. In
//! virtual time nothing is left to run and no timer is pending, which can be seen at once.
#![cfg(not(target_family = "wasm"))]

use std::{sync::Arc, time::Duration};

use async_kit::{Lane, Millis, say, virtual_time};
use tokio::{
    sync::Mutex,
    time::{sleep, timeout},
};

use crate::verdict::{run_failing_test, run_test};

/// Two clerks need two ledgers each, and take them in opposite orders.
pub(crate) async fn run() -> anyhow::Result<()> {
    let report = run_failing_test(|| virtual_time(two_clerks())).await?;
    say!("{}", without_places(&report));
    let limited = || virtual_time(async { timeout(60.secs(), two_clerks()).await });
    let why = run_failing_test(move || limited().expect("two clerks")).await?;
    say!("with a limit around the test all that it says is: {why}");
    run_test(|| virtual_time(in_one_order())).await?;
    say!("who takes the ledgers in one order comes through");
    Ok(())
}

/// The report as it is, but for the source line at the end of each lane.
fn without_places(report: &str) -> String {
    let lines = report.lines().map(|line| line.split("   (lane made at").next());
    lines.flatten().collect::<Vec<_>>().join("\n")
}

// ANCHOR: deadlock
type Ledger = Arc<Mutex<()>>;

async fn two_clerks() {
    let (sales, stock) = (Ledger::default(), Ledger::default());
    let ada = book(Arc::clone(&sales), Arc::clone(&stock), 10.ms()).lane("ada");
    let bob = book(stock, sales, 15.ms()).lane("bob");
    both(ada, bob).await;
}

async fn book(first: Ledger, second: Ledger, reading: Duration) {
    let _first = first.lock().await;
    say!("has one ledger");
    sleep(reading).await;
    let _second = second.lock().await;
    say!("has both");
}
// ANCHOR_END: deadlock

async fn in_one_order() {
    let (sales, stock) = (Ledger::default(), Ledger::default());
    let ada = book(Arc::clone(&sales), Arc::clone(&stock), 10.ms()).lane("ada");
    let bob = book(sales, stock, 15.ms()).lane("bob");
    both(ada, bob).await;
}

async fn both(
    ada: impl Future<Output = ()> + Send + 'static,
    bob: impl Future<Output = ()> + Send + 'static,
) {
    for clerk in [tokio::spawn(ada), tokio::spawn(bob)] {
        clerk.await.expect("a clerk does not panic");
    }
}

#[cfg(test)]
mod tests {
    use async_kit::Transcript;

    use super::*;

    // ANCHOR: tests
    #[test]
    #[should_panic(
        expected = "bob  has waited since 0.015s, after saying \"has one ledger\""
    )]
    fn opposite_orders_end_in_a_report_that_names_both() {
        virtual_time(two_clerks());
    }

    #[test]
    fn in_one_order_both_come_through() {
        let seen = virtual_time(Transcript::of(in_one_order()));
        assert_eq!(seen.elapsed(), 25.ms(), "{seen}");
    }
    // ANCHOR_END: tests

    #[tokio::test]
    async fn the_run_tells_the_report_and_what_a_limit_says() {
        let seen = Transcript::of(run()).await.to_string();
        assert!(seen.contains("DEADLOCK at 0.015s"), "{seen}");
        assert!(seen.contains("all that it says is: two clerks: Elapsed"), "{seen}");
    }

    #[tokio::test]
    async fn the_report_names_each_clerk_and_when_everything_stopped() {
        let report = run_failing_test(|| virtual_time(two_clerks())).await.unwrap();
        let report = without_places(&report);
        let lines: Vec<_> = report.lines().take(3).collect();
        assert_eq!(
            lines,
            [
                "DEADLOCK at 0.015s: nothing is left to run and no timer is pending.",
                "   ada  has waited since 0.01s, after saying \"has one ledger\"",
                "   bob  has waited since 0.015s, after saying \"has one ledger\"",
            ],
            "{report}"
        );
    }
}
