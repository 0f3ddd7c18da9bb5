//! A cache of IP addresses by name. Used by `names`, `lookups`, `site` and the `fetcher`.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

// ANCHOR: names
/// Looks up the names that are not in the cache.
pub(crate) trait Lookup: Send + Sync + 'static {
    fn lookup(&self, name: &str) -> impl Future<Output = io::Result<Vec<IpAddr>>> + Send;
}

/// The addresses of each name, kept for `ttl`. A failed lookup is not cached.
pub(crate) struct NameCache<L> {
    ttl: Duration,
    lookup: L,
    /// One small entry for every name that was ever resolved.
    entries: Mutex<HashMap<String, Entry>>,
}

type Entry = Arc<tokio::sync::Mutex<Option<Found>>>;

struct Found {
    at: Instant,
    addresses: Vec<IpAddr>,
}

impl<L: Lookup> NameCache<L> {
    pub(crate) fn new(ttl: Duration, lookup: L) -> Self {
        Self { ttl, lookup, entries: Mutex::default() }
    }

    pub(crate) async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        let entry = self.entry(name);
        // The entry is locked until the lookup ends, so that concurrent callers wait for its result.
        let mut cached = entry.lock().await;
        if let Some(found) = &*cached
            && found.at.elapsed() < self.ttl
        {
            return Ok(found.addresses.clone());
        }
        let addresses = self.lookup.lookup(name).await?;
        *cached = Some(Found { at: Instant::now(), addresses: addresses.clone() });
        Ok(addresses)
    }

    fn entry(&self, name: &str) -> Entry {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(entries.entry(name.to_owned()).or_default())
    }
}
// ANCHOR_END: names
