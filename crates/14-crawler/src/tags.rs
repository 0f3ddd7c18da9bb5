//! A tag costs time in proportion to its length, however many attributes it has.
//!
//! The HTML standard allows an attribute once per tag. A tokenizer that collects all attributes
//! compares each of them with all earlier ones, so a tag with 80,000 attributes takes seconds. This
//! one keeps the few attributes that the crawler reads.
#![cfg(not(target_family = "wasm"))]

use std::{borrow::Cow, convert::Infallible};

pub(crate) use html5gum::State;
use html5gum::{
    Emitter, Span, Tokenizer,
    emitters::{
        ForwardingEmitter,
        callback::{Callback, CallbackEmitter, CallbackEvent},
    },
};

/// The attributes that the crawler reads.
const KEPT: [&[u8]; 6] =
    [b"charset", b"content", b"href", b"http-equiv", b"shadowrootmode", b"xlink:href"];

/// Receives the tags and the text of a page, in their order.
pub(crate) trait TagVisitor {
    /// A start tag. The return value is set if what follows is not markup, as in a script.
    fn open(&mut self, tag: &Tag) -> Option<State>;

    /// An end tag. Its name is in lower case.
    fn close(&mut self, _name: &[u8]) {}

    /// A part of the text, with its entities decoded.
    fn text(&mut self, _text: &[u8]) {}

    /// Whether `<![CDATA[` begins a text here. Elsewhere in HTML it is a comment.
    fn has_cdata(&self) -> bool {
        false
    }
}

/// A start tag.
#[derive(Debug, Default)]
pub(crate) struct Tag {
    /// In lower case.
    pub(crate) name: Vec<u8>,
    /// Whether it ends with `/>`.
    pub(crate) self_closing: bool,
    attributes: Vec<(&'static [u8], Vec<u8>)>,
    /// Whether the attribute that is being read is the last one in `attributes`.
    keeps_value: bool,
}

impl Tag {
    /// The value of one of the attributes that are kept. If a tag has it twice, the first counts.
    pub(crate) fn attribute(&self, name: &str) -> Option<Cow<'_, str>> {
        let named = self.attributes.iter().find(|(kept, _)| *kept == name.as_bytes());
        named.map(|(_, value)| String::from_utf8_lossy(value))
    }

    fn begin(&mut self, name: &[u8]) {
        self.name.clear();
        self.name.extend_from_slice(name);
        self.attributes.clear();
    }

    fn begin_attribute(&mut self, name: &[u8]) {
        let kept = KEPT.into_iter().find(|kept| *kept == name);
        let new = kept.filter(|kept| self.attributes.iter().all(|(old, _)| old != kept));
        self.attributes.extend(new.map(|name| (name, Vec::new())));
        self.keeps_value = new.is_some();
    }

    fn push_value(&mut self, value: &[u8]) {
        if let Some((_, kept)) = self.attributes.last_mut().filter(|_| self.keeps_value) {
            kept.extend_from_slice(value);
        }
    }
}

/// Reads a page, or a part of one. A tag that is incomplete at the end is ignored, as in browsers.
pub(crate) fn visit_tags(page: &[u8], visitor: &mut impl TagVisitor) {
    let callback = TagCallback { visitor, tag: Tag::default(), next_state: None };
    let emitter = TagEmitter(CallbackEmitter::new(callback));
    let Ok(()) = Tokenizer::new_with_emitter(page, emitter).finish();
}

struct TagCallback<'v, V> {
    visitor: &'v mut V,
    tag: Tag,
    next_state: Option<State>,
}

impl<V: TagVisitor> Callback<Infallible, ()> for TagCallback<'_, V> {
    fn handle_event(
        &mut self,
        event: CallbackEvent<'_>,
        _: Span<()>,
    ) -> Option<Infallible> {
        match event {
            CallbackEvent::OpenStartTag { name } => self.tag.begin(name),
            CallbackEvent::AttributeName { name } => self.tag.begin_attribute(name),
            CallbackEvent::AttributeValue { value } => self.tag.push_value(value),
            CallbackEvent::CloseStartTag { self_closing } => {
                self.tag.self_closing = self_closing;
                self.next_state = self.visitor.open(&self.tag);
            }
            CallbackEvent::EndTag { name } => self.visitor.close(name),
            _ => {}
        }
        None
    }
}

struct TagEmitter<'v, V: TagVisitor>(CallbackEmitter<TagCallback<'v, V>>);

impl<V: TagVisitor> ForwardingEmitter for TagEmitter<'_, V> {
    type Token = Infallible;

    fn inner(&mut self) -> &mut impl Emitter<Token = Infallible> {
        &mut self.0
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    // Otherwise a long text or comment would be copied as a whole.
    fn emit_string(&mut self, text: &[u8]) {
        self.0.callback_mut().visitor.text(text);
    }

    fn push_comment(&mut self, _: &[u8]) {}

    fn emit_current_tag(&mut self) -> Option<State> {
        // It is `None`: only the visitor knows the next state.
        let _ = self.0.emit_current_tag();
        self.0.callback_mut().next_state.take()
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.0.callback_mut().visitor.has_cdata()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Links(Vec<String>);

    impl TagVisitor for Links {
        fn open(&mut self, tag: &Tag) -> Option<State> {
            self.0.push(tag.attribute("href")?.into_owned());
            None
        }
    }

    fn links(page: &str) -> Vec<String> {
        let mut links = Links::default();
        visit_tags(page.as_bytes(), &mut links);
        links.0
    }

    #[test]
    fn the_first_of_two_equal_attributes_counts() {
        assert_eq!(links("<a href=1 HREF=2 id=3 href>"), ["1"]);
        assert_eq!(links("<a href id=3 href=2>"), [""]);
        assert_eq!(links("<a id=3 data-href=4 href='a&amp;b'/>"), ["a&b"]);
    }

    #[test]
    fn a_tag_keeps_one_attribute_of_each_name_that_the_crawler_reads() {
        struct Kept(usize);
        impl TagVisitor for Kept {
            fn open(&mut self, tag: &Tag) -> Option<State> {
                self.0 = tag.attributes.len();
                None
            }
        }
        let mut kept = Kept(0);
        let page = format!("<a {}>", "href=1 id=2 charset=3 ".repeat(100));
        visit_tags(page.as_bytes(), &mut kept);
        assert_eq!(kept.0, 2);
    }

    #[test]
    fn an_end_tag_has_no_attributes_and_an_incomplete_tag_is_none() {
        assert_eq!(links("<p></p href=1><b></a href=2><i><a href=3"), [""; 0]);
    }
}
