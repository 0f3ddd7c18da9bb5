//! A price is text, because a number of JSON would round it.

use std::time::Duration;

use axum::{Json, extract::Query, http::StatusCode, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    bounded::Bounded,
    refusal::Refusal,
    routes::{Entry, entry},
};

/// Invented, and the same for ever: a test may know them.
const PRICES: [(&str, &str); 5] = [
    ("BTCUSDT", "64250.10000000"),
    ("ETHUSDT", "3120.55000000"),
    ("BNBUSDT", "581.20000000"),
    ("SOLUSDT", "148.07000000"),
    ("ADAUSDT", "0.44910000"),
];

pub(super) fn entries() -> Vec<Entry> {
    vec![entry(
        "GET /ticker/price?symbol=BTCUSDT&delay=0",
        "a price, as text, so many ms late; 400 for a symbol nobody knows",
        get(price),
    )]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    symbol: String,
    delay: Option<Bounded<0, 60_000>>,
}

async fn price(
    Query(Wanted { symbol, delay }): Query<Wanted>,
) -> Result<Json<Value>, Refusal> {
    if let Some(Bounded(ms)) = delay {
        sleep(Duration::from_millis(ms)).await;
    }
    match PRICES.iter().find(|(known, _)| *known == symbol) {
        Some((_, price)) => Ok(Json(json!({ "symbol": symbol, "price": price }))),
        None => Err(Refusal(
            StatusCode::BAD_REQUEST,
            format!("no symbol is called {symbol:?}"),
        )),
    }
}
