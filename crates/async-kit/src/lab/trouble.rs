//! A server can be late, stop in mid-answer or never answer, and each looks different.

use std::{future::pending, io, time::Duration};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{Path, Query},
    http::header::{CONTENT_LENGTH, CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use futures::{StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{task::yield_now, time::sleep};

use super::{
    bounded::Bounded,
    routes::{Entry, entry},
};

/// One minute: arbitrary, longer than anybody waits in a lesson.
const LONGEST_MS: u64 = 60_000;

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("GET /delay/{ms}", "an answer after that time, at most 60000", get(delay)),
        entry(
            "GET /drip?chunks=5&every=100",
            "a line at a time, so many ms apart",
            get(drip),
        ),
        entry("GET /reset", "the connection is dropped in mid-answer", get(reset)),
        entry("GET /stall", "no answer at all, for as long as you wait", get(stall)),
    ]
}

async fn delay(Path(Bounded(ms)): Path<Bounded<0, LONGEST_MS>>) -> Json<Value> {
    sleep(Duration::from_millis(ms)).await;
    Json(json!({ "delay_ms": ms }))
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Drip {
    chunks: Bounded<1, 1000>,
    every: Bounded<0, LONGEST_MS>,
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
    torn("text/plain", "the first half of an")
}

pub(super) async fn stall() -> Response {
    pending().await
}

/// Promises twice as many bytes as it sends, and drops the connection after them.
pub(super) fn torn(kind: &'static str, begun: &'static str) -> Response {
    let first = stream::iter([Ok(Bytes::from_static(begun.as_bytes()))]);
    let cut = stream::once(async {
        // hyper sends what it holds when a body has nothing ready, and nothing on an error.
        yield_now().await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let length = (2 * begun.len()).to_string();
    let head = [(CONTENT_LENGTH, length), (CONTENT_TYPE, kind.to_owned())];
    (head, Body::from_stream(first.chain(cut))).into_response()
}

/// Drops the connection without a word: the body fails before hyper has sent its head.
pub(super) fn hang_up() -> Response {
    let failed = Err::<Bytes, _>(io::Error::from(io::ErrorKind::ConnectionReset));
    Body::from_stream(stream::iter([failed])).into_response()
}
