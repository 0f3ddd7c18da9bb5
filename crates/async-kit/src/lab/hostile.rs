//! A hostile site does everything to a crawler that the web does, and the same each time.
//!
//! `/hostile/300-7/` is page 0 of 300; the other number is the seed, which decides what happens
//! at which page. [`Hostile`] knows it beforehand, so a test can assert what a crawler must
//! find. Page `i` links to `10i + 1` to `10i + 10`. Three pages of ten fail: of those that no
//! page is reached through, half fail for ever; all others answer when they are asked a second
//! time, so whoever tries twice reaches every page.
//!
//! Page 0 also links to every one of the [hazards](Hostile::HAZARDS).

mod broken;
mod endless;
mod fault;
mod hazards;
mod huge;

use std::{fmt::Write as _, str::FromStr};

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

pub use self::fault::{Failure, Fault};
use super::{
    bounded::Bounded,
    refusal::Refusal,
    routes::{Entry, entry},
    stats::Counters,
};

/// Arbitrary: a crawler that survives so many faults survives more.
const MOST_PAGES: u64 = 10_000;

pub(super) fn entries(counters: &Counters) -> Vec<Entry> {
    let page = get(page).with_state(counters.clone());
    let mut entries = vec![
        entry("GET /hostile/{web}", "the same with a slash", get(slash)),
        entry("GET /hostile/{web}/", "page 0; 300-7 is 300 pages, seed 7", get(start)),
        entry("GET /hostile/{web}/page/{i}", "page i, or its fault", page),
    ];
    entries.extend(hazards::entries());
    entries
}

/// A hostile site of a lab, and what awaits a crawler there.
///
/// Every lab has all of them, so this is only a name and a forecast. asyncio and Tokio have
/// nothing like it.
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
/// let answer = client.get(lab.url(&site.page(good))).send().await?;
/// assert_eq!(answer.status(), 200);
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
    /// What page 0 links to besides its pages, each an address below [`start`](Self::start).
    pub const HAZARDS: &'static [&'static str] = hazards::HAZARDS;

    /// Those hazards that nothing but a time limit ends.
    pub const ENDLESS: [&'static str; 2] = ["stall", "drip"];

    /// The site of so many pages, 1 to 10000, where the seed decides what fails.
    ///
    /// # Panics
    ///
    /// If `pages` is out of range.
    #[must_use]
    pub const fn new(pages: u64, seed: u64) -> Self {
        assert!(1 <= pages && pages <= MOST_PAGES, "1 to 10000 pages");
        Self { pages, seed }
    }

    /// The path of page 0, where a crawl begins.
    #[must_use]
    pub fn start(&self) -> String {
        format!("/hostile/{}-{}/", self.pages, self.seed)
    }

    /// The path of page `i`; of page 0 it is [`start`](Self::start).
    #[must_use]
    pub fn page(&self, i: u64) -> String {
        if i == 0 { self.start() } else { format!("{}page/{i}", self.start()) }
    }

    /// How many pages it has, the hazards not counted.
    #[must_use]
    pub const fn pages(&self) -> u64 {
        self.pages
    }

    /// What is wrong with page `i`. Page 0 is always well.
    #[must_use]
    pub fn fault(&self, i: u64) -> Option<Fault> {
        fault::of(self.seed, i, self.children(i).next().is_none())
    }

    fn children(&self, i: u64) -> impl Iterator<Item = u64> + use<> {
        let pages = self.pages;
        (10 * i + 1..=10 * i + 10).filter(move |child| *child < pages)
    }

    fn html(&self, i: u64, more: &[&str]) -> Html<String> {
        let mut list = String::new();
        let pages = self.children(i).map(|child| self.page(child));
        for link in pages.chain(more.iter().map(|path| self.start() + path)) {
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
            Some((pages @ 1..=MOST_PAGES, seed)) => Ok(Self { pages, seed }),
            _ => Err(format!("{name:?} is no pages and seed like 300-7, up to 10000")),
        }
    }
}

impl TryFrom<String> for Hostile {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        name.parse()
    }
}

async fn slash(Path(site): Path<Hostile>) -> Redirect {
    Redirect::permanent(&site.start())
}

async fn start(Path(site): Path<Hostile>) -> Html<String> {
    site.html(0, hazards::HAZARDS)
}

async fn page(
    State(counters): State<Counters>,
    Path((site, Bounded(i))): Path<(Hostile, Bounded<1, MOST_PAGES>)>,
) -> Response {
    if i >= site.pages {
        let why = format!("the last page is {}", site.pages - 1);
        return Refusal(StatusCode::NOT_FOUND, why).into_response();
    }
    // The request that is being answered is counted already.
    let first = counters.requests_to(&site.page(i)) == Some(1);
    match site.fault(i) {
        Some(fault) if first || !fault.heals => fault.failure.into_response(),
        _ => site.html(i, &[]).into_response(),
    }
}
