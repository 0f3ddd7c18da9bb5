//! A page is expanded at its true depth, because no level begins before the one above has ended.
//!
//! A recursive crawler may reach a page by a long path first, and mark it as seen. Then it ignores
//! the short path to the page, and never finds the pages behind it. Here all pages of one depth
//! are done before the first page of the next depth is requested, and a redirect adds no depth. An
//! address is pending until its level begins, so the path to it is always a shortest path.
//!
//! The frontier decides and never waits: it has no clock and no socket, and its caller passes it
//! the time.

mod admission;
mod completion;
mod history;
mod limits;
mod pending;
mod queued_page;
mod site;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use tokio::time::Instant;

pub use self::{limits::Limits, queued_page::Job};
use self::{
    pending::Pending,
    site::{NextRequest, Site},
};
use crate::{Address, address::PageId, level::Level, visit::Visit};

/// The addresses that are known, the ones that wait, and what may be requested now.
///
/// Two parts of it grow: a set with about 30 bytes for each address that was ever admitted, and the
/// waiting addresses of two levels.
#[derive(Debug)]
pub struct Frontier {
    limits: Limits,
    sites: Vec<Site>,
    /// Every address that was admitted, or that an earlier crawl has visited.
    seen: HashSet<PageId>,
    /// The level whose pages are being requested; the addresses of the later ones are pending.
    level: Level,
    pending: Pending,
    in_flight: usize,
    fetched: usize,
    /// The first failure of this machine, with the address.
    halted: Option<String>,
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
            level: Level::default(),
            pending: Pending::default(),
            in_flight: 0,
            fetched: 0,
            halted: None,
            first_site: 0,
        };
        for start in starts {
            frontier.add_site(start);
            frontier.find(Level::default(), start);
        }
        history.into_iter().for_each(|visit| frontier.replay(&visit));
        frontier
    }

    /// How many addresses wait to be requested.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.pending.len() + self.sites.iter().map(Site::waiting).sum::<usize>()
    }

    /// The first [`Failure::Local`](crate::Failure::Local), with the address. After it, no further
    /// request starts.
    #[must_use]
    pub fn halted(&self) -> Option<&str> {
        self.halted.as_deref()
    }

    // ANCHOR: next
    /// Returns what to do at this moment. Call it again until it returns [`Next::Wait`].
    pub fn next(&mut self, now: Instant) -> Next {
        if let Some(visit) = self.admit() {
            return Next::Decided(visit);
        }
        if self.in_flight >= self.limits.concurrency.get() || self.is_over() {
            return Next::Wait(None);
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

    /// Whether no further page may be requested. The pages in flight count as fetched, because each of
    /// them may be.
    fn is_over(&self) -> bool {
        self.halted.is_some()
            || self.fetched + self.in_flight >= self.limits.max_pages.get()
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
}
