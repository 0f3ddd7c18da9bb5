//! A byte order mark decides the encoding of a page, even if the header names another encoding.

use std::borrow::Cow;

use encoding_rs::Encoding;
use reqwest::header::{CONTENT_TYPE, HeaderMap};

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The content type if it is not HTML. A response without a type is not HTML either.
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

/// Decodes a body. A byte order mark determines the encoding; without one the header does, and then
/// the page itself. The default is UTF-8.
pub(super) fn decode<'a>(
    body: &'a [u8],
    encoding: Option<&'static Encoding>,
) -> Cow<'a, str> {
    let encoding = encoding.or_else(|| declared(body)).unwrap_or(encoding_rs::UTF_8);
    encoding.decode(body).0
}

/// The `charset=…` in the first 1024 bytes, where browsers look for it too.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let head =
        String::from_utf8_lossy(&body[..body.len().min(1024)]).to_ascii_lowercase();
    let (_, rest) = head.split_once("charset=")?;
    let label = rest.trim_start_matches(['"', '\'']);
    let end = label.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:".contains(c));
    Encoding::for_label(&label.as_bytes()[..end.unwrap_or(label.len())])
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn headers(kind: &'static str) -> HeaderMap {
        [(CONTENT_TYPE, HeaderValue::from_static(kind))].into_iter().collect()
    }

    #[test]
    fn only_html_types_are_html_in_any_case_and_with_any_charset() {
        for kind in ["text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"] {
            assert_eq!(not_html(&headers(kind)), None, "{kind}");
        }
        for kind in ["text/plain", "application/json", "text/htmlx", "image/png"] {
            assert_eq!(not_html(&headers(kind)).as_deref(), Some(kind));
        }
        assert_eq!(not_html(&HeaderMap::new()).as_deref(), Some("no content type"));
    }

    #[test]
    fn byte_order_mark_header_and_page_decide_the_encoding_in_this_order() {
        let read = |kind, body: &[u8]| decode(body, charset(&headers(kind))).into_owned();
        let latin = "text/html; charset=\"ISO-8859-1\"";
        assert_eq!(read(latin, b"Caf\xe9"), "Caf\u{e9}");
        assert_eq!(read(latin, "\u{feff}Caf\u{e9}".as_bytes()), "Caf\u{e9}");
        let declared = b"<meta charset='windows-1251'>\xcb";
        assert!(read("text/html", declared).ends_with('\u{41b}'));
        assert!(read(latin, declared).ends_with('\u{cb}'));
        assert_eq!(read("text/html", b"Caf\xe9"), "Caf\u{fffd}");
        assert_eq!(read("text/html; charset=nonsense", b"plain"), "plain");
    }
}
