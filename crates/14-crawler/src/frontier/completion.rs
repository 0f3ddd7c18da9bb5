//! A page whose request has ended is finished, queued for a retry, or replaced by its redirect.

use std::{collections::HashSet, slice, time::Duration};

use async_kit::Backoff;
use tokio::time::Instant;

use super::{Frontier, queued_page::Job};
use crate::{
    Address, Robots,
    failure::{Failure, MAX_PAUSE},
    outcome::{Outcome, Skip},
    response::Response,
    visit::Visit,
};

/// Arbitrary: half of what browsers follow.
pub(super) const MAX_REDIRECTS: u8 = 10;

impl Frontier {
    /// Stores the rules of a site, or why its `robots.txt` cannot be fetched. After a transient failure,
    /// it will be requested again.
    pub fn robots_done(
        &mut self,
        site: usize,
        robots: Result<Robots, Failure>,
        now: Instant,
    ) {
        self.in_flight -= 1;
        self.sites[site].request_ended();
        if let Err(Failure::Local(why)) = &robots {
            self.halt(&self.sites[site].home.clone(), why);
        }
        let attempts = self.sites[site].robots_requests();
        match robots {
            Err(why) if self.may_succeed(&why, attempts) => {
                let pause = self.backoff(attempts);
                let pause = why.retry_after().unwrap_or_default().max(pause);
                self.sites[site].retry_robots(now + pause);
            }
            robots => self.sites[site].robots_done(robots.map_err(Failure::of_robots)),
        }
    }

    /// Handles the response for a page. Returns `None` if the page will be requested again.
    pub fn page_done(
        &mut self,
        job: Job,
        response: Result<Response, Failure>,
        now: Instant,
    ) -> Option<Visit> {
        self.in_flight -= 1;
        self.sites[job.page.site].request_ended();
        match response {
            Ok(Response::Page(page, links)) => {
                self.fetched += 1;
                let visit = job.visit(Outcome::Fetched(page));
                Some(self.find_links(visit, &self.capped(job.address(), links)))
            }
            Ok(Response::Moved(to)) if job.may_be_respelt(&to) => {
                self.sites[job.page.site].push(job.page.respelt(&to));
                None
            }
            Ok(Response::Moved(to)) => Some(self.redirected(&job, &to)),
            Ok(Response::Unwanted(why)) => Some(job.visit(Outcome::Skipped { why })),
            Err(why) => self.failed(job, why, now),
        }
    }

    fn failed(&mut self, mut job: Job, why: Failure, now: Instant) -> Option<Visit> {
        if let Failure::Local(why) = &why {
            // It waits for a resumed crawl.
            self.halt(job.address(), why);
            self.sites[job.page.site].push(job.page);
            return None;
        }
        job.page.attempts += 1;
        let attempts = job.page.attempts;
        if !self.may_succeed(&why, attempts) {
            return Some(job.visit(Outcome::Failed { why, attempts }));
        }
        let delay = self.backoff(attempts);
        let site = &mut self.sites[job.page.site];
        if let Some(pause) = why.retry_after() {
            site.pause(now + pause);
        }
        site.retry(job.page, now + delay);
        None
    }

    /// Whether to make another attempt after so many.
    fn may_succeed(&self, why: &Failure, attempts: u32) -> bool {
        why.is_transient() && attempts < self.limits.attempts
    }

    /// How long to wait after so many attempts; at least one.
    fn backoff(&self, attempts: u32) -> Duration {
        let backoff = Backoff::exponential(self.limits.backoff).max(MAX_PAUSE);
        backoff.delays().nth(attempts as usize - 1).unwrap_or(MAX_PAUSE)
    }

    /// Lets no further request start. The next ones would probably fail too, and the pages behind this
    /// one would be found by longer paths.
    fn halt(&mut self, address: &Address, why: &str) {
        self.halted.get_or_insert_with(|| format!("{address}: {why}"));
    }

    /// A redirect is a link that adds no depth. Only a start page may redirect to a new site.
    fn redirected(&mut self, job: &Job, to: &Address) -> Visit {
        let page = &job.page;
        if page.level.redirects.max(page.respellings) >= MAX_REDIRECTS {
            let why = Skip::Redirects(MAX_REDIRECTS);
            return job.visit(Outcome::Skipped { why });
        }
        if job.depth() == 0 {
            self.add_site(to);
        }
        let visit = job.visit(Outcome::Skipped { why: Skip::Moved(to.to_string()) });
        self.find_links(visit, slice::from_ref(to))
    }

    /// The links of a page up to `max_links`. Neither a second link to a page nor a link to a page of
    /// this level or of an earlier one counts, and these do not depend on the order of the responses.
    fn capped(&self, page: &Address, mut links: Vec<Address>) -> Vec<Address> {
        let Some(max) = self.limits.max_links else { return links };
        let mut new = HashSet::new();
        links.retain(|link| {
            !link.is_same_site(page)
                || self.seen.contains(&link.id())
                || new.contains(&link.id())
                || (new.len() < max.get() && new.insert(link.id()))
        });
        links
    }

    /// Notes the addresses that a page leads to, and adds the new ones to its visit.
    fn find_links(&mut self, mut visit: Visit, links: &[Address]) -> Visit {
        let level = visit.next_level();
        let new = links.iter().filter(|link| self.find(level, link));
        visit.found = new.map(Address::to_string).collect();
        visit
    }
}
