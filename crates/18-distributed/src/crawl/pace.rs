//! Two requests to a host are at least the delay of the crawl apart, whichever processes make them.
//!
//! The frontier decides when a page may be requested, but then the page waits in a queue, for a time that
//! is unknown. So with a delay, the next page of a host enters the queue only when the request of the
//! page before it is over, and its start is at least `delay` ago. A result has the age of its start, so
//! no clocks are compared, and the time that the result needed only makes the pause longer.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use crawler::Address;
use tokio::{
    sync::{Mutex as AsyncMutex, OwnedMutexGuard},
    time::{Instant, sleep_until},
};

/// When the next request to each host may start.
#[derive(Debug)]
pub(super) struct Pace {
    delay: Duration,
    /// No request starts before it: the last ones of an earlier scheduler are unknown.
    first: Instant,
    hosts: Mutex<HashMap<String, Arc<AsyncMutex<Host>>>>,
}

#[derive(Debug)]
pub(super) struct Host {
    pub(super) delay: Duration,
    next: Instant,
}

/// The right to send the next page of a host. If the host has no delay, many have it at the same time.
#[derive(Debug)]
pub(super) struct Slot(Option<OwnedMutexGuard<Host>>);

impl Pace {
    pub(super) fn new(delay: Duration, first: Instant) -> Self {
        Self { delay, first, hosts: Mutex::default() }
    }

    /// Waits until the `robots.txt` may be requested.
    pub(super) async fn robots(&self, address: &Address) -> OwnedMutexGuard<Host> {
        let host = self.host(address).lock_owned().await;
        sleep_until(host.next).await;
        host
    }

    /// Waits until the page may be requested.
    pub(super) async fn acquire(&self, address: &Address) -> Slot {
        let host = self.robots(address).await;
        Slot(Some(host).filter(|host| !host.delay.is_zero()))
    }

    fn host(&self, address: &Address) -> Arc<AsyncMutex<Host>> {
        let name = address.url().origin().ascii_serialization();
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        let new =
            || Arc::new(AsyncMutex::new(Host { delay: self.delay, next: self.first }));
        Arc::clone(hosts.entry(name).or_insert_with(new))
    }
}

impl Host {
    /// Notes the start of a request, and for how long the host asked for no other from now on.
    pub(super) fn requested(&mut self, started: Instant, pause: Duration) {
        self.next = (started + self.delay).max(Instant::now() + pause);
    }
}

impl Slot {
    /// Releases it when the request is over, with the start of the request.
    pub(super) fn release(self, started: Instant, pause: Duration) {
        if let Some(mut host) = self.0 {
            host.requested(started, pause);
        }
    }
}
