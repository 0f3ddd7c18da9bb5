//! A crawl is what a value says: no environment variable and no file changes it.

use std::path::PathBuf;

use crate::{Address, Rules, web::Patience};

/// What to crawl, within which limits, and what to keep of it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to start. The crawl keeps to the sites of these pages.
    pub starts: Vec<Address>,
    /// How far, how much and how fast.
    pub rules: Rules,
    /// How long and how much of an answer to wait for.
    pub patience: Patience,
    /// The folder for the pages and the journal; without it nothing is kept.
    pub out: Option<PathBuf>,
    /// The file for the report.
    pub report: Option<PathBuf>,
    /// Whether to go on with the crawl that the folder holds, if it holds one.
    pub resume: bool,
}

impl Config {
    /// A crawl with every default: nothing is kept.
    pub fn new(starts: impl IntoIterator<Item = Address>) -> Self {
        Self {
            starts: starts.into_iter().collect(),
            rules: Rules::default(),
            patience: Patience::default(),
            out: None,
            report: None,
            resume: false,
        }
    }
}
