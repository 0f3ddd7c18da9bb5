//! What is made from the request alone never ends: the server keeps nothing for it.

use std::{convert::Infallible, fmt::Write as _, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{Path, Query},
    http::header::CONTENT_TYPE,
    response::{Html, IntoResponse, Redirect},
};
use futures::stream::unfold;
use serde::Deserialize;
use tokio::time::sleep;

use super::Hostile;

/// Arbitrary: often enough that no time limit between two reads ever fires.
const EVERY: Duration = Duration::from_millis(50);

/// Never late enough for a limit on one read, and never done: only a limit on the whole ends it.
pub(super) async fn drip(_: Path<Hostile>) -> impl IntoResponse {
    let lines = unfold((), |()| async {
        sleep(EVERY).await;
        let line = Bytes::from_static(b"<p>Wait, there is more.</p>\n");
        Some((Ok::<_, Infallible>(line), ()))
    });
    ([(CONTENT_TYPE, "text/html")], Body::from_stream(lines))
}

/// No address comes twice, so it is no loop that a set of seen addresses would find.
pub(super) async fn away(Path((site, n)): Path<(Hostile, u64)>) -> Redirect {
    Redirect::temporary(&format!("{}away/{}", site.start(), n.wrapping_add(1)))
}

pub(super) async fn mouth(_: Path<Hostile>) -> Html<String> {
    below("")
}

pub(super) async fn deeper(Path((_, path)): Path<(Hostile, String)>) -> Html<String> {
    below(&path)
}

/// Relative links, so that each page makes its own path two steps longer.
fn below(path: &str) -> Html<String> {
    let depth = path.split('/').filter(|name| !name.is_empty()).count();
    Html(format!(
        "<!doctype html>\n<title>{depth} deep</title>\n\
         <a href=\"left/\">left</a> <a href=\"right/\">right</a>\n"
    ))
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Calendar {
    day: u64,
    view: String,
}

impl Default for Calendar {
    fn default() -> Self {
        Self { day: 1, view: "day".to_owned() }
    }
}

/// One path and endless queries, each day in every view and each link in both orders.
pub(super) async fn calendar(
    _: Path<Hostile>,
    Query(Calendar { day, view }): Query<Calendar>,
) -> Html<String> {
    let mut html =
        format!("<!doctype html>\n<title>Day {day} by {}</title>\n", view.len());
    for to in [day.saturating_sub(1), day.wrapping_add(1), day.wrapping_add(7)] {
        let _ = writeln!(html, "<a href=\"calendar?day={to}&amp;view=week\">{to}</a>");
        let _ = writeln!(html, "<a href=\"calendar?view=month&amp;day={to}\">{to}</a>");
    }
    Html(html)
}
