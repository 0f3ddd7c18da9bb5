//! Within its time to live a name is looked up once, however many ask for it at the same time.
//!
//! asyncio: aiohttp's connector has `ttl_dns_cache`. Tokio: reqwest looks a name up for every new
//! connection, and lets you give it a resolver of your own (see `lookups`). The lock of an entry is
//! held while its name is looked up, so whoever asks meanwhile waits for that answer.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_kit::{Lane, Millis, knob, say};
use tokio::time::{Instant, sleep};

/// Five callers, three of them at once; a lookup takes 30 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let ttl = knob("ttl", 200.ms(), 0.ms()..=1.secs());
    five_callers(Names::new(ttl, Slow)).await
}

// ANCHOR: names
/// How an address is found where none is remembered.
pub(crate) trait Lookup: Send + Sync + 'static {
    fn lookup(&self, name: &str) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send;
}

/// The addresses of names, each remembered for so long. A failure is not remembered.
pub(crate) struct Names<L> {
    ttl: Duration,
    lookup: L,
    /// One small entry for every name that was ever asked for.
    known: Mutex<HashMap<String, Entry>>,
}

type Entry = Arc<tokio::sync::Mutex<Option<Found>>>;

struct Found {
    at: Instant,
    addresses: Vec<IpAddr>,
}

impl<L: Lookup> Names<L> {
    pub(crate) fn new(ttl: Duration, lookup: L) -> Self {
        Self { ttl, lookup, known: Mutex::default() }
    }

    pub(crate) async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let entry = self.entry(name);
        let mut known = entry.lock().await;
        if let Some(found) = &*known
            && found.at.elapsed() < self.ttl
        {
            return Ok(found.addresses.clone());
        }
        let addresses = self.lookup.lookup(name).await?;
        *known = Some(Found { at: Instant::now(), addresses: addresses.clone() });
        Ok(addresses)
    }

    fn entry(&self, name: &str) -> Entry {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(name.to_owned()).or_default())
    }
}
// ANCHOR_END: names

/// A name server that takes its time.
struct Slow;

impl Lookup for Slow {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        say!("looks up {name}");
        sleep(30.ms()).step("looking up").await;
        Ok(vec![IpAddr::from([192, 0, 2, 7])])
    }
}

async fn five_callers(names: Names<Slow>) -> anyhow::Result<()> {
    let names = Arc::new(names);
    let start = |(n, after): (u32, Duration)| {
        tokio::spawn(caller(Arc::clone(&names), after).try_lane(format!("caller-{n}")))
    };
    let after = [0.ms(), 0.ms(), 0.ms(), 110.ms(), 260.ms()];
    for caller in (1..).zip(after).map(start).collect::<Vec<_>>() {
        caller.await??;
    }
    Ok(())
}

async fn caller(names: Arc<Names<Slow>>, after: Duration) -> io::Result<()> {
    sleep(after).await;
    let addresses = names.resolve("shop.example").await?;
    say!("connects to {}", addresses[0]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_kit::{TimeLimit, Transcript, virtual_time};

    use super::*;

    fn lookups(ttl: Duration) -> usize {
        let seen = virtual_time(Transcript::of(five_callers(Names::new(ttl, Slow))));
        seen.lines().iter().filter(|line| line.text.starts_with("looks up")).count()
    }

    /// ```text
    /// 0         30                 110       230       260    290
    /// caller-1  ██████✓
    /// caller-2  ░░░░░░✓                       three share one lookup
    /// caller-4  ░░░░░░░░░░░░░░░░░░✓           it is remembered
    /// caller-5  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░██████✓      and forgotten at 230
    /// ```
    #[test]
    fn three_callers_share_a_lookup_and_a_late_one_needs_another() {
        let seen = virtual_time(Transcript::of(five_callers(Names::new(200.ms(), Slow))));
        seen.assert_at(0.ms(), "caller-1 looks up shop.example");
        for n in 1..=3 {
            seen.assert_at(30.ms(), &format!("caller-{n} connects to 192.0.2.7"));
        }
        seen.assert_at(110.ms(), "caller-4 connects to 192.0.2.7");
        seen.assert_at(290.ms(), "caller-5 connects to 192.0.2.7");
        assert_eq!(seen.peak("looking up"), 1, "{seen}");
    }

    #[test]
    fn a_time_to_live_of_zero_looks_up_every_time() {
        assert_eq!([0.ms(), 200.ms(), 1.secs()].map(lookups), [5, 2, 1]);
    }

    /// Fails once, then never again.
    #[derive(Default)]
    struct FailsOnce(AtomicU32);

    impl Lookup for FailsOnce {
        async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
            sleep(30.ms()).await;
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Err(io::Error::other("no name server answers")),
                _ => Ok(vec![]),
            }
        }
    }

    #[test]
    fn a_failed_or_cancelled_lookup_is_neither_remembered_nor_in_the_way() {
        virtual_time(async {
            let names = Names::new(1.secs(), FailsOnce::default());
            assert!(names.resolve("a").within(10.ms()).await.is_err(), "cancelled");
            assert!(names.resolve("a").await.is_err(), "failed");
            let found = names.resolve("a").within(31.ms()).await;
            assert!(matches!(found, Ok(Ok(_))), "{found:?}");
        });
    }

    #[test]
    fn two_names_are_looked_up_at_the_same_time() {
        virtual_time(async {
            let (names, start) = (Names::new(1.secs(), Slow), Instant::now());
            let (a, b) = tokio::join!(names.resolve("a"), names.resolve("b"));
            assert!(a.is_ok() && b.is_ok());
            assert_eq!(start.elapsed(), 30.ms());
        });
    }
}
