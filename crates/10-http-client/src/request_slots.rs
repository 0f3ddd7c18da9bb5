//! Slots that limit requests, per host and in all. Used by `slots`, `pool` and the `fetcher`.

use std::{
    collections::HashMap,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

// ANCHOR: slots
/// Slots for requests: one limit for all of them, and one limit for each host.
pub(crate) struct Slots {
    all: Arc<Semaphore>,
    per_host: NonZeroUsize,
    /// One small entry for every host that a slot was ever acquired for.
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// A slot of a host, and one of the slots for all requests.
#[must_use = "dropping it releases both slots"]
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
        let host = permit(self.host(host)).await;
        Slot { _host: host, _all: permit(Arc::clone(&self.all)).await }
    }

    fn host(&self, host: &str) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let semaphore = || Arc::new(Semaphore::new(self.per_host.get()));
        Arc::clone(hosts.entry(host.to_owned()).or_insert_with(semaphore))
    }
}

async fn permit(semaphore: Arc<Semaphore>) -> OwnedSemaphorePermit {
    semaphore.acquire_owned().await.expect("the semaphore is never closed")
}
// ANCHOR_END: slots

impl Slots {
    /// What not to do: it waits for the host while it holds a slot that other hosts could use.
    pub(crate) async fn acquire_all_first(&self, host: &str) -> Slot {
        let all = permit(Arc::clone(&self.all)).await;
        Slot { _host: permit(self.host(host)).await, _all: all }
    }
}
