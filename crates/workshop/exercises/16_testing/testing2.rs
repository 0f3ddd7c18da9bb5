//! testing2 · 10 minutes · write a check that proves concurrency
//!
//! A shop asks four sellers for a price, all at the same time, and returns the prices in the order
//! of the sellers. Below are five versions of it: two are right, and three are wrong. `check` is
//! the test of a colleague: it gets one version, runs it, and returns an error if the version is
//! wrong. It accepts versions that ask one seller after the other. Improve it: it must refuse each
//! wrong version, and must not refuse a right one.
//!
//! Section: `cargo run -p testing -- together`. Code: crates/16-testing/src/together.rs.
//! Page: docs/src/16-testing.md.

use anyhow::ensure;
use async_kit::{Lane, Millis, exercise, say};
use futures::future::{FutureExt, join_all};
use tokio::{task::JoinSet, time::sleep};

// TODO: refuse a version that does not ask all sellers at the same time.
async fn check(version: impl Future<Output = Vec<u64>>) -> anyhow::Result<()> {
    let mut prices = version.await;
    prices.sort();
    ensure!(prices == [10, 11, 12, 13], "the prices are {prices:?}");
    Ok(())
}

/// Given code from here on: do not change it. Seller 0 takes 100 ms, seller 3 takes 40 ms.
async fn ask(seller: u64) -> u64 {
    let price = async {
        sleep((100 - 20 * seller).ms()).step("ask").await;
        10 + seller
    };
    price.lane(format!("seller-{seller}")).await
}

async fn joined() -> Vec<u64> {
    join_all((0..4).map(ask)).await
}

async fn spawned() -> Vec<u64> {
    let tasks: Vec<_> = (0..4).map(|seller| tokio::spawn(ask(seller))).collect();
    join_all(tasks).await.into_iter().map(|price| price.expect("no panic")).collect()
}

async fn one_by_one() -> Vec<u64> {
    let mut prices = Vec::new();
    for seller in 0..4 {
        prices.push(ask(seller).await);
    }
    prices
}

async fn two_by_two() -> Vec<u64> {
    let mut prices = join_all((0..2).map(ask)).await;
    prices.extend(join_all((2..4).map(ask)).await);
    prices
}

async fn quickest_first() -> Vec<u64> {
    (0..4).map(ask).collect::<JoinSet<_>>().join_all().await
}

async fn run() {
    let versions = [
        ("joined", joined().boxed()),
        ("spawned", spawned().boxed()),
        ("one_by_one", one_by_one().boxed()),
        ("two_by_two", two_by_two().boxed()),
        ("quickest_first", quickest_first().boxed()),
    ];
    for (name, version) in versions {
        match check(version).await {
            Ok(()) => say!("accepted: {name}"),
            Err(why) => say!("refused: {name}, {why}"),
        }
    }
}

fn main() {
    exercise::show(run());
}

#[cfg(test)]
mod tests {
    use async_kit::exercise;

    use super::{check, joined, one_by_one, quickest_first, spawned, two_by_two};

    fn accepts(name: &str, version: impl Future<Output = Vec<u64>> + Send + 'static) {
        let run = exercise::observe(check(version));
        if let Err(why) = run.output() {
            let happened = format!("your check refuses `{name}`: {why}");
            let likely = "Four concurrent calls take as long as the slowest one, 100 ms. A \
                          timeout of exactly this time ends before a task is polled.";
            run.require(false, happened, "it accepts this version", likely);
        }
    }

    fn refuses(
        name: &str,
        version: impl Future<Output = Vec<u64>> + Send + 'static,
        likely: &str,
    ) {
        let run = exercise::observe(check(version));
        let happened = format!("your check accepts `{name}`");
        run.require(run.output().is_err(), happened, "it returns an error", likely);
    }

    #[test]
    fn the_check_accepts_the_right_versions() {
        accepts("joined", joined());
        accepts("spawned", spawned());
    }

    #[test]
    fn the_check_refuses_each_wrong_version() {
        let time = "The prices are right, and that proves nothing about the time. Measure \
                    it, with the clock that a test in virtual time uses.";
        refuses("one_by_one", one_by_one(), time);
        let limit = "Your limit is too high: it is less than the sum of all times, and more \
                     than the slowest seller needs. In virtual time a check may demand the \
                     exact time.";
        refuses("two_by_two", two_by_two(), limit);
        let order = "The prices are all there, in the order in which the sellers have \
                     answered. Do not sort them before you compare them.";
        refuses("quickest_first", quickest_first(), order);
    }
}
