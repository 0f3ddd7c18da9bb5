//! A site is asked for its rules first, and then no faster than they allow.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use tokio::time::Instant;

use super::{rules::Rules, waiting::Waiting};
use crate::{
    Address, Robots,
    fate::{Failure, Fate, Skip},
};

/// The pages of one site that wait, and when the next one may be asked for.
#[derive(Debug)]
pub(super) struct Site {
    pub(super) home: Address,
    robots: Permission,
    queue: VecDeque<Waiting>,
    /// Pages that failed, by the time of their next attempt; a number keeps two apart.
    again: BTreeMap<(Instant, u64), Waiting>,
    retries: u64,
    in_flight: usize,
    /// Not before then.
    free: Option<Instant>,
}

#[derive(Debug)]
enum Permission {
    Unknown,
    Asked,
    Known(Result<Robots, Failure>),
}

/// What a site can be asked for at this moment.
pub(super) enum Turn {
    Nothing,
    Later(Instant),
    Robots(Address),
    Page(Waiting),
}

impl Site {
    pub(super) fn new(home: Address) -> Self {
        Self {
            home,
            robots: Permission::Unknown,
            queue: VecDeque::new(),
            again: BTreeMap::new(),
            retries: 0,
            in_flight: 0,
            free: None,
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len() + self.again.len()
    }

    pub(super) fn push(&mut self, waiting: Waiting) {
        self.queue.push_back(waiting);
    }

    pub(super) fn retry(&mut self, waiting: Waiting, at: Instant) {
        self.retries += 1;
        self.again.insert((at, self.retries), waiting);
    }

    // ANCHOR: turn
    pub(super) fn turn(&mut self, rules: &Rules, now: Instant) -> Turn {
        if self.in_flight >= rules.per_host.get() || self.waiting() == 0 {
            return Turn::Nothing;
        }
        if let Some(free) = self.free.filter(|free| *free > now) {
            return Turn::Later(free);
        }
        match self.robots {
            Permission::Unknown => Turn::Robots(self.ask_for_rules()),
            Permission::Asked => Turn::Nothing,
            Permission::Known(_) => self.page(now),
        }
    }
    // ANCHOR_END: turn

    fn page(&mut self, now: Instant) -> Turn {
        let again = self.again.first_entry();
        match again {
            Some(first) if first.key().0 <= now => Turn::Page(first.remove()),
            Some(first) if self.queue.is_empty() => Turn::Later(first.key().0),
            _ => self.queue.pop_front().map_or(Turn::Nothing, Turn::Page),
        }
    }

    fn ask_for_rules(&mut self) -> Address {
        self.robots = Permission::Asked;
        self.home.join("/robots.txt").expect("a path of a site is an address")
    }

    pub(super) fn answered(&mut self, robots: Result<Robots, Failure>) {
        self.robots = Permission::Known(robots);
    }

    /// The fate of a page that must not be asked for.
    pub(super) fn forbids(&self, address: &Address) -> Option<Fate> {
        match &self.robots {
            Permission::Known(Ok(robots)) if robots.allows(address) => None,
            Permission::Known(Ok(_)) => Some(Fate::Skipped { why: Skip::Robots }),
            // RFC 9309: a site that cannot be asked for its rules forbids everything.
            Permission::Known(Err(why)) => {
                Some(Fate::Failed { why: why.clone(), attempts: 0 })
            }
            Permission::Unknown | Permission::Asked => {
                unreachable!("no turn without rules")
            }
        }
    }

    pub(super) fn began(&mut self, delay: Duration, now: Instant) {
        self.in_flight += 1;
        let asked = match &self.robots {
            Permission::Known(Ok(robots)) => robots.delay().unwrap_or_default(),
            _ => Duration::ZERO,
        };
        self.pause(now + delay.max(asked));
    }

    /// Asks for nothing before then.
    pub(super) fn pause(&mut self, until: Instant) {
        self.free = self.free.max(Some(until));
    }

    pub(super) fn ended(&mut self) {
        self.in_flight -= 1;
    }
}
