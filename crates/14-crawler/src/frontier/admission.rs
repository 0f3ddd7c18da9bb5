//! An address is admitted once, even if it has several spellings and many links lead to it.

use super::{Frontier, queued_page::QueuedPage, site::Site};
use crate::{Address, outcome::Skip, visit::Visit};

/// Longer addresses are traps: every browser and every server supports 2,000 bytes.
const MAX_ADDRESS_BYTES: usize = 2_000;

pub(super) enum Admission {
    Seen,
    Queued(QueuedPage),
    Skipped(Skip),
}

impl Frontier {
    /// Enqueues the target of a link, if it is new and within the limits, and notes it in `visit`.
    pub(super) fn add_link(&mut self, visit: &mut Visit, address: &Address) {
        let (depth, redirects) = visit.link_depth();
        match self.admit(address, depth, redirects) {
            Admission::Seen => {}
            Admission::Skipped(why) => {
                visit.skipped.push((address.to_string(), why));
            }
            Admission::Queued(page) => {
                visit.found.push(address.to_string());
                self.enqueue(page);
            }
        }
    }

    /// Lets the crawl visit the site of this address.
    pub(super) fn add_site(&mut self, home: &Address) {
        if !self.sites.iter().any(|site| site.home.is_same_site(home)) {
            self.sites.push(Site::new(home.clone()));
        }
    }

    pub(super) fn admit(
        &mut self,
        address: &Address,
        depth: u32,
        redirects: u8,
    ) -> Admission {
        if !self.seen.insert(address.id()) {
            return Admission::Seen;
        }
        let site = self.sites.iter().position(|site| site.home.is_same_site(address));
        let Some(site) = site else { return Admission::Skipped(Skip::OffSite) };
        if address.as_str().len() > MAX_ADDRESS_BYTES {
            return Admission::Skipped(Skip::TooLong);
        }
        if depth > self.limits.max_depth {
            return Admission::Skipped(Skip::TooDeep);
        }
        let address = address.as_str().into();
        Admission::Queued(QueuedPage { address, site, depth, redirects, attempts: 0 })
    }
}

impl Admission {
    pub(super) fn queued(self) -> Option<QueuedPage> {
        match self {
            Self::Queued(page) => Some(page),
            Self::Seen | Self::Skipped(_) => None,
        }
    }
}
