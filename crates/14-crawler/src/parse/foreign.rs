//! An image or a formula that is never closed ends where browsers end it: at the next HTML element.
//!
//! `<svg>` and `<math>` contain elements of their own: their titles are not titles of the page, and
//! their scripts are markup. Some elements inside contain HTML again. The names are those of the
//! [HTML standard](https://html.spec.whatwg.org/multipage/parsing.html#parsing-main-inforeign).

const FOREIGN: [&[u8]; 2] = [b"svg", b"math"];

/// The elements of an image or a formula that contain HTML.
const WITH_HTML: [&[u8]; 8] =
    [b"foreignobject", b"desc", b"title", b"mi", b"mo", b"mn", b"ms", b"mtext"];

/// The HTML elements that end an image or a formula.
const ENDS_FOREIGN: [&[u8]; 44] = [
    b"b",
    b"big",
    b"blockquote",
    b"body",
    b"br",
    b"center",
    b"code",
    b"dd",
    b"div",
    b"dl",
    b"dt",
    b"em",
    b"embed",
    b"h1",
    b"h2",
    b"h3",
    b"h4",
    b"h5",
    b"h6",
    b"head",
    b"hr",
    b"i",
    b"img",
    b"li",
    b"listing",
    b"menu",
    b"meta",
    b"nobr",
    b"ol",
    b"p",
    b"pre",
    b"ruby",
    b"s",
    b"small",
    b"span",
    b"strong",
    b"strike",
    b"sub",
    b"sup",
    b"table",
    b"tt",
    b"u",
    b"ul",
    b"var",
];

/// As deep as browsers nest elements. A limit is needed because an end tag searches all of them.
const MAX_DEPTH: usize = 512;

/// The open elements that decide whether the next tag is one of an image or a formula.
#[derive(Debug, Default)]
pub(super) struct Foreign(Vec<&'static [u8]>);

impl Foreign {
    /// Whether the next tag is one of an image or a formula.
    pub(super) fn is_inside(&self) -> bool {
        self.0.last().is_some_and(|name| FOREIGN.contains(name))
    }

    pub(super) fn open(&mut self, name: &[u8], self_closing: bool) {
        self.leave_at(name);
        let is_inside = self.is_inside();
        let with_html = WITH_HTML.iter().filter(|_| is_inside);
        let known = FOREIGN.iter().chain(with_html).find(|known| **known == name);
        if !self_closing && self.0.len() < MAX_DEPTH {
            self.0.extend(known);
        }
    }

    pub(super) fn close(&mut self, name: &[u8]) {
        match self.0.iter().rposition(|open| *open == name) {
            Some(at) => self.0.truncate(at),
            // The end of an HTML element around an image that was never closed.
            None => self.leave_at(name),
        }
    }

    fn leave_at(&mut self, name: &[u8]) {
        if self.is_inside() && ENDS_FOREIGN.contains(&name) {
            let html = self.0.iter().rposition(|open| !FOREIGN.contains(open));
            self.0.truncate(html.map_or(0, |at| at + 1));
        }
    }
}
