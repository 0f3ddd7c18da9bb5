//! Each page is computed from its request alone, so an endless site needs no memory.

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

use super::plan::Hostile;

/// Arbitrary: so short that no timeout between two reads ever expires.
const INTERVAL: Duration = Duration::from_millis(50);

/// No single read exceeds its timeout and the body never ends: only a limit on the whole
/// response stops it.
pub(super) async fn drip(_: Path<Hostile>) -> impl IntoResponse {
    let lines = unfold((), |()| async {
        sleep(INTERVAL).await;
        let line = Bytes::from_static(b"<p>Wait, there is more.</p>\n");
        Some((Ok::<_, Infallible>(line), ()))
    });
    ([(CONTENT_TYPE, "text/html")], Body::from_stream(lines))
}

/// Every address is new, so a set of known addresses does not detect this loop.
pub(super) async fn away(Path((site, n)): Path<(Hostile, u64)>) -> Redirect {
    Redirect::temporary(&format!("{}away/{}", site.start(), n.wrapping_add(1)))
}

pub(super) async fn deeper_root(_: Path<Hostile>) -> Html<String> {
    two_links("")
}

pub(super) async fn deeper(Path((_, path)): Path<(Hostile, String)>) -> Html<String> {
    two_links(&path)
}

/// The links are relative, so each one is a level deeper than the page that has it.
fn two_links(path: &str) -> Html<String> {
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

/// One path with endless queries: each day in two views, with the parameters in both orders.
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
