//! Two spellings of one page are one address.
//!
//! Python programs often use `urljoin` and compare strings. Then `#a` and `#b` are two pages, and
//! `https://python.org.evil.com` starts with `https://python.org`. [`Url`] parses an address as
//! browsers do, and its result is requested. It keeps some differences between spellings of the same
//! page, so pages are compared by a normal form.

#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};
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

/// Why a text is not the address of a page. It repeats no password.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AddressError {
    /// It is not a URL.
    #[error("{0:?} is not an address such as https://example.org/")]
    Url(String, #[source] ParseError),
    /// It is the URL of a mail address, a script, a file …
    #[error("{0:?} is not a web address: it must begin with http:// or https://")]
    Scheme(String),
}

/// The address of a page on the web. Two addresses are equal if their [normal form] is the same.
/// Serialised, it is its text.
///
/// [normal form]: Self::normal_form
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
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
        let url = Url::parse(text)
            .map_err(|error| AddressError::Url(without_password(text), error))?;
        Self::of(url).ok_or_else(|| AddressError::Scheme(without_password(text)))
    }

    /// The target of a link on this page, or `None` if it is not a web page, as with `mailto:`.
    #[must_use]
    pub fn join(&self, link: &str) -> Option<Self> {
        Self::of(self.url.join(link).ok()?)
    }

    /// The page of a URL, or `None` if it is not on the web.
    pub(crate) fn of(mut url: Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        // A server receives no fragment, and the crawler sends and records no password.
        url.set_fragment(None);
        // Both calls fail only if the address has no host, and every `http` address has one.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        let id = PageId::of(&normal_form(&url));
        Some(Self { url, id })
    }

    /// The identity of the page.
    #[must_use]
    pub fn id(&self) -> PageId {
        self.id
    }

    /// The address as a URL, as it is requested: what the URL standard makes of the link, without
    /// fragment, user name and password.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// The one spelling that all addresses of the page share: no needless escape (`~`, not `%7e`),
    /// capitals in the others (`%2F`, not `%2f`), and no `?` before an empty query. It is the address
    /// of the same page, and its own normal form.
    #[must_use]
    pub fn normal_form(&self) -> String {
        normal_form(&self.url).into_owned()
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

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.url.into()
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, AddressError> {
        Self::parse(&text)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl Eq for Address {}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text without all that may be a user name and a password: it is no URL, so they may be anywhere
/// before an `@`.
fn without_password(text: &str) -> String {
    match text.rsplit_once('@') {
        Some((_, rest)) => format!("\u{2026}@{rest}"),
        None => text.to_owned(),
    }
}

fn normal_form(url: &Url) -> Cow<'_, str> {
    let text = match url.query() {
        Some("") => url.as_str().trim_end_matches('?'),
        _ => url.as_str(),
    };
    normalise_escapes(text)
}

/// Decodes each escape that is not needed (`%7e` becomes `~`), and writes the others in capitals
/// (`%2F`, not `%2f`). A `%` that begins no escape remains. Normalised text does not change again.
pub(crate) fn normalise_escapes(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match escape(part) {
            Some(byte) if is_needless(byte, &out) => out.push(char::from(byte)),
            Some(byte) => out.push_str(&format!("%{byte:02X}")),
            None => {
                out.push('%');
                out.push_str(part);
                continue;
            }
        }
        out.push_str(&part[2..]);
    }
    Cow::Owned(out)
}

/// The byte of an escape, if the text after a `%` begins with two hexadecimal digits.
fn escape(after: &str) -> Option<u8> {
    let digits = after.get(..2)?;
    // `from_str_radix` alone would accept `+1`.
    let is_escape = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_escape.then(|| u8::from_str_radix(digits, 16).expect("two digits"))
}

/// Whether a byte means the same without an escape. A digit after a `%` that begins no escape does
/// not: in `%%37e`, it would make one.
fn is_needless(byte: u8, before: &str) -> bool {
    let completes = byte.is_ascii_hexdigit()
        && before.bytes().rev().take(2).any(|before| before == b'%');
    (byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)) && !completes
}
