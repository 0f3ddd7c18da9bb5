//! The lab lists exactly the routes that it serves: the list and the router come from one table.

use std::fmt::Write as _;

use axum::{
    Router,
    http::{StatusCode, Uri},
    response::Html,
    routing::get,
};

use super::{
    batch, big, charges, content, echo, flaky, hostile,
    refusal::Refusal,
    route::Route,
    site,
    stats::{self, Counters},
    ticker, trouble, users,
};

/// The router, and the list of its routes.
pub(super) fn all(counters: &Counters) -> (Router, Vec<Route>) {
    let entries = [
        content::entries(),         // /html /json /xml /robots.txt /private/
        echo::entries(),            // /user-agent /headers /status /bytes /redirect
        users::entries(),           // /users
        ticker::entries(),          // /ticker/price
        trouble::entries(),         // /delay /drip /reset /stall
        flaky::entries(),           // /flaky
        charges::entries(),         // /charge /charges
        batch::entries(),           // /batch
        site::entries(),            // /site
        big::entries(),             // /big
        hostile::entries(counters), // /hostile
        stats::entries(counters),   // /stats
    ];
    let mut routes = vec![Route { usage: "GET /", about: "this list" }];
    let mut router = Router::new();
    for (route, handler) in entries.into_iter().flatten() {
        routes.push(route);
        router = router.route(route.path(), handler);
    }
    (router.route("/", get(index(&routes))).fallback(unknown), routes)
}

/// Only one of the listed routes is a link: a crawler that followed all would hang at `/stall`.
fn index(routes: &[Route]) -> Html<String> {
    let mut list = String::new();
    for Route { usage, about } in routes {
        let usage = usage.replace('&', "&amp;");
        let _ = writeln!(list, "<dt><code>{usage}</code></dt><dd>{about}</dd>");
    }
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><title>The lab</title></head><body>\n\
         <h1>The lab</h1>\n<dl>\n{list}</dl>\n\
         <p>Start a crawl here: <a href=\"/site/30/\">a site of 30 pages</a>.</p>\n\
         </body></html>\n"
    ))
}

async fn unknown(uri: Uri) -> Refusal {
    let why = format!("there is no route {}; / lists all routes", uri.path());
    Refusal(StatusCode::NOT_FOUND, why)
}
