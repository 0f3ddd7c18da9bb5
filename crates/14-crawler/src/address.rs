//! Two spellings of one page are one address.
//!
//! asyncio people reach for `urljoin` and compare strings: then `#a` and `#b` are two pages, and
//! `https://python.org.evil.com` begins like `https://python.org`. [`Url`] reads an address as
//! browsers do; what it leaves as it stands, and yet means the same, is settled here.

use std::{borrow::Cow, fmt};

use sha2::{Digest, Sha256};
use url::{Host, ParseError, Url};

/// The identity of a page: 128 bits of the hash of its address.
///
/// The crawler remembers only this of a page it has seen. The same number, in part, names the
/// page's file, so it must not change from run to run, and nobody may be able to choose two
/// addresses that share one: Python's `hash` and [`std::hash`] promise neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageId(u128);

impl PageId {
    fn of(address: &str) -> Self {
        let hash = Sha256::digest(address);
        let half = hash.first_chunk().expect("a SHA-256 hash has 32 bytes");
        Self(u128::from_be_bytes(*half))
    }
}

impl fmt::LowerHex for PageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Why a text is no address of a page.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AddressError {
    /// It is no URL at all.
    #[error("{0:?} is no address such as https://example.org/")]
    Url(String, #[source] ParseError),
    /// It is one of mail, a script, a file …
    #[error(
        "{0:?} is no address of the web: it begins with neither http:// nor https://"
    )]
    Scheme(String),
}

/// The address of a page on the web, in the one spelling that the crawler uses for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    url: Url,
    id: PageId,
}

impl Address {
    /// Reads an absolute address.
    ///
    /// # Errors
    ///
    /// [`AddressError`] if it is no URL, or not one of `http` or `https`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|e| AddressError::Url(text.to_owned(), e))?;
        Self::of(url).ok_or_else(|| AddressError::Scheme(text.to_owned()))
    }

    /// Where a link on this page leads; `None` where a crawler cannot go, as with `mailto:`.
    #[must_use]
    pub fn join(&self, link: &str) -> Option<Self> {
        Self::of(self.url.join(link).ok()?)
    }

    fn of(mut url: Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        url.set_fragment(None);
        if url.query() == Some("") {
            url.set_query(None);
        }
        // Both only fail on an address without a host, which `http` does not have.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        if let Cow::Owned(path) = settled(url.path()) {
            url.set_path(&path);
        }
        if let Some(Cow::Owned(query)) = url.query().map(settled) {
            url.set_query(Some(&query));
        }
        let id = PageId::of(url.as_str());
        Some(Self { url, id })
    }

    /// What identifies the page.
    #[must_use]
    pub fn id(&self) -> PageId {
        self.id
    }

    /// The address as a URL.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Whether both have the same origin: scheme, host and port. A longer host that begins with
    /// the other, a subdomain and another port are other sites.
    #[must_use]
    pub fn is_same_site(&self, other: &Self) -> bool {
        let (a, b) = (&self.url, &other.url);
        a.scheme() == b.scheme()
            && a.host() == b.host()
            && a.port_or_known_default() == b.port_or_known_default()
    }

    /// Whether it is on this very machine, where no proxy is needed.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self.url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Writes every `%7e` that needs no escape as `~`, and every other as `%2F`, not `%2f`.
pub(crate) fn settled(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.map(char::from) {
            Some(c) if c.is_ascii_alphanumeric() || "-._~".contains(c) => {
                out.push(c);
                out.push_str(&part[2..]);
            }
            Some(c) => out.push_str(&format!("%{:02X}{}", u32::from(c), &part[2..])),
            None => out.push_str(&format!("%{part}")),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Address {
        Address::parse(text).expect("an address")
    }

    #[test]
    fn spellings_that_mean_the_same_are_one_page() {
        for (one, other) in [
            ("http://h", "http://h/"),
            ("http://h/a#x", "http://h/a#y"),
            ("http://H:80/a/../b", "http://h/b"),
            ("https://h:443/", "https://h/"),
            ("http://h/%7eada", "http://h/~ada"),
            ("http://h/a%2fb?q=%c3%a4", "http://h/a%2Fb?q=%C3%A4"),
            ("http://ada:secret@h/", "http://h/"),
            ("http://h/a?", "http://h/a"),
        ] {
            assert_eq!(address(one).id(), address(other).id(), "{one} and {other}");
        }
    }

    #[test]
    fn addresses_that_a_server_may_tell_apart_are_two_pages() {
        for (one, other) in [
            ("http://h/a", "http://h/a/"),
            ("http://h/a", "http://h/A"),
            ("http://h/a/b", "http://h/a%2Fb"),
            ("http://h/?a=1&b=2", "http://h/?b=2&a=1"),
            ("http://h/100%", "http://h/100%25"),
        ] {
            assert_ne!(address(one).id(), address(other).id(), "{one} and {other}");
        }
    }

    #[test]
    fn a_site_is_its_origin_and_not_how_its_address_begins() {
        let home = address("https://python.org/about/");
        assert!(home.is_same_site(&address("https://python.org:443/")));
        for other in [
            "https://python.org.evil.com/",
            "https://python.organic/",
            "https://python.org:8443/",
            "https://www.python.org/",
            "http://python.org/",
            "https://python.org@evil.com/",
        ] {
            assert!(!home.is_same_site(&address(other)), "{other}");
        }
    }

    #[test]
    fn links_are_resolved_as_a_browser_does() {
        let page = address("http://h/docs/a.html?x=1");
        let at = |link| page.join(link).map(|address| address.to_string());
        assert_eq!(at("b.html#top").as_deref(), Some("http://h/docs/b.html"));
        assert_eq!(at("../").as_deref(), Some("http://h/"));
        assert_eq!(at("//other/x").as_deref(), Some("http://other/x"));
        assert_eq!(at("?x=2").as_deref(), Some("http://h/docs/a.html?x=2"));
        assert_eq!(at(" \n b.html ").as_deref(), Some("http://h/docs/b.html"));
        let nowhere = ["mailto:a@h", "javascript:void(0)", "data:,x", "http://"];
        for link in nowhere {
            assert_eq!(at(link), None, "{link}");
        }
    }

    #[test]
    fn what_is_no_address_says_so() {
        let error = Address::parse("example.org").expect_err("no scheme");
        assert_eq!(
            error.to_string(),
            "\"example.org\" is no address such as https://example.org/"
        );
        let error = Address::parse("ftp://example.org").expect_err("another scheme");
        assert!(matches!(error, AddressError::Scheme(_)), "{error}");
    }
}
