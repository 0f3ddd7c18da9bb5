//! One bad item of a batch fails alone: every item has its own result.

use std::time::Duration;

use axum::{Json, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    refusal::Refusal,
    route::{Entry, entry},
};

/// Arbitrary, but a limit is needed: every real endpoint of this kind has one.
const MAX_ITEMS: usize = 100;
/// Every list takes this time; arbitrary. Without a delay, two requests would never be in flight
/// at the same time.
const DELAY: Duration = Duration::from_millis(1);

pub(super) fn entries() -> Vec<Entry> {
    vec![entry(
        "POST /batch",
        "for each of at most 100 items: {\"ok\": item}, or {\"error\": why} for {\"fail\": why}",
        post(batch),
    )]
}

async fn batch(Json(items): Json<Vec<Value>>) -> Result<Json<Vec<Value>>, Refusal> {
    if items.len() > MAX_ITEMS {
        let why = format!("{} items, but at most {MAX_ITEMS} are allowed", items.len());
        return Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, why));
    }
    sleep(DELAY).await;
    Ok(Json(items.into_iter().map(result).collect()))
}

fn result(item: Value) -> Value {
    match item.get("fail") {
        Some(why) => json!({ "error": why }),
        None => json!({ "ok": item }),
    }
}
