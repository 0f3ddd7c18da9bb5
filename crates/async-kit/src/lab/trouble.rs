//! A response can be late, slow, incomplete or missing, and a client can distinguish these cases.

use std::{io, time::Duration};

use axum::{
    Json,
    body::Body,
    extract::{Path, Query},
    http::header::CONTENT_TYPE,
    response::{IntoResponse, Response},
    routing::get,
};
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    bounded::Bounded,
    failed_response::{never, truncated},
    route::{Entry, entry},
};

/// One minute: arbitrary, longer than any wait in a lesson.
const MAX_MS: u64 = 60_000;

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry(
            "GET /delay/{ms}",
            "a response after that many ms, at most 60000",
            get(delay),
        ),
        entry(
            "GET /drip?chunks=5&every=100",
            "`chunks` lines, `every` ms apart",
            get(drip),
        ),
        entry(
            "GET /reset",
            "the connection is dropped in the middle of the body",
            get(reset),
        ),
        entry("GET /stall", "a response that never comes", get(never)),
    ]
}

async fn delay(Path(Bounded(ms)): Path<Bounded<0, MAX_MS>>) -> Json<Value> {
    sleep(Duration::from_millis(ms)).await;
    Json(json!({ "delay_ms": ms }))
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Drip {
    chunks: Bounded<1, 1000>,
    every: Bounded<0, MAX_MS>,
}

impl Default for Drip {
    fn default() -> Self {
        Self { chunks: Bounded(5), every: Bounded(100) }
    }
}

async fn drip(Query(drip): Query<Drip>) -> impl IntoResponse {
    let Drip { chunks: Bounded(chunks), every: Bounded(every) } = drip;
    let lines = Body::from_stream(stream::iter(1..=chunks).then(move |n| async move {
        if n > 1 {
            sleep(Duration::from_millis(every)).await;
        }
        io::Result::Ok(format!("line {n} of {chunks}\n"))
    }));
    ([(CONTENT_TYPE, "text/plain")], lines)
}

async fn reset() -> Response {
    truncated("text/plain", "the first half of an")
}
