//! Each hazard does one thing wrong, and says with its path what it is.

use axum::{
    extract::Path,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Redirect},
    routing::get,
};

use super::{Hostile, broken, endless, huge};
use crate::lab::{
    routes::{Entry, entry},
    trouble,
};

/// Where page 0 links to, besides its pages.
pub(super) const HAZARDS: &[&str] = &[
    "stall",
    "drip",
    "loop/there",
    "away/0",
    "nowhere",
    "deeper/",
    "calendar?day=1",
    "huge",
    "huge-unsized",
    "broken",
    "nested",
    "bytes.html",
    "page.png",
    "untyped",
    "latin1",
    "no-utf8",
    "forbidden/",
];

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("GET /hostile/{web}/stall", "no answer at all", get(trouble::stall)),
        entry(
            "GET /hostile/{web}/drip",
            "a page without end, slowly",
            get(endless::drip),
        ),
        entry("GET /hostile/{web}/loop/there", "moved to loop/back", get(there)),
        entry("GET /hostile/{web}/loop/back", "moved to loop/there", get(back)),
        entry("GET /hostile/{web}/away/{n}", "moved to away/n+1", get(endless::away)),
        entry("GET /hostile/{web}/nowhere", "moved, but not to where", get(nowhere)),
        entry("GET /hostile/{web}/deeper/", "links deeper", get(endless::mouth)),
        entry("GET /hostile/{web}/deeper/{*path}", "links deeper", get(endless::deeper)),
        entry(
            "GET /hostile/{web}/calendar?day=1",
            "links to other days and views, without end",
            get(endless::calendar),
        ),
        entry("GET /hostile/{web}/huge", "a page of 100 MB", get(huge::sized)),
        entry(
            "GET /hostile/{web}/huge-unsized",
            "the same, without Content-Length",
            get(huge::unsized_),
        ),
        entry(
            "GET /hostile/{web}/broken",
            "markup that breaks every rule",
            get(broken::page),
        ),
        entry(
            "GET /hostile/{web}/nested",
            "20000 elements in each other",
            get(broken::nested),
        ),
        entry(
            "GET /hostile/{web}/bytes.html",
            "no HTML, and says it is",
            get(broken::bytes),
        ),
        entry(
            "GET /hostile/{web}/page.png",
            "HTML, and says it is PNG",
            get(broken::png),
        ),
        entry(
            "GET /hostile/{web}/untyped",
            "a page without a type",
            get(broken::untyped),
        ),
        entry("GET /hostile/{web}/latin1", "a page in ISO 8859-1", get(broken::latin1)),
        entry(
            "GET /hostile/{web}/no-utf8",
            "no UTF-8, and says it is",
            get(broken::no_utf8),
        ),
        entry("GET /hostile/{web}/forbidden/", "robots.txt forbids it", get(forbidden)),
    ]
}

async fn there(Path(site): Path<Hostile>) -> Redirect {
    Redirect::temporary(&(site.start() + "loop/back"))
}

async fn back(Path(site): Path<Hostile>) -> Redirect {
    Redirect::temporary(&(site.start() + "loop/there"))
}

async fn nowhere(_: Path<Hostile>) -> impl IntoResponse {
    (StatusCode::FOUND, [(LOCATION, "http://[no-host/")])
}

async fn forbidden(Path(site): Path<Hostile>) -> impl IntoResponse {
    let start = site.start();
    let page =
        format!("<title>Not for robots</title><a href=\"{start}forbidden/in\">in</a>");
    ([(CONTENT_TYPE, "text/html")], page)
}
