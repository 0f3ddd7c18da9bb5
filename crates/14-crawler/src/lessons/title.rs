//! A parser finds titles that a regular expression misses, and ignores text that is not a title.
//!
//! asyncio: `re.search("<title>(.*?)</title>", text)`, or `BeautifulSoup`, which blocks the event
//! loop while it parses. Rust: a tokenizer that follows the HTML standard, on a thread that may
//! block: `spawn_blocking` takes the place of `asyncio.to_thread`.
#![cfg(not(target_family = "wasm"))]

use async_kit::say;
use crawler::{Address, parse};
use tokio::task::spawn_blocking;

const PAGES: [(&str, &str); 7] = [
    ("plain", "<title>Letters</title>"),
    ("attribute", "<title lang=en>Letters</title>"),
    ("lines", "<title>\n  Letters\n  from a lighthouse\n</title>"),
    ("entity", "<title>Fish &amp; chips</title>"),
    ("comment", "<!-- <title>Draft</title> --><TITLE>Letters</TITLE>"),
    ("image", "<svg><title>A lamp</title></svg><p>an image has its own title"),
    ("broken", "<p><b>no head<title>Letters</title <a href=x>"),
];

/// Searches seven pages for a title, with a regular expression and with the parser.
pub(crate) async fn run() -> anyhow::Result<()> {
    let found =
        spawn_blocking(|| PAGES.map(|(name, html)| (name, by_regex(html), title(html))));
    for (name, regex, parser) in found.await? {
        let text = |title: Option<String>| title.unwrap_or_else(|| "none".into());
        say!("{name:<10} regex: {:<22} parser: {}", text(regex), text(parser));
    }
    Ok(())
}

/// Finds what `re.search("<title>(.*?)</title>", html, re.IGNORECASE)` finds: only a title without
/// a line break.
fn by_regex(html: &str) -> Option<String> {
    let lower = html.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower[start..].find("</title>")?;
    Some(html[start..end].to_owned()).filter(|title| !title.contains('\n'))
}

// ANCHOR: title
fn title(html: &str) -> Option<String> {
    let page = Address::parse("http://h/").expect("an address");
    parse(&page, html).title
}
// ANCHOR_END: title

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_found_whatever_its_tag_looks_like() {
        let titles: Vec<_> = PAGES.iter().map(|(_, html)| title(html)).collect();
        let titles: Vec<_> = titles.iter().map(Option::as_deref).collect();
        let letters = Some("Letters");
        assert_eq!(
            titles,
            [
                letters,
                letters,
                Some("Letters from a lighthouse"),
                Some("Fish & chips"),
                letters,
                None,
                letters,
            ]
        );
    }

    #[test]
    fn a_page_with_a_heading_only_has_no_title() {
        for html in ["", "<h1>Letters</h1>", "<title></title>", "<title> \n </title>"] {
            assert_eq!(title(html), None, "{html:?}");
        }
    }

    #[test]
    fn links_in_comments_and_scripts_are_ignored() {
        let html = "<!-- <a href=1> --><script>'<a href=2>'</script><style><a href=3></style>\
                    <textarea><a href=4></textarea><a name=5><a href=6>six<a href=7";
        let page = Address::parse("http://h/").expect("an address");
        let links: Vec<_> = parse(&page, html).links;
        assert_eq!(links.iter().map(Address::as_str).collect::<Vec<_>>(), ["http://h/6"]);
    }

    #[test]
    fn a_base_element_changes_every_link_of_the_page() {
        let html = "<base href=/deep/er/><a href=x></a><base href=/second/>";
        let page = Address::parse("http://h/").expect("an address");
        assert_eq!(parse(&page, html).links[0].as_str(), "http://h/deep/er/x");
    }

    #[test]
    fn a_title_that_is_never_closed_does_not_contain_the_whole_page() {
        let html = format!("<title>{}", "word ".repeat(100_000));
        assert!(title(&html).is_some_and(|title| title.len() < 10_000));
    }
}
