//! One client holds a part of all connections at most, so it cannot lock out the other clients.
#![cfg(not(target_family = "wasm"))]

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::rate_limiter::client_key;

// ANCHOR: open_connections
/// The number of open connections of each client. Clones share it.
#[derive(Clone, Default)]
pub(crate) struct OpenConnections(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// One connection, which is counted until this is dropped.
pub(crate) struct OpenConnection {
    all: OpenConnections,
    client: IpAddr,
}

impl OpenConnections {
    /// Counts one more connection of this client, or returns `None` if it has `limit` already.
    pub(crate) fn open(&self, client: IpAddr, limit: usize) -> Option<OpenConnection> {
        let client = client_key(client);
        let mut all = self.lock();
        let open = all.entry(client).or_default();
        if *open >= limit {
            return None;
        }
        *open += 1;
        drop(all);
        Some(OpenConnection { all: self.clone(), client })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        let Some(open) = all.get_mut(&self.client) else { return };
        *open -= 1;
        if *open == 0 {
            all.remove(&self.client);
        }
    }
}
// ANCHOR_END: open_connections

#[cfg(test)]
mod tests {
    use super::*;

    fn client(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_client_at_its_limit_is_refused_until_one_of_its_connections_ends() {
        let all = OpenConnections::default();
        let first = all.open(client("192.0.2.1"), 2).expect("below the limit");
        let second = all.open(client("192.0.2.1"), 2).expect("below the limit");
        assert!(all.open(client("192.0.2.1"), 2).is_none());
        assert!(all.open(client("192.0.2.2"), 2).is_some(), "another client");
        drop(first);
        assert!(all.open(client("192.0.2.1"), 2).is_some());
        drop(second);
        assert!(all.lock().is_empty(), "no client is remembered without a connection");
    }

    #[test]
    fn all_addresses_of_one_ipv6_network_are_one_client() {
        let all = OpenConnections::default();
        let _first = all.open(client("2001:db8::1"), 1).expect("below the limit");
        assert!(all.open(client("2001:db8::2"), 1).is_none());
        assert!(all.open(client("2001:db8:0:1::1"), 1).is_some());
    }
}
