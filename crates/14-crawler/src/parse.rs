//! HTML is parsed as browsers parse it, so broken HTML has a title and links too.
//!
//! A regular expression such as `<title>(.*?)</title>` misses a title with an attribute or a line
//! break, leaves `&amp;` undecoded, and finds titles in images and comments. This is the tokenizer
//! of Servo, without the tree: titles and links do not depend on which element contains them.
#![cfg(not(target_family = "wasm"))]

use std::{cell::RefCell, collections::HashSet};

use html5ever::{
    Attribute, TokenizerResult,
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{
        Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
        states::{Rawtext, Rcdata, ScriptData},
    },
};

use crate::Address;

/// Arbitrary. Without a limit, a title that is never closed would contain the whole page.
const MAX_TITLE_LEN: usize = 1_000;

/// Arbitrary: most pages are one piece.
const PIECE_BYTES: usize = 16 * 1024;

/// What the crawler needs of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The text of its first `<title>`, with every run of white space as one space. `None` if
    /// there is no such element, or if it is empty.
    pub title: Option<String>,
    /// The targets of its links, in order. An address may occur twice, in two spellings.
    pub links: Vec<Address>,
}

// ANCHOR: parse
/// Parses the page at `address`. It takes processor time: call it on a thread that may block.
#[must_use]
pub fn parse(address: &Address, html: &str) -> Parsed {
    let tokenizer = Tokenizer::new(Collector::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    for piece in pieces(html) {
        input.push_back(StrTendril::from_slice(piece));
        // `feed` returns at every script, so that a browser could run it.
        while let TokenizerResult::Script(()) = tokenizer.feed(&input) {}
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner().parsed(address)
}
// ANCHOR_END: parse

/// Splits a page into pieces, so that the tokenizer never holds a copy of the whole page.
fn pieces(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE_BYTES));
        rest = after;
        Some(piece).filter(|piece| !piece.is_empty())
    })
}

#[derive(Default)]
struct Collector(RefCell<Collected>);

/// What was found so far.
#[derive(Default)]
struct Collected {
    title: Title,
    /// How many `<svg>` and `<math>` elements are open; their titles are not the page's.
    foreign: usize,
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

impl TokenSink for Collector {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut page = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                return page.open(&tag);
            }
            Token::TagToken(tag) => page.close(&tag.name),
            Token::CharacterTokens(text) => page.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Collected {
    /// The contents of some elements are not markup. Usually the tree builder informs the tokenizer
    /// of this. Here there is no tree, so this function does it.
    fn open(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        match &*tag.name {
            "a" | "area" => self.link(attribute(tag, "href")),
            "base" if self.base.is_none() => {
                self.base = attribute(tag, "href").map(str::to_owned);
            }
            "svg" | "math" if !tag.self_closing => self.foreign += 1,
            "title" if self.foreign == 0 => {
                if let Title::Before = self.title {
                    self.title = Title::In(String::new());
                }
                return TokenSinkResult::RawData(Rcdata);
            }
            "textarea" => return TokenSinkResult::RawData(Rcdata),
            "script" if self.foreign == 0 => return TokenSinkResult::RawData(ScriptData),
            "style" | "xmp" | "iframe" | "noembed" | "noframes" if self.foreign == 0 => {
                return TokenSinkResult::RawData(Rawtext);
            }
            "plaintext" => return TokenSinkResult::Plaintext,
            _ => {}
        }
        TokenSinkResult::Continue
    }

    fn link(&mut self, link: Option<&str>) {
        let Some(link) = link.and_then(|link| link.split('#').next()) else { return };
        if !self.known.contains(link) {
            self.known.insert(link.to_owned());
            self.links.push(link.to_owned());
        }
    }

    fn close(&mut self, name: &str) {
        match name {
            "title" => {
                if let Title::In(text) = &mut self.title {
                    self.title = Title::After(std::mem::take(text));
                }
            }
            "svg" | "math" => self.foreign = self.foreign.saturating_sub(1),
            _ => {}
        }
    }

    fn text(&mut self, more: &str) {
        if let Title::In(text) = &mut self.title {
            text.extend(more.chars().take(MAX_TITLE_LEN.saturating_sub(text.len())));
        }
    }

    fn parsed(self, address: &Address) -> Parsed {
        let title = match self.title {
            Title::Before => String::new(),
            Title::In(text) | Title::After(text) => text,
        };
        let title = title.split_whitespace().collect::<Vec<_>>().join(" ");
        let base = self.base.and_then(|base| address.join(&base));
        let base = base.as_ref().unwrap_or(address);
        Parsed {
            title: Some(title).filter(|title| !title.is_empty()),
            links: self.links.iter().filter_map(|link| base.join(link)).collect(),
        }
    }
}

fn attribute<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    let named = |attribute: &&Attribute| &*attribute.name.local == name;
    tag.attrs.iter().find(named).map(|attribute| &*attribute.value)
}
