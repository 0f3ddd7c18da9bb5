//! A request that waits for a busy host keeps no slot from the other hosts, if it acquires its
//! host's slot first.
//!
//! asyncio: aiohttp's connector has `limit` and `limit_per_host`. Tokio: a `reqwest::Client` does
//! not limit requests at all (see `pool`), so there is one semaphore for all requests and one for
//! each host. The order matters. If the global semaphore comes first, the requests for one slow
//! host take every global slot, and hold it while they wait for the host.

use std::{fmt, sync::Arc};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;

use crate::request_slots::Slots;

/// Six requests at the same time, with the wrong order of the two slots and with the right one.
pub(crate) async fn run() -> anyhow::Result<()> {
    let all = knob("all", 2_usize, 1..=10).try_into()?;
    let per_host = knob("per-host", 1_usize, 1..=10).try_into()?;
    ask("all=3", "how long does quick-4 wait with `all first`, and with `host first`?");
    send_all(First::All, Slots::new(all, per_host)).await?;
    send_all(First::Host, Slots::new(all, per_host)).await
}

/// Which slot is acquired first.
#[derive(Clone, Copy)]
enum First {
    All,
    Host,
}

impl fmt::Display for First {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all first",
            Self::Host => "host first",
        })
    }
}

async fn send_all(first: First, slots: Slots) -> anyhow::Result<()> {
    let slots = Arc::new(slots);
    let hosts = ["slow", "slow", "slow", "quick", "quick", "quick"];
    let start = |(n, host)| {
        let name = format!("{first} {host}-{n}");
        tokio::spawn(send(first, Arc::clone(&slots), host).lane(name))
    };
    for request in (1..).zip(hosts).map(start).collect::<Vec<_>>() {
        request.await?;
    }
    Ok(())
}

async fn send(first: First, slots: Arc<Slots>, host: &str) {
    let _slot = match first {
        First::All => slots.acquire_all_first(host).await,
        First::Host => slots.acquire(host).await,
    };
    let latency = if host == "slow" { 60.ms() } else { 20.ms() };
    sleep(latency).step(format!("in flight to {host}")).await;
    say!("answered");
}

#[cfg(test)]
mod tests {
    use async_kit::{TimeLimit, Transcript, virtual_time};

    use super::*;

    fn slots(all: usize, per_host: usize) -> Slots {
        Slots::new(all.try_into().unwrap(), per_host.try_into().unwrap())
    }

    fn seen(first: First, all: usize, per_host: usize) -> Transcript {
        virtual_time(Transcript::of(send_all(first, slots(all, per_host))))
    }

    async fn is_full(slots: &Slots, host: &str) -> bool {
        slots.acquire(host).within(1.secs()).await.is_err()
    }

    /// ```text
    /// 0         20        40        60                  120                 180
    /// slow-1    ████████████████████████████████████████✓
    /// slow-2    ░░░░░░░░░░░░░░░░░░░░████████████████████✓
    /// quick-4   ██████████✓                                  the second slot is free
    /// quick-5   ░░░░░░░░░░██████████✓                        for the quick host
    /// ```
    #[test]
    fn with_the_host_first_the_quick_host_finishes_before_the_slow_one() {
        let seen = seen(First::Host, 2, 1);
        seen.assert_at(20.ms(), "host first quick-4 answered");
        seen.assert_at(60.ms(), "host first quick-6 answered");
        assert_eq!(seen.elapsed(), 180.ms(), "{seen}");
    }

    #[test]
    fn with_all_first_the_quick_host_waits_for_the_slow_one() {
        let seen = seen(First::All, 2, 1);
        seen.assert_at(140.ms(), "all first quick-4 answered");
        assert_eq!(seen.elapsed(), 180.ms(), "{seen}");
    }

    #[test]
    fn no_host_has_more_requests_in_flight_than_per_host_allows() {
        for (all, per_host, slow) in [(2, 1, 1), (10, 1, 1), (10, 2, 2), (2, 10, 2)] {
            let seen = seen(First::Host, all, per_host);
            assert_eq!(seen.peak("in flight to slow"), slow, "{all} {per_host}\n{seen}");
            assert!(
                seen.peak("in flight to quick") <= per_host,
                "{all} {per_host}\n{seen}"
            );
        }
    }

    #[test]
    fn a_full_host_delays_only_its_requests_and_a_full_limit_delays_all() {
        virtual_time(async {
            let slots = slots(3, 2);
            let _first = [slots.acquire("a").await, slots.acquire("a").await];
            assert!(is_full(&slots, "a").await);
            let third = slots.acquire("b").await;
            assert!(is_full(&slots, "c").await);
            drop(third);
            assert!(!is_full(&slots, "c").await);
        });
    }

    /// A cancelled wait for the host holds nothing. A cancelled wait for the global slot releases
    /// the host's slot, which it already holds.
    #[test]
    fn a_cancelled_wait_releases_the_slot_it_holds() {
        virtual_time(async {
            let slots = slots(1, 1);
            let held = slots.acquire("a").await;
            assert!(is_full(&slots, "a").await);
            assert!(is_full(&slots, "b").await);
            drop(held);
            drop(slots.acquire("b").within(1.secs()).await.expect("both are free"));
            drop(slots.acquire("a").within(1.secs()).await.expect("both are free"));
        });
    }
}
