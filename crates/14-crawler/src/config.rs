//! Only the `Config` decides what a crawl does. Of the environment, it only uses the proxy, if a start is on
//! another machine.
#![cfg(not(target_family = "wasm"))]

use std::path::PathBuf;

use crate::{Address, FetchLimits, Limits};

/// What to crawl, within which limits, and what to save of it.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to start. The crawl stays on the sites of these pages.
    pub starts: Vec<Address>,
    /// The limits on the depth, size and speed of the crawl.
    pub limits: Limits,
    /// How long to wait for a response, and how much of it to read.
    pub fetch_limits: FetchLimits,
    /// The folder for the pages and the journal. Without it, neither is saved.
    pub out: Option<PathBuf>,
    /// The file for the report.
    pub report: Option<PathBuf>,
    /// Whether to continue the crawl in the folder, if it contains one.
    pub resume: bool,
}

impl Config {
    /// A crawl with every default: nothing is saved.
    pub fn new(starts: impl IntoIterator<Item = Address>) -> Self {
        Self {
            starts: starts.into_iter().collect(),
            limits: Limits::default(),
            fetch_limits: FetchLimits::default(),
            out: None,
            report: None,
            resume: false,
        }
    }
}
