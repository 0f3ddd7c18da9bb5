//! A byte order mark decides the encoding of a page, even if the header names another encoding.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};
use reqwest::header::{CONTENT_TYPE, HeaderMap};

use crate::tags::{State, Tag, TagVisitor, visit_tags};

/// As many bytes as browsers search for the encoding.
const HEAD_BYTES: usize = 1024;

/// What the header says about a body.
#[derive(Debug)]
pub(super) struct ContentType {
    /// In lower case, and empty if there is no header.
    kind: String,
    encoding: Option<&'static Encoding>,
}

impl ContentType {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(CONTENT_TYPE).map_or(&[][..], |value| value.as_bytes());
        // A parameter that the crawler does not need may have bytes that are no text.
        let value = String::from_utf8_lossy(value);
        let (kind, parameters) = value.split_once([';', ',']).unwrap_or((&value, ""));
        let charset = parameter(parameters, "charset");
        Self {
            kind: kind.trim().to_ascii_lowercase(),
            encoding: charset
                .and_then(|label| Encoding::for_label_no_replacement(label.as_bytes())),
        }
    }

    /// The content type if it is not HTML. A response without a type is not HTML either.
    pub(super) fn not_html(&self) -> Option<String> {
        match &*self.kind {
            "text/html" | "application/xhtml+xml" => None,
            "" => Some("no content type".into()),
            other => Some(other.into()),
        }
    }

    pub(super) fn is_xhtml(&self) -> bool {
        self.kind == "application/xhtml+xml"
    }

    /// Decodes a body. A byte order mark determines the encoding; without one the header does, and
    /// then the page itself. The default is UTF-8. Returns the text and its encoding.
    pub(super) fn decode<'a>(&self, body: &'a [u8]) -> (Cow<'a, str>, &'static Encoding) {
        let named =
            self.encoding.filter(|encoding| !is_utf16(encoding) || body.contains(&0));
        let encoding = named.or_else(|| declared(body)).unwrap_or(UTF_8);
        let (text, encoding, _) = encoding.decode(body);
        (text, encoding)
    }
}

/// In UTF-16, every tag has bytes that are zero. A page without them has another encoding, whatever
/// it says.
fn is_utf16(encoding: &'static Encoding) -> bool {
    [UTF_16BE, UTF_16LE].contains(&encoding)
}

/// The value of a parameter, as in `; charset="utf-8"; x=y`. Servers write spaces around `=`,
/// quotes of both kinds and other parameters.
fn parameter<'a>(mut text: &'a str, wanted: &str) -> Option<&'a str> {
    let ends = |c: char| c.is_ascii_whitespace() || ";,".contains(c);
    loop {
        let (before, after) = text.split_once('=')?;
        let name = before.trim_end().rsplit(ends).next();
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| "\"'".contains(*c));
        let (value, rest) = match quote {
            Some(quote) => after[1..].split_once(quote).unwrap_or((&after[1..], "")),
            None => after.split_at(after.find(ends).unwrap_or(after.len())),
        };
        if name.is_some_and(|name| name.eq_ignore_ascii_case(wanted)) {
            return Some(value);
        }
        text = rest;
    }
}

/// The encoding that a page declares in its first bytes: in an XML declaration or in a `<meta>`.
fn declared(body: &[u8]) -> Option<&'static Encoding> {
    let head = &body[..body.len().min(HEAD_BYTES)];
    let mut meta = Meta(None);
    visit_tags(head, &mut meta);
    let encoding = xml_encoding(head).or(meta.0)?;
    // These two cannot be true: the declaration has been read as ASCII.
    match encoding {
        _ if is_utf16(encoding) => Some(UTF_8),
        _ if encoding == X_USER_DEFINED => Some(WINDOWS_1252),
        _ => Some(encoding),
    }
}

fn xml_encoding(head: &[u8]) -> Option<&'static Encoding> {
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = declaration.iter().position(|byte| *byte == b'>')?;
    let declaration = String::from_utf8_lossy(&declaration[..end]);
    Encoding::for_label_no_replacement(parameter(&declaration, "encoding")?.as_bytes())
}

/// The encoding of the first `<meta>` that declares a known one.
struct Meta(Option<&'static Encoding>);

impl TagVisitor for Meta {
    fn open(&mut self, tag: &Tag) -> Option<State> {
        if self.0.is_none() && tag.name == b"meta" {
            self.0 = meta_encoding(tag);
        }
        None
    }
}

fn meta_encoding(tag: &Tag) -> Option<&'static Encoding> {
    let for_label = |label: &str| Encoding::for_label_no_replacement(label.as_bytes());
    if let Some(label) = tag.attribute("charset") {
        return for_label(&label);
    }
    let equivalent = tag.attribute("http-equiv")?;
    let is_type = equivalent.eq_ignore_ascii_case("content-type");
    let content = tag.attribute("content").filter(|_| is_type)?;
    parameter(&content, "charset").and_then(for_label)
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn content_type(value: impl AsRef<[u8]>) -> ContentType {
        let value = HeaderValue::from_bytes(value.as_ref()).expect("a header");
        ContentType::of(&[(CONTENT_TYPE, value)].into_iter().collect())
    }

    #[test]
    fn only_html_types_are_html_in_any_case_and_with_any_parameters() {
        for kind in [
            &b"text/html"[..],
            b"Text/HTML; charset=utf-8",
            b"text/html ;charset=utf-8",
            b"text/html;",
            b"text/html, charset=utf-8",
            b"text/html, text/html; charset=utf-8",
            b"text/html; title=caf\xe9",
            b"application/xhtml+xml",
        ] {
            let not_html = content_type(kind).not_html();
            assert_eq!(not_html, None, "{}", kind.escape_ascii());
        }
        for kind in ["text/plain", "application/json", "text/htmlx", "image/png"] {
            assert_eq!(content_type(kind).not_html().as_deref(), Some(kind));
        }
        let none = ContentType::of(&HeaderMap::new());
        assert_eq!(none.not_html().as_deref(), Some("no content type"));
    }

    /// In each of these encodings, the byte is another letter.
    const BYTE: &[u8] = b"\xcb";
    const LATIN: char = '\u{cb}';
    const CYRILLIC: char = '\u{41b}';
    const INVALID: char = '\u{fffd}';

    #[test]
    fn the_header_names_the_encoding_however_it_is_written() {
        for (header, letter) in [
            (&b"text/html; charset=windows-1251"[..], CYRILLIC),
            (b"text/html;charset=windows-1251", CYRILLIC),
            (b"text/html, charset=windows-1251", CYRILLIC),
            (b"text/html; Charset=Windows-1251", CYRILLIC),
            (b"text/html; CHARSET = windows-1251", CYRILLIC),
            (b"text/html; charset=\"windows-1251\"", CYRILLIC),
            (b"text/html; charset='windows-1251'", CYRILLIC),
            (b"text/html; charset= \" windows-1251 \"", CYRILLIC),
            (b"text/html; charset=windows-1251; boundary=x", CYRILLIC),
            (b"text/html; charset=windows-1251;charset=utf-8", CYRILLIC),
            (b"text/html; charset=windows-1251 ; x", CYRILLIC),
            (b"text/html; x=y; charset=windows-1251", CYRILLIC),
            (b"text/html; x; charset=windows-1251", CYRILLIC),
            (b"text/html; x=\"charset=utf-8;\"; charset=windows-1251", CYRILLIC),
            (b"text/html; x=caf\xe9; charset=windows-1251", CYRILLIC),
            (b"text/html; charset=iso-8859-1", LATIN),
            (b"text/html; charset=utf-8", INVALID),
            (b"text/html; charset=", INVALID),
            (b"text/html; charset", INVALID),
            (b"text/html; charset=\"", INVALID),
            (b"text/html; charset=nonsense", INVALID),
            (b"text/html; xcharset=windows-1251", INVALID),
            (b"text/html", INVALID),
        ] {
            let read = content_type(header).decode(BYTE).0.into_owned();
            assert_eq!(read, letter.to_string(), "{}", header.escape_ascii());
        }
    }

    #[test]
    fn a_page_declares_its_encoding_where_browsers_look_for_it() {
        let late = format!("{}<meta charset=windows-1251>", " ".repeat(HEAD_BYTES));
        for (head, letter) in [
            ("<meta charset=windows-1251>", CYRILLIC),
            ("<META CHARSET='windows-1251'/>", CYRILLIC),
            ("<meta charset = \" windows-1251 \">", CYRILLIC),
            ("<meta name=x charset=windows-1251 charset=utf-8>", CYRILLIC),
            (
                "<meta http-equiv=Content-Type content='text/html; charset=windows-1251'>",
                CYRILLIC,
            ),
            (
                "<meta content='text/html;Charset = windows-1251' http-equiv=content-type>",
                CYRILLIC,
            ),
            (
                "<meta http-equiv=content-type content='text/html charset=windows-1251'>",
                CYRILLIC,
            ),
            ("<meta charset=nonsense><meta charset=windows-1251>", CYRILLIC),
            ("<meta name=description content=x><meta charset=windows-1251>", CYRILLIC),
            ("<?xml version=\"1.0\" encoding=\"windows-1251\"?>", CYRILLIC),
            ("<?xml version='1.0' encoding = 'windows-1251' standalone='no'?>", CYRILLIC),
            ("<!-- <meta charset=utf-8> --><meta charset=windows-1251>", CYRILLIC),
            // These declare nothing.
            ("<!-- <meta charset=windows-1251> -->", INVALID),
            ("<a href='?charset=windows-1251'>", INVALID),
            ("<script src='x.js' charset=windows-1251>", INVALID),
            ("<p>charset=windows-1251", INVALID),
            ("<metadata charset=windows-1251>", INVALID),
            ("<meta name=x content='charset=windows-1251'>", INVALID),
            ("<meta http-equiv=refresh content='charset=windows-1251'>", INVALID),
            ("<meta http-equiv=content-type content='text/html'>", INVALID),
            ("<meta charset=windows-1251", INVALID),
            (" <?xml encoding='windows-1251'?>", INVALID),
            ("<?xml encoding='windows-1251'", INVALID),
            (&late, INVALID),
            // A page that can be read as ASCII is not UTF-16.
            ("<meta charset=utf-16>", INVALID),
            ("<meta charset=utf-16be>", INVALID),
            ("<?xml version='1.0' encoding='utf-16'?>", INVALID),
            ("<meta charset=x-user-defined>", LATIN),
            // Browsers decode no text with these labels, but links are ASCII.
            ("<meta charset=iso-2022-kr>", INVALID),
            ("<meta charset=hz-gb-2312><meta charset=windows-1251>", CYRILLIC),
            ("<?xml version='1.0' encoding='iso-2022-cn'?>", INVALID),
        ] {
            let body = [head.as_bytes(), BYTE].concat();
            let read = content_type("text/html").decode(&body).0.into_owned();
            assert_eq!(read, format!("{head}{letter}"));
        }
    }

    #[test]
    fn byte_order_mark_header_and_page_decide_the_encoding_in_this_order() {
        let read = |kind, body: &[u8]| content_type(kind).decode(body).0.into_owned();
        let latin = "text/html; charset=iso-8859-1";
        assert_eq!(read(latin, "\u{feff}Caf\u{e9}".as_bytes()), "Caf\u{e9}");
        assert_eq!(read(latin, b"\xff\xfeA\0"), "A");
        assert_eq!(read(latin, b"\xfe\xff\0A"), "A");
        let declared = b"<meta charset=windows-1251>\xcb";
        assert!(read(latin, declared).ends_with(LATIN));
        assert!(read("text/html", declared).ends_with(CYRILLIC));
        assert_eq!(read("text/html; charset=utf-16le", b"A\0"), "A");
        assert_eq!(read("text/html; charset=iso-2022-kr", b"<a>"), "<a>");
        assert_eq!(read("text/html; charset=utf-16", b"<a>"), "<a>");
        assert_eq!(
            read("text/html; charset=utf-16", declared),
            "<meta charset=windows-1251>\u{41b}"
        );
    }
}
