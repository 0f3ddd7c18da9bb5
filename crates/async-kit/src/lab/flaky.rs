//! A flaky route fails a given number of times for each key, and then always succeeds.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json,
    extract::{Path, Query, State},
    http::{HeaderMap, header::RETRY_AFTER},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Deserialize;
use serde_json::json;

use super::{
    bounded::Bounded,
    route::{Entry, entry},
};

type Attempts = Arc<Mutex<HashMap<String, u64>>>;

pub(super) fn entries() -> Vec<Entry> {
    vec![entry(
        "GET /flaky/{key}?fail=2&status=503&retry_after=1",
        "fails `fail` times per key, then succeeds; Retry-After in seconds, if given",
        get(flaky).with_state(Attempts::default()),
    )]
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Plan {
    fail: u64,
    status: Bounded<400, 599>,
    retry_after: Option<u32>,
}

impl Default for Plan {
    fn default() -> Self {
        Self { fail: 2, status: Bounded(503), retry_after: None }
    }
}

async fn flaky(
    State(attempts): State<Attempts>,
    Path(key): Path<String>,
    Query(plan): Query<Plan>,
) -> Response {
    let attempt = count(&attempts, &key);
    if attempt > plan.fail {
        return Json(json!({ "key": key, "attempt": attempt })).into_response();
    }
    let mut headers = HeaderMap::new();
    if let Some(seconds) = plan.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    let why = format!("failure {attempt} of {}", plan.fail);
    (plan.status.status(), headers, Json(json!({ "key": key, "error": why })))
        .into_response()
}

fn count(attempts: &Attempts, key: &str) -> u64 {
    let mut attempts = attempts.lock().unwrap_or_else(PoisonError::into_inner);
    let attempt = attempts.entry(key.to_owned()).or_default();
    *attempt += 1;
    *attempt
}
