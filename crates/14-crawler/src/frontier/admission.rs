//! An address is admitted once, when its level begins: then no shorter way to it can be found.
//!
//! Before that, neither its depth nor its site is certain. A link may lead to it below the greatest
//! depth, and later a redirect within it; and a start page may redirect the crawl to a new site,
//! after a link to that site was found.

use super::{Frontier, queued_page::QueuedPage, site::Site};
use crate::{
    Address,
    level::Level,
    outcome::{Outcome, Skip},
    visit::Visit,
};

/// Longer addresses are traps: every browser and every server supports 2,000 bytes.
const MAX_ADDRESS_BYTES: usize = 2_000;

impl Frontier {
    /// Lets the crawl visit the site of this address.
    pub(super) fn add_site(&mut self, home: &Address) {
        if !self.sites.iter().any(|site| site.home.is_same_site(home)) {
            self.sites.push(Site::new(home.clone()));
        }
    }

    /// Notes an address that can be reached at this level. Returns whether that is new: the address
    /// itself, or the shorter way to it.
    pub(super) fn find(&mut self, level: Level, address: &Address) -> bool {
        !self.seen.contains(&address.id()) && self.pending.insert(level, address)
    }

    /// Admits the addresses of the current level, and of the next one if the current one is done.
    /// Returns the first that must not be requested, with its outcome.
    pub(super) fn admit(&mut self) -> Option<Visit> {
        loop {
            if self.level_is_done() {
                self.level = self.pending.lowest()?;
            }
            let address = self.pending.pop(self.level)?;
            self.seen.insert(address.id());
            match self.site_of(&address) {
                Ok(site) => {
                    let page = QueuedPage::new(&address, site, self.level);
                    self.sites[site].push(page);
                }
                Err(why) => {
                    let outcome = Outcome::Skipped { why };
                    return Some(Visit::new(&address, self.level, outcome));
                }
            }
        }
    }

    fn level_is_done(&self) -> bool {
        let none_waits = || self.sites.iter().all(|site| site.waiting() == 0);
        self.in_flight == 0 && (self.is_over() || none_waits())
    }

    /// The index of the site of an address that is within the limits.
    fn site_of(&self, address: &Address) -> Result<usize, Skip> {
        let site = self.sites.iter().position(|site| site.home.is_same_site(address));
        let site = site.ok_or(Skip::OffSite)?;
        if address.as_str().len() > MAX_ADDRESS_BYTES {
            return Err(Skip::TooLong);
        }
        if self.level.depth > self.limits.max_depth {
            return Err(Skip::TooDeep);
        }
        Ok(site)
    }
}
