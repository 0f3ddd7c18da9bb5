//! One bad item of a batch fails alone: every item has a result of its own.

use std::time::Duration;

use axum::{Json, http::StatusCode, routing::post};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    refusal::Refusal,
    routes::{Entry, entry},
};

/// Arbitrary, but there has to be one: every real endpoint of this kind has a limit.
const MOST_ITEMS: usize = 100;
/// What a list takes, however long it is; arbitrary. Without it no two requests would ever be
/// in flight at the same time.
const TAKES: Duration = Duration::from_millis(1);

pub(super) fn entries() -> Vec<Entry> {
    vec![entry(
        "POST /batch",
        "a JSON list of at most 100: {\"ok\": item} for each, {\"error\": why} for {\"fail\": why}",
        post(batch),
    )]
}

async fn batch(Json(items): Json<Vec<Value>>) -> Result<Json<Vec<Value>>, Refusal> {
    if items.len() > MOST_ITEMS {
        let why = format!("{} items, at most {MOST_ITEMS} at once", items.len());
        return Err(Refusal(StatusCode::PAYLOAD_TOO_LARGE, why));
    }
    sleep(TAKES).await;
    Ok(Json(items.into_iter().map(result).collect()))
}

fn result(item: Value) -> Value {
    match item.get("fail") {
        Some(why) => json!({ "error": why }),
        None => json!({ "ok": item }),
    }
}
