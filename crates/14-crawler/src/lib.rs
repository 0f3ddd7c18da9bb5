//! A crawler that is polite, bounded and resumable, and whose decisions need no network to test.
//!
//! | | what it decides |
//! |---|---|
//! | [`Address`] | when two addresses are one page, and whose site a page is on |
//! | [`Robots`] | which pages a site does not want asked for |
//! | [`Frontier`] | what to ask for next: breadth first, within limits, never twice |
//! | [`engine`] | when to ask: as many requests at once as the frontier allows |
//! | [`Fate`] | what became of an address, and why |

mod address;
#[cfg(not(target_family = "wasm"))]
mod books;
#[cfg(not(target_family = "wasm"))]
mod config;
#[cfg(not(target_family = "wasm"))]
mod crawl;
pub mod engine;
pub mod fake;
mod fate;
mod frontier;
#[cfg(not(target_family = "wasm"))]
mod journal;
#[cfg(not(target_family = "wasm"))]
mod parse;
#[cfg(not(target_family = "wasm"))]
mod report;
mod robots;
#[cfg(not(target_family = "wasm"))]
mod store;
#[cfg(not(target_family = "wasm"))]
mod web;

pub use self::{
    address::{Address, AddressError, PageId},
    fate::{Answer, Failure, Fate, Fetched, Skip, Visit},
    frontier::{Frontier, Job, Next, Rules},
    robots::Robots,
};
#[cfg(not(target_family = "wasm"))]
pub use self::{
    config::Config,
    crawl::{Crawl, CrawlError, crawl},
    journal::{Journal, JournalError},
    parse::{Parsed, parse},
    report::{Report, ReportFile},
    store::{Store, file_name},
    web::{AGENT, Patience, Web},
};
