//! Addresses agree with the URL standard, and each spelling of a page has one normal form.

use proptest::{collection::vec, prelude::*, sample::select, test_runner::Config};

use super::*;

fn address(text: &str) -> Address {
    Address::parse(text).unwrap_or_else(|error| panic!("{error}"))
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
        ("http://h/?%7e", "http://h/?~"),
        ("http://ada:secret@h/", "http://h/"),
        ("http://h/a?", "http://h/a"),
        ("http://h/a?#x", "http://h/a"),
    ] {
        assert_eq!(address(one).id(), address(other).id(), "{one} and {other}");
        assert_eq!(address(one), address(other));
    }
}

#[test]
fn addresses_that_a_server_may_distinguish_are_two_pages() {
    for (one, other) in [
        ("http://h/a", "http://h/a/"),
        ("http://h/a", "http://h/A"),
        ("http://h/a/b", "http://h/a%2Fb"),
        ("http://h/?a=1&b=2", "http://h/?b=2&a=1"),
        ("http://h/a??", "http://h/a"),
        ("http://h/100%", "http://h/100%25"),
        ("http://h/%%37e", "http://h/~"),
        ("http://h/%7%65", "http://h/~"),
        ("http://h/%25%37e", "http://h/~"),
        ("http://h/?%+1", "http://h/?%01"),
        ("http://h/%-1", "http://h/%01"),
    ] {
        assert_ne!(address(one).id(), address(other).id(), "{one} and {other}");
        assert_ne!(address(one), address(other));
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

/// What a browser requests for a link on this page.
const PAGE: &str = "http://h/docs/a.html?x=1";
const LINKS: [(&str, &str); 57] = [
    // Relative links.
    ("", "http://h/docs/a.html?x=1"),
    ("#top", "http://h/docs/a.html?x=1"),
    ("b.html#top", "http://h/docs/b.html"),
    ("./b.html", "http://h/docs/b.html"),
    ("../", "http://h/"),
    ("..", "http://h/"),
    ("../../../b", "http://h/b"),
    ("/b/./c/../d", "http://h/b/d"),
    ("/b/..", "http://h/"),
    ("/b/.", "http://h/b/"),
    ("/b//../c", "http://h/b/c"),
    ("//other/x", "http://other/x"),
    ("/\\other/x", "http://other/x"),
    ("\\b\\c", "http://h/b/c"),
    ("?x=2", "http://h/docs/a.html?x=2"),
    ("?", "http://h/docs/a.html?"),
    ("?a/../b", "http://h/docs/a.html?a/../b"),
    ("b?c?d", "http://h/docs/b?c?d"),
    // Another spelling of a dot, and of a step up.
    ("%2e/b", "http://h/docs/b"),
    ("%2E%2e/b", "http://h/b"),
    (".%2e/b", "http://h/b"),
    ("/...", "http://h/..."),
    ("/%2e%2e%2e", "http://h/%2e%2e%2e"),
    ("/b%2e", "http://h/b%2e"),
    // White space around a link, and within it.
    (" \n b.html ", "http://h/docs/b.html"),
    ("b\t.ht\nml", "http://h/docs/b.html"),
    ("b c", "http://h/docs/b%20c"),
    ("ht\ntp://other/", "http://other/"),
    // The scheme and the host.
    ("http:b", "http://h/docs/b"),
    ("http:/b", "http://h/b"),
    ("https:b", "https://b/"),
    ("HTTP:\\\\OTHER:80\\b", "http://other/b"),
    ("https://other:443", "https://other/"),
    ("http://other:443", "http://other:443/"),
    ("http://other:00080/", "http://other/"),
    ("http://ada:secret@other/", "http://other/"),
    ("http://%6fther/", "http://other/"),
    ("http://m\u{fc}nchen/", "http://xn--mnchen-3ya/"),
    ("http://\u{ff4f}ther/", "http://other/"),
    ("http://0x7f.1/", "http://127.0.0.1/"),
    ("http://2130706433/", "http://127.0.0.1/"),
    ("http://[0:0::1]/", "http://[::1]/"),
    // Escapes stay as they are written, and so does a `%` that begins none.
    ("/%7eada", "http://h/%7eada"),
    ("/%41%c3%A4", "http://h/%41%c3%A4"),
    ("/100%", "http://h/100%"),
    ("/%%37e", "http://h/%%37e"),
    ("/%zz%4", "http://h/%zz%4"),
    ("?%+1", "http://h/docs/a.html?%+1"),
    ("?%-1&%2f", "http://h/docs/a.html?%-1&%2f"),
    // Characters that are escaped, each where the standard says so.
    ("/\u{e4}\u{20ac}", "http://h/%C3%A4%E2%82%AC"),
    ("/\"<>`{}", "http://h/%22%3C%3E%60%7B%7D"),
    ("/'|[]!$&()*+,;=:@", "http://h/'|[]!$&()*+,;=:@"),
    ("?\"<>'", "http://h/docs/a.html?%22%3C%3E%27"),
    ("?`{}|[]^\\", "http://h/docs/a.html?`{}|[]^\\"),
    ("?\u{e4} \u{7f}", "http://h/docs/a.html?%C3%A4%20%7F"),
    ("/\u{0}\u{1f}b", "http://h/%00%1Fb"),
    ("/\u{fffd}", "http://h/%EF%BF%BD"),
];

#[test]
fn what_is_requested_is_what_the_url_standard_makes_of_the_link() {
    let page = address(PAGE);
    for (link, expected) in LINKS {
        let at = page.join(link).unwrap_or_else(|| panic!("{link:?} is not an address"));
        assert_eq!(at.as_str(), expected, "{link:?}");
    }
}

#[test]
fn a_link_to_something_else_than_a_page_is_no_address() {
    for link in [
        "mailto:a@h",
        "javascript:void(0)",
        "data:,x",
        "file:///etc/passwd",
        "http://",
        "http://:80/",
        "http://a b/",
        "http://h:65536/",
        "http://h:80x/",
        "http://[::1",
        "http://1.2.3.256/",
        "http://%00/",
        "//",
    ] {
        assert_eq!(address(PAGE).join(link), None, "{link}");
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

#[test]
fn an_error_repeats_no_password() {
    for text in [
        "ftp://ada:secret@h/",
        "http://ada:secret@h:99999/",
        "ada:secret@h",
        "http://ada:sec@ret@[::1",
        "mailto:secret@h",
    ] {
        let error = anyhow::Error::from(Address::parse(text).expect_err(text));
        assert!(!format!("{error:#} {error:?}").contains("sec"), "{error:#}");
    }
}

/// The bytes that a text means: each escape is one byte.
fn decoded(text: &str) -> Vec<u8> {
    let (text, mut at, mut out) = (text.as_bytes(), 0, Vec::new());
    while at < text.len() {
        let digit =
            |n| text.get(at + n).and_then(|digit| char::from(*digit).to_digit(16));
        match (text[at], digit(1), digit(2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Links of pieces that are short, so that many of them become an escape only together.
fn links() -> impl Strategy<Value = String> {
    const PIECES: [&str; 16] = [
        "%", "%", "%37", "%65", "%7", "7", "e", "%+1", "%c3", ".", "%2E", "/", "?", "#",
        "~", "\u{e4}",
    ];
    vec(select(&PIECES[..]), 0..12).prop_map(|pieces| format!("/{}", pieces.concat()))
}

proptest! {
    #![proptest_config(Config { cases: 2_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn the_url_crate_decides_what_is_requested(link in links()) {
        let page = address(PAGE);
        let mut expected = Url::parse(PAGE).unwrap().join(&link);
        expected.iter_mut().for_each(|url| url.set_fragment(None));
        let at = page.join(&link);
        prop_assert_eq!(at.as_ref().map(Address::as_str), expected.as_ref().ok().map(Url::as_str));
    }

    #[test]
    fn the_normal_form_is_an_address_of_the_same_page_and_its_own_normal_form(link in links()) {
        let Some(at) = address(PAGE).join(&link) else { return Ok(()) };
        let normal = address(&at.normal_form());
        prop_assert_eq!(normal.as_str(), at.normal_form());
        prop_assert_eq!(normal.normal_form(), at.normal_form());
        prop_assert_eq!(normal.id(), at.id());
        let mut bytes = decoded(at.as_str());
        if at.url().query() == Some("") {
            bytes.pop();
        }
        prop_assert_eq!(decoded(normal.as_str()), bytes);
    }

    #[test]
    fn the_text_of_an_address_is_the_address(link in links()) {
        let Some(at) = address(PAGE).join(&link) else { return Ok(()) };
        let again = address(at.as_str());
        prop_assert_eq!(again.as_str(), at.as_str());
    }
}

/// Another process must request exactly what was sent to it, and accepts nothing else as an address.
#[test]
fn a_serialised_address_is_its_text_and_only_a_web_address_is_read() {
    for text in ["http://h/%7eada?x=%2f&y", "https://h:8443/caf%C3%A9?", "http://[::1]/"]
    {
        let address = Address::parse(text).expect("an address");
        let json = serde_json::to_string(&address).expect("JSON");
        assert_eq!(json, format!("\"{text}\""));
        let read: Address = serde_json::from_str(&json).expect("an address");
        assert_eq!((read.as_str(), read.id()), (text, address.id()));
    }
    for json in ["\"mailto:ada@h\"", "\"/a\"", "\"\"", "7"] {
        assert!(serde_json::from_str::<Address>(json).is_err(), "{json}");
    }
}
