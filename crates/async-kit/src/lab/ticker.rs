//! A price is sent as text, because a JSON number would be rounded.

use std::time::Duration;

use axum::{Json, extract::Query, http::StatusCode, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    bounded::Bounded,
    refusal::Refusal,
    route::{Entry, entry},
};

/// These prices are invented and never change, so a test may assert them.
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
        "a price as text, after `delay` ms; 400 for an unknown symbol",
        get(price),
    )]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PriceQuery {
    symbol: String,
    delay: Option<Bounded<0, 60_000>>,
}

async fn price(
    Query(PriceQuery { symbol, delay }): Query<PriceQuery>,
) -> Result<Json<Value>, Refusal> {
    if let Some(Bounded(ms)) = delay {
        sleep(Duration::from_millis(ms)).await;
    }
    match PRICES.iter().find(|(known, _)| *known == symbol) {
        Some((_, price)) => Ok(Json(json!({ "symbol": symbol, "price": price }))),
        None => Err(Refusal(
            StatusCode::BAD_REQUEST,
            format!("there is no symbol {symbol:?}"),
        )),
    }
}
