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
fn links_have_the_base_that_a_browser_finds() {
    for (html, links) in [
        ("<base href=/b/><base href=/c/><a href=1>", &["b/1"] as &[_]),
        ("<base><base target=x><base href=/b/><a href=1>", &["b/1"]),
        ("<a href=1><base href=' /b/ '>", &["b/1"]),
        ("<base href=''><a href=1>", &["1"]),
        ("<base href=../../b/c?d#e><a href=1><a href=>", &["b/1", "b/c?d"]),
        ("<base href=//h/b/><a href=1><a href=#e>", &["b/1", "b/"]),
        // A base that is no address, or one of two schemes, has no effect.
        ("<base href='http://['><base href=/b/><a href=1>", &["1"]),
        ("<base href=data:,x><a href=1>", &["1"]),
        ("<base href=javascript:x><a href=1>", &["1"]),
        // With any other base, a relative link is no page.
        ("<base href=ftp://h/b/><a href=1><a href=http://h/2>", &["2"]),
        ("<base href=file:///b/><a href=1><a href=//h/2>", &[]),
        ("<base href=mailto:ada><a href=1><a href=?2><a href=http://h/3>", &["3"]),
        // An image has no base.
        ("<svg><base href=/b/></svg><a href=1>", &["1"]),
        ("<svg><base href=/b/></svg><base href=/c/><a href=1>", &["c/1"]),
    ] {
        assert_eq!(found(&parse(&page(), html)), (None, links.to_vec()), "{html}");
    }
}

#[test]
fn a_link_in_an_image_may_have_its_older_name() {
    for (html, links) in [
        ("<svg><a xlink:href=1><a href=2><a xlink:href=3 href=4>", &["1", "2", "4"][..]),
        ("<svg><a XLink:Href=1 /></svg>", &["1"]),
        ("<a xlink:href=1><area xlink:href=2>", &[]),
        ("<svg><desc><a xlink:href=1></desc><image xlink:href=2>", &[]),
    ] {
        assert_eq!(found(&parse(&page(), html)), (None, links.to_vec()), "{html}");
    }
}

/// What browsers request, as the URL standard says.
#[test]
fn only_the_query_of_a_link_has_the_encoding_of_its_page() {
    const HTML: &str = "<a href='\u{e4}?q=\u{e4}&amp;\u{444}=%E4 +\u{1f600}'>";
    for (encoding, link) in [
        ("utf-8", "%C3%A4?q=%C3%A4&%D1%84=%E4%20+%F0%9F%98%80"),
        ("windows-1252", "%C3%A4?q=%E4&%26%231092%3B=%E4%20+%26%23128512%3B"),
        ("windows-1251", "%C3%A4?q=%26%23228%3B&%F4=%E4%20+%26%23128512%3B"),
        ("gb18030", "%C3%A4?q=%810%8A1&%A7%E6=%E4%20+%949%FC6"),
        ("utf-16le", "%C3%A4?q=%C3%A4&%D1%84=%E4%20+%F0%9F%98%80"),
    ] {
        let known = Encoding::for_label(encoding.as_bytes()).expect("an encoding");
        for is_xhtml in [false, true] {
            let parsed = parse_decoded(&page(), HTML, known, is_xhtml);
            assert_eq!(found(&parsed).1, [link], "{encoding}");
        }
    }
}

#[test]
fn the_contents_of_a_template_are_no_part_of_the_page() {
    for (html, title, links) in [
        ("<template><a href=1></template><a href=2>", None, &["2"] as &[_]),
        ("<template><title>A</title></template><title>B</title>", Some("B"), &[]),
        ("<template><base href=/b/></template><a href=1>", None, &["1"]),
        ("<template><template></template><a href=1></template><a href=2>", None, &["2"]),
        ("<template><script></template></script><a href=1>", None, &[]),
        ("</template><template></template></template><a href=1>", None, &["1"]),
        ("<svg><template><a href=1></svg><a href=2>", None, &["1", "2"]),
        ("<template/><a href=1>", None, &[]),
        // The contents of a shadow tree are visible, but not those of a template in it.
        (
            "<template shadowrootmode=open><a href=1></template><a href=2>",
            None,
            &["1", "2"],
        ),
        (
            "<template shadowrootmode=open><template><a href=1></template><a href=2></template>",
            None,
            &["2"],
        ),
        (
            "<template><template shadowrootmode=open></template><a href=1></template>",
            None,
            &[],
        ),
    ] {
        assert_eq!(found(&parse(&page(), html)), (title, links.to_vec()), "{html}");
    }
    assert_eq!(found(&parse_xhtml(&page(), "<template/><a href='1'/>")).1, ["1"]);
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
