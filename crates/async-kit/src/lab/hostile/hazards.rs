//! Each hazard does one thing wrong, and its path names that fault.

use axum::{
    extract::Path,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, LOCATION},
    },
    response::{IntoResponse, Redirect},
    routing::get,
};

use super::{broken, endless, huge, plan::Hostile};
use crate::lab::{
    failed_response::never,
    route::{Entry, entry},
};

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("GET /hostile/{web}/stall", "a response that never comes", get(never)),
        entry(
            "GET /hostile/{web}/drip",
            "a page that comes slowly and never ends",
            get(endless::drip),
        ),
        entry("GET /hostile/{web}/loop/there", "redirects to loop/back", get(there)),
        entry("GET /hostile/{web}/loop/back", "redirects to loop/there", get(back)),
        entry("GET /hostile/{web}/away/{n}", "redirects to away/n+1", get(endless::away)),
        entry(
            "GET /hostile/{web}/nowhere",
            "redirects to an invalid address",
            get(nowhere),
        ),
        entry(
            "GET /hostile/{web}/deeper/",
            "links to two deeper pages",
            get(endless::deeper_root),
        ),
        entry(
            "GET /hostile/{web}/deeper/{*path}",
            "the same at any depth",
            get(endless::deeper),
        ),
        entry(
            "GET /hostile/{web}/calendar?day=1",
            "links to other days and views, without end",
            get(endless::calendar),
        ),
        entry("GET /hostile/{web}/huge", "a page of 100 MB", get(huge::sized)),
        entry(
            "GET /hostile/{web}/huge-unsized",
            "the same without Content-Length",
            get(huge::unsized_),
        ),
        entry(
            "GET /hostile/{web}/broken",
            "markup that breaks every rule",
            get(broken::page),
        ),
        entry("GET /hostile/{web}/nested", "20000 nested elements", get(broken::nested)),
        entry(
            "GET /hostile/{web}/bytes.html",
            "not HTML, but declared as HTML",
            get(broken::bytes),
        ),
        entry(
            "GET /hostile/{web}/page.png",
            "HTML, but declared as PNG",
            get(broken::png),
        ),
        entry(
            "GET /hostile/{web}/untyped",
            "a page without a content type",
            get(broken::untyped),
        ),
        entry("GET /hostile/{web}/latin1", "a page in ISO 8859-1", get(broken::latin1)),
        entry(
            "GET /hostile/{web}/no-utf8",
            "not UTF-8, but declared as UTF-8",
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
