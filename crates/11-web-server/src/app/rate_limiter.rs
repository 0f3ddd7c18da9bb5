//! A client over its rate gets a `429` with `Retry-After`, and does not slow down other clients.
//!
//! This is a token bucket without a timer that refills it: it only remembers the moment at which
//! the bucket is full again.

use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::Instant;

use super::problem::Problem;

// ANCHOR: rate_limiter
/// How often each client may send a request.
#[derive(Clone)]
pub(crate) struct RateLimiter {
    buckets: Arc<Mutex<Buckets>>,
    burst: u32,
    every: Duration,
}

impl RateLimiter {
    pub(crate) fn new(burst: u32, every: Duration) -> Self {
        assert!(burst > 0, "a burst of 0 would refuse every request");
        Self { buckets: Arc::default(), burst, every }
    }

    /// Admits a request of this client, or returns how long the client has to wait.
    fn admit(&self, client: IpAddr) -> Result<(), Duration> {
        let (client, now) = (client_key(client), Instant::now());
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = buckets.full_again(client, now);
        let wait =
            (full + self.every).saturating_duration_since(now + self.every * self.burst);
        if wait.is_zero() {
            buckets.set(client, full + self.every, now);
            Ok(())
        } else {
            Err(wait)
        }
    }
}

/// The address of the client, which the accept loop adds to each request.
///
/// Behind a proxy all clients have the address of the proxy. The proxy sends the real address
/// in a header, which is trustworthy only if every connection to the server comes from the proxy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ClientAddr(pub(crate) IpAddr);

pub(crate) async fn limit_rate(
    State(limiter): State<RateLimiter>,
    Extension(ClientAddr(client)): Extension<ClientAddr>,
    request: Request,
    next: Next,
) -> Response {
    match limiter.admit(client) {
        Ok(()) => next.run(request).await,
        Err(wait) => Problem::new(StatusCode::TOO_MANY_REQUESTS, "too many requests")
            .retry_after(wait)
            .into_response(),
    }
}
// ANCHOR_END: rate_limiter

/// The address by which a client is counted: for IPv6 its /64 network. A client usually has all
/// 2^64 addresses of that network, and would have a new bucket with each of them.
pub(super) fn client_key(client: IpAddr) -> IpAddr {
    // A listener on `[::]` sees an IPv4 client as `::ffff:192.0.2.1`. Without `to_canonical`, all
    // IPv4 clients would share one key.
    match client.to_canonical() {
        client @ IpAddr::V4(_) => client,
        IpAddr::V6(client) => Ipv6Addr::from_bits(client.to_bits() >> 64 << 64).into(),
    }
}

/// The time at which each client's bucket is full again. A bucket that is not in the map is full.
#[derive(Default)]
struct Buckets {
    full_again: HashMap<IpAddr, Instant>,
    sweep_at: usize,
}

/// Arbitrary: with fewer buckets than this a sweep saves too little memory.
const SWEEP_MIN: usize = 1024;

impl Buckets {
    fn full_again(&self, client: IpAddr, now: Instant) -> Instant {
        self.full_again.get(&client).map_or(now, |&full| full.max(now))
    }

    fn set(&mut self, client: IpAddr, full: Instant, now: Instant) {
        self.full_again.insert(client, full);
        if self.full_again.len() > self.sweep_at.max(SWEEP_MIN) {
            self.full_again.retain(|_, full| *full > now);
            // At twice the remaining size, the average cost per request stays constant.
            self.sweep_at = 2 * self.full_again.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use async_kit::{Millis, virtual_time};
    use tokio::time::sleep;

    use super::*;

    fn client(number: u32) -> IpAddr {
        Ipv4Addr::from_bits(number).into()
    }

    #[test]
    fn after_a_burst_a_client_is_admitted_at_the_rate() {
        virtual_time(async {
            let limiter = RateLimiter::new(3, 100.ms());
            for _ in 0..3 {
                assert_eq!(limiter.admit(client(1)), Ok(()));
            }
            assert_eq!(limiter.admit(client(1)), Err(100.ms()));
            sleep(30.ms()).await;
            assert_eq!(
                limiter.admit(client(1)),
                Err(70.ms()),
                "a refused request takes no token"
            );
            sleep(70.ms()).await;
            assert_eq!(limiter.admit(client(1)), Ok(()));
            assert_eq!(limiter.admit(client(1)), Err(100.ms()));
        });
    }

    #[test]
    fn an_idle_client_may_send_one_burst_and_not_more() {
        virtual_time(async {
            let limiter = RateLimiter::new(2, 100.ms());
            sleep(10.secs()).await;
            assert_eq!([(); 2].map(|()| limiter.admit(client(1))), [Ok(()); 2]);
            assert_eq!(limiter.admit(client(1)), Err(100.ms()));
        });
    }

    #[test]
    fn each_client_has_its_own_bucket() {
        virtual_time(async {
            let limiter = RateLimiter::new(1, 100.ms());
            assert_eq!([1, 2].map(|n| limiter.admit(client(n))), [Ok(()); 2]);
            assert_eq!([1, 2].map(|n| limiter.admit(client(n))), [Err(100.ms()); 2]);
        });
    }

    #[test]
    fn a_second_address_of_one_ipv6_network_is_the_same_client() {
        virtual_time(async {
            let limiter = RateLimiter::new(1, 100.ms());
            let admit = |client: &str| limiter.admit(client.parse().expect("an address"));
            assert_eq!(admit("2001:db8::1"), Ok(()));
            assert_eq!(admit("2001:db8::2"), Err(100.ms()));
            assert_eq!(admit("2001:db8:0:1::1"), Ok(()));
        });
    }

    #[test]
    fn two_ipv4_clients_have_two_buckets_on_an_ipv6_listener() {
        virtual_time(async {
            let limiter = RateLimiter::new(1, 100.ms());
            let admit = |client: &str| limiter.admit(client.parse().expect("an address"));
            assert_eq!(admit("::ffff:192.0.2.1"), Ok(()));
            assert_eq!(admit("::ffff:192.0.2.2"), Ok(()));
            assert_eq!(admit("192.0.2.1"), Err(100.ms()), "the same client");
        });
    }

    #[test]
    fn a_full_bucket_is_removed() {
        virtual_time(async {
            let limiter = RateLimiter::new(1, 1.ms());
            for n in 0..4 * SWEEP_MIN as u32 {
                let _ = limiter.admit(client(n));
                sleep(1.ms()).await;
            }
            let known = limiter.buckets.lock().expect("not poisoned").full_again.len();
            assert!(known <= SWEEP_MIN, "{known} of {} buckets remain", 4 * SWEEP_MIN);
        });
    }
}
