//! A page has the title and links that a browser finds, in a time proportional to its length.

use std::{
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::Duration,
};

use super::*;

fn page() -> Address {
    Address::parse("http://h/").expect("an address")
}

fn found(parsed: &Parsed) -> (Option<&str>, Vec<&str>) {
    let links = parsed.links.iter().map(|link| &link.as_str()["http://h/".len()..]);
    (parsed.title.as_deref(), links.collect())
}

#[test]
fn html_has_the_title_and_links_that_a_browser_finds() {
    for (html, title, links) in [
        // In HTML, `/>` does not end these elements.
        ("<script/><a href=1></a></script><a href=2>", None, &["2"] as &[_]),
        ("<title/>A</title><a href=1>", Some("A"), &["1"]),
        // Images and formulas have titles and scripts of their own, …
        ("<svg><title>A</title></svg><title>B</title>", Some("B"), &[]),
        ("<svg><script><a href=1></a></script></svg>", None, &["1"]),
        ("<svg><style><a href=1></a></style></svg>", None, &["1"]),
        ("<svg><textarea><a href=1></a></svg>", None, &["1"]),
        ("<svg><plaintext></svg><a href=1>", None, &["1"]),
        ("<svg><title/><path/></svg><title>B</title>", Some("B"), &[]),
        ("<math><title>A</title></math><title>B</title>", Some("B"), &[]),
        ("<svg/><title>B</title>", Some("B"), &[]),
        ("<svg><svg></svg><title>A</title></svg><title>B</title>", Some("B"), &[]),
        ("<svg><title>A</svg><title>B</title>", Some("B"), &[]),
        // … and what is never closed ends at the next HTML element.
        ("<svg><path><p>x<title>B</title>", Some("B"), &[]),
        ("<svg><path></div><title>B</title>", Some("B"), &[]),
        ("<head><svg></head><title>B</title>", Some("B"), &[]),
        ("<svg><p><script>'<a href=1>'</script><a href=2>", None, &["2"]),
        ("<math><mi><title>B</title>", Some("B"), &[]),
        ("<svg><g><circle><title>A</title>", None, &[]),
        // HTML inside an image does not end it.
        ("<svg><foreignObject><p>x</p></foreignObject><title>A</title></svg>", None, &[]),
        ("<svg><desc><div>x</div></desc><title>A</title></svg>", None, &[]),
        ("<svg><desc><style><a href=1></style></desc></svg><a href=2>", None, &["2"]),
        // Text in an image may be a CDATA section; in HTML this is a comment.
        ("<svg><![CDATA[x><a href=1>]]></svg><a href=2>", None, &["2"]),
        ("<svg><desc><![CDATA[x><a href=1>]]></desc></svg>", None, &["1"]),
        ("<![CDATA[x><a href=1>]]><a href=2>", None, &["1", "2"]),
        // An end tag has no attributes, and an empty link leads to the base.
        ("<p></p href=1><base href=/b><a href>", None, &["b"]),
        ("<a href=1 href=2>", None, &["1"]),
        ("<title>A</title><title>B</title>", Some("A"), &[]),
        ("<textarea><title>A</title></textarea><title>B</title>", Some("B"), &[]),
        ("<title>A &lt;b&gt; <!--x--></title>", Some("A <b> <!--x-->"), &[]),
        ("<title>\0A</title>", Some("\u{fffd}A"), &[]),
    ] {
        let parsed = parse(&page(), html);
        assert_eq!(found(&parsed), (title, links.to_vec()), "{html}");
    }
}

#[test]
fn in_xhtml_an_element_may_close_itself() {
    for (xhtml, title, links) in [
        ("<script src='x'/><a href='1'/>", None, &["1"] as &[_]),
        ("<title/><a href='1'/>", None, &["1"]),
        ("<style/><a href='1'/>", None, &["1"]),
        ("<textarea/><a href='1'/>", None, &["1"]),
        ("<iframe/><title>A</title>", Some("A"), &[]),
        ("<title>A</title><script>'<a>'</script><a href='1'>1</a>", Some("A"), &["1"]),
        ("<p><![CDATA[x><a href='1'>]]></p><a href='2'/>", None, &["2"]),
    ] {
        let parsed = parse_xhtml(&page(), xhtml);
        assert_eq!(found(&parsed), (title, links.to_vec()), "{xhtml}");
    }
}

/// Returns what `work` returns. It fails after a time that no linear parser needs on any machine,
/// and that a quadratic one exceeds many times over.
fn within_a_minute<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (sender, result) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    match result.recv_timeout(Duration::from_secs(60)) {
        Ok(value) => value,
        Err(RecvTimeoutError::Timeout) => panic!("{name}: not parsed within a minute"),
        Err(RecvTimeoutError::Disconnected) => panic!("{name}: the parser panicked"),
    }
}

#[test]
fn no_page_takes_more_time_than_its_length_explains() {
    let repeated = |text: &str| text.repeat(400_000 / text.len());
    let attributes: String = (0..300_000).map(|n| format!(" a{n}")).collect();
    for (name, html) in [
        ("attributes", format!("<a{attributes}>")),
        ("attributes of an end tag", format!("</a{attributes}>")),
        ("attributes of tags that do not end", repeated("<a x ")),
        ("a long attribute", format!("<a href='{}'>", repeated("x"))),
        ("entities in an attribute", format!("<a href='{}'>", repeated("&amp;"))),
        ("depth", repeated("<b>")),
        ("depth of images", repeated("<svg>") + &repeated("</desc>")),
        ("images in images", repeated("<svg><desc>") + &repeated("</math>")),
        ("entities", repeated("&amp;")),
        ("entities that are none", repeated("&CounterClockwiseContourIntegra")),
        ("a long number", format!("&#{}", repeated("9"))),
        ("a doctype", format!("<!doctype {}", repeated("x "))),
        ("doctypes", repeated("<!doctype")),
        ("a comment", format!("<!--{}", repeated("-"))),
        ("comments", repeated("<!--")),
        ("declarations", repeated("<?")),
        ("a long name", format!("<{}", repeated("x"))),
        ("a script that is never closed", format!("<script>{}", repeated("</scrip"))),
        ("titles", repeated("<title>")),
    ] {
        within_a_minute(name, move || parse(&page(), &html));
    }
}

#[test]
fn the_links_of_a_page_take_a_limited_amount_of_memory() {
    let links: String = (0..100_000).map(|n| format!("<a href={n}>")).collect();
    for (base, least, most) in [(10, 20_000, 50_000), (1_900, 2_000, 3_000)] {
        let html = format!("<base href=/{}/>{links}", "b".repeat(base));
        let links = within_a_minute("links", move || parse(&page(), &html)).links;
        assert!((least..most).contains(&links.len()), "{base}: {}", links.len());
    }
    let too_long = format!("<base href=/{}/><a href=1>", "b".repeat(3_000));
    assert_eq!(parse(&page(), &too_long).links, []);
}
