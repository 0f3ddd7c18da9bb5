//! A picture lies in the page itself, in the page's theme, and is also told in words.

use std::path::Path;

use anyhow::{Context, Result};
use roxmltree::{Document, Node};

use crate::workspace::read;

/// Above this height the picture has its title, which the page shows already.
const TITLE: f64 = 46.0;

/// The themes of mdBook that are dark.
const DARK: &str = ":is(.ayu, .coal, .navy)";

/// A timeline, in parts.
pub(crate) struct Picture {
    /// The rules of all pictures, needed once in a page.
    pub(crate) style: String,
    pub(crate) svg: String,
    /// For each lane its name, and what happened in it.
    pub(crate) lanes: Vec<(String, Vec<String>)>,
}

impl Picture {
    /// The timeline in this file, if there is one.
    pub(crate) fn of(path: &Path) -> Result<Option<Self>> {
        if !path.is_file() {
            return Ok(None);
        }
        Self::read(&read(path)?).with_context(|| path.display().to_string()).map(Some)
    }

    /// Takes a drawn timeline apart.
    fn read(svg: &str) -> Result<Self> {
        let document = Document::parse(svg)?;
        let root = document.root_element();
        let size = |name| root.attribute(name).and_then(|it| it.parse::<f64>().ok());
        let (width, height) =
            size("width").zip(size("height")).context("it has no size")?;
        let (before, rest) = svg.split_once("<style>").context("it has no style")?;
        let (style, after) =
            rest.split_once("</style>\n").context("its style has no end")?;
        let old = format!(
            "viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\""
        );
        let new = format!("viewBox=\"0 {TITLE} {width} {}\"", height - TITLE);
        Ok(Self {
            style: style.replace("@media (prefers-color-scheme: dark)", DARK),
            svg: format!("{}{after}", before.replace(&old, &new)),
            lanes: lanes(root),
        })
    }
}

/// The texts that appear when a mouse rests on a part of a row, in their order.
fn lanes(root: Node<'_, '_>) -> Vec<(String, Vec<String>)> {
    let mut lanes: Vec<(String, Vec<String>)> = Vec::new();
    // The text below the rows counts them, and explains the marks.
    let is_row = |part: &Node<'_, '_>| part.attribute("class") != Some("quiet");
    for part in root.children().filter(Node::is_element).take_while(is_row) {
        if part.attribute("class") == Some("name") {
            lanes.push((part.text().unwrap_or_default().to_owned(), Vec::new()));
            continue;
        }
        let title = part.descendants().find(|it| it.has_tag_name("title"));
        let text = title.and_then(|it| it.text());
        if let Some(((_, events), text)) = lanes.last_mut().zip(text) {
            events.push(text.to_owned());
        }
    }
    lanes
}

#[cfg(test)]
mod tests {
    use async_kit::{Lane, Transcript, say, stage::svg, virtual_time};

    use super::*;

    #[test]
    fn a_timeline_is_told_in_words_and_follows_the_theme_of_the_page() {
        let seen = virtual_time(Transcript::of(async { say!("2 < 3") }.lane("sum")));
        let drawn = svg::render(seen.recording(), "A sum");
        let picture = Picture::read(&drawn).expect("a picture");
        let events = ["0.00 s: 2 < 3", "done at 0.00 s"].map(str::to_owned);
        assert_eq!(picture.lanes, [("sum".to_owned(), events.to_vec())]);
        assert!(picture.style.contains(DARK) && !picture.style.contains("@media"));
        assert!(
            picture.svg.contains("viewBox=\"0 46 860 ")
                && !picture.svg.contains("<style>")
        );
    }
}
