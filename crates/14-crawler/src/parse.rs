//! HTML is parsed as browsers parse it, so broken HTML has a title and links too.
//!
//! A regular expression such as `<title>(.*?)</title>` misses a title with an attribute or a line
//! break, leaves `&amp;` undecoded, and finds titles in images and comments. This is a tokenizer
//! that follows the HTML standard, without the tree: only images, formulas and `<template>`s decide
//! whether a title or a link in them counts.
//!
//! A page may have any content, so the time for it must be bounded: it is proportional to the length
//! of the page and of its links, and both are limited.
#![cfg(not(target_family = "wasm"))]

mod foreign;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, collections::HashSet};

use encoding_rs::{Encoding, UTF_8};
use url::Url;

use self::foreign::Foreign;
use crate::{
    Address,
    tags::{State, Tag, TagVisitor, visit_tags},
};

/// Arbitrary. Without a limit, a title that is never closed would contain the whole page.
const MAX_TITLE_LEN: usize = 1_000;

/// Arbitrary: longer than the address of any real page. A page repeats its `<base>` for each link.
const MAX_BASE_LEN: usize = 2_000;

/// Arbitrary: some 30,000 links of usual length. A page of 5 MB can have ten times as many, and each
/// can be a short text that becomes a long address.
const MAX_LINK_BYTES: usize = 5_000_000;

/// What a link takes in memory beside its text: an estimate.
const LINK_OVERHEAD: usize = 100;

/// What the crawler needs of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The text of its first `<title>`, with every run of white space as one space. `None` if
    /// there is no such element, or if it is empty.
    pub title: Option<String>,
    /// The targets of its links, in order: the first ones, as many as fit in 5 MB of memory. An
    /// address may occur twice, in two spellings. A page whose `<base>` is longer than 2,000 bytes
    /// has none.
    pub links: Vec<Address>,
}

// ANCHOR: parse
/// Parses the page at `address`. It takes processor time, in proportion to the length of the page:
/// call it on a thread that may block.
#[must_use]
pub fn parse(address: &Address, html: &str) -> Parsed {
    parse_decoded(address, html, UTF_8, false)
}
// ANCHOR_END: parse

/// Parses a page that was sent as `application/xhtml+xml`, as [`parse`] otherwise. Only there,
/// `<script/>` and `<title/>` are complete elements. In HTML, all that follows is their text.
#[must_use]
pub fn parse_xhtml(address: &Address, xhtml: &str) -> Parsed {
    parse_decoded(address, xhtml, UTF_8, true)
}

/// Parses a page whose bytes had this encoding. The queries of its links have it too.
pub(crate) fn parse_decoded(
    address: &Address,
    text: &str,
    encoding: &'static Encoding,
    is_xhtml: bool,
) -> Parsed {
    let mut page = Collected { is_xhtml, ..Collected::default() };
    visit_tags(text.as_bytes(), &mut page);
    page.parsed(address, encoding)
}

/// What was found so far.
#[derive(Default)]
struct Collected {
    is_xhtml: bool,
    title: Title,
    foreign: Foreign,
    /// How many `<template>`s are open. Their contents are no part of the page.
    templates: usize,
    base: Option<String>,
    /// Each link once, without its fragment: a page with source code links every line to itself.
    links: Vec<String>,
    known: HashSet<String>,
}

#[derive(Default)]
enum Title {
    #[default]
    Before,
    In(String),
    After(String),
}

impl TagVisitor for Collected {
    /// The contents of some elements are not markup. Usually the tree builder informs the tokenizer
    /// of this. Here there is no tree, so this function does it.
    fn open(&mut self, tag: &Tag) -> Option<State> {
        let is_foreign = self.foreign.is_inside();
        self.foreign.open(&tag.name, tag.self_closing);
        let is_empty = is_foreign || (self.is_xhtml && tag.self_closing);
        match &*tag.name {
            b"template" if !is_empty && self.is_inert(tag) => self.templates += 1,
            _ if self.templates > 0 => {}
            b"a" if is_foreign => {
                let link = tag.attribute("href").or_else(|| tag.attribute("xlink:href"));
                self.link(link.as_deref());
            }
            b"a" | b"area" => self.link(tag.attribute("href").as_deref()),
            b"base" if self.base.is_none() && !is_foreign => {
                self.base = tag.attribute("href").map(Into::into);
            }
            _ => {}
        }
        if is_empty { None } else { self.contents(&tag.name) }
    }

    fn close(&mut self, name: &[u8]) {
        self.foreign.close(name);
        if name == b"template" {
            self.templates = self.templates.saturating_sub(1);
        }
        if name == b"title"
            && let Title::In(text) = &mut self.title
        {
            self.title = Title::After(std::mem::take(text));
        }
    }

    fn text(&mut self, more: &[u8]) {
        if let Title::In(text) = &mut self.title {
            let room = MAX_TITLE_LEN.saturating_sub(text.len());
            text.extend(String::from_utf8_lossy(more).chars().take(room));
        }
    }

    fn has_cdata(&self) -> bool {
        self.is_xhtml || self.foreign.is_inside()
    }
}

impl Collected {
    /// What follows the start tag of an HTML element, if it is not markup.
    fn contents(&mut self, name: &[u8]) -> Option<State> {
        match name {
            b"title" => {
                if let (Title::Before, 0) = (&self.title, self.templates) {
                    self.title = Title::In(String::new());
                }
                Some(State::RcData)
            }
            b"textarea" => Some(State::RcData),
            b"script" => Some(State::ScriptData),
            b"style" | b"xmp" | b"iframe" | b"noembed" | b"noframes" => {
                Some(State::RawText)
            }
            b"plaintext" => Some(State::PlainText),
            _ => None,
        }
    }

    /// Whether a script has to copy the contents of this template before they are visible. Browsers show
    /// those of a shadow tree without a script.
    fn is_inert(&self, template: &Tag) -> bool {
        self.templates > 0 || template.attribute("shadowrootmode").is_none()
    }

    fn link(&mut self, link: Option<&str>) {
        let Some(link) = link.and_then(|link| link.split('#').next()) else { return };
        if !self.known.contains(link) {
            self.known.insert(link.to_owned());
            self.links.push(link.to_owned());
        }
    }

    fn parsed(self, address: &Address, encoding: &'static Encoding) -> Parsed {
        let title = match self.title {
            Title::Before => String::new(),
            Title::In(text) | Title::After(text) => text,
        };
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        Parsed {
            title: Some(title).filter(|title| !title.is_empty()),
            links: addresses(&self.links, self.base.as_deref(), address, encoding),
        }
    }
}

/// Resolves the links of a page, until they take too much memory.
fn addresses(
    links: &[String],
    base: Option<&str>,
    page: &Address,
    encoding: &'static Encoding,
) -> Vec<Address> {
    if base.is_some_and(|base| base.len() > MAX_BASE_LEN) {
        return Vec::new();
    }
    let resolve = |base: &Url, link: &str| {
        let options = Url::options().base_url(Some(base));
        options.encoding_override(Some(&|query| encoded(query, encoding))).parse(link)
    };
    let base = base.and_then(|base| resolve(page.url(), base).ok());
    let base = base.filter(|base| !matches!(base.scheme(), "data" | "javascript"));
    let base = base.as_ref().unwrap_or(page.url());
    let mut room = MAX_LINK_BYTES;
    let mut fits = |link: &Address| {
        room = room.saturating_sub(link.as_str().len() + LINK_OVERHEAD);
        room > 0
    };
    let links = links.iter().filter_map(|link| Address::of(resolve(base, link).ok()?));
    links.take_while(|link| fits(link)).collect()
}

/// The bytes of a query, as browsers send them. A character that the encoding does not have becomes
/// the escapes of `&#1234;`.
fn encoded<'a>(query: &'a str, encoding: &'static Encoding) -> Cow<'a, [u8]> {
    let (bytes, _, has_others) = encoding.encode(query);
    if !has_others {
        return bytes;
    }
    let mut out = Vec::new();
    for c in query.chars() {
        match encoding.encode(c.encode_utf8(&mut [0; 4])) {
            (bytes, _, false) => out.extend_from_slice(&bytes),
            _ => out.extend(format!("%26%23{}%3B", u32::from(c)).bytes()),
        }
    }
    out.into()
}
