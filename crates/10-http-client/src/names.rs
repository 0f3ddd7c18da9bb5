//! Within its time to live a name is looked up once, even if several tasks ask at the same time.
//!
//! asyncio: aiohttp's connector has `ttl_dns_cache`. Tokio: reqwest looks a name up for every new
//! connection, and accepts a resolver of your own (see `lookups`). The lock of a cache entry is
//! held during the lookup, so that concurrent callers wait for one answer.

use std::{io, net::IpAddr, sync::Arc, time::Duration};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;

use crate::name_cache::{Lookup, NameCache};

/// Five callers, three of them at the same time; a lookup takes 30 ms.
pub(crate) async fn run() -> anyhow::Result<()> {
    let ttl = knob("ttl", 200.ms(), 0.ms()..=1.secs());
    ask("ttl=0ms", "when does caller-3 connect?");
    five_callers(NameCache::new(ttl, SlowLookup)).await
}

/// A name server that takes 30 ms to answer.
struct SlowLookup;

impl Lookup for SlowLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        say!("looks up {name}");
        sleep(30.ms()).step("looking up").await;
        Ok(vec![IpAddr::from([192, 0, 2, 7])])
    }
}

async fn five_callers(cache: NameCache<SlowLookup>) -> anyhow::Result<()> {
    let cache = Arc::new(cache);
    let start = |(n, delay): (u32, Duration)| {
        tokio::spawn(caller(Arc::clone(&cache), delay).try_lane(format!("caller-{n}")))
    };
    let delays = [0.ms(), 0.ms(), 0.ms(), 110.ms(), 260.ms()];
    for caller in (1..).zip(delays).map(start).collect::<Vec<_>>() {
        caller.await??;
    }
    Ok(())
}

async fn caller(cache: Arc<NameCache<SlowLookup>>, delay: Duration) -> io::Result<()> {
    sleep(delay).await;
    let addresses = cache.resolve("shop.example").await?;
    say!("connects to {}", addresses[0]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use async_kit::{TimeLimit, Transcript, virtual_time};
    use tokio::time::Instant;

    use super::*;

    fn lookups(ttl: Duration) -> usize {
        let seen =
            virtual_time(Transcript::of(five_callers(NameCache::new(ttl, SlowLookup))));
        seen.lines().iter().filter(|line| line.text.starts_with("looks up")).count()
    }

    /// ```text
    /// 0         30                 110       230       260    290
    /// caller-1  ██████✓
    /// caller-2  ░░░░░░✓                       three callers share one lookup
    /// caller-4  ░░░░░░░░░░░░░░░░░░✓           the address is cached
    /// caller-5  ░░░░░░░░░░░░░░░░░░░░░░░░░░░░░░██████✓      the entry expired at 230
    /// ```
    #[test]
    fn three_callers_share_a_lookup_and_a_late_one_needs_another() {
        let seen = virtual_time(Transcript::of(five_callers(NameCache::new(
            200.ms(),
            SlowLookup,
        ))));
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

    /// Fails the first time, and succeeds from then on.
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
    fn a_failed_or_cancelled_lookup_is_not_cached_and_releases_its_entry() {
        virtual_time(async {
            let cache = NameCache::new(1.secs(), FailsOnce::default());
            assert!(cache.resolve("a").within(10.ms()).await.is_err(), "cancelled");
            assert!(cache.resolve("a").await.is_err(), "failed");
            let found = cache.resolve("a").within(31.ms()).await;
            assert!(matches!(found, Ok(Ok(_))), "{found:?}");
        });
    }

    #[test]
    fn two_names_are_looked_up_at_the_same_time() {
        virtual_time(async {
            let (cache, start) = (NameCache::new(1.secs(), SlowLookup), Instant::now());
            let (a, b) = tokio::join!(cache.resolve("a"), cache.resolve("b"));
            assert!(a.is_ok() && b.is_ok());
            assert_eq!(start.elapsed(), 30.ms());
        });
    }
}
