//! Who waits for a busy host keeps no place from the others, if the host's place is taken first.
//!
//! asyncio: aiohttp's connector has `limit` and `limit_per_host`. Tokio: a `reqwest::Client` limits
//! no requests at all (see `pool`), so there is a semaphore for all of them and one for each host.
//! It is easy to take them in the wrong order: then a crowd that wants one slow host sits in every
//! place there is, and waits there.

use std::{
    collections::HashMap,
    fmt,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use async_kit::{Lane, Millis, knob, say};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::sleep,
};

/// Six requests at once, in the wrong order and in the right one.
pub(crate) async fn run() -> anyhow::Result<()> {
    let all = knob("all", 2_usize, 1..=10).try_into()?;
    let per_host = knob("per-host", 1_usize, 1..=10).try_into()?;
    ask_all(First::All, Slots::new(all, per_host)).await?;
    ask_all(First::Host, Slots::new(all, per_host)).await
}

// ANCHOR: slots
/// Places for requests: so many in all, and so many at any one host.
pub(crate) struct Slots {
    all: Arc<Semaphore>,
    per_host: NonZeroUsize,
    /// One small entry for every host that was ever asked.
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A place at a host, and one among all.
#[must_use = "dropping it gives both places back"]
pub(crate) struct Slot {
    _host: OwnedSemaphorePermit,
    _all: OwnedSemaphorePermit,
}

impl Slots {
    pub(crate) fn new(all: NonZeroUsize, per_host: NonZeroUsize) -> Self {
        let all = Arc::new(Semaphore::new(all.get()));
        Self { all, per_host, hosts: Mutex::default() }
    }

    pub(crate) async fn acquire(&self, host: &str) -> Slot {
        let host = place(self.host(host)).await;
        Slot { _host: host, _all: place(Arc::clone(&self.all)).await }
    }

    fn host(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let places = || Arc::new(Semaphore::new(self.per_host.get()));
        Arc::clone(hosts.entry(host.to_owned()).or_insert_with(places))
    }
}

async fn place(places: Arc<Semaphore>) -> OwnedSemaphorePermit {
    places.acquire_owned().await.expect("nobody closes it")
}
// ANCHOR_END: slots

impl Slots {
    /// What not to do: it waits for the host in a place that others could use.
    async fn acquire_all_first(&self, host: &str) -> Slot {
        let all = place(Arc::clone(&self.all)).await;
        Slot { _host: place(self.host(host)).await, _all: all }
    }
}

/// Which place is taken first.
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

async fn ask_all(first: First, slots: Slots) -> anyhow::Result<()> {
    let slots = Arc::new(slots);
    let asked = ["slow", "slow", "slow", "quick", "quick", "quick"];
    let start = |(n, host)| {
        let name = format!("{first} {host}-{n}");
        tokio::spawn(ask(first, Arc::clone(&slots), host).lane(name))
    };
    for asked in (1..).zip(asked).map(start).collect::<Vec<_>>() {
        asked.await?;
    }
    Ok(())
}

async fn ask(first: First, slots: Arc<Slots>, host: &str) {
    let _slot = match first {
        First::All => slots.acquire_all_first(host).await,
        First::Host => slots.acquire(host).await,
    };
    let answers_in = if host == "slow" { 60.ms() } else { 20.ms() };
    sleep(answers_in).step(format!("asking {host}")).await;
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
        virtual_time(Transcript::of(ask_all(first, slots(all, per_host))))
    }

    async fn is_full(slots: &Slots, host: &str) -> bool {
        slots.acquire(host).within(1.secs()).await.is_err()
    }

    /// ```text
    /// 0         20        40        60                  120                 180
    /// slow-1    ████████████████████████████████████████✓
    /// slow-2    ░░░░░░░░░░░░░░░░░░░░████████████████████✓
    /// quick-4   ██████████✓                                  the second place is free
    /// quick-5   ░░░░░░░░░░██████████✓                        for the quick host
    /// ```
    #[test]
    fn with_the_host_first_the_quick_host_is_done_before_the_slow_one_has_begun_anew() {
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
    fn no_host_is_asked_more_often_at_once_than_was_said() {
        for (all, per_host, slow) in [(2, 1, 1), (10, 1, 1), (10, 2, 2), (2, 10, 2)] {
            let seen = seen(First::Host, all, per_host);
            assert_eq!(seen.peak("asking slow"), slow, "{all} {per_host}\n{seen}");
            assert!(seen.peak("asking quick") <= per_host, "{all} {per_host}\n{seen}");
        }
    }

    #[test]
    fn a_full_host_stops_its_own_requests_only_and_a_full_house_stops_all() {
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

    /// What waits for the host holds no other place, and what waits for a place holds the host's
    /// only until it gives up.
    #[test]
    fn a_cancelled_wait_gives_back_what_it_had() {
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
