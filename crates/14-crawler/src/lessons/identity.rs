//! A crawler that compares addresses as text fetches a page once for each spelling.
//!
//! asyncio: `urljoin` and `urldefrag`, and you write the rest. Rust: the `url` crate parses an
//! address as browsers do, and [`Address`] compares pages by a normal form, without the differences
//! that the crate keeps. The page is requested by the address that the link says.

use async_kit::say;
use crawler::Address;

const PAGE: &str = "http://python.org/docs/";

const LINKS: [&str; 12] = [
    "a.html",
    "./a.html#top",
    "../docs/a.html?",
    "HTTP://Python.ORG:80/docs/a.html",
    "/docs/%7Eada",
    "/docs/~ada",
    "/docs/%%37eada",
    "/",
    "//python.org.evil.com/",
    "http://python.org@evil.com/",
    "https://python.org/docs/",
    "mailto:ada@python.org",
];

/// Classifies twelve links of a page. Eight lead to four pages of the site, three lead to other
/// sites, and one leads to no web page.
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
        Some(address) if address.is_same_site(page) => address.normal_form(),
        Some(address) => format!("off site, {}", address.normal_form()),
        None => "not a web page".into(),
    }
}
// ANCHOR_END: classify

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn eight_links_lead_to_four_pages_of_the_site() {
        let page = Address::parse(PAGE).expect("an address");
        let links = LINKS.iter().filter_map(|link| page.join(link));
        let ids: HashSet<_> =
            links.filter(|link| link.is_same_site(&page)).map(|link| link.id()).collect();
        assert_eq!(ids.len(), 4);
    }

    /// A comparison with the beginning of the page's address, whether that is the site
    /// (`http://python.org`) or the folder (`http://python.org/docs/`), classifies one of them
    /// wrongly.
    #[test]
    fn an_address_that_only_begins_like_the_site_is_off_site() {
        let page = Address::parse(PAGE).expect("an address");
        let is_off_site = |link: &str| classify(&page, link).starts_with("off site");
        let (site, others) = (&LINKS[..8], &LINKS[8..11]);
        assert!(site.iter().all(|link| !is_off_site(link)));
        assert!(others.iter().all(|link| is_off_site(link)));
    }
}
