//! Five connections to one name need one lookup, once the client has a resolver that remembers.
//!
//! asyncio: aiohttp's `use_dns_cache` and `ttl_dns_cache`, on by default with ten seconds. Tokio:
//! reqwest asks the system for every connection and remembers nothing, unless `dns_resolver` gives
//! it somebody who does. For a name that never changes there is `ClientBuilder::resolve`.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_kit::{Lane, Millis, lab::Lab, say};
use reqwest::{
    Client,
    dns::{Addrs, Name, Resolve, Resolving},
};

use crate::names::{Lookup, Names};

/// The same five requests with a memory, and without.
pub(crate) async fn run() -> anyhow::Result<()> {
    for (name, ttl) in [("forgets", Duration::ZERO), ("remembers", 300.secs())] {
        let lab = Lab::start().await?;
        let lookups = five_requests(&lab, ttl).try_lane(name).await?;
        say!("{name}: {}, {lookups} lookups", lab.stats());
    }
    Ok(())
}

// ANCHOR: lookups
/// The resolver of a client.
pub(crate) struct Remembers<L>(Arc<Names<L>>);

impl<L: Lookup> Remembers<L> {
    pub(crate) fn new(ttl: Duration, lookup: L) -> Self {
        Self(Arc::new(Names::new(ttl, lookup)))
    }
}

impl<L: Lookup> Resolve for Remembers<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let names = Arc::clone(&self.0);
        Box::pin(async move {
            let found = names.resolve(name.as_str()).await?;
            // The port of the URL takes the place of 0.
            let addresses = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// What the system says: `/etc/hosts`, and then a name server.
pub(crate) struct System;

impl Lookup for System {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}
// ANCHOR_END: lookups

/// Every name is this machine's, and each lookup is counted.
#[derive(Clone, Default)]
pub(crate) struct Loopback(Arc<AtomicU32>);

impl Loopback {
    pub(crate) fn lookups(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Lookup for Loopback {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}

/// Keeps no connection open, so that each of the five needs a new one.
async fn five_requests(lab: &Lab, ttl: Duration) -> anyhow::Result<u32> {
    let names = Loopback::default();
    let client = Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .dns_resolver(Remembers::new(ttl, names.clone()))
        .build()?;
    let url = lab.url("/json").replace("127.0.0.1", "shop.example");
    for _ in 0..5 {
        client.get(&url).send().await?.bytes().step("asking").await?;
    }
    Ok(names.lookups())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn five_connections_need_one_lookup_or_five() {
        for (ttl, wanted) in [(300.secs(), 1), (Duration::ZERO, 5)] {
            let lab = Lab::start().await.expect("a free port");
            let lookups = five_requests(&lab, ttl).await.expect("five answers");
            assert_eq!((lab.stats().connections, lookups), (5, wanted), "{ttl:?}");
        }
    }

    #[tokio::test]
    async fn the_system_knows_its_own_name() {
        let found = System.lookup("localhost").await.expect("it is in every hosts file");
        assert!(found.iter().any(IpAddr::is_loopback), "{found:?}");
    }
}
