//! Each of these responses depends only on its request.

use std::{collections::BTreeMap, convert::Infallible};

use axum::{
    Json,
    body::{Body, Bytes},
    extract::Path,
    http::{
        HeaderMap, StatusCode,
        header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, USER_AGENT},
    },
    response::IntoResponse,
    routing::get,
};
use futures::stream::iter;
use serde_json::{Value, json};

use super::{
    bounded::Bounded,
    route::{Entry, entry},
};

/// 100 MB: arbitrary, more than any client here should accept.
const MAX_BYTES: u64 = 100_000_000;

/// 16 KiB: arbitrary, small enough that a large response takes many reads.
static CHUNK: [u8; 16 * 1024] = [b'x'; 16 * 1024];

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("GET /user-agent", "the User-Agent of the request", get(user_agent)),
        entry("GET /headers", "the headers of the request", get(headers)),
        entry(
            "GET /status/{code}",
            "a response with that status, 200 to 599",
            get(status),
        ),
        entry("GET /bytes/{n}", "n bytes, at most 100 million", get(bytes)),
        entry("GET /redirect/{n}", "n redirects, then 200", get(redirect)),
    ]
}

async fn user_agent(headers: HeaderMap) -> Json<Value> {
    Json(json!({ "user-agent": headers.get(USER_AGENT).map(text) }))
}

async fn headers(headers: HeaderMap) -> Json<BTreeMap<String, String>> {
    let mut seen = BTreeMap::<String, String>::new();
    for (name, value) in &headers {
        // A header may occur several times; its value is then the list of all values.
        seen.entry(name.to_string())
            .and_modify(|all| *all = format!("{all}, {}", text(value)))
            .or_insert_with(|| text(value));
    }
    Json(seen)
}

fn text(value: impl AsRef<[u8]>) -> String {
    String::from_utf8_lossy(value.as_ref()).into_owned()
}

async fn status(Path(code): Path<Bounded<200, 599>>) -> impl IntoResponse {
    let status = code.status();
    let reason = status.canonical_reason();
    (status, Json(json!({ "status": code.0, "reason": reason })))
}

async fn bytes(Path(Bounded(n)): Path<Bounded<0, MAX_BYTES>>) -> impl IntoResponse {
    // Each chunk is made when it is sent, so the server never holds 100 MB, and a client with
    // a limit can stop early.
    let chunks = (0..n).step_by(CHUNK.len()).map(move |sent| {
        let left = usize::try_from(n - sent).unwrap_or(usize::MAX);
        Ok::<_, Infallible>(Bytes::from_static(&CHUNK[..left.min(CHUNK.len())]))
    });
    let kind = "application/octet-stream".to_owned();
    let head = [(CONTENT_LENGTH, n.to_string()), (CONTENT_TYPE, kind)];
    (head, Body::from_stream(iter(chunks)))
}

async fn redirect(Path(n): Path<u32>) -> impl IntoResponse {
    match n.checked_sub(1) {
        None => Json(json!({ "arrived": true })).into_response(),
        Some(left) => {
            (StatusCode::FOUND, [(LOCATION, format!("/redirect/{left}"))]).into_response()
        }
    }
}
