//! A crawler that compares addresses as text fetches a page once for each spelling.
//!
//! asyncio: `urljoin` and `urldefrag`, and you write the rest. Rust: the `url` crate parses an
//! address as browsers do, and [`Address`] normalises the differences that the crate keeps.

use async_kit::say;
use crawler::Address;

const PAGE: &str = "http://python.org/docs/";

const LINKS: [&str; 10] = [
    "a.html",
    "./a.html#top",
    "../docs/a.html?",
    "HTTP://Python.ORG:80/docs/a.html",
    "/docs/%7Eada",
    "/docs/~ada",
    "//python.org.evil.com/",
    "http://python.org@evil.com/",
    "https://python.org/docs/",
    "mailto:ada@python.org",
];

/// Classifies ten links of a page. Six lead to two pages of the site, three lead to other sites,
/// and one leads to no web page.
pub(crate) async fn run() -> anyhow::Result<()> {
    let page = Address::parse(PAGE)?;
    for link in LINKS {
        say!("{link}: {}", classify(&page, link));
    }
    Ok(())
}

// ANCHOR: classify
fn classify(page: &Address, link: &str) -> String {
    match page.join(link) {
        Some(address) if address.is_same_site(page) => address.to_string(),
        Some(address) => format!("off site, {address}"),
        None => "not a web page".into(),
    }
}
// ANCHOR_END: classify

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn six_links_lead_to_two_pages_of_the_site() {
        let page = Address::parse(PAGE).expect("an address");
        let links = LINKS.iter().filter_map(|link| page.join(link));
        let ids: HashSet<_> =
            links.filter(|link| link.is_same_site(&page)).map(|link| link.id()).collect();
        assert_eq!(ids.len(), 2);
    }

    #[test]
    fn an_address_that_only_begins_like_the_site_is_off_site() {
        let page = Address::parse(PAGE).expect("an address");
        for link in &LINKS[6..9] {
            assert!(classify(&page, link).starts_with("off site"), "{link}");
        }
    }
}
