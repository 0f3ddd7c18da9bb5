//! The fixed documents never change, so a test may assert their content.

use axum::{Json, http::header::CONTENT_TYPE, response::Html, routing::get};
use serde_json::json;

use super::route::{Entry, entry};

/// Has a heading and no title: a program that collects titles must handle that.
const PAGE: &str = "<!doctype html>
<html lang=\"en\"><body>
<h1>Letters from a lighthouse</h1>
<p>The lamp turns once in ten seconds, even when no ship is there to see it.</p>
</body></html>
";

/// The only titles in it are those of slides: a pattern that searches for `<title>` mistakes
/// one of them for the title of a page.
const SLIDES: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>
<slideshow title=\"A Night Watch\" author=\"The keeper\">
  <slide type=\"all\">
    <title>Waiting, and for what</title>
  </slide>
  <slide type=\"all\">
    <title>The rounds</title>
    <item>wind the clock</item>
    <item>trim the <em>lamp</em></item>
  </slide>
</slideshow>
";

const ROBOTS: &str = "User-agent: *
Disallow: /private/
Disallow: /hostile/*/forbidden/
";

const PRIVATE: &str = "<!doctype html>
<html lang=\"en\"><head><title>Not for robots</title></head><body>
<p>The robots.txt of this server asks crawlers to stay away.</p>
</body></html>
";

pub(super) fn entries() -> Vec<Entry> {
    let slides = json!({ "slideshow": {
        "title": "A Night Watch",
        "author": "The keeper",
        "slides": [
            { "type": "all", "title": "Waiting, and for what" },
            { "type": "all", "title": "The rounds",
              "items": ["wind the clock", "trim the lamp"] },
        ],
    }});
    let xml = ([(CONTENT_TYPE, "application/xml")], SLIDES);
    vec![
        entry("GET /html", "a page with a heading and no title", get(Html(PAGE))),
        entry("GET /json", "a slide show as JSON", get(Json(slides))),
        entry("GET /xml", "a slide show as XML", get(xml)),
        entry("GET /robots.txt", "the paths that crawlers must not request", get(ROBOTS)),
        entry("GET /private/", "a page that robots.txt forbids", get(Html(PRIVATE))),
    ]
}
