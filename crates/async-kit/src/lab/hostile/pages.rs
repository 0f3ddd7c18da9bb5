//! A page with a fault fails on its first request, or on every request if the fault is permanent.

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};

use super::plan::{Hostile, MAX_PAGES};
use crate::lab::{
    bounded::Bounded,
    refusal::Refusal,
    route::{Entry, entry},
    stats::Counters,
};

pub(super) fn entries(counters: &Counters) -> Vec<Entry> {
    let page = get(page).with_state(counters.clone());
    vec![
        entry("GET /hostile/{web}", "redirects to the address with a slash", get(slash)),
        entry("GET /hostile/{web}/", "page 0; 300-7 is 300 pages, seed 7", get(start)),
        entry("GET /hostile/{web}/page/{i}", "page i, or its fault", page),
    ]
}

async fn slash(Path(site): Path<Hostile>) -> Redirect {
    Redirect::permanent(&site.start())
}

async fn start(Path(site): Path<Hostile>) -> Html<String> {
    site.html(0, Hostile::HAZARDS)
}

async fn page(
    State(counters): State<Counters>,
    Path((site, Bounded(i))): Path<(Hostile, Bounded<1, MAX_PAGES>)>,
) -> Response {
    if i >= site.pages() {
        let why = format!("the last page is {}", site.pages() - 1);
        return Refusal(StatusCode::NOT_FOUND, why).into_response();
    }
    // The count includes the current request.
    let first = counters.requests_to(&site.page(i)) == Some(1);
    match site.fault(i) {
        Some(fault) if first || !fault.heals => fault.failure.into_response(),
        _ => site.html(i, &[]).into_response(),
    }
}
