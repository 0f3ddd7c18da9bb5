//! The cases follow RFC 9309, and what the tests of Google's parser state about other files.

use super::*;
use crate::Address;

/// Whether a crawler called `lamp` may request a path.
fn allows(text: impl AsRef<[u8]>, path: &str) -> bool {
    let page = Address::parse(&format!("http://h{path}")).expect("an address");
    Robots::parse(text, "lamp").allows(&page)
}

/// Each case is the rules for every crawler, the paths that are allowed, and those that are not.
type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

fn check(cases: &[Case]) {
    for (rules, allowed, forbidden) in cases {
        let text = format!("User-agent: *\n{rules}\n");
        for path in *allowed {
            assert!(allows(&text, path), "{rules:?} should allow {path}");
        }
        for path in *forbidden {
            assert!(!allows(&text, path), "{rules:?} should forbid {path}");
        }
    }
}

#[test]
fn the_longest_rule_decides_whatever_their_order() {
    check(&[
        (
            "Disallow: /a\nAllow: /a/b",
            &["/", "/b", "/a/b", "/a/b/c"],
            &["/a", "/ab", "/a/c"],
        ),
        (
            "Allow: /a/b\nDisallow: /a",
            &["/", "/b", "/a/b", "/a/b/c"],
            &["/a", "/ab", "/a/c"],
        ),
        ("Disallow: /x/page.html\nAllow: /x/", &["/x/", "/x/page"], &["/x/page.html"]),
        ("Disallow: /a\nAllow: /a", &["/a", "/a/b"], &[]),
        ("Allow: /a\nDisallow: /a", &["/a", "/a/b"], &[]),
        ("Disallow: /\nAllow: /", &["/", "/a"], &[]),
        ("Disallow: /x\nAllow: /x/", &["/x/", "/x/y"], &["/x", "/xy"]),
        (
            "Allow: /page\nDisallow: /*.html",
            &["/page", "/pages"],
            &["/page.html", "/x.html"],
        ),
        ("Allow: /x/page.\nDisallow: /*.html", &["/x/page.html"], &["/x/y.html"]),
        ("Allow: /p\nDisallow: /", &["/page", "/p"], &["/", "/a"]),
        ("Allow: /$\nDisallow: /", &["/"], &["/page", "/?x"]),
        ("Allow: /folder\nDisallow: /folder", &["/folder/page"], &[]),
        ("Allow: /a*\nDisallow: /a", &["/a", "/ab"], &[]),
        ("Disallow: /a$\nAllow: /a", &["/ab"], &["/a"]),
        ("Disallow: /", &["/robots.txt"], &["/robots.txt/", "/a/robots.txt", "/robots"]),
        // A rule without a path has no effect.
        ("Disallow:\nAllow:", &["/", "/a"], &[]),
        ("Disallow:\nDisallow: /a", &["/"], &["/a"]),
        ("Allow:\nDisallow: /", &[], &["/", "/a"]),
    ]);
}

#[test]
fn a_path_matches_the_beginning_of_an_address_and_is_case_sensitive() {
    check(&[
        (
            "Disallow: /\nAllow: /fish",
            &[
                "/fish",
                "/fish.html",
                "/fish/salmon.html",
                "/fishheads",
                "/fish.html?id=1",
            ],
            &["/bar", "/Fish.asp", "/catfish", "/?id=fish"],
        ),
        (
            "Disallow: /\nAllow: /fish*",
            &[
                "/fish",
                "/fish.html",
                "/fish/salmon.html",
                "/fishheads",
                "/fish.html?id=1",
            ],
            &["/bar", "/Fish.bar", "/catfish", "/?id=fish"],
        ),
        (
            "Disallow: /\nAllow: /fish/",
            &["/fish/", "/fish/salmon", "/fish/?salmon"],
            &["/fish", "/fish.html", "/Fish/Salmon.html", "/x/fish/"],
        ),
        ("Disallow: /X/", &["/x/y"], &["/X/y"]),
        // Such a rule is no path, so it matches nothing.
        ("Disallow: private", &["/", "/private", "private"], &[]),
        ("Disallow: http://h/a", &["/", "/a"], &[]),
    ]);
}

#[test]
fn a_star_is_any_text_and_a_final_dollar_is_the_end() {
    check(&[
        (
            "Disallow: /\nAllow: /*.php",
            &["/a.php", "/b/a.php", "/a.php?x", "//a.php.html", "/a.php/", "/a?f=a.php/"],
            &["/", "/php/", "/a?php", "/a.PHP"],
        ),
        (
            "Disallow: /\nAllow: /*.php$",
            &["/a.php", "/b/a.php", "/a.php.php"],
            &["/a.php?x", "/a.php/", "/a.php5", "/php/", "/a?php", "/aphpa"],
        ),
        (
            "Disallow: /\nAllow: /fish*.php",
            &["/fish.php", "/fishheads/catfish.php?x"],
            &["/Fish.PHP", "/fish", "/x/fish.php"],
        ),
        ("Disallow: /$", &["/a", "/?x"], &["/"]),
        ("Disallow: *", &[], &["/", "/a"]),
        ("Disallow: *a", &["/b"], &["/a", "/bca"]),
        ("Disallow: /*/draft", &["/draft"], &["/a/draft/1", "/a/b/draft"]),
        ("Disallow: /a**b", &["/a"], &["/ab", "/axxb"]),
        ("Disallow: /a*b*c$", &["/abcd", "/acb"], &["/abc", "/axbxc", "/abcc"]),
        // The beginning and the end must not overlap.
        ("Disallow: /ab*ba$", &["/aba"], &["/abba", "/abxba"]),
        ("Disallow: /*aa$", &["/a"], &["/aa", "/aaa"]),
        ("Disallow: /a$b", &["/a", "/ab"], &["/a$b", "/a%24b"]),
        ("Disallow: /a$$", &["/a"], &["/a$", "/a%24"]),
        ("Disallow: $", &["/", "/a"], &[]),
        ("Disallow: /*?sort=", &["/list", "/list?page=1"], &["/list?sort=up"]),
        ("Disallow: /*?*sort=", &["/list?page=1"], &["/list?page=1&sort=up"]),
    ]);
}

#[test]
fn a_character_and_its_escape_are_equal_unless_their_meaning_differs() {
    check(&[
        // Every byte outside ASCII is an escape.
        ("Disallow: /ツ", &["/"], &["/ツ", "/%E3%83%84", "/%e3%83%84"]),
        ("Disallow: /%E3%83%84", &["/"], &["/ツ", "/%e3%83%84"]),
        ("Disallow: /%e3%83%84", &["/"], &["/ツ", "/%E3%83%84"]),
        ("Disallow: /*?q=ツ", &["/?q="], &["/?q=ツ", "/a?q=%E3%83%84"]),
        // Letters, digits and some signs need no escape.
        ("Disallow: /%62%61%7A", &["/%62"], &["/baz", "/%62az"]),
        ("Disallow: /baz", &["/"], &["/b%61z", "/%62%61%7a"]),
        ("Disallow: /%7Eada", &["/ada"], &["/~ada", "/%7eada"]),
        // What no address contains is always an escape.
        ("Disallow: /a b", &["/ab"], &["/a b", "/a%20b"]),
        ("Disallow: /a|b", &["/ab"], &["/a|b", "/a%7Cb"]),
        ("Disallow: /{a}", &["/a"], &["/{a}", "/%7Ba%7D"]),
        ("Disallow: /\"a\"", &["/a"], &["/\"a\"", "/%22a%22"]),
        ("Disallow: /<a>", &["/a"], &["/<a>", "/%3Ca%3E"]),
        ("Disallow: /a^`", &["/a"], &["/a^`", "/a%5E%60"]),
        // The operators, as characters.
        ("Disallow: /a%2Ab", &["/ab", "/axb"], &["/a*b", "/a%2ab"]),
        ("Disallow: /a%24", &["/a"], &["/a$", "/a%24", "/a$b"]),
        ("Disallow: /a*b", &["/a"], &["/a*b", "/a%2Ab", "/axb"]),
        // Reserved characters.
        (
            "Disallow: /?u=https://a.b",
            &["/"],
            &["/?u=https://a.b", "/?u=https%3A%2F%2Fa.b"],
        ),
        ("Disallow: /?u=https%3A%2F%2Fa.b", &["/"], &["/?u=https://a.b"]),
        ("Disallow: /a:b@c", &["/a"], &["/a:b@c", "/a%3Ab%40c"]),
        ("Disallow: /a(b),c;d'e!", &["/a"], &["/a%28b%29%2Cc%3Bd%27e%21"]),
        ("Disallow: /a[b]", &["/a"], &["/a[b]", "/a%5Bb%5D"]),
        ("Disallow: /a=b&c+d", &["/a"], &["/a=b&c+d", "/a%3Db%26c%2Bd"]),
        // Those that separate something.
        ("Disallow: /a/b", &["/a%2Fb"], &["/a/b"]),
        ("Disallow: /a%2Fb", &["/a/b"], &["/a%2Fb", "/a%2fb"]),
        ("Disallow: /a%3Fb", &["/a?b"], &["/a%3Fb"]),
        ("Disallow: /a?b", &["/a%3Fb"], &["/a?b"]),
        ("Disallow: /?a=b%26c", &["/?a=b&c"], &["/?a=b%26c"]),
        ("Disallow: /?a=b%3Dc", &["/?a=b=c"], &["/?a=b%3dc"]),
        ("Disallow: /?a=b%2Bc", &["/?a=b+c"], &["/?a=b%2bc"]),
        ("Disallow: /?a=b?c", &["/?a=b"], &["/?a=b?c", "/?a=b%3Fc"]),
        // A percent sign that begins no escape.
        ("Disallow: /100%", &["/100"], &["/100%", "/100%25"]),
        ("Disallow: /100%25", &["/100"], &["/100%", "/100%25"]),
        ("Disallow: /%+g", &["/g"], &["/%+g", "/%25+g"]),
        ("Disallow: /%zz", &["/zz"], &["/%zz"]),
        ("Disallow: /%2", &["/2", "/%25"], &["/%2", "/%252"]),
    ]);
    assert!(!allows(b"User-agent: *\nDisallow: /caf\xe9\n", "/caf%E9"));
    assert!(allows(b"User-agent: *\nDisallow: /caf\xe9\n", "/caf%C3%A9"));
}

#[test]
fn a_line_is_a_field_and_a_value_and_other_lines_are_ignored() {
    check(&[
        ("disallow: /a", &["/"], &["/a"]),
        ("DISALLOW: /a", &["/"], &["/a"]),
        ("dIsAlLoW:/a", &["/"], &["/a"]),
        ("  Disallow \t:  /a  ", &["/"], &["/a", "/ab"]),
        ("Disallow: /a # comment", &["/"], &["/a", "/a/b"]),
        ("Disallow: /a#b", &["/"], &["/a"]),
        ("# Disallow: /a", &["/a"], &[]),
        ("Disallow: # /a", &["/a"], &[]),
        ("Disallow: /a:b", &["/a"], &["/a:b"]),
        // Many people forget the colon, which is clear as long as there are two words.
        ("Disallow /a", &["/"], &["/a"]),
        ("Disallow\t/a", &["/"], &["/a"]),
        ("Disallow /a /b", &["/a", "/b"], &[]),
        ("Disallow", &["/"], &[]),
        // Frequent typing errors.
        ("Dissallow: /a", &["/"], &["/a"]),
        ("dissalow: /a", &["/"], &["/a"]),
        ("Disalow: /a", &["/"], &["/a"]),
        ("DIASLLOW: /a", &["/"], &["/a"]),
        ("Disallaw /a", &["/"], &["/a"]),
        // No field of this file.
        ("Disallowed: /a", &["/a"], &[]),
        ("foo: /a", &["/a"], &[]),
        ("<html>: /a", &["/a"], &[]),
        (": /a", &["/a"], &[]),
        ("\u{feff}Disallow: /a", &["/a"], &[]),
        ("Noindex: /a\nDisallow: /b", &["/a"], &["/b"]),
    ]);
}

#[test]
fn a_file_has_line_ends_and_a_byte_order_mark_of_any_kind() {
    for text in [
        &b"User-agent: *\nDisallow: /a\nAllow: /a/b\n"[..],
        b"User-agent: *\nDisallow: /a\nAllow: /a/b",
        b"User-agent: *\r\nDisallow: /a\r\nAllow: /a/b\r\n",
        b"User-agent: *\rDisallow: /a\rAllow: /a/b\r",
        b"User-agent: *\rDisallow: /a\r\nAllow: /a/b\n",
        b"\n\r\n\rUser-agent: *\n\n\nDisallow: /a\n\nAllow: /a/b\n",
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /a\nAllow: /a/b\n",
        b"\xef\xbbUser-agent: *\nDisallow: /a\nAllow: /a/b\n",
        b"\xefUser-agent: *\nDisallow: /a\nAllow: /a/b\n",
        b"\xff\xfe\0\nUser-agent: *\nDisallow: /a\nAllow: /a/b\n",
    ] {
        let name = text.escape_ascii();
        assert!(!allows(text, "/a/c") && allows(text, "/a/b"), "{name}");
    }
    for broken in [
        &b"\xef\x11\xbfUser-agent: *\nDisallow: /a\n"[..],
        b"\xbb\xbfUser-agent: *\nDisallow: /a\n",
        b"User-agent: *\n\xef\xbb\xbfDisallow: /a\n",
    ] {
        assert!(allows(broken, "/a"), "{}", broken.escape_ascii());
    }
}

#[test]
fn a_group_is_for_the_crawlers_that_are_named_before_its_first_rule() {
    for (text, allowed, forbidden) in [
        ("", "/a", None),
        ("# nothing", "/a", None),
        ("Disallow: /a", "/a", None),
        ("User-agent: *\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: lamp\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: LAMP\nDisallow: /a", "/b", Some("/a")),
        ("user-agent lamp\nDisallow: /a", "/b", Some("/a")),
        ("UserAgent: lamp\nDisallow: /a", "/b", Some("/a")),
        ("useragent lamp\nDisallow: /a", "/b", Some("/a")),
        ("User agent: lamp\nDisallow: /a", "/b", Some("/a")),
        ("User agent lamp\nDisallow: /a", "/a", None),
        ("User-agent: other\nDisallow: /a", "/a", None),
        // A name is the whole name, and not a part of it.
        ("User-agent: lam\nDisallow: /a", "/a", None),
        ("User-agent: lamps\nDisallow: /a", "/a", None),
        ("User-agent: a lamp\nDisallow: /a", "/a", None),
        ("User-agent:\nDisallow: /a", "/a", None),
        ("User-agent: ツ\nDisallow: /a", "/a", None),
        // It may have a version or a comment.
        ("User-agent: lamp/1.0\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: lamp 1.0 (house)\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: Lamp*\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: * # all\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: * all\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: *lamp\nDisallow: /a", "/a", None),
        // A group for the crawler replaces that for all, wherever it is.
        ("User-agent: *\nDisallow: /a\nUser-agent: lamp\nDisallow: /b", "/a", Some("/b")),
        ("User-agent: lamp\nDisallow: /b\nUser-agent: *\nDisallow: /a", "/a", Some("/b")),
        ("User-agent: *\nDisallow: /\nUser-agent: lamp\nDisallow:", "/a", None),
        ("User-agent: *\nDisallow: /\nUser-agent: lamp\nAllow: /b", "/a", None),
        ("User-agent: *\nDisallow: /\n\nUser-agent: lamp\n", "/a", None),
        ("User-agent: lamp\n\nUser-agent: other\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: lamp\nUser-agent: *\nDisallow: /a", "/b", Some("/a")),
        // A name after a rule begins a new group.
        ("User-agent: lamp\nAllow: /\nUser-agent: other\nDisallow: /a", "/a", None),
        ("User-agent: lamp\nDisallow:\nUser-agent: other\nDisallow: /a", "/a", None),
        // All groups for the crawler apply together.
        (
            "User-agent: lamp\nDisallow: /a\nUser-agent: lamp\nDisallow: /b",
            "/c",
            Some("/b"),
        ),
        (
            "User-agent: lamp\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: lamp/2\nAllow: /b",
            "/c",
            Some("/a"),
        ),
        (
            "User-agent: *\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: *\nDisallow: /b",
            "/c",
            Some("/a"),
        ),
        // An empty line and other fields do not end a group, nor the names before it.
        ("User-agent: lamp\n\n\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: lamp\nDisallow: /b\n\n# x\n\nDisallow: /a", "/c", Some("/a")),
        ("User-agent: lamp\nSitemap: http://h/s.xml\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: lamp\nSitemap: /s\nUser-agent: x\nDisallow: /a", "/b", Some("/a")),
        ("User-agent: lamp\nHost: h\nUser-agent: x\nDisallow: /a", "/b", Some("/a")),
        (
            "User-agent: lamp\nCrawl-delay: 1\nUser-agent: x\nDisallow: /a",
            "/b",
            Some("/a"),
        ),
        ("User-agent: lamp\nnonsense\nUser-agent: x\nDisallow: /a", "/b", Some("/a")),
        ("Sitemap: /s\nUser-agent: lamp\nDisallow: /a", "/b", Some("/a")),
    ] {
        assert!(allows(text, allowed), "{text:?} should allow {allowed}");
        if let Some(path) = forbidden {
            assert!(!allows(text, path), "{text:?} should forbid {path}");
        }
    }
}

#[test]
fn the_name_of_the_crawler_may_have_a_version_too() {
    let page = Address::parse("http://h/a").expect("an address");
    for agent in ["lamp", "Lamp/2.1", "lamp (house)"] {
        let robots = Robots::parse("User-agent: lamp/1.0\nDisallow: /", agent);
        assert!(!robots.allows(&page), "{agent}");
    }
}

#[test]
fn a_delay_of_a_year_is_limited_to_a_minute() {
    let delay = |value: &str| {
        let text = format!("User-agent: *\nCrawl-delay: {value}\n");
        Robots::parse(text, "lamp").delay()
    };
    assert_eq!(delay("0.5"), Some(Duration::from_millis(500)));
    assert_eq!(delay("31536000"), Some(Duration::from_secs(60)));
    assert_eq!(delay("99999999999999999999"), Some(Duration::from_secs(60)));
    assert_eq!(delay("-1"), Some(Duration::ZERO));
    for unreadable in ["soon", "", "inf", "NaN", "1,5"] {
        assert_eq!(delay(unreadable), None, "{unreadable}");
    }
    // The longest one applies, and one that is unreadable does not replace it.
    for several in ["2\nCrawl-delay: 1", "1\nCrawl-delay: 2", "2\nCrawl-delay: soon"] {
        assert_eq!(delay(several), Some(Duration::from_secs(2)), "{several}");
    }
}

#[test]
fn a_long_line_is_a_rule_like_any_other() {
    let long = "a".repeat(100_000);
    let text = format!("User-agent: *\nDisallow: /{long}\nDisallow: /b\n");
    assert!(allows(&text, "/a") && !allows(&text, "/b"));
    assert!(!allows(&text, &format!("/{long}b")));
}
