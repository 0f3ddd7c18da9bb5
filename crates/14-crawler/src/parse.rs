//! Markup is read as browsers read it, so broken markup has a title and links like any other.
//!
//! A pattern such as `<title>(.*?)</title>` misses a title with an attribute or a line break,
//! leaves `&amp;` as it stands, and finds titles in pictures and comments. This is the tokenizer
//! of Servo, without a tree: nothing here needs to know which element holds which.

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

/// Arbitrary: a title that is never closed would take in the whole page.
const LONGEST_TITLE: usize = 1_000;

/// In bytes, arbitrary: most pages are one piece.
const PIECE: usize = 16 * 1024;

/// What the crawler wants to know of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// The text of its first `<title>`, with every run of white space as one space. `None` if
    /// there is no such element, or nothing in it.
    pub title: Option<String>,
    /// Where its links lead, in their order; two spellings of one address may both be there.
    pub links: Vec<Address>,
}

// ANCHOR: parse
/// Reads a page that stands at `address`. Takes its time: call it on a thread that may block.
#[must_use]
pub fn parse(address: &Address, html: &str) -> Parsed {
    let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    let input = BufferQueue::default();
    for piece in pieces(html) {
        input.push_back(StrTendril::from_slice(piece));
        // It stops at every script, for those who would run it.
        while let TokenizerResult::Script(()) = tokenizer.feed(&input) {}
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner().parsed(address)
}
// ANCHOR_END: parse

/// Cuts a page into pieces, so that the tokenizer never holds a copy of all of it.
fn pieces(html: &str) -> impl Iterator<Item = &str> {
    let mut rest = html;
    std::iter::from_fn(move || {
        let (piece, after) = rest.split_at(rest.floor_char_boundary(PIECE));
        rest = after;
        Some(piece).filter(|piece| !piece.is_empty())
    })
}

#[derive(Default)]
struct Reader(RefCell<Seen>);

/// What was seen up to here.
#[derive(Default)]
struct Seen {
    title: Title,
    /// How many pictures and formulas are open; they have titles of their own.
    foreign: usize,
    base: Option<String>,
    /// Each once, without what follows a `#`: a listing of code links every line to itself.
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

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut seen = self.0.borrow_mut();
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                return seen.open(&tag);
            }
            Token::TagToken(tag) => seen.close(&tag.name),
            Token::CharacterTokens(text) => seen.text(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Seen {
    /// The contents of some elements are no markup. A parser that builds a tree tells the
    /// tokenizer so; without one, this does.
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
            text.extend(more.chars().take(LONGEST_TITLE.saturating_sub(text.len())));
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
