//! Every page of this site is reachable from page 0, which also links to every common trap.
//!
//! `/site/30/` is page 0 of 30, `/site/30/page/1` to `/site/30/page/29` are the others;
//! `/site/30-20ms/` is the same site with a delay of 20 ms for each page. Nothing is random. Page
//! `i` links to `i + 1` and to `3i + 1`, `3i + 2`, `3i + 3`, so a long path and a short
//! path may lead to the same page.
//!
//! Page 0 also links to addresses that are not pages of the site: one dead link, two documents
//! that are not HTML, one redirect to page 1, `/private/`, other hosts and other schemes.

use std::{fmt::Write as _, time::Duration};

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header::HOST},
    response::{Html, Redirect},
    routing::get,
};
use serde::Deserialize;
use serde_json::json;
use tokio::time::sleep;

use super::{
    bounded::Bounded,
    refusal::Refusal,
    route::{Entry, entry},
};

/// Text with an address in it, which is not a link.
const NOTES: &str = "Not a page: <a href=\"page/1\">this</a> is not a link.\n";

pub(super) fn entries() -> Vec<Entry> {
    let data = axum::Json(json!({ "page": "none", "href": "page/1" }));
    vec![
        entry("GET /site/{shape}", "redirects to the address with a slash", get(slash)),
        entry(
            "GET /site/{shape}/",
            "page 0; a shape is 30 (pages) or 30-20ms (and the delay)",
            get(start),
        ),
        entry("GET /site/{shape}/page/{i}", "page i of the site", get(page)),
        entry("GET /site/{shape}/old/1", "redirects to page 1", get(moved)),
        entry("GET /site/{shape}/notes.txt", "plain text", get(NOTES)),
        entry("GET /site/{shape}/data.json", "JSON", get(data)),
    ]
}

/// The number of pages, and the delay of each page.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Shape {
    name: String,
    pages: u64,
    delay: Duration,
}

impl TryFrom<String> for Shape {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        let (pages, ms) = name.split_once('-').unwrap_or((&name, "0ms"));
        let pages = pages.parse().ok().filter(|pages| (1..=10_000).contains(pages));
        let ms = ms.strip_suffix("ms").and_then(|ms| ms.parse().ok());
        let (Some(pages), Some(ms @ 0..=60_000)) = (pages, ms) else {
            return Err(format!(
                "{name:?} is not a shape like 30 or 30-20ms, up to 10000 and 60000ms"
            ));
        };
        Ok(Self { pages, delay: Duration::from_millis(ms), name })
    }
}

async fn slash(Path(Shape { name, .. }): Path<Shape>) -> Redirect {
    Redirect::permanent(&format!("/site/{name}/"))
}

async fn moved(Path(Shape { name, .. }): Path<Shape>) -> Redirect {
    Redirect::permanent(&format!("/site/{name}/page/1"))
}

async fn start(Path(shape): Path<Shape>, headers: HeaderMap) -> Html<String> {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let mut links = links(&shape, 0);
    links.extend(traps(&shape, host));
    sleep(shape.delay).await;
    Html(html(0, &links))
}

async fn page(
    Path((shape, Bounded(i))): Path<(Shape, Bounded<1, 10_000>)>,
) -> Result<Html<String>, Refusal> {
    sleep(shape.delay).await;
    if i < shape.pages {
        return Ok(Html(html(i, &links(&shape, i))));
    }
    let why = format!("the last page of site {} is {}", shape.name, shape.pages - 1);
    Err(Refusal(StatusCode::NOT_FOUND, why))
}

/// The links of every page: the next page, its children (each twice), page 0 and itself.
fn links(shape: &Shape, i: u64) -> Vec<String> {
    let Shape { name, pages, .. } = shape;
    let (children, home) = if i == 0 { ("page/", "./") } else { ("", "../") };
    let mut links = vec![home.to_owned(), "#top".to_owned()];
    if i + 1 < *pages {
        links.push(format!("/site/{name}/page/{}", i + 1));
    }
    for child in (3 * i + 1..=3 * i + 3).filter(|child| child < pages) {
        links.push(format!("{children}{child}"));
        links.push(format!("{children}{child}#top"));
    }
    links
}

/// The links that only page 0 has.
fn traps(shape: &Shape, host: &str) -> Vec<String> {
    let mut links = ["missing", "notes.txt", "data.json", "/private/"].to_vec();
    if shape.pages > 1 {
        links.push("old/1");
    }
    links.extend([
        "https://example.org/",
        "mailto:lab@example.org",
        "javascript:void(0)",
    ]);
    // This link begins like an address of this site, but that part is the user name and the
    // password for another host.
    let disguised = format!("http://{host}@example.org/");
    links.into_iter().map(str::to_owned).chain([disguised]).collect()
}

/// The title has an attribute, an entity and line breaks, as titles of real pages have.
fn html(i: u64, links: &[String]) -> String {
    let mut list = String::new();
    for link in links {
        let _ = writeln!(list, "<li><a href=\"{link}\">{link}</a></li>");
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head>\n<title lang=\"en\">\n  Page {i} &amp; its \
         links\n</title>\n</head><body>\n<h1 id=\"top\">Page {i}</h1>\n<ul>\n{list}</ul>\n\
         </body></html>\n"
    )
}
