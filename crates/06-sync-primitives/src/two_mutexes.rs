//! A std mutex guards data for an instant, a Tokio mutex guards work that awaits.
//!
//! asyncio needs a lock only for the second: between two awaits nothing else runs. With threads
//! that is no longer so, and the first is `std::sync::Mutex`, which is cheaper and whose guard the
//! compiler does not let you carry over an await into a spawned task. Here a map is behind a std
//! mutex, and the one fetch that fills it is behind a Tokio mutex, so that five callers make one
//! request.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_kit::{Lane, Millis, knob, say};
use tokio::time::sleep;

/// All callers want the same price at the same moment.
pub(crate) async fn run() -> anyhow::Result<()> {
    let callers = knob("callers", 5, 1..=20);
    all_ask(callers).await
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
        // Somebody else may have fetched it while we waited for our turn.
        if let Some(price) = self.look_up(symbol) {
            say!("finds what another fetched");
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

async fn all_ask(callers: usize) -> anyhow::Result<()> {
    let prices = Arc::new(Prices::default());
    let ask = |n| tokio::spawn(ask(Arc::clone(&prices)).lane(format!("caller-{n}")));
    for caller in (0..callers).map(ask).collect::<Vec<_>>() {
        caller.await?;
    }
    Ok(())
}

async fn ask(prices: Arc<Prices>) {
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
                let seen = Transcript::of(all_ask(callers)).await;
                let text = seen.to_string();
                assert_eq!(text.matches("fetches BTC").count(), 1, "{seen}");
                assert_eq!(text.matches("finds what").count(), callers - 1, "{seen}");
                assert_eq!(seen.elapsed(), 100.ms(), "{seen}");
            });
        }
    }

    #[test]
    fn a_fetch_that_is_cancelled_leaves_the_next_caller_to_fetch() {
        virtual_time(async {
            let prices = Arc::new(Prices::default());
            let first = tokio::spawn(ask(Arc::clone(&prices)));
            sleep(50.ms()).await;
            first.abort();
            assert_eq!(prices.price("BTC").await, 67_250);
        });
    }
}
