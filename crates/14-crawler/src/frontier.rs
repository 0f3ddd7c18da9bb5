//! A page is expanded at its true depth, because no level begins before the one above has ended.
//!
//! A recursive crawler may reach a page by a long path first, and mark it as seen. Then it ignores
//! the short path to the page, and never finds the pages behind it. Here all pages of one depth
//! are done before the first page of the next depth is requested. So the first link to a page is
//! always on a shortest path.
//!
//! The frontier decides and never waits: it has no clock and no socket, and its caller passes it
//! the time.

mod admission;
mod completion;
mod history;
mod limits;
mod queued_page;
mod site;

use std::{collections::HashSet, mem};

use tokio::time::Instant;

pub use self::{limits::Limits, queued_page::Job};
use self::{
    queued_page::QueuedPage,
    site::{NextRequest, Site},
};
use crate::{Address, address::PageId, visit::Visit};

/// The addresses that are known, the ones that wait, and what may be requested now.
///
/// Two parts of it grow: a set with about 30 bytes for each address that was ever seen, and the
/// waiting addresses of two levels.
#[derive(Debug)]
pub struct Frontier {
    limits: Limits,
    sites: Vec<Site>,
    seen: HashSet<PageId>,
    /// The level whose pages are being requested; the pages of the next one are in `next_level`.
    depth: u32,
    next_level: Vec<QueuedPage>,
    in_flight: usize,
    fetched: usize,
    /// The index of the site that is considered first. It advances with every page, so that no site
    /// has to wait for all pages of another.
    first_site: usize,
}

/// What the caller has to do now.
#[derive(Debug)]
pub enum Next {
    /// Request this `robots.txt`, then call [`Frontier::robots_done`] with the site's number.
    Robots(usize, Address),
    /// Request this page, then call [`Frontier::page_done`].
    Page(Job),
    /// Request nothing: the outcome of this address is already known.
    Decided(Visit),
    /// Wait for a response, but not longer than until this time. If it is `None` and no request is
    /// in flight, the crawl is over.
    Wait(Option<Instant>),
}

impl Frontier {
    /// Creates the frontier of a crawl that begins at `starts` and stays on their sites. `history`
    /// contains the visits that an earlier crawl with the same starts has recorded, or nothing.
    pub fn new(
        limits: Limits,
        starts: &[Address],
        history: impl IntoIterator<Item = Visit>,
    ) -> Self {
        let mut frontier = Self {
            limits,
            sites: Vec::new(),
            seen: HashSet::new(),
            depth: 0,
            next_level: Vec::new(),
            in_flight: 0,
            fetched: 0,
            first_site: 0,
        };
        let waiting = frontier.waiting_after(starts, history);
        frontier.depth = waiting.iter().map(|page| page.depth).min().unwrap_or_default();
        waiting.into_iter().for_each(|page| frontier.enqueue(page));
        frontier
    }

    /// How many addresses wait to be requested.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.next_level.len() + self.sites.iter().map(Site::waiting).sum::<usize>()
    }

    // ANCHOR: next
    /// Returns what to do at this moment. Call it again until it returns [`Next::Wait`].
    pub fn next(&mut self, now: Instant) -> Next {
        if self.in_flight >= self.limits.concurrency.get() || self.is_full() {
            return Next::Wait(None);
        }
        if self.level_is_done() {
            self.start_next_level();
        }
        let mut soonest = None::<Instant>;
        for n in 0..self.sites.len() {
            let site = (self.first_site + n) % self.sites.len();
            match self.sites[site].next_request(&self.limits, now) {
                NextRequest::Nothing => {}
                NextRequest::Later(at) => {
                    soonest = Some(soonest.map_or(at, |other| other.min(at)))
                }
                NextRequest::Robots(address) => {
                    self.start_request(site, now);
                    return Next::Robots(site, address);
                }
                NextRequest::Page(page) => {
                    self.first_site = site + 1;
                    return self.request(Job::new(page), now);
                }
            }
        }
        Next::Wait(soonest)
    }

    /// Counts the pages in flight as fetched, because each of them may be.
    fn is_full(&self) -> bool {
        self.fetched + self.in_flight >= self.limits.max_pages.get()
    }

    fn level_is_done(&self) -> bool {
        self.in_flight == 0 && self.sites.iter().all(|site| site.waiting() == 0)
    }

    fn start_next_level(&mut self) {
        self.depth += 1;
        for page in mem::take(&mut self.next_level) {
            self.sites[page.site].push(page);
        }
    }
    // ANCHOR_END: next

    fn request(&mut self, job: Job, now: Instant) -> Next {
        let site = job.page.site;
        if let Some(outcome) = self.sites[site].forbidden(job.address()) {
            return Next::Decided(job.visit(outcome));
        }
        self.start_request(site, now);
        Next::Page(job)
    }

    fn start_request(&mut self, site: usize, now: Instant) {
        self.in_flight += 1;
        self.sites[site].request_started(self.limits.delay, now);
    }

    fn enqueue(&mut self, page: QueuedPage) {
        match page.depth > self.depth {
            true => self.next_level.push(page),
            false => self.sites[page.site].push(page),
        }
    }
}
