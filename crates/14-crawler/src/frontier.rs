//! A page is expanded at its true depth, because no level begins before the one above has ended.
//!
//! A recursive crawler runs down one path, meets a page there late, and marks it as seen: then
//! the short way to it is ignored, and what lies behind it is never found. Here the pages of one
//! depth are all done before the first of the next is asked for. So the first link to a page
//! that is heard of is a shortest one.
//!
//! The frontier decides and never waits: it has no clock and no socket, and is told the time.

mod admission;
mod rules;
mod site;
mod waiting;

use std::{collections::HashSet, mem, time::Duration};

use async_kit::Backoff;
use tokio::time::Instant;

pub use self::{rules::Rules, waiting::Job};
use self::{
    site::{Site, Turn},
    waiting::Waiting,
};
use crate::{
    Address, Robots,
    address::PageId,
    fate::{Answer, Failure, Fate, Skip, Visit},
};

/// Arbitrary: half of what browsers follow.
const MOST_REDIRECTS: u8 = 10;

/// A server may ask to be left alone for a day. A page that is late by a minute is asked for all
/// the same, and fails if the server still does not like it.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What is known, what waits, and what may be asked for now.
///
/// Two things in it grow: some 30 bytes for every address that was ever seen, a hash in a set, and
/// the addresses of two levels that wait.
#[derive(Debug)]
pub struct Frontier {
    rules: Rules,
    sites: Vec<Site>,
    seen: HashSet<PageId>,
    /// The level whose pages are being asked for; the next one is gathered in `below`.
    depth: u32,
    below: Vec<Waiting>,
    in_flight: usize,
    fetched: usize,
    /// The site that is looked at first, so that each has its turn.
    turn: usize,
}

/// What to do now.
#[derive(Debug)]
pub enum Next {
    /// Ask for this `robots.txt`, then call [`Frontier::robots`] with the number.
    Robots(usize, Address),
    /// Ask for this page, then call [`Frontier::answered`].
    Page(Job),
    /// Ask for nothing: this address has its fate already.
    Passed(Visit),
    /// Wait for an answer, or until then, whichever comes first. If no answer is due and there
    /// is no such time, the crawl is over.
    Wait(Option<Instant>),
}

impl Frontier {
    /// Begins at `starts`, whose sites are the ones that the crawl keeps to, and goes on from
    /// `history`: what an earlier crawl with the same starts has recorded, if there was one.
    pub fn new(
        rules: Rules,
        starts: &[Address],
        history: impl IntoIterator<Item = Visit>,
    ) -> Self {
        let mut frontier = Self {
            rules,
            sites: Vec::new(),
            seen: HashSet::new(),
            depth: 0,
            below: Vec::new(),
            in_flight: 0,
            fetched: 0,
            turn: 0,
        };
        let mut waiting = Vec::new();
        for start in starts {
            frontier.enter(start);
            waiting.extend(frontier.admit(start, 0, 0).waiting());
        }
        let mut done = HashSet::new();
        for visit in history {
            waiting.extend(frontier.replay(&visit));
            done.insert(visit.address.into_boxed_str());
        }
        waiting.retain(|one| !done.contains(&one.address));
        frontier.depth = waiting.iter().map(|one| one.depth).min().unwrap_or_default();
        waiting.into_iter().for_each(|one| frontier.place(one));
        frontier
    }

    /// How many addresses wait for their turn.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.below.len() + self.sites.iter().map(Site::waiting).sum::<usize>()
    }

    // ANCHOR: next
    /// Says what to do at this moment. Call it again until it says to wait.
    pub fn next(&mut self, now: Instant) -> Next {
        if self.in_flight >= self.rules.concurrency.get() || self.is_full() {
            return Next::Wait(None);
        }
        if self.level_is_done() {
            self.descend();
        }
        let mut soonest = None::<Instant>;
        for n in 0..self.sites.len() {
            let site = (self.turn + n) % self.sites.len();
            match self.sites[site].turn(&self.rules, now) {
                Turn::Nothing => {}
                Turn::Later(at) => {
                    soonest = Some(soonest.map_or(at, |other| other.min(at)))
                }
                Turn::Robots(address) => {
                    self.begin(site, now);
                    return Next::Robots(site, address);
                }
                Turn::Page(waiting) => {
                    self.turn = site + 1;
                    return self.ask(Job::new(waiting), now);
                }
            }
        }
        Next::Wait(soonest)
    }

    /// Every page that is under way may turn out to be the last one that is wanted.
    fn is_full(&self) -> bool {
        self.fetched + self.in_flight >= self.rules.max_pages.get()
    }

    fn level_is_done(&self) -> bool {
        self.in_flight == 0 && self.sites.iter().all(|site| site.waiting() == 0)
    }

    fn descend(&mut self) {
        self.depth += 1;
        for waiting in mem::take(&mut self.below) {
            self.sites[waiting.site].push(waiting);
        }
    }
    // ANCHOR_END: next

    fn ask(&mut self, job: Job, now: Instant) -> Next {
        let site = job.waiting.site;
        if let Some(fate) = self.sites[site].forbids(job.address()) {
            return Next::Passed(job.ended(fate));
        }
        self.begin(site, now);
        Next::Page(job)
    }

    fn begin(&mut self, site: usize, now: Instant) {
        self.in_flight += 1;
        self.sites[site].began(self.rules.delay, now);
    }

    /// Notes what a site's `robots.txt` asks for.
    pub fn robots(&mut self, site: usize, robots: Result<Robots, Failure>) {
        self.in_flight -= 1;
        self.sites[site].ended();
        self.sites[site].answered(robots);
    }

    /// Notes what came of a page. Returns `None` if the page will be asked for again.
    pub fn answered(
        &mut self,
        job: Job,
        answer: Result<Answer, Failure>,
        now: Instant,
    ) -> Option<Visit> {
        self.in_flight -= 1;
        self.sites[job.waiting.site].ended();
        match answer {
            Ok(Answer::Page(page, links)) => {
                self.fetched += 1;
                let mut visit = job.ended(Fate::Fetched(page));
                links.iter().for_each(|link| self.found(&mut visit, link));
                Some(visit)
            }
            Ok(Answer::Moved(to)) => Some(self.moved(&job, &to)),
            Ok(Answer::Unwanted(why)) => Some(job.ended(Fate::Skipped { why })),
            Err(why) => self.failed(job, why, now),
        }
    }

    fn failed(&mut self, mut job: Job, why: Failure, now: Instant) -> Option<Visit> {
        job.waiting.attempts += 1;
        let attempts = job.waiting.attempts;
        if !why.is_transient() || attempts >= self.rules.attempts {
            return Some(job.ended(Fate::Failed { why, attempts }));
        }
        let site = &mut self.sites[job.waiting.site];
        if let Some(pause) = why.retry_after() {
            site.pause(now + pause.min(LONGEST_PAUSE));
        }
        let mut delays =
            Backoff::exponential(self.rules.backoff).max(LONGEST_PAUSE).delays();
        let delay = delays.nth(attempts as usize - 1).unwrap_or(LONGEST_PAUSE);
        site.retry(job.waiting, now + delay);
        None
    }

    /// A redirect is a link that costs no depth. Only a start page may lead to another site.
    fn moved(&mut self, job: &Job, to: &Address) -> Visit {
        if job.waiting.redirects >= MOST_REDIRECTS {
            let why = Skip::Redirects(MOST_REDIRECTS);
            return job.ended(Fate::Skipped { why });
        }
        if job.waiting.depth == 0 {
            self.enter(to);
        }
        let mut visit = job.ended(Fate::Skipped { why: Skip::Moved(to.to_string()) });
        self.found(&mut visit, to);
        visit
    }
}
