//! The client looks up names through this cache. Used by `lookups`, `site` and the `fetcher`.
#![cfg(not(target_family = "wasm"))]

use std::{
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::name_cache::{Lookup, NameCache};

// ANCHOR: lookups
/// A resolver for [`reqwest::ClientBuilder::dns_resolver`].
pub(crate) struct CachingResolver<L>(Arc<NameCache<L>>);

impl<L: Lookup> CachingResolver<L> {
    pub(crate) fn new(ttl: Duration, lookup: L) -> Self {
        Self(Arc::new(NameCache::new(ttl, lookup)))
    }
}

impl<L: Lookup> Resolve for CachingResolver<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let cache = Arc::clone(&self.0);
        Box::pin(async move {
            let found = cache.resolve(name.as_str()).await?;
            // reqwest replaces port 0 by the port of the URL.
            let addresses = found.into_iter().map(|ip| SocketAddr::new(ip, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// The lookup of the operating system: `/etc/hosts` first, then a name server.
pub(crate) struct SystemLookup;

impl Lookup for SystemLookup {
    async fn lookup(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    }
}
// ANCHOR_END: lookups

/// Resolves every name to this machine, and counts its lookups.
#[derive(Clone, Default)]
pub(crate) struct LoopbackLookup(Arc<AtomicU32>);

impl LoopbackLookup {
    pub(crate) fn lookups(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Lookup for LoopbackLookup {
    async fn lookup(&self, _: &str) -> io::Result<Vec<IpAddr>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(vec![Ipv4Addr::LOCALHOST.into()])
    }
}
