//! What the lab lists is what it answers: one table makes both.

use std::fmt::Write as _;

use axum::{
    Router,
    http::{StatusCode, Uri},
    middleware::from_fn_with_state,
    response::Html,
    routing::{MethodRouter, get},
};

use super::{
    batch, big, charges, content, echo, flaky, hostile,
    refusal::Refusal,
    site,
    stats::{self, Counters},
    ticker, trouble, users,
};

/// One thing that a lab can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Method, path and query, as in `GET /users?page=1&per_page=10`.
    pub usage: &'static str,
    /// What comes back.
    pub about: &'static str,
}

impl Route {
    fn path(&self) -> &'static str {
        let (_, target) = self.usage.split_once(' ').unwrap_or_default();
        target.split_once('?').map_or(target, |(path, _)| path)
    }
}

/// A route, and who answers it.
pub(super) type Entry = (Route, MethodRouter);

pub(super) fn entry(
    usage: &'static str,
    about: &'static str,
    answer: MethodRouter,
) -> Entry {
    (Route { usage, about }, answer)
}

/// The router, and the list of its routes.
pub(super) fn all(counters: &Counters) -> (Router, Vec<Route>) {
    let entries = [
        content::entries(),
        echo::entries(),
        users::entries(),
        ticker::entries(),
        trouble::entries(),
        flaky::entries(),
        charges::entries(),
        batch::entries(),
        site::entries(),
        big::entries(),
        hostile::entries(counters),
        stats::entries(counters),
    ];
    let mut routes = vec![Route { usage: "GET /", about: "this list" }];
    let mut router = Router::new();
    for (route, answer) in entries.into_iter().flatten() {
        routes.push(route);
        router = router.route(route.path(), answer);
    }
    (router.route("/", get(index(&routes))).fallback(unknown), routes)
}

/// The same router, where every request is counted.
pub(super) fn counted(router: Router, counters: &Counters) -> Router {
    router.layer(from_fn_with_state(counters.clone(), stats::count))
}

/// No links but one: a crawler let loose on the others would stall on `/stall`.
fn index(routes: &[Route]) -> Html<String> {
    let mut list = String::new();
    for Route { usage, about } in routes {
        let usage = usage.replace('&', "&amp;");
        let _ = writeln!(list, "<dt><code>{usage}</code></dt><dd>{about}</dd>");
    }
    Html(format!(
        "<!doctype html>\n<html lang=\"en\"><head><title>The lab</title></head><body>\n\
         <h1>The lab</h1>\n<dl>\n{list}</dl>\n\
         <p>A place to begin a walk: <a href=\"/site/30/\">a site of 30 pages</a>.</p>\n\
         </body></html>\n"
    ))
}

async fn unknown(uri: Uri) -> Refusal {
    Refusal(StatusCode::NOT_FOUND, format!("nothing is at {}; / lists all", uri.path()))
}
