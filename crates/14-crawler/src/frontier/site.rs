//! A site's `robots.txt` is requested first; its pages are requested no faster than the limits
//! allow.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use super::{limits::Limits, queued_page::QueuedPage};
use crate::{
    Address, Robots,
    failure::Failure,
    outcome::{Outcome, Skip},
};

/// The waiting pages of one site, and when its next request may start.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) home: Address,
    robots: RobotsState,
    robots_requests: u32,
    queue: VecDeque<QueuedPage>,
    /// Failed pages by the time of their next attempt. The number distinguishes equal times.
    retries: BTreeMap<(Instant, u64), QueuedPage>,
    retry_count: u64,
    in_flight: usize,
    /// No request may start before this time.
    paused_until: Option<Instant>,
}

#[derive(Debug)]
enum RobotsState {
    Unknown,
    Requested,
    Known(Result<Robots, Failure>),
}

/// What can be requested from a site at this moment.
pub(super) enum NextRequest {
    Nothing,
    Later(Instant),
    Robots(Address),
    Page(QueuedPage),
}

impl Site {
    pub(super) fn new(home: Address) -> Self {
        Self {
            home,
            robots: RobotsState::Unknown,
            robots_requests: 0,
            queue: VecDeque::new(),
            retries: BTreeMap::new(),
            retry_count: 0,
            in_flight: 0,
            paused_until: None,
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len() + self.retries.len()
    }

    pub(super) fn push(&mut self, page: QueuedPage) {
        self.queue.push_back(page);
    }

    pub(super) fn retry(&mut self, page: QueuedPage, at: Instant) {
        self.retry_count += 1;
        self.retries.insert((at, self.retry_count), page);
    }

    // ANCHOR: next_request
    pub(super) fn next_request(&mut self, limits: &Limits, now: Instant) -> NextRequest {
        if self.in_flight >= limits.per_host.get() || self.waiting() == 0 {
            return NextRequest::Nothing;
        }
        if let Some(until) = self.paused_until.filter(|until| *until > now) {
            return NextRequest::Later(until);
        }
        match self.robots {
            RobotsState::Unknown => NextRequest::Robots(self.request_robots()),
            RobotsState::Requested => NextRequest::Nothing,
            RobotsState::Known(_) => self.next_page(now),
        }
    }
    // ANCHOR_END: next_request

    fn next_page(&mut self, now: Instant) -> NextRequest {
        let retry = self.retries.first_entry();
        match retry {
            Some(first) if first.key().0 <= now => NextRequest::Page(first.remove()),
            Some(first) if self.queue.is_empty() => NextRequest::Later(first.key().0),
            _ => self.queue.pop_front().map_or(NextRequest::Nothing, NextRequest::Page),
        }
    }

    fn request_robots(&mut self) -> Address {
        self.robots = RobotsState::Requested;
        self.robots_requests += 1;
        self.home.join("/robots.txt").expect("a path of a site is an address")
    }

    /// How many times its `robots.txt` was requested.
    pub(super) fn robots_requests(&self) -> u32 {
        self.robots_requests
    }

    /// Requests the `robots.txt` again, and nothing else from the site until then.
    pub(super) fn retry_robots(&mut self, at: Instant) {
        self.robots = RobotsState::Unknown;
        self.pause(at);
    }

    pub(super) fn robots_done(&mut self, robots: Result<Robots, Failure>) {
        self.robots = RobotsState::Known(robots);
    }

    /// The outcome of a page that must not be requested.
    pub(super) fn forbidden(&self, address: &Address) -> Option<Outcome> {
        match &self.robots {
            RobotsState::Known(Ok(robots)) if robots.allows(address) => None,
            RobotsState::Known(Ok(_)) => Some(Outcome::Skipped { why: Skip::Robots }),
            // RFC 9309: if the robots.txt cannot be fetched, the whole site is forbidden.
            RobotsState::Known(Err(why)) => {
                Some(Outcome::Failed { why: why.clone(), attempts: 0 })
            }
            RobotsState::Unknown | RobotsState::Requested => {
                unreachable!("no page is next before robots.txt is known")
            }
        }
    }

    pub(super) fn request_started(&mut self, delay: Duration, now: Instant) {
        self.in_flight += 1;
        let crawl_delay = match &self.robots {
            RobotsState::Known(Ok(robots)) => robots.delay().unwrap_or_default(),
            _ => Duration::ZERO,
        };
        self.pause(now + delay.max(crawl_delay));
    }

    /// Delays every further request until `until` or later.
    pub(super) fn pause(&mut self, until: Instant) {
        self.paused_until = self.paused_until.max(Some(until));
    }

    pub(super) fn request_ended(&mut self) {
        self.in_flight -= 1;
    }
}
