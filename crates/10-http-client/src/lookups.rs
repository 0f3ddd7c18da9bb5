//! Five connections to one name need one lookup, if the client has a resolver that caches.
//!
//! asyncio: aiohttp's `use_dns_cache` and `ttl_dns_cache`, on by default with ten seconds. Tokio:
//! reqwest asks the operating system for every connection and caches nothing, unless
//! `dns_resolver` gives it a resolver that caches. For a name whose address never changes there is
//! `ClientBuilder::resolve`.
#![cfg(not(target_family = "wasm"))]

use std::time::Duration;

use async_kit::{Lane, Millis, lab::Lab, say};
use reqwest::Client;

use crate::resolver::{CachingResolver, LoopbackLookup};

/// The same five requests without a cache, and with one.
pub(crate) async fn run() -> anyhow::Result<()> {
    for (name, ttl) in [("no cache", Duration::ZERO), ("cache", 300.secs())] {
        let lab = Lab::start().await?;
        let lookups = five_requests(&lab, ttl).try_lane(name).await?;
        say!("{name}: {}, lookups: {lookups}", lab.stats());
    }
    Ok(())
}

/// Keeps no connection open, so that each of the five requests needs a new one.
async fn five_requests(lab: &Lab, ttl: Duration) -> anyhow::Result<u32> {
    let lookup = LoopbackLookup::default();
    let client = Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .dns_resolver(CachingResolver::new(ttl, lookup.clone()))
        .build()?;
    let url = lab.url("/json").replace("127.0.0.1", "shop.example");
    for _ in 0..5 {
        client.get(&url).send().await?.bytes().step("in flight").await?;
    }
    Ok(lookup.lookups())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{name_cache::Lookup, resolver::SystemLookup};

    #[tokio::test]
    async fn five_connections_need_one_lookup_with_a_cache_and_five_without() {
        for (ttl, wanted) in [(300.secs(), 1), (Duration::ZERO, 5)] {
            let lab = Lab::start().await.expect("a free port");
            let lookups = five_requests(&lab, ttl).await.expect("five answers");
            assert_eq!((lab.stats().connections, lookups), (5, wanted), "{ttl:?}");
        }
    }

    #[tokio::test]
    async fn the_system_resolves_localhost_to_loopback() {
        let found = SystemLookup.lookup("localhost").await.expect("in the hosts file");
        assert!(found.iter().any(std::net::IpAddr::is_loopback), "{found:?}");
    }
}
