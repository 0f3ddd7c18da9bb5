//! A pattern looks for text that looks like a title; a parser knows what one is.
//!
//! asyncio: `re.search("<title>(.*?)</title>", text)`, or `BeautifulSoup`, which blocks the loop
//! for as long as it reads. Rust: the tokenizer of a browser, on a thread that may block. What
//! it reads is no `Send`, and so the compiler does not let it live across an `.await`.

use async_kit::say;
use crawler::{Address, parse};
use tokio::task::spawn_blocking;

const PAGES: [(&str, &str); 7] = [
    ("plain", "<title>Letters</title>"),
    ("attribute", "<title lang=en>Letters</title>"),
    ("lines", "<title>\n  Letters\n  from a lighthouse\n</title>"),
    ("entity", "<title>Fish &amp; chips</title>"),
    ("comment", "<!-- <title>Draft</title> --><TITLE>Letters</TITLE>"),
    ("picture", "<svg><title>A lamp</title></svg><p>a picture has a title of its own"),
    ("broken", "<p><b>no head<title>Letters</title <a href=x>"),
];

/// Seven pages, and what each way makes of them.
pub(crate) async fn run() -> anyhow::Result<()> {
    let found = spawn_blocking(|| {
        PAGES.map(|(name, html)| (name, by_pattern(html), title(html)))
    });
    for (name, pattern, parser) in found.await? {
        let shown = |title: Option<String>| title.unwrap_or_else(|| "none".into());
        say!(
            "{name:<10} a pattern: {:<22} the parser: {}",
            shown(pattern),
            shown(parser)
        );
    }
    Ok(())
}

/// What `re.search("<title>(.*?)</title>", html, re.IGNORECASE)` finds: on one line only.
fn by_pattern(html: &str) -> Option<String> {
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
    fn links_in_comments_and_scripts_are_none() {
        let html = "<!-- <a href=1> --><script>'<a href=2>'</script><style><a href=3></style>\
                    <textarea><a href=4></textarea><a name=5><a href=6>six<a href=7";
        let page = Address::parse("http://h/").expect("an address");
        let links: Vec<_> = parse(&page, html).links;
        assert_eq!(links.iter().map(Address::as_str).collect::<Vec<_>>(), ["http://h/6"]);
    }

    #[test]
    fn a_base_moves_every_link_of_the_page() {
        let html = "<base href=/deep/er/><a href=x></a><base href=/second/>";
        let page = Address::parse("http://h/").expect("an address");
        assert_eq!(parse(&page, html).links[0].as_str(), "http://h/deep/er/x");
    }

    #[test]
    fn a_title_that_is_never_closed_does_not_take_in_the_whole_page() {
        let html = format!("<title>{}", "word ".repeat(100_000));
        assert!(title(&html).is_some_and(|title| title.len() < 10_000));
    }
}
