//! Three prices at once take one round trip, are exact, and an unknown symbol loses none of them.
//!
//! asyncio: `response.json()["price"]` is text, and a `KeyError` where the service refuses a symbol.
//! Tokio: `error_for_status` looks first, and the type says what is expected: a `Decimal`, not a
//! `f64`, which cannot hold 0.1. A blocking client, the `requests` of Rust, belongs on a thread of its
//! own: inside the runtime it panics.

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

/// The same four symbols, one by one and at once; `--url` asks another server.
pub(crate) async fn run() -> anyhow::Result<()> {
    let base = Lab::or_url(chapter::url()).await?;
    let ticker = ticker(&base);

    let (near, url) = (base.lab().is_some(), ticker.clone());
    let prices = async { spawn_blocking(move || one_by_one(&url, near)).await? };
    tell("one by one", &prices.step("asking").try_lane("one by one").await?);

    let client = Client::builder();
    // What is on this machine is behind no proxy.
    let client = if near { client.no_proxy() } else { client };
    let prices = at_once(&client.build()?, &ticker).await;
    tell("at once", &prices);
    ensure!(
        !prices.values().all(is_unreachable),
        "cannot reach {ticker}: is it online, are you?"
    );
    Ok(())
}

/// A lab is on this machine, and has to pretend that it is far away.
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

async fn at_once(client: &Client, ticker: &str) -> Prices {
    let prices = SYMBOLS.map(async |symbol| {
        let price = price(client, ticker, symbol).step("asking").try_lane(symbol);
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

fn one_by_one(ticker: &str, near: bool) -> anyhow::Result<Prices> {
    let client = blocking::Client::builder();
    let client = if near { client.no_proxy() } else { client }.build()?;
    let price = |symbol| {
        let request = client.get(ticker).query(&[("symbol", symbol)]);
        Ok(request.send()?.error_for_status()?.json::<Ticker>()?.price)
    };
    Ok(SYMBOLS.into_iter().map(|symbol| (symbol, price(symbol))).collect())
}

fn tell(way: &str, prices: &Prices) {
    for (symbol, price) in prices {
        match price {
            Ok(price) => say!("{way}: {symbol} {price}"),
            Err(error) => say!("{way}: {symbol} {}", why(error)),
        }
    }
}

fn is_unreachable(price: &reqwest::Result<Decimal>) -> bool {
    price.as_ref().is_err_and(reqwest::Error::is_connect)
}

/// What reqwest says first is that the request failed; why it did is said last.
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
    async fn prices_are_exact_and_an_unknown_symbol_loses_no_other() {
        let (lab, client) = lab().await;
        let prices = at_once(&client, &lab.url("/ticker/price")).await;
        let shown = prices.iter().map(|(symbol, price)| match price {
            Ok(price) => format!("{symbol} {price}"),
            Err(error) => format!("{symbol} {}", why(error)),
        });
        let wanted = [
            "ADAUSDT 0.44910000",
            "BTCUSDT 64250.10000000",
            "ETHUSDT 3120.55000000",
            "NOSUCH 400 Bad Request",
        ];
        assert_eq!(shown.collect::<Vec<_>>(), wanted);
    }

    #[tokio::test]
    async fn all_are_asked_at_the_same_time() {
        let (lab, client) = lab().await;
        let ticker = lab.url("/ticker/price?delay=60000");
        tokio::select! {
            prices = at_once(&client, &ticker) => panic!("too early: {prices:?}"),
            seen = lab.wait_until(|seen| seen.in_flight == 4).within(30.secs()) => {
                assert!(seen.is_ok(), "only {}", lab.stats());
            }
        }
    }

    #[tokio::test]
    async fn one_by_one_never_asks_for_two() {
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
    }

    #[tokio::test]
    #[should_panic(expected = "blocking is not allowed")]
    async fn a_blocking_client_does_not_work_inside_the_runtime() {
        let _ = blocking::Client::builder().no_proxy().build();
    }

    #[tokio::test]
    async fn an_answer_without_a_price_is_an_error_and_no_price() {
        let (lab, client) = lab().await;
        let price = price(&client, &lab.url("/users/1"), "BTCUSDT").await;
        assert!(price.as_ref().is_err_and(reqwest::Error::is_decode), "{price:?}");
    }
}
