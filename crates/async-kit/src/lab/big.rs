//! A site of any size needs no memory in the server, except for the page that is being sent.
//!
//! `/big/2000/` is page 0 of 2000, `/big/2000/1` to `/big/2000/1999` are the others, each of
//! about 3 KB and with a title. Page `i` links to `4i + 1` to `4i + 4`, so every page is
//! reached, in a few steps; and to page 0 and to one page far away, so most links lead to pages
//! that the crawler already knows, as on real sites. It has no traps: this site measures speed,
//! and `/hostile/` tests robustness.

use std::fmt::Write as _;

use axum::{
    extract::Path,
    http::StatusCode,
    response::{Html, Redirect},
    routing::get,
};

use super::{
    bounded::Bounded,
    refusal::Refusal,
    route::{Entry, entry},
};

/// Arbitrary: no lesson crawls more.
const MAX_PAGES: u64 = 1_000_000;

type Pages = Bounded<1, MAX_PAGES>;

const PARAGRAPH: &str = "<p>The keeper writes down every ship that passed, its hour and its \
                         flag; then the wind, the height of the sea, and the oil that the lamp \
                         burned in the night. No reader has come for these books in forty \
                         years, and not one night is missing in them.</p>\n";

/// The paragraphs of one page, which make it about 3 KB long.
const PARAGRAPHS: usize = 10;

pub(super) fn entries() -> Vec<Entry> {
    vec![
        entry("GET /big/{pages}", "redirects to the address with a slash", get(slash)),
        entry("GET /big/{pages}/", "page 0 of up to a million, 3 KB each", get(start)),
        entry("GET /big/{pages}/{i}", "page i of that site", get(page)),
    ]
}

async fn slash(Path(Bounded(pages)): Path<Pages>) -> Redirect {
    Redirect::permanent(&format!("/big/{pages}/"))
}

async fn start(Path(Bounded(pages)): Path<Pages>) -> Html<String> {
    Html(html(pages, 0))
}

async fn page(
    Path((Bounded(pages), Bounded(i))): Path<(Pages, Bounded<1, MAX_PAGES>)>,
) -> Result<Html<String>, Refusal> {
    if i < pages {
        return Ok(Html(html(pages, i)));
    }
    let why = format!("this site has {pages} pages, the last is {}", pages - 1);
    Err(Refusal(StatusCode::NOT_FOUND, why))
}

fn html(pages: u64, i: u64) -> String {
    let mut html = String::with_capacity(4096);
    // Writing to a `String` cannot fail.
    let _ = write!(
        html,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n\
         <title>Page {i} of {pages}</title>\n</head><body>\n<h1>Page {i}</h1>\n<ul>\n\
         <li><a href=\"./\">page 0</a></li>\n"
    );
    let far = (i * 7 + 3) % pages;
    for to in (4 * i + 1..=4 * i + 4).chain([far]).filter(|to| (1..pages).contains(to)) {
        let _ = writeln!(html, "<li><a href=\"{to}\">page {to}</a></li>");
    }
    html.push_str("</ul>\n");
    (0..PARAGRAPHS).for_each(|_| html.push_str(PARAGRAPH));
    html.push_str("</body></html>\n");
    html
}
