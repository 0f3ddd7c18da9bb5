//! The seed decides the faults of a hostile site, so a test knows them beforehand.

use std::{fmt::Write as _, str::FromStr};

use axum::response::Html;
use serde::Deserialize;

use super::fault::{self, Fault};

/// Arbitrary: a crawler that handles the faults of this many pages handles more.
pub(super) const MAX_PAGES: u64 = 10_000;

/// The plan of a hostile site of a lab: its addresses, and which pages fail, and how.
///
/// Every lab serves all these sites, so making this value starts nothing. asyncio and Tokio have
/// no counterpart.
///
/// # Examples
///
/// ```
/// use async_kit::lab::{Hostile, Lab};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (lab, site) = (Lab::start().await?, Hostile::new(300, 7));
/// let client = reqwest::Client::builder().no_proxy().build()?;
/// let good = (1..300).find(|i| site.fault(*i).is_none()).expect("seven of ten are good");
/// let response = client.get(lab.url(&site.page(good))).send().await?;
/// assert_eq!(response.status(), 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Hostile {
    pages: u64,
    seed: u64,
}

impl Hostile {
    /// The hazards that page 0 links to, each an address relative to [`start`](Self::start).
    pub const HAZARDS: &'static [&'static str] = &[
        "stall",
        "drip",
        "loop/there",
        "away/0",
        "nowhere",
        "deeper/",
        "calendar?day=1",
        "huge",
        "huge-unsized",
        "broken",
        "nested",
        "bytes.html",
        "page.png",
        "untyped",
        "latin1",
        "no-utf8",
        "forbidden/",
    ];

    /// The hazards that only a time limit ends.
    pub const ENDLESS: [&'static str; 2] = ["stall", "drip"];

    /// Makes the plan of a site of 1 to 10000 pages. The seed decides which pages fail, and how.
    ///
    /// # Panics
    ///
    /// Panics if `pages` is out of range.
    #[must_use]
    pub const fn new(pages: u64, seed: u64) -> Self {
        assert!(1 <= pages && pages <= MAX_PAGES, "1 to 10000 pages");
        Self { pages, seed }
    }

    /// Returns the path of page 0, where a crawl begins.
    #[must_use]
    pub fn start(&self) -> String {
        format!("/hostile/{}-{}/", self.pages, self.seed)
    }

    /// Returns the path of page `i`. The path of page 0 is [`start`](Self::start).
    #[must_use]
    pub fn page(&self, i: u64) -> String {
        if i == 0 { self.start() } else { format!("{}page/{i}", self.start()) }
    }

    /// Returns how many pages the site has, without the hazards.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        self.pages
    }

    /// Returns the fault of page `i`. Page 0 never has one.
    #[must_use]
    pub fn fault(&self, i: u64) -> Option<Fault> {
        fault::of(self.seed, i, self.children(i).next().is_none())
    }

    fn children(&self, i: u64) -> impl Iterator<Item = u64> + use<> {
        let pages = self.pages;
        (10 * i + 1..=10 * i + 10).filter(move |child| *child < pages)
    }

    pub(super) fn html(&self, i: u64, hazards: &[&str]) -> Html<String> {
        let mut list = String::new();
        let pages = self.children(i).map(|child| self.page(child));
        for link in pages.chain(hazards.iter().map(|path| self.start() + path)) {
            let _ = writeln!(list, "<li><a href=\"{link}\">{link}</a></li>");
        }
        let title = format!("Page {i} of {}", self.pages);
        Html(format!(
            "<!doctype html>\n<html lang=\"en\"><head><title>{title}</title></head><body>\n\
             <ul>\n{list}</ul>\n</body></html>\n"
        ))
    }
}

impl FromStr for Hostile {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let numbers = name.split_once('-');
        let numbers = numbers
            .and_then(|(pages, seed)| Some((pages.parse().ok()?, seed.parse().ok()?)));
        match numbers {
            Some((pages @ 1..=MAX_PAGES, seed)) => Ok(Self { pages, seed }),
            _ => Err(format!(
                "{name:?} is not a page count and a seed like 300-7, up to 10000 pages"
            )),
        }
    }
}

impl TryFrom<String> for Hostile {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}
