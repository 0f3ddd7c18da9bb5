//! A std mutex guards data for a short access, a Tokio mutex guards work that awaits.
//!
//! asyncio needs a lock only for work that awaits: between two awaits no other task runs. With
//! several threads other tasks do run, so data needs a lock too. `std::sync::Mutex` is the cheaper
//! one, and in a spawned task the compiler does not let you hold its guard across an await. Here a
//! std mutex guards a map, and a Tokio mutex guards the fetch that fills it, so that five callers
//! make one request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_kit::{Lane, Millis, ask, knob, say};
use tokio::time::sleep;

/// All callers need the same price at the same time.
pub(crate) async fn run() -> anyhow::Result<()> {
    let callers = knob("callers", 5, 1..=20);
    ask("callers=20", "how long does the last caller wait?");
    request_prices(callers).await
}

// ANCHOR: two_mutexes
#[derive(Default)]
struct Prices {
    known: Mutex<HashMap<&'static str, u32>>,
    fetching: tokio::sync::Mutex<()>,
}

impl Prices {
    async fn price(&self, symbol: &'static str) -> u32 {
        if let Some(price) = self.look_up(symbol) {
            return price;
        }
        let _one_at_a_time = self.fetching.lock().await;
        // Another caller may have fetched the price while this caller waited for the lock.
        if let Some(price) = self.look_up(symbol) {
            say!("finds the fetched price");
            return price;
        }
        let price = fetch(symbol).await;
        self.remember(symbol, price);
        price
    }

    fn look_up(&self, symbol: &str) -> Option<u32> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(symbol).copied()
    }

    fn remember(&self, symbol: &'static str, price: u32) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(symbol, price);
    }
}
// ANCHOR_END: two_mutexes

async fn fetch(symbol: &str) -> u32 {
    say!("fetches {symbol}");
    sleep(100.ms()).step("fetching").await;
    67_250
}

async fn request_prices(callers: usize) -> anyhow::Result<()> {
    let prices = Arc::new(Prices::default());
    let start =
        |n| tokio::spawn(request(Arc::clone(&prices)).lane(format!("caller-{n}")));
    for caller in (0..callers).map(start).collect::<Vec<_>>() {
        caller.await?;
    }
    Ok(())
}

async fn request(prices: Arc<Prices>) {
    prices.price("BTC").await;
}

#[cfg(test)]
mod tests {
    use async_kit::{Transcript, virtual_time};

    use super::*;

    #[test]
    fn many_callers_make_one_request() {
        for callers in [1, 5, 20] {
            virtual_time(async move {
                let seen = Transcript::of(request_prices(callers)).await;
                let text = seen.to_string();
                assert_eq!(text.matches("fetches BTC").count(), 1, "{seen}");
                assert_eq!(
                    text.matches("finds the fetched price").count(),
                    callers - 1,
                    "{seen}"
                );
                assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
            });
        }
    }

    #[test]
    fn if_a_fetch_is_cancelled_the_next_caller_fetches() {
        virtual_time(async {
            let prices = Arc::new(Prices::default());
            let first = tokio::spawn(request(Arc::clone(&prices)));
            sleep(50.ms()).await;
            first.abort();
            assert_eq!(prices.price("BTC").await, 67_250);
        });
    }
}
