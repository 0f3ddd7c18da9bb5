//! Two spellings of one page are one address.
//!
//! Python programs often use `urljoin` and compare strings. Then `#a` and `#b` are two pages, and
//! `https://python.org.evil.com` starts with `https://python.org`. [`Url`] parses an address as
//! browsers do. It keeps some differences between spellings of the same page; they are normalised
//! here.

use std::{borrow::Cow, fmt};

use sha2::{Digest, Sha256};
use url::{Host, ParseError, Url};

/// The identity of a page: 128 bits of the hash of its address.
///
/// The crawler stores only this of an address that it has seen, and it is part of the name of the
/// page's file. So it must be the same in every run, and a site must not be able to construct two
/// addresses with the same identity. Python's `hash` and [`std::hash`] guarantee neither.
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

/// Why a text is not the address of a page.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AddressError {
    /// It is not a URL.
    #[error("{0:?} is not an address such as https://example.org/")]
    Url(String, #[source] ParseError),
    /// It is the URL of a mail address, a script, a file …
    #[error("{0:?} is not a web address: it must begin with http:// or https://")]
    Scheme(String),
}

/// The address of a page on the web, in the one spelling that the crawler uses for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    url: Url,
    id: PageId,
}

impl Address {
    /// Parses an absolute address.
    ///
    /// # Errors
    ///
    /// [`AddressError`] if it is not a URL, or its scheme is not `http` or `https`.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        let url = Url::parse(text).map_err(|e| AddressError::Url(text.to_owned(), e))?;
        Self::of(url).ok_or_else(|| AddressError::Scheme(text.to_owned()))
    }

    /// The target of a link on this page, or `None` if it is not a web page, as with `mailto:`.
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
        // Both calls fail only if the address has no host, and every `http` address has one.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        if let Cow::Owned(path) = normalise_escapes(url.path()) {
            url.set_path(&path);
        }
        if let Some(Cow::Owned(query)) = url.query().map(normalise_escapes) {
            url.set_query(Some(&query));
        }
        let id = PageId::of(url.as_str());
        Some(Self { url, id })
    }

    /// The identity of the page.
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
    /// this one, a subdomain or another port is another site.
    #[must_use]
    pub fn is_same_site(&self, other: &Self) -> bool {
        let (a, b) = (&self.url, &other.url);
        a.scheme() == b.scheme()
            && a.host() == b.host()
            && a.port_or_known_default() == b.port_or_known_default()
    }

    /// Whether it is on this machine, where no proxy is needed.
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

/// Decodes each escape that is not needed (`%7e` becomes `~`), and writes the others in capitals
/// (`%2F`, not `%2f`).
pub(crate) fn normalise_escapes(text: &str) -> Cow<'_, str> {
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
    fn addresses_that_a_server_may_distinguish_are_two_pages() {
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
    fn a_site_is_its_origin_and_not_a_prefix_of_its_address() {
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
        let no_pages = ["mailto:a@h", "javascript:void(0)", "data:,x", "http://"];
        for link in no_pages {
            assert_eq!(at(link), None, "{link}");
        }
    }

    #[test]
    fn a_missing_scheme_and_an_unknown_scheme_are_different_errors() {
        let error = Address::parse("example.org").expect_err("no scheme");
        assert_eq!(
            error.to_string(),
            "\"example.org\" is not an address such as https://example.org/"
        );
        let error = Address::parse("ftp://example.org").expect_err("another scheme");
        assert!(matches!(error, AddressError::Scheme(_)), "{error}");
    }
}
