//! A polite, bounded and resumable crawler, whose decisions can be tested without a network.
//!
//! | part | what it decides |
//! |---|---|
//! | [`Address`] | when two URLs are the same page, and which site a page belongs to |
//! | [`Robots`] | which pages a site does not allow |
//! | [`Frontier`] | what to request next: breadth first, within limits, never twice |
//! | [`engine`] | when to request it: as many concurrent requests as the frontier allows |
//! | [`Outcome`] | whether an address is fetched, failed or skipped, and the reason |

mod address;
mod blocking;
mod config;
mod crawl;
mod crawl_log;
pub mod engine;
mod failure;
pub mod fake;
mod fetcher;
mod frontier;
mod journal;
mod level;
mod outcome;
mod page_reader;
mod parse;
mod recorder;
mod report;
mod response;
mod robots;
mod store;
mod tags;
mod visit;
mod web;

pub use self::{
    address::{Address, AddressError, PageId},
    failure::Failure,
    frontier::{Frontier, Job, Limits, Next},
    outcome::{Fetched, Outcome, Skip},
    response::Response,
    robots::Robots,
    visit::Visit,
};
#[cfg(not(target_family = "wasm"))]
pub use self::{
    config::Config,
    crawl::{Crawl, CrawlError, crawl},
    fetcher::Fetcher,
    journal::{Journal, JournalError},
    parse::{Parsed, parse, parse_xhtml},
    report::{Report, ReportFile},
    store::{Store, file_name},
    web::{AGENT, FetchLimits, Web},
};
