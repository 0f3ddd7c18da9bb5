//! A price is text, because a number of JSON would round it.

use axum::{Json, extract::Query, http::StatusCode, routing::get};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
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
        "GET /ticker/price?symbol=BTCUSDT",
        "a price, as text; 400 for a symbol nobody knows",
        get(price),
    )]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    symbol: String,
}

async fn price(Query(Wanted { symbol }): Query<Wanted>) -> Result<Json<Value>, Refusal> {
    match PRICES.iter().find(|(known, _)| *known == symbol) {
        Some((_, price)) => Ok(Json(json!({ "symbol": symbol, "price": price }))),
        None => Err(Refusal(
            StatusCode::BAD_REQUEST,
            format!("no symbol is called {symbol:?}"),
        )),
    }
}
