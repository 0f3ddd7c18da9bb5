//! A client that asks too often is told when to come back, and slows down nobody else.
//!
//! A bucket of tokens needs no timer that refills it: the moment at which it would be full again
//! is all there is to remember.

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

// ANCHOR: rates
/// How often each client may ask.
#[derive(Clone)]
pub(crate) struct Rates {
    clients: Arc<Mutex<Clients>>,
    burst: u32,
    every: Duration,
}

impl Rates {
    pub(crate) fn new(burst: u32, every: Duration) -> Self {
        assert!(burst > 0, "a burst of 0 would refuse every request");
        Self { clients: Arc::default(), burst, every }
    }

    /// Lets a client in, or says how long it has to wait.
    fn admit(&self, client: IpAddr) -> Result<(), Duration> {
        let (client, now) = (household(client), Instant::now());
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let full = clients.full_again(client, now);
        let wait =
            (full + self.every).saturating_duration_since(now + self.every * self.burst);
        if wait.is_zero() {
            clients.note(client, full + self.every, now);
            Ok(())
        } else {
            Err(wait)
        }
    }
}

/// Who asks, which whoever accepts the connection adds to each request.
///
/// Behind a proxy all clients have the address of the proxy. The one that it passes on in a header
/// can be trusted only where nobody but the proxy can reach the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Client(pub(crate) IpAddr);

pub(crate) async fn limit_rate(
    State(rates): State<Rates>,
    Extension(Client(client)): Extension<Client>,
    request: Request,
    next: Next,
) -> Response {
    match rates.admit(client) {
        Ok(()) => next.run(request).await,
        Err(wait) => Problem::new(StatusCode::TOO_MANY_REQUESTS, "you ask too often")
            .retry_after(wait)
            .into_response(),
    }
}
// ANCHOR_END: rates

/// Whoever has one IPv6 address has 2^64 of them, and would be a new client with each.
fn household(client: IpAddr) -> IpAddr {
    // A listener on `[::]` sees an IPv4 client as `::ffff:192.0.2.1`: all would be one household.
    match client.to_canonical() {
        client @ IpAddr::V4(_) => client,
        IpAddr::V6(client) => Ipv6Addr::from_bits(client.to_bits() >> 64 << 64).into(),
    }
}

/// When each client's bucket will be full again; one that is not listed is full.
#[derive(Default)]
struct Clients {
    full_again: HashMap<IpAddr, Instant>,
    sweep_at: usize,
}

/// Arbitrary: fewer than this are not worth a sweep.
const FEW: usize = 1024;

impl Clients {
    fn full_again(&self, client: IpAddr, now: Instant) -> Instant {
        self.full_again.get(&client).map_or(now, |&full| full.max(now))
    }

    fn note(&mut self, client: IpAddr, full: Instant, now: Instant) {
        self.full_again.insert(client, full);
        if self.full_again.len() > self.sweep_at.max(FEW) {
            self.full_again.retain(|_, full| *full > now);
            // Twice what is left, so that the sweeps cost each request next to nothing.
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
    fn after_a_burst_a_client_is_let_in_at_the_rate() {
        virtual_time(async {
            let rates = Rates::new(3, 100.ms());
            for _ in 0..3 {
                assert_eq!(rates.admit(client(1)), Ok(()));
            }
            assert_eq!(rates.admit(client(1)), Err(100.ms()));
            sleep(30.ms()).await;
            assert_eq!(rates.admit(client(1)), Err(70.ms()), "a refusal costs nothing");
            sleep(70.ms()).await;
            assert_eq!(rates.admit(client(1)), Ok(()));
            assert_eq!(rates.admit(client(1)), Err(100.ms()));
        });
    }

    #[test]
    fn a_rested_client_has_one_burst_and_not_more() {
        virtual_time(async {
            let rates = Rates::new(2, 100.ms());
            sleep(10.secs()).await;
            assert_eq!([(); 2].map(|()| rates.admit(client(1))), [Ok(()); 2]);
            assert_eq!(rates.admit(client(1)), Err(100.ms()));
        });
    }

    #[test]
    fn one_client_spends_nothing_of_another() {
        virtual_time(async {
            let rates = Rates::new(1, 100.ms());
            assert_eq!([1, 2].map(|n| rates.admit(client(n))), [Ok(()); 2]);
            assert_eq!([1, 2].map(|n| rates.admit(client(n))), [Err(100.ms()); 2]);
        });
    }

    #[test]
    fn a_second_address_of_one_ipv6_network_is_the_same_client() {
        virtual_time(async {
            let rates = Rates::new(1, 100.ms());
            let ask = |client: &str| rates.admit(client.parse().expect("an address"));
            assert_eq!(ask("2001:db8::1"), Ok(()));
            assert_eq!(ask("2001:db8::2"), Err(100.ms()));
            assert_eq!(ask("2001:db8:0:1::1"), Ok(()));
        });
    }

    #[test]
    fn two_ipv4_clients_are_two_on_an_ipv6_listener_too() {
        virtual_time(async {
            let rates = Rates::new(1, 100.ms());
            let ask = |client: &str| rates.admit(client.parse().expect("an address"));
            assert_eq!(ask("::ffff:192.0.2.1"), Ok(()));
            assert_eq!(ask("::ffff:192.0.2.2"), Ok(()));
            assert_eq!(ask("192.0.2.1"), Err(100.ms()), "the same client");
        });
    }

    #[test]
    fn a_client_that_has_rested_is_forgotten() {
        virtual_time(async {
            let rates = Rates::new(1, 1.ms());
            for n in 0..4 * FEW as u32 {
                let _ = rates.admit(client(n));
                sleep(1.ms()).await;
            }
            let known = rates.clients.lock().expect("not poisoned").full_again.len();
            assert!(known <= FEW, "{known} of {} are remembered", 4 * FEW);
        });
    }
}
