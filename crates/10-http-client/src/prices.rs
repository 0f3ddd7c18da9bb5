//! Concurrent requests for prices take one round trip, and an unknown symbol loses no other price.
//!
//! asyncio: `response.json()["price"]` is a string, and raises a `KeyError` if the service refuses
//! the symbol. Tokio: `error_for_status` checks the status first, and the type defines what is
//! expected: a `Decimal`, not an `f64`, which cannot represent 0.1 exactly. A blocking client, like
//! Python's `requests`, needs its own thread: inside the runtime it panics in a debug build, and blocks
//! the runtime in a release build.
#![cfg(not(target_family = "wasm"))]

use std::{collections::BTreeMap, error::Error};

use anyhow::ensure;
use async_kit::{
    Lane,
    lab::{Base, Lab},
    say,
    stage::chapter,
};
use futures::future::join_all;
use reqwest::{Client, blocking};
use rust_decimal::Decimal;
use serde::Deserialize;
use tokio::task::spawn_blocking;

const SYMBOLS: [&str; 4] = ["BTCUSDT", "ETHUSDT", "ADAUSDT", "NOSUCH"];

/// The same four symbols, one by one and concurrently; `--url` names another server.
pub(crate) async fn run() -> anyhow::Result<()> {
    let base = Lab::or_url(chapter::url()).await?;
    let ticker = ticker(&base);

    let (local, url) = (base.lab().is_some(), ticker.clone());
    let prices = async { spawn_blocking(move || one_by_one(&url, local)).await? };
    report("one by one", &prices.step("in flight").try_lane("one by one").await?);
    report_requests(&base);

    let client = Client::builder();
    // A proxy could not reach the lab, which is on this machine.
    let client = if local { client.no_proxy() } else { client };
    let prices = concurrently(&client.build()?, &ticker).await;
    report("concurrently", &prices);
    report_requests(&base);
    ensure!(
        !prices.values().all(is_unreachable),
        "cannot reach {ticker}: are the server and this machine online?"
    );
    Ok(())
}

/// The lab is on this machine, so it delays its answers as a distant server would.
fn ticker(base: &Base) -> String {
    match base.lab() {
        Some(lab) => lab.url("/ticker/price?delay=100"),
        None => base.url("/ticker/price"),
    }
}

// ANCHOR: prices
#[derive(Deserialize)]
struct Ticker {
    #[serde(with = "rust_decimal::serde::str")]
    price: Decimal,
}

type Prices = BTreeMap<&'static str, reqwest::Result<Decimal>>;

async fn concurrently(client: &Client, ticker: &str) -> Prices {
    let prices = SYMBOLS.map(async |symbol| {
        let price = price(client, ticker, symbol).step("in flight").try_lane(symbol);
        (symbol, price.await)
    });
    join_all(prices).await.into_iter().collect()
}

async fn price(client: &Client, ticker: &str, symbol: &str) -> reqwest::Result<Decimal> {
    let request = client.get(ticker).query(&[("symbol", symbol)]);
    let answer = request.send().await?.error_for_status()?;
    Ok(answer.json::<Ticker>().await?.price)
}
// ANCHOR_END: prices

fn one_by_one(ticker: &str, local: bool) -> anyhow::Result<Prices> {
    let client = blocking::Client::builder();
    let client = if local { client.no_proxy() } else { client }.build()?;
    let price = |symbol| {
        let request = client.get(ticker).query(&[("symbol", symbol)]);
        Ok(request.send()?.error_for_status()?.json::<Ticker>()?.price)
    };
    Ok(SYMBOLS.into_iter().map(|symbol| (symbol, price(symbol))).collect())
}

fn report(version: &str, prices: &Prices) {
    for (symbol, price) in prices {
        match price {
            Ok(price) => say!("{version}: {symbol} {price}"),
            Err(error) => say!("{version}: {symbol} {}", why(error)),
        }
    }
}

/// What the lab has counted so far. One client needs one connection for requests one by one, and one
/// for each request in flight.
fn report_requests(base: &Base) {
    if let Some(lab) = base.lab() {
        say!("so far {}", lab.stats());
    }
}

fn is_unreachable(price: &reqwest::Result<Decimal>) -> bool {
    price.as_ref().is_err_and(reqwest::Error::is_connect)
}

/// reqwest's own text states only that the request failed; the last source states the reason.
fn why(error: &reqwest::Error) -> String {
    if let Some(status) = error.status() {
        return status.to_string();
    }
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use async_kit::{Millis, TimeLimit};

    use super::*;

    async fn lab() -> (Lab, Client) {
        let client = Client::builder().no_proxy().build().expect("a client");
        (Lab::start().await.expect("a free port"), client)
    }

    #[tokio::test]
    async fn prices_are_exact_and_an_unknown_symbol_loses_no_other_price() {
        let (lab, client) = lab().await;
        let prices = concurrently(&client, &lab.url("/ticker/price")).await;
        let shown = prices.iter().map(|(symbol, price)| match price {
            Ok(price) => format!("{symbol} {price}"),
            Err(error) => format!("{symbol} {}", why(error)),
        });
        let expected = [
            "ADAUSDT 0.44910000",
            "BTCUSDT 64250.10000000",
            "ETHUSDT 3120.55000000",
            "NOSUCH 400 Bad Request",
        ];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
    }

    #[tokio::test]
    async fn four_requests_are_in_flight_at_the_same_time() {
        let (lab, client) = lab().await;
        let ticker = lab.url("/ticker/price?delay=60000");
        tokio::select! {
            prices = concurrently(&client, &ticker) => panic!("too early: {prices:?}"),
            seen = lab.wait_until(|seen| seen.in_flight == 4).within(30.secs()) => {
                assert!(seen.is_ok(), "only {}", lab.stats());
            }
        }
    }

    #[tokio::test]
    async fn one_by_one_needs_one_connection_and_has_one_request_in_flight() {
        let (lab, _) = lab().await;
        let ticker = lab.url("/ticker/price");
        let prices = spawn_blocking(move || one_by_one(&ticker, true)).await;
        let prices = prices.expect("no panic").expect("a client");
        assert_eq!(
            prices.values().filter(|price| price.is_ok()).count(),
            3,
            "{prices:?}"
        );
        assert_eq!((lab.stats().requests, lab.stats().peak_in_flight), (4, 1));
        assert_eq!(lab.stats().connections, 1, "{}", lab.stats());
    }

    #[tokio::test]
    async fn one_client_reuses_its_connections_for_further_prices() {
        let (lab, client) = lab().await;
        let ticker = lab.url("/ticker/price");
        for _ in 0..10 {
            concurrently(&client, &ticker).await;
        }
        // A client for each request would make 40. One client makes a fifth connection only if the
        // next round begins before all four are idle.
        let seen = lab.stats();
        assert!(seen.connections < 10, "{seen}");
    }

    // reqwest checks this only in a debug build.
    #[cfg(debug_assertions)]
    #[tokio::test]
    #[should_panic(expected = "blocking is not allowed")]
    async fn a_blocking_client_panics_inside_the_runtime() {
        let _ = blocking::Client::builder().no_proxy().build();
    }

    #[tokio::test]
    async fn an_answer_without_a_price_is_an_error() {
        let (lab, client) = lab().await;
        let price = price(&client, &lab.url("/users/1"), "BTCUSDT").await;
        assert!(price.as_ref().is_err_and(reqwest::Error::is_decode), "{price:?}");
    }
}
