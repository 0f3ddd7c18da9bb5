//! The type of an answer is what its server says; its encoding is what its own bytes say first.

use std::borrow::Cow;

use encoding_rs::Encoding;
use reqwest::header::{CONTENT_TYPE, HeaderMap};

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The type of what is no HTML; nobody can tell what has no type.
pub(super) fn not_html(headers: &HeaderMap) -> Option<String> {
    let kind = content_type(headers).split(';').next().unwrap_or_default().trim();
    match kind.to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" => None,
        "" => Some("no content type".into()),
        other => Some(other.into()),
    }
}

pub(super) fn charset(headers: &HeaderMap) -> Option<&'static Encoding> {
    let (_, label) = content_type(headers).split_once("charset=")?;
    Encoding::for_label(label.trim_matches(['"', '\'', ' ']).as_bytes())
}

/// What the bytes say, in the encoding of the header, else that of the page, else UTF-8. A byte
/// order mark knows better than all of them.
pub(super) fn text<'a>(
    body: &'a [u8],
    encoding: Option<&'static Encoding>,
) -> Cow<'a, str> {
    let encoding = encoding.or_else(|| declared(body)).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(body).0
}

/// `charset=…` among the first bytes, where browsers look for it too.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let head =
        String::from_utf8_lossy(&body[..body.len().min(1024)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let label = rest.trim_start_matches(['"', '\'']);
    let end = label.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c));
    Encoding::for_label(&label.as_bytes()[..end.unwrap_or(label.len())])
}
